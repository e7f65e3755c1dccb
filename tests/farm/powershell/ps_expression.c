/* ps_expression: PowerShell's expressions as a tree. */
#include "farm/powershell/ps_parser.h"

#include "core/buf.h"
#include "core/str.h"

#include <ctype.h>
#include <string.h>

enum { TEXT_LONGEST = 65536 };

static struct ps_node *parse_single_quoted(struct ps_parser *p)
{
    struct buf text;
    buf_init(&text, TEXT_LONGEST);
    for (p->at++; *p->at != '\0' && (*p->at != '\'' || p->at[1] == '\''); p->at++) {
        (void)buf_putc(&text, *p->at);
        p->at += *p->at == '\'' ? 1 : 0;
    }
    struct ps_node *node =
        *p->at == '\'' ? ps_node_new(p, PS_TEXT, NULL) : ps_fail(p, "a string is not closed");
    if (node != NULL) {
        p->at++;
        node->text = arena_strndup(p->arena, text.data == NULL ? "" : text.data, text.len);
    }
    buf_done(&text);
    return node;
}

static struct ps_node *parse_double_quoted(struct ps_parser *p)
{
    const char *start = ++p->at;
    while (*p->at != '\0' && *p->at != '"') {
        p->at += *p->at == '`' && p->at[1] != '\0' ? 2 : 1;
    }
    if (*p->at != '"') {
        return ps_fail(p, "a string is not closed");
    }
    struct ps_node *node = ps_node_new(p, PS_EXPANDABLE, NULL);
    if (node != NULL) {
        node->text = arena_strndup(p->arena, start, (size_t)(p->at - start));
        if (strstr(node->text == NULL ? "" : node->text, "$(") != NULL) {
            return ps_fail(p, "a subexpression inside a string");
        }
    }
    p->at++;
    return node;
}

static struct ps_node *parse_primary(struct ps_parser *p)
{
    struct ps_node *node = NULL;
    ps_skip_blanks(p);
    if (*p->at == '\'') {
        return parse_single_quoted(p);
    }
    if (*p->at == '"') {
        return parse_double_quoted(p);
    }
    if (*p->at == '(') {
        p->at++;
        node = ps_parse_pipeline(p);
        return node != NULL && ps_take_char(p, ')') ? node : ps_fail(p, "a ) is missing");
    }
    if (*p->at == '$' && (ps_name_length(p->at + 1) > 0)) {
        p->at++;
        node = ps_node_new(p, PS_VARIABLE, NULL);
    } else if (*p->at == '[') {
        size_t len = strcspn(p->at, "]");
        node = ps_node_new(p, PS_TYPE, NULL);
        if (node != NULL && p->at[len] == ']') {
            node->text = arena_strndup(p->arena, p->at + 1, len - 1);
            p->at += len + 1;
            return node;
        }
    } else if (isdigit((unsigned char)*p->at)) {
        size_t len = strspn(p->at, "0123456789");
        uint64_t number = 0;
        if (!str_u64((struct slice){p->at, len}, INT64_MAX, &number)) {
            return ps_fail(p, "a number is too large");
        }
        node = ps_node_new(p, PS_NUMBER, NULL);
        if (node != NULL) {
            node->number = (int64_t)number;
            p->at += len;
        }
        return node;
    }
    if (node == NULL) {
        return ps_fail(p, "not understood");
    }
    node->text = ps_take_name(p);
    if (node->kind == PS_VARIABLE && str_ieq(node->text, "env") && *p->at == ':') {
        p->at++;
        const char *name = ps_take_name(p);
        node->text = arena_printf(p->arena, "env:%s", name == NULL ? "" : name);
    }
    return node;
}

/* After '(': the arguments of a method. */
static bool parse_arguments(struct ps_parser *p, struct ps_node *call)
{
    if (ps_take_char(p, ')')) {
        return true;
    }
    do {
        ps_skip_all_blanks(p);
        if (!ps_add_item(p, call, ps_parse_expression(p))) {
            return false;
        }
    } while (ps_take_char(p, ','));
    return ps_take_char(p, ')') || ps_fail(p, "a ) is missing") != NULL;
}

struct ps_node *ps_parse_postfix(struct ps_parser *p)
{
    struct ps_node *node = parse_primary(p);
    while (node != NULL) {
        bool is_static = str_starts(p->at, "::");
        if (!is_static && (*p->at != '.' || ps_name_length(p->at + 1) == 0)) {
            return node;
        }
        p->at += is_static ? 2 : 1;
        node = ps_node_new(p, is_static ? PS_STATIC : PS_MEMBER, node);
        if (node == NULL) {
            return NULL;
        }
        node->text = ps_take_name(p);
        if (*p->at == '(') {
            p->at++;
            if (is_static) {
                return ps_fail(p, "a static method");
            }
            node->kind = PS_CALL;
            if (!parse_arguments(p, node)) {
                return NULL;
            }
        }
    }
    return node;
}

static struct ps_node *parse_unary(struct ps_parser *p)
{
    ps_skip_blanks(p);
    bool negated = *p->at == '!' || strncasecmp(p->at, "-not", 4) == 0;
    if (!negated && *p->at != '-') {
        return ps_parse_postfix(p);
    }
    p->at += *p->at == '-' && negated ? 4 : 1;
    if (++p->depth > PS_DEEPEST) {
        return ps_fail(p, "too deep");
    }
    struct ps_node *operand = parse_unary(p);
    p->depth--;
    return operand == NULL ? NULL : ps_node_new(p, negated ? PS_NOT : PS_NEGATIVE, operand);
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

static const struct operator_row *take_operator(struct ps_parser *p, unsigned level)
{
    ps_skip_blanks(p);
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

static struct ps_node *parse_level(struct ps_parser *p, unsigned level)
{
    struct ps_node *left = level == LEVELS ? parse_unary(p) : parse_level(p, level + 1);
    while (left != NULL && level < LEVELS) {
        const struct operator_row *row = take_operator(p, level);
        if (row == NULL) {
            return left;
        }
        ps_skip_all_blanks(p);
        struct ps_node *right = parse_level(p, level + 1);
        left = right == NULL ? NULL : ps_node_new(p, PS_BINARY, left);
        if (left != NULL) {
            left->op = row->op;
            left->right = right;
        }
    }
    return left;
}

struct ps_node *ps_parse_expression(struct ps_parser *p)
{
    if (++p->depth > PS_DEEPEST) {
        return ps_fail(p, "too deep");
    }
    struct ps_node *node = parse_level(p, 0);
    p->depth--;
    return node;
}
