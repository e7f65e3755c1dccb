/* ps_parse: a small, honest part of PowerShell's language as a tree. */
#include "farm/ps_parse.h"

#include "core/buf.h"
#include "core/str.h"

#include <ctype.h>
#include <string.h>

enum { DEEPEST = 100, TEXT_LONGEST = 65536 };

struct parser {
    const char *at;
    struct arena *arena;
    const char *error;
    unsigned depth;
};

static struct ps_node *parse_expression(struct parser *p);
static struct ps_node *parse_pipeline(struct parser *p);
static struct ps_node *parse_statement(struct parser *p);

static struct ps_node *fail(struct parser *p, const char *what)
{
    if (p->error == NULL) {
        p->error = arena_printf(p->arena, "%s: %.40s", what, p->at);
        p->error = p->error == NULL ? what : p->error;
    }
    return NULL;
}

static struct ps_node *node_new(struct parser *p, enum ps_kind kind, struct ps_node *left)
{
    struct ps_node *node = arena_alloc(p->arena, sizeof(*node));
    if (node == NULL) {
        return fail(p, "no memory");
    }
    node->kind = kind;
    node->left = left;
    return node;
}

static bool add_item(struct parser *p, struct ps_node *node, struct ps_node *item)
{
    void *items = node->items;
    struct ps_node **place =
        item == NULL ? NULL : arena_push(p->arena, &items, &node->count, sizeof(*place));
    node->items = items;
    if (place == NULL) {
        return fail(p, "not understood") != NULL;
    }
    *place = item;
    return true;
}

static void skip_blanks(struct parser *p)
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

static void skip_lines(struct parser *p)
{
    do {
        skip_blanks(p);
    } while (*p->at != '\0' && strchr(";\r\n", *p->at) != NULL && p->at++ != NULL);
}

static void skip_all_blanks(struct parser *p)
{
    do {
        skip_blanks(p);
    } while ((*p->at == '\r' || *p->at == '\n') && p->at++ != NULL);
}

static size_t name_length(const char *at)
{
    size_t len = 0;
    while (isalnum((unsigned char)at[len]) || at[len] == '_') {
        len++;
    }
    return len;
}

static const char *take_name(struct parser *p)
{
    size_t len = name_length(p->at);
    const char *name = arena_strndup(p->arena, p->at, len);
    p->at += len;
    return len == 0 ? NULL : name;
}

static bool take_word(struct parser *p, const char *word)
{
    size_t len = strlen(word);
    if (strncasecmp(p->at, word, len) != 0 || isalnum((unsigned char)p->at[len]) ||
        p->at[len] == '-' || p->at[len] == '_') {
        return false;
    }
    p->at += len;
    return true;
}

static bool take_char(struct parser *p, char c)
{
    skip_all_blanks(p);
    if (*p->at != c) {
        return false;
    }
    p->at++;
    return true;
}

/* ---- expressions ---- */

static struct ps_node *parse_single_quoted(struct parser *p)
{
    struct buf text;
    buf_init(&text, TEXT_LONGEST);
    for (p->at++; *p->at != '\0' && (*p->at != '\'' || p->at[1] == '\''); p->at++) {
        (void)buf_putc(&text, *p->at);
        p->at += *p->at == '\'' ? 1 : 0;
    }
    struct ps_node *node =
        *p->at == '\'' ? node_new(p, PS_TEXT, NULL) : fail(p, "a string is not closed");
    if (node != NULL) {
        p->at++;
        node->text = arena_strndup(p->arena, text.data == NULL ? "" : text.data, text.len);
    }
    buf_done(&text);
    return node;
}

static struct ps_node *parse_double_quoted(struct parser *p)
{
    const char *start = ++p->at;
    while (*p->at != '\0' && *p->at != '"') {
        p->at += *p->at == '`' && p->at[1] != '\0' ? 2 : 1;
    }
    if (*p->at != '"') {
        return fail(p, "a string is not closed");
    }
    struct ps_node *node = node_new(p, PS_EXPANDABLE, NULL);
    if (node != NULL) {
        node->text = arena_strndup(p->arena, start, (size_t)(p->at - start));
        if (strstr(node->text == NULL ? "" : node->text, "$(") != NULL) {
            return fail(p, "a subexpression inside a string");
        }
    }
    p->at++;
    return node;
}

