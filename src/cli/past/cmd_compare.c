/* cmd_compare: what is another on one server than on its siblings. */
#include "cli/commands.h"
#include "cli/past/past_answer.h"
#include "cli/phrase.h"
#include "core/str.h"
#include "db/query/host_name.h"
#include "model/peers.h"
#include "out/escape.h"

enum { COLUMNS = 10 };

static const struct answer_column columns[COLUMNS] = {
    {"what", "WHAT", ANSWER_TEXT, false},       {"item", "OF", ANSWER_TEXT, false},
    {"value", "HERE", ANSWER_TEXT, true},       {"usual", "USUALLY", ANSWER_TEXT, false},
    {NULL, "ON", ANSWER_TEXT, false},           {"siblings_usual", NULL, ANSWER_INT, false},
    {"siblings_same", NULL, ANSWER_INT, false}, {"siblings_told", NULL, ANSWER_INT, false},
    {"differs", NULL, ANSWER_BOOL, false},      {"host", NULL, ANSWER_TEXT, false},
};

struct comparison {
    struct host_list list;
    const struct host_row *host; /* whom the question is about */
    const struct host_row *other; /* the one that it is compared with; NULL = those of site */
    const char *site;
    struct peers peers;
    size_t unread; /* siblings of which nothing was ever read completely */
};

/* The one host that the text means; NULL: none, or several. */
static const struct host_row *find(const struct host_list *list, const char *text)
{
    const struct host_row *found = NULL;
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (host_name_matches(text, list->rows[i].source, list->rows[i].name)) {
            found = &list->rows[i];
            count++;
        }
    }
    return count == 1 ? found : NULL;
}

static int refuse(struct question *question, const struct host_list *list, const char *text,
                  struct err *err)
{
    const char **names = arena_array(&question->arena, 2 * list->count + 1, sizeof(*names));
    size_t count = 0;
    for (size_t i = 0; names != NULL && i < list->count; i++) {
        names[count++] = list->rows[i].host;
        if (list->rows[i].site != NULL) {
            names[count++] = list->rows[i].site;
        }
    }
    const char *nearest = names == NULL ? NULL : str_nearest(text, names, count);
    return err_set(err, ERR_USAGE, "history", "%.100s: no host and no site of the history%s%s%s",
                   text, nearest == NULL ? "" : "; did you mean ", nearest == NULL ? "" : nearest,
                   nearest == NULL ? "" : "?");
}

/* --with names a host, else a site; without it the siblings are those of the host's own site. */
static int choose(struct question *question, struct comparison *comparison, struct err *err)
{
    const char *with = question->line->with;
    const struct host_list *list = &comparison->list;
    comparison->host = find(list, question->line->arguments[0]);
    if (with != NULL) {
        comparison->other = find(list, with);
        comparison->site = comparison->other == NULL ? with : NULL;
    } else if (comparison->host != NULL) {
        comparison->site = comparison->host->site;
    }
    if (comparison->other != NULL && comparison->other == comparison->host) {
        return err_set(err, ERR_USAGE, "", "%.100s is the host itself", with);
    }
    for (size_t i = 0; comparison->site != NULL && i < list->count; i++) {
        if (str_eq(list->rows[i].site, comparison->site)) {
            return 0;
        }
    }
    if (comparison->other != NULL) {
        return 0;
    }
    return with != NULL ? refuse(question, list, with, err)
                        : err_set(err, ERR_USAGE, "", "%.100s has no site: say --with whom",
                                  question->line->arguments[0]);
}

static bool is_same_machine(const struct host_row *a, const struct host_row *b)
{
    return a->machine_id != NULL && a->computer_name != NULL &&
           str_eq(a->machine_id, b->machine_id) && str_eq(a->computer_name, b->computer_name);
}

static bool is_sibling(const struct comparison *comparison, const struct host_row *row)
{
    if (row == comparison->host || row == comparison->other) {
        return row == comparison->other;
    }
    bool is_host = comparison->host != NULL && is_same_machine(row, comparison->host);
    return comparison->other == NULL && row->counts && row->state != HOST_RETIRED && !is_host &&
           str_eq(row->site, comparison->site);
}

/* 0, 1 where nothing of it was ever read, -1. */
static int facts_at(struct question *question, const char *host, struct snapshot *snapshot,
                    struct facts *ret, struct err *err)
{
    const char *zone = NULL;
    int64_t at_ms = query_end_of(question->line->as_of_ms);
    if (query_snapshot(question->query, host, at_ms, snapshot, &zone, err) != 0) {
        return err->code == ERR_UNREAD ? 1 : -1;
    }
    return facts_of(snapshot, &question->expectations, FACTS_OF_SIBLINGS, &snapshot->arena, ret) ==
                   0
               ? 0
               : err_memory(err);
}

static int add_siblings(struct question *question, struct comparison *comparison, struct err *err)
{
    for (size_t i = 0; i < comparison->list.count; i++) {
        const struct host_row *row = &comparison->list.rows[i];
        struct snapshot snapshot;
        struct facts facts;
        if (!is_sibling(comparison, row)) {
            continue;
        }
        snapshot_init(&snapshot);
        int rc = facts_at(question, row->host, &snapshot, &facts, err);
        comparison->unread += rc > 0;
        if (rc == 0 && peers_add(&comparison->peers, &question->arena, &facts) != 0) {
            rc = err_memory(err);
        }
        snapshot_done(&snapshot);
        if (rc < 0) {
            return -1;
        }
    }
    return 0;
}

