/* cmd_parse: a line of cmd.exe into commands, by the order of cmd's own phases. */
#include "farm/cmd/cmd_parse.h"

#include "core/str.h"

#include <ctype.h>
#include <string.h>

enum { DEPTH_MAX = 64, WORD_MAX = 8192 };

struct parser {
    const char *at;
    struct arena *arena;
    unsigned depth; /* open parentheses */
    unsigned recursion; /* bounded, whatever the line holds */
    const char *unexpected;
};

static struct cmd_node *parse_list(struct parser *p);

static bool is_delimiter(char c)
{
    return c != '\0' && strchr(" \t,;=", c) != NULL;
}

static void skip_delimiters(struct parser *p)
{
    while (is_delimiter(*p->at)) {
        p->at++;
    }
}

static struct cmd_node *fail(struct parser *p, const char *token)
{
    if (p->unexpected == NULL) {
        p->unexpected = arena_strdup(p->arena, token);
    }
    return NULL;
}

/* The operator or word that stands where nothing may. */
static struct cmd_node *fail_here(struct parser *p)
{
    static const char *const operators[] = {"&&", "||", "&", "|", "(", ")", "<", ">"};
    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
        if (str_starts(p->at, operators[i])) {
            return fail(p, operators[i]);
        }
    }
    size_t len = strcspn(p->at, " \t,;=&|()<>");
    return fail(p, arena_strndup(p->arena, p->at, len));
}

static struct cmd_node *node_new(struct parser *p, enum cmd_kind kind, struct cmd_node *left,
                                 struct cmd_node *right)
{
    struct cmd_node *node = arena_alloc(p->arena, sizeof(*node));
    if (node == NULL) {
        return fail(p, "");
    }
    node->kind = kind;
    node->left = left;
    node->right = right;
    return node;
}

static bool ends_command(const struct parser *p)
{
    return *p->at == '\0' || *p->at == '&' || *p->at == '|' || (*p->at == ')' && p->depth > 0);
}

/* A word with its quotes taken off and its carets obeyed; stops at delimiters and operators. */
static const char *parse_path(struct parser *p)
{
    struct buf word;
    buf_init(&word, WORD_MAX);
    bool quoted = false;
    while (*p->at != '\0' && (quoted || (!ends_command(p) && !is_delimiter(*p->at) &&
                                         *p->at != '<' && *p->at != '>'))) {
        if (*p->at == '"') {
            quoted = !quoted;
            p->at++;
            continue;
        }
        if (*p->at == '^' && !quoted && p->at[1] != '\0') {
            p->at++;
        }
        (void)buf_putc(&word, *p->at++);
    }
    const char *path = arena_strndup(p->arena, word.data == NULL ? "" : word.data, word.len);
    buf_done(&word);
    return path;
}

/* At '<' or '>'; handle is -1 where no digit stood before it. */
static bool parse_redirect(struct parser *p, int handle, struct cmd_redirect ***tail)
{
    struct cmd_redirect *redirect = arena_alloc(p->arena, sizeof(*redirect));
    if (redirect == NULL) {
        return fail(p, "") != NULL;
    }
    bool input = *p->at++ == '<';
    redirect->handle = handle >= 0 ? handle : input ? 0 : 1;
    redirect->from_handle = -1;
    if (!input && *p->at == '>') {
        redirect->append = true;
        p->at++;
    }
    skip_delimiters(p);
    if (*p->at == '&' && isdigit((unsigned char)p->at[1])) {
        redirect->from_handle = p->at[1] - '0';
        p->at += 2;
    } else {
        redirect->path = parse_path(p);
        if (redirect->path == NULL || redirect->path[0] == '\0') {
            return *p->at == '\0' ? fail(p, "") != NULL : fail_here(p) != NULL;
        }
    }
    **tail = redirect;
    *tail = &redirect->next;
    return true;
}

/* A digit directly before < or > is a handle if it stands alone; it is cut off the text. */
static int take_handle(struct buf *text, bool literal)
{
    if (literal || text->len == 0 || !isdigit((unsigned char)text->data[text->len - 1]) ||
        (text->len > 1 && !is_delimiter(text->data[text->len - 2]) &&
         strchr("()", text->data[text->len - 2]) == NULL)) {
        return -1;
    }
    text->len--;
    int handle = text->data[text->len] - '0';
    text->data[text->len] = '\0';
    return handle;
}