static struct ps_node *parse_primary(struct parser *p)
{
    struct ps_node *node = NULL;
    skip_blanks(p);
    if (*p->at == '\'') {
        return parse_single_quoted(p);
    }
    if (*p->at == '"') {
        return parse_double_quoted(p);
    }
    if (*p->at == '(') {
        p->at++;
        node = parse_pipeline(p);
        return node != NULL && take_char(p, ')') ? node : fail(p, "a ) is missing");
    }
    if (*p->at == '$' && (name_length(p->at + 1) > 0)) {
        p->at++;
        node = node_new(p, PS_VARIABLE, NULL);
    } else if (*p->at == '[') {
        size_t len = strcspn(p->at, "]");
        node = node_new(p, PS_TYPE, NULL);
        if (node != NULL && p->at[len] == ']') {
            node->text = arena_strndup(p->arena, p->at + 1, len - 1);
            p->at += len + 1;
            return node;
        }
    } else if (isdigit((unsigned char)*p->at)) {
        size_t len = strspn(p->at, "0123456789");
        uint64_t number = 0;
        if (!str_u64((struct slice){p->at, len}, INT64_MAX, &number)) {
            return fail(p, "a number is too large");
        }
        node = node_new(p, PS_NUMBER, NULL);
        if (node != NULL) {
            node->number = (int64_t)number;
            p->at += len;
        }
        return node;
    }
    if (node == NULL) {
        return fail(p, "not understood");
    }
    node->text = take_name(p);
    return node;
}

/* After '(': the arguments of a method. */
static bool parse_arguments(struct parser *p, struct ps_node *call)
{
    if (take_char(p, ')')) {
        return true;
    }
    do {
        skip_all_blanks(p);
        if (!add_item(p, call, parse_expression(p))) {
            return false;
        }
    } while (take_char(p, ','));
    return take_char(p, ')') || fail(p, "a ) is missing") != NULL;
}

static struct ps_node *parse_postfix(struct parser *p)
{
    struct ps_node *node = parse_primary(p);
    while (node != NULL) {
        bool is_static = str_starts(p->at, "::");
        if (!is_static && (*p->at != '.' || name_length(p->at + 1) == 0)) {
            return node;
        }
        p->at += is_static ? 2 : 1;
        node = node_new(p, is_static ? PS_STATIC : PS_MEMBER, node);
        if (node == NULL) {
            return NULL;
        }
        node->text = take_name(p);
        if (*p->at == '(') {
            p->at++;
            if (is_static) {
                return fail(p, "a static method");
            }
            node->kind = PS_CALL;
            if (!parse_arguments(p, node)) {
                return NULL;
            }
        }
    }
    return node;
}

static struct ps_node *parse_unary(struct parser *p)
{
    skip_blanks(p);
    bool negated = *p->at == '!' || strncasecmp(p->at, "-not", 4) == 0;
    if (!negated && *p->at != '-') {
        return parse_postfix(p);
    }
    p->at += *p->at == '-' && negated ? 4 : 1;
    if (++p->depth > DEEPEST) {
        return fail(p, "too deep");
    }
    struct ps_node *operand = parse_unary(p);
    p->depth--;
    return operand == NULL ? NULL : node_new(p, negated ? PS_NOT : PS_NEGATIVE, operand);
}

static const struct operator_row {
    const char *text;
    enum ps_operator op;
    unsigned level; /* 0 binds loosest */
} operators[] = {
    {"-and", OP_AND, 0}, {"-or", OP_OR, 0},     {"-eq", OP_EQ, 1}, {"-ne", OP_NE, 1},
    {"-gt", OP_GT, 1},   {"-ge", OP_GE, 1},     {"-lt", OP_LT, 1}, {"-le", OP_LE, 1},
    {"+", OP_ADD, 2},    {"-", OP_SUBTRACT, 2},
};

