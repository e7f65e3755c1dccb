/* sql_completion: what is typed, looked up among tables, columns and words of SQL. */
#include "cli/sql/sql_completion.h"

#include "core/str.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const keywords[] = {
    "AND",       "AS",     "ASC",    "BETWEEN", "BY",    "CASE",   "COUNT",    "DESC",   "DISTINCT",
    "ELSE",      "END",    "EXCEPT", "EXISTS",  "FROM",  "GLOB",   "GROUP",    "HAVING", "IN",
    "INTERSECT", "IS",     "JOIN",   "LEFT",    "LIKE",  "LIMIT",  "MAX",      "MIN",    "NOT",
    "NULL",      "OFFSET", "ON",     "OR",      "ORDER", "SELECT", "STRFTIME", "SUM",    "THEN",
    "UNION",     "USING",  "VALUES", "WHEN",    "WHERE", "WITH",
};
static const char *const commands[] = {".help", ".quit", ".schema", ".tables"};

struct search {
    const struct sql_completion *completion;
    struct arena *arena;
    struct slice typed;
    const char **words;
    size_t count;
};

static bool is_word(char c)
{
    return isalnum((unsigned char)c) != 0 || c == '_';
}

/* The word that ends at text[end]. */
static struct slice word_before(const char *text, size_t end)
{
    size_t begin = end;
    while (begin > 0 && is_word(text[begin - 1])) {
        begin--;
    }
    return (struct slice){text + begin, end - begin};
}

static void add(struct search *search, const char *word)
{
    void *items = (void *)search->words;
    if (strncasecmp(word, search->typed.data, search->typed.len) != 0) {
        return;
    }
    for (size_t i = 0; i < search->count; i++) {
        if (str_eq(search->words[i], word)) {
            return;
        }
    }
    const char **place = arena_push(search->arena, &items, &search->count, sizeof(*place));
    search->words = items;
    if (place != NULL) {
        *place = word;
    }
}

/* A word of SQL is completed in the case in which it was begun. */
static void add_keyword(struct search *search, const char *word)
{
    char *own = arena_strdup(search->arena, word);
    bool lower = search->typed.len > 0 && islower((unsigned char)search->typed.data[0]) != 0;
    for (char *at = own; lower && at != NULL && *at != '\0'; at++) {
        *at = (char)tolower((unsigned char)*at);
    }
    if (own != NULL) {
        add(search, own);
    }
}

static void add_tables(struct search *search)
{
    for (size_t i = 0; i < search->completion->count; i++) {
        add(search, search->completion->names[i].table);
    }
}

static bool names(const char *text, const char *table)
{
    size_t len = strlen(table);
    for (const char *at = text == NULL ? NULL : strcasestr(text, table); at != NULL;
         at = strcasestr(at + 1, table)) {
        if ((at == text || !is_word(at[-1])) && !is_word(at[len])) {
            return true;
        }
    }
    return false;
}

static bool is_named(const struct search *search, const char *before, const char *table)
{
    return names(search->completion->pending, table) || names(before, table);
}

static bool any_named(const struct search *search, const char *before)
{
    for (size_t i = 0; i < search->completion->count; i++) {
        if (is_named(search, before, search->completion->names[i].table)) {
            return true;
        }
    }
    return false;
}

/* owner: what stands before the point, a table or somebody's alias; empty = no point. */
static void add_columns(struct search *search, const char *before, struct slice owner)
{
    const struct sql_name *rows = search->completion->names;
    size_t count = search->completion->count;
    bool is_table = false;
    for (size_t i = 0; i < count; i++) {
        is_table = is_table || slice_ieq(owner, rows[i].table);
    }
    bool named = any_named(search, before);
    for (size_t i = 0; i < count; i++) {
        bool fits = is_table ? slice_ieq(owner, rows[i].table)
                             : !named || is_named(search, before, rows[i].table);
        if (fits) {
            add(search, rows[i].column);
        }
    }
}

static bool wants_table(const char *before, size_t end)
{
    while (end > 0 && isspace((unsigned char)before[end - 1])) {
        end--;
    }
    struct slice word = word_before(before, end);
    return slice_ieq(word, "from") || slice_ieq(word, "join") ||
           (slice_ieq(word, "schema") && word.data > before && word.data[-1] == '.');
}

static int compare(const void *a, const void *b)
{
    return strcasecmp(*(const char *const *)a, *(const char *const *)b);
}

static void look_up(struct search *search, const char *before, size_t begin)
{
    bool owned = begin > 0 && before[begin - 1] == '.';
    if (owned && begin == 1) {
        search->typed = (struct slice){before, search->typed.len + 1};
        for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
            add(search, commands[i]);
        }
    } else if (owned) {
        add_columns(search, before, word_before(before, begin - 1));
    } else if (wants_table(before, begin)) {
        add_tables(search);
    } else {
        add_columns(search, before, (struct slice){"", 0});
        add_tables(search);
        for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
            add_keyword(search, keywords[i]);
        }
    }
}

const char **sql_completion_words(void *data, const char *before, struct arena *arena,
                                  size_t *ret_typed)
{
    size_t end = strlen(before);
    struct search search = {.completion = data, .arena = arena, .typed = word_before(before, end)};
    look_up(&search, before, end - search.typed.len);
    *ret_typed = search.typed.len;
    if (search.count == 0) {
        return NULL;
    }
    qsort((void *)search.words, search.count, sizeof(*search.words), compare);
    void *items = (void *)search.words;
    const char **last = arena_push(arena, &items, &search.count, sizeof(*last));
    return last == NULL ? NULL : items;
}