static struct cmd_node *parse_simple(struct parser *p)
{
    struct cmd_node *node = node_new(p, CMD_SIMPLE, NULL, NULL);
    struct buf text;
    buf_init(&text, WORD_MAX * 2);
    struct cmd_redirect **tail = node == NULL ? NULL : &node->redirects;
    bool quoted = false, literal = false;
    while (node != NULL && *p->at != '\0' && (quoted || !ends_command(p))) {
        char c = *p->at;
        if (!quoted && (c == '<' || c == '>')) {
            if (!parse_redirect(p, take_handle(&text, literal), &tail)) {
                node = NULL;
            }
            literal = false;
            continue;
        }
        literal = !quoted && c == '^' && p->at[1] != '\0';
        if (!quoted && c == '^') {
            p->at += literal ? 1 : 0;
            c = *p->at;
            if (!literal) {
                p->at++;
                continue;
            }
        } else if (c == '"') {
            quoted = !quoted;
        }
        (void)buf_putc(&text, c);
        p->at++;
    }
    if (node != NULL) {
        node->text = arena_strndup(p->arena, text.data == NULL ? "" : text.data, text.len);
        if (slice_trim((struct slice){node->text, strlen(node->text)}).len == 0 &&
            node->redirects == NULL) {
            node = fail_here(p);
        }
    }
    buf_done(&text);
    return node;
}

static bool word_is(const struct parser *p, const char *word)
{
    size_t len = strlen(word);
    return strncasecmp(p->at, word, len) == 0 &&
           (p->at[len] == '\0' || is_delimiter(p->at[len]) || strchr("(&|<>)", p->at[len]) != NULL);
}

static bool take_word(struct parser *p, const char *word)
{
    skip_delimiters(p);
    if (!word_is(p, word)) {
        return false;
    }
    p->at += strlen(word);
    return true;
}

/* One side of a comparison: up to a delimiter or "==". */
static const char *parse_operand(struct parser *p)
{
    struct buf word;
    buf_init(&word, WORD_MAX);
    bool quoted = false;
    skip_delimiters(p);
    while (*p->at != '\0' && (quoted || (!is_delimiter(*p->at) && !ends_command(p)))) {
        if (*p->at == '"') {
            quoted = !quoted;
        } else if (*p->at == '^' && !quoted && p->at[1] != '\0') {
            p->at++;
        }
        (void)buf_putc(&word, *p->at++);
    }
    const char *text = arena_strndup(p->arena, word.data == NULL ? "" : word.data, word.len);
    buf_done(&word);
    return text;
}

static bool parse_comparison(struct parser *p, struct cmd_node *node)
{
    static const char *const words[] = {[TEST_EQU] = "EQU", [TEST_NEQ] = "NEQ", [TEST_LSS] = "LSS",
                                        [TEST_LEQ] = "LEQ", [TEST_GTR] = "GTR", [TEST_GEQ] = "GEQ"};
    node->a = parse_operand(p);
    while (*p->at == ' ' || *p->at == '\t') {
        p->at++;
    }
    if (str_starts(p->at, "==")) {
        p->at += 2;
        node->test = TEST_EQUAL_SIGNS;
        node->b = parse_operand(p);
        return node->b != NULL && node->b[0] != '\0';
    }
    for (enum cmd_test test = TEST_EQU; test <= TEST_GEQ; test++) {
        if (take_word(p, words[test])) {
            node->test = test;
            node->b = parse_operand(p);
            return node->b != NULL && node->b[0] != '\0';
        }
    }
    return false;
}

static bool parse_condition(struct parser *p, struct cmd_node *node)
{
    static const struct {
        const char *word;
        enum cmd_test test;
    } unary[] = {{"DEFINED", TEST_DEFINED}, {"ERRORLEVEL", TEST_ERRORLEVEL}, {"EXIST", TEST_EXIST}};
    node->ignore_case = take_word(p, "/i");
    node->negated = take_word(p, "not");
    node->ignore_case |= take_word(p, "/i");
    for (size_t i = 0; i < sizeof(unary) / sizeof(unary[0]); i++) {
        if (take_word(p, unary[i].word)) {
            node->test = unary[i].test;
            node->a = parse_operand(p);
            return node->a != NULL && node->a[0] != '\0';
        }
    }
    return parse_comparison(p, node);
}

/* After the word "if". Its body takes the rest of the line or group, separators and all, unless it
 * is a group itself. */