enum { LEVELS = 3 };

static const struct operator_row *take_operator(struct parser *p, unsigned level)
{
    skip_blanks(p);
    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
        size_t len = strlen(operators[i].text);
        bool word = len > 1;
        bool minus_word = *p->at == '-' && isalpha((unsigned char)p->at[1]) && !word;
        if (operators[i].level == level && !minus_word &&
            strncasecmp(p->at, operators[i].text, len) == 0 &&
            (!word || !isalpha((unsigned char)p->at[len]))) {
            p->at += len;
            return &operators[i];
        }
    }
    return NULL;
}

static struct ps_node *parse_level(struct parser *p, unsigned level)
{
    struct ps_node *left = level == LEVELS ? parse_unary(p) : parse_level(p, level + 1);
    while (left != NULL && level < LEVELS) {
        const struct operator_row *row = take_operator(p, level);
        if (row == NULL) {
            return left;
        }
        skip_all_blanks(p);
        struct ps_node *right = parse_level(p, level + 1);
        left = right == NULL ? NULL : node_new(p, PS_BINARY, left);
        if (left != NULL) {
            left->op = row->op;
            left->right = right;
        }
    }
    return left;
}

static struct ps_node *parse_expression(struct parser *p)
{
    if (++p->depth > DEEPEST) {
        return fail(p, "too deep");
    }
    struct ps_node *node = parse_level(p, 0);
    p->depth--;
    return node;
}

/* ---- commands ---- */

static bool ends_command(const struct parser *p)
{
    return *p->at == '\0' || strchr(";\r\n)}|", *p->at) != NULL;
}

static struct ps_node *parse_argument(struct parser *p)
{
    struct ps_node *node = NULL;
    if (*p->at == '-' && isalpha((unsigned char)p->at[1])) {
        node = node_new(p, PS_PARAMETER, NULL);
        p->at++;
    } else if (strchr("'\"$(", *p->at) != NULL) {
        return parse_postfix(p);
    } else {
        node = node_new(p, PS_TEXT, NULL);
    }
    size_t len = strcspn(p->at, " \t;\r\n)}|");
    if (node == NULL || len == 0) {
        return fail(p, "not understood");
    }
    node->text = arena_strndup(p->arena, p->at, len);
    p->at += len;
    return node;
}

static struct ps_node *parse_command(struct parser *p)
{
    struct ps_node *node = node_new(p, PS_COMMAND, NULL);
    if (node == NULL) {
        return NULL;
    }
    size_t len = strcspn(p->at, " \t;\r\n)}|(");
    node->text = arena_strndup(p->arena, p->at, len);
    p->at += len;
    skip_blanks(p);
    while (!ends_command(p)) {
        if (!add_item(p, node, parse_argument(p))) {
            return NULL;
        }
        skip_blanks(p);
    }
    return node;
}

static struct ps_node *parse_pipeline(struct parser *p)
{
    skip_all_blanks(p);
    struct ps_node *node = isalpha((unsigned char)*p->at) ? parse_command(p) : parse_expression(p);
    skip_blanks(p);
    return *p->at == '|' ? fail(p, "a pipeline") : node;
}

/* ---- statements ---- */

static struct ps_node *parse_block(struct parser *p)
{
    if (!take_char(p, '{')) {
        return fail(p, "a { is missing");
    }
    struct ps_node *block = node_new(p, PS_BLOCK, NULL);
    if (block == NULL || ++p->depth > DEEPEST) {
        return fail(p, "too deep");
    }
    for (skip_lines(p); *p->at != '}'; skip_lines(p)) {
        if (*p->at == '\0' || !add_item(p, block, parse_statement(p))) {
            return fail(p, "a } is missing");
        }
    }
    p->at++;
    p->depth--;
    return block;
}

