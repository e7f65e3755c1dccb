/* ps_parse: a small, honest part of PowerShell's language as a tree. */
#include "farm/powershell/ps_parser.h"

#include "core/str.h"

#include <ctype.h>
#include <string.h>

struct ps_node *ps_fail(struct ps_parser *p, const char *what)
{
    if (p->error == NULL) {
        p->error = arena_printf(p->arena, "%s: %.40s", what, p->at);
        p->error = p->error == NULL ? what : p->error;
    }
    return NULL;
}

struct ps_node *ps_node_new(struct ps_parser *p, enum ps_kind kind, struct ps_node *left)
{
    struct ps_node *node = arena_alloc(p->arena, sizeof(*node));
    if (node == NULL) {
        return ps_fail(p, "no memory");
    }
    node->kind = kind;
    node->left = left;
    return node;
}

bool ps_add_item(struct ps_parser *p, struct ps_node *node, struct ps_node *item)
{
    void *items = node->items;
    struct ps_node **place =
        item == NULL ? NULL : arena_push(p->arena, &items, &node->count, sizeof(*place));
    node->items = items;
    if (place == NULL) {
        return ps_fail(p, "not understood") != NULL;
    }
    *place = item;
    return true;
}

void ps_skip_blanks(struct ps_parser *p)
{
    for (;;) {
        p->at += strspn(p->at, " \t");
        if (*p->at == '#') {
            p->at += strcspn(p->at, "\n");
        } else if (*p->at == '`' && (p->at[1] == '\n' || p->at[1] == '\r')) {
            p->at += 2;
        } else {
            return;
        }
    }
}

static void skip_lines(struct ps_parser *p)
{
    do {
        ps_skip_blanks(p);
    } while (*p->at != '\0' && strchr(";\r\n", *p->at) != NULL && p->at++ != NULL);
}

void ps_skip_all_blanks(struct ps_parser *p)
{
    do {
        ps_skip_blanks(p);
    } while ((*p->at == '\r' || *p->at == '\n') && p->at++ != NULL);
}

size_t ps_name_length(const char *at)
{
    size_t len = 0;
    while (isalnum((unsigned char)at[len]) || at[len] == '_') {
        len++;
    }
    return len;
}

const char *ps_take_name(struct ps_parser *p)
{
    size_t len = ps_name_length(p->at);
    const char *name = arena_strndup(p->arena, p->at, len);
    p->at += len;
    return len == 0 ? NULL : name;
}

static bool take_word(struct ps_parser *p, const char *word)
{
    size_t len = strlen(word);
    if (strncasecmp(p->at, word, len) != 0 || isalnum((unsigned char)p->at[len]) ||
        p->at[len] == '-' || p->at[len] == '_') {
        return false;
    }
    p->at += len;
    return true;
}

bool ps_take_char(struct ps_parser *p, char c)
{
    ps_skip_all_blanks(p);
    if (*p->at != c) {
        return false;
    }
    p->at++;
    return true;
}

/* ---- commands ---- */

static bool ends_command(const struct ps_parser *p)
{
    return *p->at == '\0' || strchr(";\r\n)}|", *p->at) != NULL;
}

static struct ps_node *parse_argument(struct ps_parser *p)
{
    struct ps_node *node = NULL;
    if (*p->at == '-' && isalpha((unsigned char)p->at[1])) {
        node = ps_node_new(p, PS_PARAMETER, NULL);
        p->at++;
    } else if (strchr("'\"$(", *p->at) != NULL) {
        return ps_parse_postfix(p);
    } else {
        node = ps_node_new(p, PS_TEXT, NULL);
    }
    size_t len = strcspn(p->at, " \t;\r\n)}|");
    if (node == NULL || len == 0) {
        return ps_fail(p, "not understood");
    }
    node->text = arena_strndup(p->arena, p->at, len);
    p->at += len;
    return node;
}

static struct ps_node *parse_command(struct ps_parser *p)
{
    struct ps_node *node = ps_node_new(p, PS_COMMAND, NULL);
    if (node == NULL) {
        return NULL;
    }
    size_t len = strcspn(p->at, " \t;\r\n)}|(");
    node->text = arena_strndup(p->arena, p->at, len);
    p->at += len;
    ps_skip_blanks(p);
    while (!ends_command(p)) {
        if (!ps_add_item(p, node, parse_argument(p))) {
            return NULL;
        }
        ps_skip_blanks(p);
    }
    return node;
}

struct ps_node *ps_parse_pipeline(struct ps_parser *p)
{
    ps_skip_all_blanks(p);
    struct ps_node *node =
        isalpha((unsigned char)*p->at) ? parse_command(p) : ps_parse_expression(p);
    ps_skip_blanks(p);
    return *p->at == '|' ? ps_fail(p, "a pipeline") : node;
}

/* ---- statements ---- */

static struct ps_node *parse_statement(struct ps_parser *p);

static struct ps_node *parse_block(struct ps_parser *p)
{
    if (!ps_take_char(p, '{')) {
        return ps_fail(p, "a { is missing");
    }
    struct ps_node *block = ps_node_new(p, PS_BLOCK, NULL);
    if (block == NULL || ++p->depth > PS_DEEPEST) {
        return ps_fail(p, "too deep");
    }
    for (skip_lines(p); *p->at != '}'; skip_lines(p)) {
        if (*p->at == '\0' || !ps_add_item(p, block, parse_statement(p))) {
            return ps_fail(p, "a } is missing");
        }
    }
    p->at++;
    p->depth--;
    return block;
}