static int put_row(struct answer *answer, struct question *question, const struct peer_row *row,
                   struct err *err)
{
    const char *on = arena_printf(&question->arena, "%zu of %zu", row->usual_count, row->told);
    const struct answer_cell cells[COLUMNS] = {
        answer_text(fact_kind_name(row->kind)),
        answer_text(row->item[0] == '\0' ? NULL : row->item),
        answer_text(row->value),
        answer_text(row->usual),
        answer_text(on),
        answer_number((int64_t)row->usual_count),
        answer_number((int64_t)row->same_count),
        answer_number((int64_t)row->told),
        answer_bool(row->differs),
        answer_text(question->line->arguments[0]),
    };
    return answer_row(answer, cells, row->differs ? MARK_PROBLEM : MARK_FINE, err);
}

/* What the host's own reading could not tell was not compared. Counts those sections. */
static int put_uncompared(struct answer *answer, struct question *question,
                          const struct snapshot *own, size_t *ret_count, struct err *err)
{
    size_t count = 0;
    const enum section_id *sections = past_compared(&count);
    int result = answer_list(answer, "not_compared", err);
    for (size_t i = 0; i < count && result == 0; i++) {
        enum outcome outcome = own->sections[sections[i]].outcome;
        if (outcome == OUTCOME_COMPLETE) {
            continue;
        }
        (*ret_count)++;
        struct answer_cell cells[COLUMNS] = {answer_text(section_name(sections[i])), answer_none(),
                                             answer_text(outcome_name(outcome))};
        cells[COLUMNS - 1] = answer_text(question->line->arguments[0]);
        result = answer_row(answer, cells, MARK_UNKNOWN, err);
    }
    return result;
}

static void print_uncompared(const struct snapshot *own)
{
    size_t count = 0;
    const enum section_id *sections = past_compared(&count);
    for (size_t i = 0; i < count; i++) {
        enum outcome outcome = own->sections[sections[i]].outcome;
        if (outcome != OUTCOME_COMPLETE) {
            (void)printf("Not compared: %s is %s\n", section_name(sections[i]),
                         outcome_name(outcome));
        }
    }
}

static void print_note(struct question *question, const struct comparison *comparison,
                       size_t differing)
{
    struct arena *arena = &question->arena;
    const char *with = comparison->other != NULL ? comparison->other->host : comparison->site;
    (void)printf("%zu difference%s between %s and %zu server%s of %s", differing,
                 differing == 1 ? "" : "s", escape_text(arena, question->line->arguments[0]),
                 comparison->peers.servers, comparison->peers.servers == 1 ? "" : "s",
                 escape_text(arena, with));
    if (comparison->unread > 0) {
        (void)printf("; %zu never read", comparison->unread);
    }
    (void)putchar('\n');
}

static int print(struct question *question, struct comparison *comparison,
                 const struct snapshot *snapshot, const struct facts *own, struct err *err)
{
    const struct command_line *line = question->line;
    struct peer_row *rows = NULL;
    size_t count = 0;
    size_t differing = 0;
    if (peers_compare(&comparison->peers, own, &question->arena, &rows, &count) != 0) {
        return err_memory(err);
    }
    struct answer *answer = question_answer(question, columns, COLUMNS);
    int result = answer == NULL ? err_memory(err) : 0;
    for (size_t i = 0; i < count && result == 0; i++) {
        differing += rows[i].differs;
        if (rows[i].differs || line->verbose > 0) {
            result = put_row(answer, question, &rows[i], err);
        }
    }
    size_t uncompared = 0;
    if (result == 0) {
        result = put_uncompared(answer, question, snapshot, &uncompared, err);
    }
    result = answer_close(answer, result, NULL, err);
    if (result == 0 && line->format == FORMAT_TABLE) {
        print_uncompared(snapshot);
        print_note(question, comparison, differing);
    }
    bool told = comparison->peers.servers > 0 && comparison->unread == 0 && uncompared == 0;
    return result == 0 ? past_exit_code(question, told) : -1;
}

static int answer_compare(struct question *question, struct err *err)
{
    struct comparison comparison = {.unread = 0};
    struct snapshot snapshot;
    struct facts own = {.count = 0};
    const char *host = question->line->arguments[0];
    snapshot_init(&snapshot);
    int code = -1;
    if (facts_at(question, host, &snapshot, &own, err) == 0 &&
        query_hosts(question->query, &question->frame, &comparison.list, err) == 0 &&
        choose(question, &comparison, err) == 0 && add_siblings(question, &comparison, err) == 0) {
        code = print(question, &comparison, &snapshot, &own, err);
    }
    snapshot_done(&snapshot);
    host_list_done(&comparison.list);
    return code;
}

int cmd_compare(const struct command_line *line, struct err *err)
{
    return question_run(line, QUESTION_HOST, answer_compare, err);
}