/* After the word: a condition and blocks; an elseif is an if inside an else. */
static struct ps_node *parse_if(struct parser *p)
{
    if (!take_char(p, '(')) {
        return fail(p, "a ( is missing");
    }
    struct ps_node *node = node_new(p, PS_IF, parse_pipeline(p));
    if (node == NULL || node->left == NULL || !take_char(p, ')') ||
        !add_item(p, node, parse_block(p))) {
        return fail(p, "a condition");
    }
    const char *before = p->at;
    skip_all_blanks(p);
    if (take_word(p, "elseif")) {
        return add_item(p, node, parse_if(p)) ? node : NULL;
    }
    if (take_word(p, "else")) {
        return add_item(p, node, parse_block(p)) ? node : NULL;
    }
    p->at = before;
    return node;
}

static struct ps_node *parse_foreach(struct parser *p)
{
    if (!take_char(p, '(') || !take_char(p, '$')) {
        return fail(p, "a loop");
    }
    const char *name = take_name(p);
    skip_blanks(p);
    if (name == NULL || !take_word(p, "in")) {
        return fail(p, "a loop");
    }
    struct ps_node *node = node_new(p, PS_FOREACH, parse_pipeline(p));
    if (node == NULL || node->left == NULL || !take_char(p, ')') ||
        !add_item(p, node, parse_block(p))) {
        return fail(p, "a loop");
    }
    node->text = name;
    return node;
}

static struct ps_node *parse_try(struct parser *p)
{
    struct ps_node *node = node_new(p, PS_TRY, NULL);
    if (node == NULL || !add_item(p, node, parse_block(p))) {
        return NULL;
    }
    skip_all_blanks(p);
    if (!take_word(p, "catch")) {
        return fail(p, "a catch is missing");
    }
    return add_item(p, node, parse_block(p)) ? node : NULL;
}

static struct ps_node *parse_exit(struct parser *p)
{
    struct ps_node *node = node_new(p, PS_EXIT, NULL);
    skip_blanks(p);
    if (node != NULL && !ends_command(p)) {
        node->left = parse_expression(p);
        return node->left == NULL ? NULL : node;
    }
    return node;
}

static struct ps_node *parse_assignment(struct parser *p)
{
    const char *name = arena_strndup(p->arena, p->at + 1, name_length(p->at + 1));
    p->at += 1 + name_length(p->at + 1);
    skip_blanks(p);
    bool add = *p->at == '+';
    p->at += add ? 2 : 1;
    struct ps_node *node = node_new(p, add ? PS_ADD_ASSIGN : PS_ASSIGN, parse_pipeline(p));
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
    at += 1 + name_length(at + 1);
    at += strspn(at, " \t");
    return *at == '=' || (at[0] == '+' && at[1] == '=');
}

static struct ps_node *parse_statement(struct parser *p)
{
    static const struct {
        const char *word;
        struct ps_node *(*parse)(struct parser *p);
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
            return fail(p, absent[k]);
        }
    }
    if (i < 4) {
        node = words[i].parse(p);
    } else {
        node = is_assignment(p->at) ? parse_assignment(p) : parse_pipeline(p);
    }
    skip_blanks(p);
    bool block =
        node != NULL && (node->kind == PS_IF || node->kind == PS_FOREACH || node->kind == PS_TRY);
    if (node != NULL && !block && *p->at != '\0' && strchr(";\r\n}", *p->at) == NULL) {
        return fail(p, "unexpected token");
    }
    return node;
}

struct ps_node *ps_parse(const char *script, struct arena *arena, const char **ret_error)
{
    struct parser p = {.at = script, .arena = arena};
    struct ps_node *block = node_new(&p, PS_BLOCK, NULL);
    for (skip_lines(&p); block != NULL && *p.at != '\0'; skip_lines(&p)) {
        if (!add_item(&p, block, parse_statement(&p))) {
            block = NULL;
        }
    }
    if (block == NULL) {
        *ret_error = p.error == NULL ? "not understood" : p.error;
    }
    return block;
}