static struct cmd_node *parse_if(struct parser *p)
{
    struct cmd_node *node = node_new(p, CMD_IF, NULL, NULL);
    if (node == NULL) {
        return NULL;
    }
    if (!parse_condition(p, node)) {
        skip_delimiters(p);
        return *p->at == '\0' ? fail(p, "") : fail_here(p);
    }
    skip_delimiters(p);
    if (ends_command(p)) {
        return *p->at == '\0' ? fail(p, "") : fail_here(p);
    }
    node->left = parse_list(p);
    if (node->left == NULL || node->left->kind != CMD_GROUP || !take_word(p, "else")) {
        return node->left == NULL ? NULL : node;
    }
    skip_delimiters(p);
    node->right = ends_command(p) ? fail(p, "") : parse_list(p);
    return node->right == NULL ? NULL : node;
}

/* After '('. */
static struct cmd_node *parse_group(struct parser *p)
{
    p->depth++;
    struct cmd_node *node = node_new(p, CMD_GROUP, NULL, NULL);
    if (node == NULL) {
        return NULL;
    }
    node->left = parse_list(p);
    if (node->left == NULL) {
        return *p->at == '\0' ? fail(p, "") : fail_here(p);
    }
    if (*p->at != ')') {
        return fail(p, "");
    }
    p->at++;
    p->depth--;
    struct cmd_redirect **tail = &node->redirects;
    for (;;) {
        skip_delimiters(p);
        int handle = -1;
        if (isdigit((unsigned char)*p->at) && (p->at[1] == '<' || p->at[1] == '>')) {
            handle = *p->at++ - '0';
        }
        if (*p->at != '<' && *p->at != '>') {
            break;
        }
        if (!parse_redirect(p, handle, &tail)) {
            return NULL;
        }
    }
    return ends_command(p) || word_is(p, "else") ? node : fail_here(p);
}

static struct cmd_node *parse_command(struct parser *p)
{
    while (is_delimiter(*p->at) || *p->at == '@') {
        p->at++;
    }
    if (ends_command(p)) {
        return fail_here(p);
    }
    if (*p->at == '(') {
        p->at++;
        return parse_group(p);
    }
    if (take_word(p, "if")) {
        return parse_if(p);
    }
    if (word_is(p, "rem")) {
        p->at += strlen(p->at);
        struct cmd_node *node = node_new(p, CMD_SIMPLE, NULL, NULL);
        if (node != NULL) {
            node->text = "rem";
        }
        return node;
    }
    return parse_simple(p);
}

/* The operators from the loosest to the tightest. */
static const struct {
    const char *text;
    enum cmd_kind kind;
} levels[] = {{"&", CMD_THEN}, {"||", CMD_OR}, {"&&", CMD_AND}, {"|", CMD_PIPE}};

enum { LEVELS = 4 };

static bool take_operator(struct parser *p, unsigned level)
{
    const char *text = levels[level].text;
    size_t len = strlen(text);
    if (!str_starts(p->at, text) || (len == 1 && p->at[1] == text[0])) {
        return false;
    }
    p->at += len;
    return true;
}

static struct cmd_node *parse_level(struct parser *p, unsigned level)
{
    struct cmd_node *left = level == LEVELS ? parse_command(p) : parse_level(p, level + 1);
    while (level < LEVELS && left != NULL && take_operator(p, level)) {
        while (is_delimiter(*p->at)) {
            p->at++;
        }
        /* "a &" at the end of a line or group is just "a". */
        if (level == 0 && (*p->at == '\0' || (*p->at == ')' && p->depth > 0))) {
            return left;
        }
        struct cmd_node *right = *p->at == '\0' ? fail(p, "") : parse_level(p, level + 1);
        left = right == NULL ? NULL : node_new(p, levels[level].kind, left, right);
    }
    return left;
}

static struct cmd_node *parse_list(struct parser *p)
{
    if (++p->recursion > DEPTH_MAX) {
        return fail(p, "");
    }
    struct cmd_node *list = parse_level(p, 0);
    p->recursion--;
    return list;
}

int cmd_parse(const char *line, struct arena *arena, struct cmd_node **ret_node,
              const char **ret_unexpected)
{
    struct parser p = {.at = line, .arena = arena};
    while (is_delimiter(*p.at)) {
        p.at++;
    }
    if (*p.at == '\0' || *p.at == ')') {
        *ret_node = NULL; /* cmd ignores a line that begins with a closing parenthesis */
        return 0;
    }
    struct cmd_node *node = parse_list(&p);
    if (node != NULL && *p.at != '\0') {
        node = fail_here(&p);
    }
    if (node == NULL) {
        *ret_unexpected = p.unexpected == NULL ? "" : p.unexpected;
        return -1;
    }
    *ret_node = node;
    return 0;
}