/* After the word: a condition and blocks; an elseif is an if inside an else. */
static struct ps_node *parse_if(struct ps_parser *p)
{
    if (!ps_take_char(p, '(')) {
        return ps_fail(p, "a ( is missing");
    }
    struct ps_node *node = ps_node_new(p, PS_IF, ps_parse_pipeline(p));
    if (node == NULL || node->left == NULL || !ps_take_char(p, ')') ||
        !ps_add_item(p, node, parse_block(p))) {
        return ps_fail(p, "a condition");
    }
    const char *before = p->at;
    ps_skip_all_blanks(p);
    if (take_word(p, "elseif")) {
        return ps_add_item(p, node, parse_if(p)) ? node : NULL;
    }
    if (take_word(p, "else")) {
        return ps_add_item(p, node, parse_block(p)) ? node : NULL;
    }
    p->at = before;
    return node;
}

static struct ps_node *parse_foreach(struct ps_parser *p)
{
    if (!ps_take_char(p, '(') || !ps_take_char(p, '$')) {
        return ps_fail(p, "a loop");
    }
    const char *name = ps_take_name(p);
    ps_skip_blanks(p);
    if (name == NULL || !take_word(p, "in")) {
        return ps_fail(p, "a loop");
    }
    struct ps_node *node = ps_node_new(p, PS_FOREACH, ps_parse_pipeline(p));
    if (node == NULL || node->left == NULL || !ps_take_char(p, ')') ||
        !ps_add_item(p, node, parse_block(p))) {
        return ps_fail(p, "a loop");
    }
    node->text = name;
    return node;
}

static struct ps_node *parse_try(struct ps_parser *p)
{
    struct ps_node *node = ps_node_new(p, PS_TRY, NULL);
    if (node == NULL || !ps_add_item(p, node, parse_block(p))) {
        return NULL;
    }
    ps_skip_all_blanks(p);
    if (!take_word(p, "catch")) {
        return ps_fail(p, "a catch is missing");
    }
    return ps_add_item(p, node, parse_block(p)) ? node : NULL;
}

static struct ps_node *parse_exit(struct ps_parser *p)
{
    struct ps_node *node = ps_node_new(p, PS_EXIT, NULL);
    ps_skip_blanks(p);
    if (node != NULL && !ends_command(p)) {
        node->left = ps_parse_expression(p);
        return node->left == NULL ? NULL : node;
    }
    return node;
}

static struct ps_node *parse_assignment(struct ps_parser *p)
{
    const char *name = arena_strndup(p->arena, p->at + 1, ps_name_length(p->at + 1));
    p->at += 1 + ps_name_length(p->at + 1);
    ps_skip_blanks(p);
    bool add = *p->at == '+';
    p->at += add ? 2 : 1;
    struct ps_node *node = ps_node_new(p, add ? PS_ADD_ASSIGN : PS_ASSIGN, ps_parse_pipeline(p));
    if (node == NULL || node->left == NULL) {
        return NULL;
    }
    node->text = name;
    return node;
}

static bool is_assignment(const char *at)
{
    if (*at != '$') {
        return false;
    }
    at += 1 + ps_name_length(at + 1);
    at += strspn(at, " \t");
    return *at == '=' || (at[0] == '+' && at[1] == '=');
}

static struct ps_node *parse_statement(struct ps_parser *p)
{
    static const struct {
        const char *word;
        struct ps_node *(*parse)(struct ps_parser *p);
    } words[] = {
        {"if", parse_if}, {"foreach", parse_foreach}, {"try", parse_try}, {"exit", parse_exit}};
    static const char *const absent[] = {"function", "while", "do",     "switch",
                                         "param",    "for",   "return", "throw"};
    struct ps_node *node = NULL;
    size_t i = 0;
    while (i < 4 && !take_word(p, words[i].word)) {
        i++;
    }
    for (size_t k = 0; i == 4 && k < sizeof(absent) / sizeof(absent[0]); k++) {
        if (take_word(p, absent[k])) {
            return ps_fail(p, absent[k]);
        }
    }
    if (i < 4) {
        node = words[i].parse(p);
    } else {
        node = is_assignment(p->at) ? parse_assignment(p) : ps_parse_pipeline(p);
    }
    ps_skip_blanks(p);
    bool block =
        node != NULL && (node->kind == PS_IF || node->kind == PS_FOREACH || node->kind == PS_TRY);
    if (node != NULL && !block && *p->at != '\0' && strchr(";\r\n}", *p->at) == NULL) {
        return ps_fail(p, "unexpected token");
    }
    return node;
}

struct ps_node *ps_parse(const char *script, struct arena *arena, const char **ret_error)
{
    struct ps_parser p = {.at = script, .arena = arena};
    struct ps_node *block = ps_node_new(&p, PS_BLOCK, NULL);
    for (skip_lines(&p); block != NULL && *p.at != '\0'; skip_lines(&p)) {
        if (!ps_add_item(&p, block, parse_statement(&p))) {
            block = NULL;
        }
    }
    if (block == NULL) {
        *ret_error = p.error == NULL ? "not understood" : p.error;
    }
    return block;
}
