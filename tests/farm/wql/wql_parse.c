/* wql_parse: the text of a query into its tree. */
#include "farm/wql/wql.h"

#include "core/str.h"

#include <ctype.h>
#include <string.h>

enum { NAMES_MOST = 100, DEEPEST = 40, TEXT_MOST = 32768 };

/*   query   = SELECT ( '*' | name { ',' name } ) FROM name [ WHERE either ]
 *   either  = both { OR both }
 *   both    = single { AND single }
 *   single  = NOT single | '(' either ')' | compare
 *   compare = name operator value | value operator name                       */
struct parser {
    struct arena *arena;
    const char *at;
    unsigned depth;
};

static struct wql_node *parse_either(struct parser *p);

static void skip_blanks(struct parser *p)
{
    p->at += strspn(p->at, " \t\r\n");
}

static size_t word_length(const char *text)
{
    size_t n = 0;
    while (isalnum((unsigned char)text[n]) != 0 || text[n] == '_') {
        n++;
    }
    return n;
}

/* Takes the word if it stands there, whole. */
static bool take_word(struct parser *p, const char *word)
{
    skip_blanks(p);
    size_t n = word_length(p->at);
    if (!slice_ieq((struct slice){p->at, n}, word)) {
        return false;
    }
    p->at += n;
    return true;
}

static bool take_sign(struct parser *p, const char *sign)
{
    skip_blanks(p);
    if (!str_starts(p->at, sign)) {
        return false;
    }
    p->at += strlen(sign);
    return true;
}

static const char *take_name(struct parser *p)
{
    skip_blanks(p);
    size_t n = word_length(p->at);
    if (n == 0 || isdigit((unsigned char)*p->at) != 0) {
        return NULL;
    }
    const char *name = arena_strndup(p->arena, p->at, n);
    p->at += n;
    return name;
}

/* 'it\'s' and "C:\\x": a backslash takes the next character as it is. */
static bool take_text(struct parser *p, struct wql_value *ret)
{
    char quote = *p->at;
    char *text = arena_alloc(p->arena, strlen(p->at));
    size_t n = 0;
    if (text == NULL) {
        return false;
    }
    for (p->at++; *p->at != quote; p->at++) {
        p->at += *p->at == '\\' && p->at[1] != '\0' ? 1 : 0;
        if (*p->at == '\0') {
            return false;
        }
        text[n++] = *p->at;
    }
    p->at++;
    *ret = (struct wql_value){.type = WQL_TEXT, .text = text};
    return true;
}

static bool take_value(struct parser *p, struct wql_value *ret)
{
    skip_blanks(p);
    if (*p->at == '\'' || *p->at == '"') {
        return take_text(p, ret);
    }
    size_t n = (*p->at == '-' ? 1 : 0) + strspn(p->at + (*p->at == '-' ? 1 : 0), "0123456789");
    int64_t number = 0;
    if (word_length(p->at + n) == 0 && str_i64((struct slice){p->at, n}, &number)) {
        p->at += n;
        *ret = (struct wql_value){.type = WQL_NUMBER, .number = number};
        return true;
    }
    static const struct {
        const char *word;
        struct wql_value value;
    } words[] = {{"null", {.type = WQL_NULL}},
                 {"true", {.type = WQL_BOOL, .number = 1}},
                 {"false", {.type = WQL_BOOL}}};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (take_word(p, words[i].word)) {
            *ret = words[i].value;
            return true;
        }
    }
    return false;
}

static bool take_operator(struct parser *p, enum wql_operator *ret)
{
    static const struct {
        const char *sign;
        enum wql_operator operator;
    } signs[] = {{"<>", WQL_NE}, {"!=", WQL_NE}, {"<=", WQL_LE}, {">=", WQL_GE},
                 {"=", WQL_EQ},  {"<", WQL_LT},  {">", WQL_GT}};
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        if (take_sign(p, signs[i].sign)) {
            *ret = signs[i].operator;
            return true;
        }
    }
    if (take_word(p, "is")) {
        *ret = take_word(p, "not") ? WQL_IS_NOT : WQL_IS;
        return true;
    }
    *ret = WQL_LIKE;
    return take_word(p, "like");
}

static struct wql_node *new_node(struct parser *p, enum wql_kind kind, struct wql_node *left,
                                 struct wql_node *right)
{
    struct wql_node *node = arena_alloc(p->arena, sizeof(*node));
    if (node != NULL) {
        *node = (struct wql_node){.kind = kind, .left = left, .right = right};
    }
    return node;
}

static enum wql_operator turned(enum wql_operator operator)
{
    switch (operator) {
    case WQL_LT:
        return WQL_GT;
    case WQL_LE:
        return WQL_GE;
    case WQL_GT:
        return WQL_LT;
    case WQL_GE:
        return WQL_LE;
    case WQL_EQ:
    case WQL_NE:
    case WQL_LIKE:
    case WQL_IS:
    case WQL_IS_NOT:
        break;
    }
    return operator;
}

static struct wql_node *parse_compare(struct parser *p)
{
    struct wql_node *node = new_node(p, WQL_COMPARE, NULL, NULL);
    bool first = false;
    if (node == NULL) {
        return NULL;
    }
    first = take_value(p, &node->value);
    node->property = first ? NULL : take_name(p);
    if ((!first && node->property == NULL) || !take_operator(p, &node->operator)) {
        return NULL;
    }
    if (first) {
        node->property = take_name(p);
        node->operator= turned(node->operator);
    } else if (!take_value(p, &node->value)) {
        return NULL;
    }
    bool is = node->operator== WQL_IS || node->operator== WQL_IS_NOT;
    bool fits = is ? node->value.type == WQL_NULL && !first
                   : node->operator!= WQL_LIKE ||(node->value.type == WQL_TEXT && !first);
    return fits && node->property != NULL ? node : NULL;
}

static struct wql_node *parse_single(struct parser *p)
{
    struct wql_node *node = NULL;
    if (++p->depth > DEEPEST) {
        return NULL;
    }
    if (take_word(p, "not")) {
        struct wql_node *inner = parse_single(p);
        node = inner == NULL ? NULL : new_node(p, WQL_NOT, inner, NULL);
    } else if (take_sign(p, "(")) {
        node = parse_either(p);
        node = node != NULL && take_sign(p, ")") ? node : NULL;
    } else {
        node = parse_compare(p);
    }
    p->depth--;
    return node;
}

static struct wql_node *parse_both(struct parser *p)
{
    struct wql_node *node = parse_single(p);
    while (node != NULL && take_word(p, "and")) {
        struct wql_node *right = parse_single(p);
        node = right == NULL ? NULL : new_node(p, WQL_AND, node, right);
    }
    return node;
}

static struct wql_node *parse_either(struct parser *p)
{
    struct wql_node *node = parse_both(p);
    while (node != NULL && take_word(p, "or")) {
        struct wql_node *right = parse_both(p);
        node = right == NULL ? NULL : new_node(p, WQL_OR, node, right);
    }
    return node;
}

static bool parse_names(struct parser *p, struct wql *wql)
{
    if (take_sign(p, "*")) {
        return true;
    }
    wql->names = arena_array(p->arena, NAMES_MOST, sizeof(*wql->names));
    do {
        const char *name = take_name(p);
        if (name == NULL || wql->names == NULL || wql->name_count == NAMES_MOST) {
            return false;
        }
        wql->names[wql->name_count++] = name;
    } while (take_sign(p, ","));
    return true;
}

const struct wql *wql_parse(struct arena *arena, const char *text)
{
    struct parser p = {.arena = arena, .at = text};
    struct wql *wql = arena_alloc(arena, sizeof(*wql));
    if (wql == NULL || strlen(text) > TEXT_MOST || !take_word(&p, "select") ||
        !parse_names(&p, wql) || !take_word(&p, "from")) {
        return NULL;
    }
    wql->class_name = take_name(&p);
    if (take_word(&p, "where")) {
        wql->where = parse_either(&p);
        if (wql->where == NULL) {
            return NULL;
        }
    }
    skip_blanks(&p);
    return *p.at == '\0' && wql->class_name != NULL ? wql : NULL;
}
