/* cmd_run: cmd.exe at work on one line. */
#include "farm/cmd/cmd_run.h"

#include "core/str.h"
#include "farm/cmd/cmd_parse.h"
#include "farm/program/program.h"
#include "farm/server/text.h"

#include <string.h>

enum { LINE_LONGEST = 8191, UNKNOWN_COMMAND = 9009, SHELLS_DEEP = 6, STATUS_LOST = 1 };

struct run {
    struct console *console;
    bool late;
    bool exiting; /* "exit" ends the line */
};

struct streams {
    struct buf *out, *err;
    const char *input;
};

static int run_node(struct run *run, const struct cmd_node *node, struct streams streams);

static const char *expand(struct run *run, const char *text)
{
    struct console *console = run->console;
    if (!run->late) {
        return text;
    }
    struct buf to;
    buf_init(&to, 4 * (LINE_LONGEST + 1));
    cmd_expand_late(text, console_get, console, &to);
    const char *copy = arena_strndup(&console->arena, to.data == NULL ? "" : to.data, to.len);
    buf_done(&to);
    return copy == NULL ? "" : copy;
}

static void redirect(struct run *run, const struct cmd_redirect *redirect, struct streams *streams)
{
    for (; redirect != NULL; redirect = redirect->next) {
        struct buf **handle = redirect->handle == 2 ? &streams->err : &streams->out;
        if (redirect->handle == 0) {
            streams->input = "";
        } else if (redirect->from_handle == 1) {
            *handle = streams->out;
        } else if (redirect->from_handle == 2) {
            *handle = streams->err;
        } else if (!str_ieq(expand(run, redirect->path), "con")) {
            *handle = NULL; /* nul, or a file that nobody looks at */
        }
    }
}

/* ---- commands of cmd itself: each gets the text behind its name ---- */

static int command_echo(struct run *run, const char *rest, struct streams streams)
{
    struct console *console = run->console;
    struct slice text = slice_trim((struct slice){rest, strlen(rest)});
    if (*rest == '\0' || (text.len == 0 && (*rest == ' ' || *rest == '\t'))) {
        console_print(console, streams.out, "ECHO is on.\r\n");
        return 0;
    }
    console_print(console, streams.out, rest + 1);
    console_print(console, streams.out, "\r\n");
    return 0;
}

static int list_variables(struct console *console, struct streams streams, const char *prefix)
{
    int shown = 0;
    for (struct console_variable *v = console->variables; v != NULL; v = v->next) {
        bool current = console_get(console, v->name) == v->value && v->value != NULL;
        if (current && strncasecmp(v->name, prefix, strlen(prefix)) == 0) {
            console_printf(console, streams.out, "%s=%s\r\n", v->name, v->value);
            shown++;
        }
    }
    return shown > 0 ? 0 : 1;
}

static int command_set(struct run *run, const char *rest, struct streams streams)
{
    struct console *console = run->console;
    while (*rest == ' ' || *rest == '\t') {
        rest++;
    }
    char *text = arena_strdup(&console->arena, rest);
    if (text == NULL) {
        return STATUS_LOST;
    }
    if (text[0] == '"') {
        text++;
        char *last = strrchr(text, '"');
        if (last != NULL) {
            *last = '\0';
        }
    }
    char *equal = strchr(text, '=');
    if (equal == NULL) {
        return list_variables(console, streams, text);
    }
    *equal = '\0';
    console_set(console, text, equal[1] == '\0' ? NULL : equal + 1);
    return 0;
}

static int command_ver(struct run *run, const char *rest, struct streams streams)
{
    (void)rest;
    struct console *console = run->console;
    const struct server *server = console->server;
    const struct edition *edition = &editions[server->os];
    console_printf(console, streams.out, "\r\nMicrosoft Windows [%s %s.%u",
                   text_get(console_language(console), TEXT_VERSION), edition->kernel,
                   server->build);
    if (edition->ver_has_revision) {
        console_printf(console, streams.out, ".%u", server->revision);
    }
    console_print(console, streams.out, "]\r\n");
    console->errorlevel = 0;
    return 0;
}

static int command_rem(struct run *run, const char *rest, struct streams streams)
{
    (void)run;
    (void)rest;
    (void)streams;
    return 0;
}

static int command_exit(struct run *run, const char *rest, struct streams streams)
{
    (void)streams;
    struct slice left = {rest, strlen(rest)}, word;
    int64_t code = run->console->errorlevel;
    while (slice_token(&left, &word)) {
        if (!slice_ieq(word, "/b")) {
            (void)str_i64(word, &code);
        }
    }
    run->exiting = true;
    run->console->errorlevel = (int)code;
    return (int)code;
}

static int command_cd(struct run *run, const char *rest, struct streams streams)
{
    (void)rest;
    console_print(run->console, streams.out, "C:\\Windows\\system32\r\n");
    return 0;
}

/* Commands of cmd that this farm does not have say so, rather than do nothing. */
static int command_absent(struct run *run, const char *rest, struct streams streams)
{
    (void)rest;
    console_print(run->console, streams.err, "pvsfarm: this command of cmd is not simulated\r\n");
    run->console->errorlevel = 1;
    return 1;
}

static const struct {
    const char *name;
    int (*run)(struct run *run, const char *rest, struct streams streams);
} commands[] = {
    {"echo", command_echo},   {"set", command_set},      {"ver", command_ver},
    {"rem", command_rem},     {"exit", command_exit},    {"cd", command_cd},
    {"for", command_absent},  {"call", command_absent},  {"dir", command_absent},
    {"type", command_absent}, {"start", command_absent}, {"goto", command_absent},
    {"copy", command_absent}, {"del", command_absent},   {"title", command_rem},
};

/* ---- running ---- */

static int unknown_command(struct console *console, const char *name, struct streams streams)
{
    char text[1024];
    enum text_id id = strchr(name, '\\') != NULL ? TEXT_PATH_NOT_FOUND : TEXT_UNKNOWN_COMMAND;
    text_fill(console_language(console), id, name, text, sizeof(text));
    console_print(console, streams.err, text);
    console->errorlevel = UNKNOWN_COMMAND;
    return UNKNOWN_COMMAND;
}

static int run_program(struct console *console, const char *name, const char *rest,
                       struct streams streams)
{
    program_run *program = program_find(name);
    struct call call = {.console = console,
                        .out = streams.out,
                        .err = streams.err,
                        .input = streams.input,
                        .raw = rest};
    if (program == NULL) {
        return unknown_command(console, name, streams);
    }
    call.argc = program_split(&console->arena, name, rest, &call.argv);
    console->errorlevel = call.argc < 0 ? STATUS_LOST : program(&call);
    return console->errorlevel;
}

bool cmd_run_program(struct console *console, const char *name, const char *arguments,
                     int *ret_status)
{
    struct streams streams = {&console->out, &console->err, ""};
    if (program_find(name) == NULL) {
        return false;
    }
    *ret_status = run_program(console, name, arguments, streams);
    return true;
}

/* The end of the command's name; quotes may hold blanks. */
static size_t name_length(const char *text)
{
    if (*text == '"') {
        const char *end = strchr(text + 1, '"');
        return end == NULL ? strlen(text) : (size_t)(end - text) + 1;
    }
    return strcspn(text, " \t,;=");
}

static int run_simple(struct run *run, const struct cmd_node *node, struct streams streams)
{
    redirect(run, node->redirects, &streams);
    const char *text = expand(run, node->text);
    text += strspn(text, " \t,;=");
    size_t len = name_length(text);
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        size_t n = strlen(commands[i].name);
        /* echo. echo( echo: name the command too; echo.exe does not. */
        bool ends = n == len || (n < len && strchr(".(:/\\[]+", text[n]) != NULL &&
                                 strncasecmp(text + n, ".exe", 4) != 0);
        if (ends && strncasecmp(text, commands[i].name, n) == 0) {
            return commands[i].run(run, text + n, streams);
        }
    }
    const char *rest = text + len;
    if (*text != '"' && memchr(text, '/', len) != NULL && *text != '/') {
        len = strcspn(text, "/"); /* netstat/an */
        rest = text + len;
    }
    bool quoted = *text == '"';
    size_t inner = quoted ? (len > 1 && text[len - 1] == '"' ? len - 2 : len - 1) : len;
    const char *name = arena_strndup(&run->console->arena, text + (quoted ? 1 : 0), inner);
    return name == NULL || *name == '\0' ? 0 : run_program(run->console, name, rest, streams);
}

static int compare_operands(const char *a, const char *b, bool ignore_case)
{
    int64_t x = 0, y = 0;
    if (str_i64((struct slice){a, strlen(a)}, &x) && str_i64((struct slice){b, strlen(b)}, &y)) {
        return (x > y) - (x < y);
    }
    int order = ignore_case ? strcasecmp(a, b) : strcmp(a, b);
    return (order > 0) - (order < 0);
}

static bool test_condition(struct run *run, const struct cmd_node *node)
{
    const char *a = expand(run, node->a), *b = node->b == NULL ? "" : expand(run, node->b);
    int64_t number = 0;
    switch (node->test) {
    case TEST_EQUAL_SIGNS:
        return node->ignore_case ? str_ieq(a, b) : str_eq(a, b);
    case TEST_EQU:
        return compare_operands(a, b, node->ignore_case) == 0;
    case TEST_NEQ:
        return compare_operands(a, b, node->ignore_case) != 0;
    case TEST_LSS:
        return compare_operands(a, b, node->ignore_case) < 0;
    case TEST_LEQ:
        return compare_operands(a, b, node->ignore_case) <= 0;
    case TEST_GTR:
        return compare_operands(a, b, node->ignore_case) > 0;
    case TEST_GEQ:
        return compare_operands(a, b, node->ignore_case) >= 0;
    case TEST_DEFINED:
        return console_get(run->console, a) != NULL;
    case TEST_ERRORLEVEL:
        return str_i64((struct slice){a, strlen(a)}, &number) && run->console->errorlevel >= number;
    case TEST_EXIST:
        return false;
    }
    return false;
}

static int run_pipe(struct run *run, const struct cmd_node *node, struct streams streams)
{
    struct buf between;
    buf_init(&between, CONSOLE_OUTPUT_MAX);
    struct streams left = streams;
    left.out = &between;
    (void)run_node(run, node->left, left);
    streams.input = between.data == NULL ? "" : between.data;
    int status = run_node(run, node->right, streams);
    buf_done(&between);
    return status;
}

static int run_node(struct run *run, const struct cmd_node *node, struct streams streams)
{
    int status = 0;
    switch (node->kind) {
    case CMD_SIMPLE:
        return run_simple(run, node, streams);
    case CMD_GROUP:
        redirect(run, node->redirects, &streams);
        return run_node(run, node->left, streams);
    case CMD_IF:
        if (test_condition(run, node) != node->negated) {
            return run_node(run, node->left, streams);
        }
        return node->right == NULL ? 0 : run_node(run, node->right, streams);
    case CMD_PIPE:
        return run_pipe(run, node, streams);
    case CMD_THEN:
    case CMD_AND:
    case CMD_OR:
        status = run_node(run, node->left, streams);
        if (run->exiting || (node->kind == CMD_AND && status != 0) ||
            (node->kind == CMD_OR && status == 0)) {
            return status;
        }
        return run_node(run, node->right, streams);
    }
    return status;
}

static int complain(struct console *console, enum text_id id, const char *what, struct buf *err)
{
    char text[1024];
    text_fill(console_language(console), id, what, text, sizeof(text));
    console_print(console, err, text);
    return STATUS_LOST;
}

static int run_expanded(struct run *run, const char *line, struct streams streams)
{
    struct console *console = run->console;
    struct cmd_node *node = NULL;
    const char *unexpected = "";
    if (cmd_parse(line, &console->arena, &node, &unexpected) != 0) {
        return complain(console, *unexpected == '\0' ? TEXT_SYNTAX : TEXT_UNEXPECTED, unexpected,
                        streams.err);
    }
    int status = node == NULL ? 0 : run_node(run, node, streams);
    return status == UNKNOWN_COMMAND ? STATUS_LOST : status;
}

int cmd_run(struct console *console, const char *line, bool late, struct buf *out, struct buf *err,
            const char *input)
{
    if (strlen(line) > LINE_LONGEST || console->depth >= SHELLS_DEEP) {
        return complain(console, TEXT_LINE_TOO_LONG, "", err);
    }
    struct buf expanded;
    buf_init(&expanded, 4 * (LINE_LONGEST + 1));
    char *first = arena_strndup(&console->arena, line, strcspn(line, "\r\n"));
    struct run run = {.console = console, .late = late};
    struct streams streams = {out, err, input};
    int status = STATUS_LOST;
    if (first != NULL) {
        cmd_expand_percent(first, console_get, console, &expanded);
        console->depth++;
        status = expanded.len > LINE_LONGEST
                     ? complain(console, TEXT_LINE_TOO_LONG, "", err)
                     : run_expanded(&run, expanded.data == NULL ? "" : expanded.data, streams);
        console->depth--;
    }
    buf_done(&expanded);
    return status;
}

const char *cmd_strip_quotes(struct arena *arena, const char *text, bool always)
{
    text += strspn(text, " \t");
    size_t quotes = 0;
    for (const char *at = text; *at != '\0'; at++) {
        quotes += *at == '"';
    }
    const char *last = strrchr(text, '"');
    bool keep = !always && quotes == 2 && strpbrk(text, "&<>()@^|") == NULL && last != NULL &&
                last[1] == '\0' && strpbrk(text, " \t") != NULL && program_find(text) != NULL;
    if (*text != '"' || keep) {
        return text;
    }
    return last == text ? text + 1
                        : arena_printf(arena, "%.*s%s", (int)(last - text - 1), text + 1, last + 1);
}

/* cmd.exe as a program: /d /q /a /u /e: are accepted, /v:on turns late expansion on, /s. */
int program_cmd(struct call *call)
{
    struct console *console = call->console;
    const char *at = call->raw;
    bool late = false, always = false;
    for (;;) {
        at += strspn(at, " \t,;=");
        if (*at != '/') {
            return 0; /* an interactive shell without input ends at once */
        }
        size_t len = strcspn(at + 1, " \t/") + 1;
        if (strncasecmp(at, "/c", 2) == 0 || strncasecmp(at, "/k", 2) == 0 ||
            strncasecmp(at, "/r", 2) == 0) {
            const char *line = cmd_strip_quotes(&console->arena, at + 2, always);
            int outer = console->errorlevel;
            struct console_variable *variables = console->variables;
            console->errorlevel = 0;
            int status = line == NULL
                             ? STATUS_LOST
                             : cmd_run(console, line, late, call->out, call->err, call->input);
            console->variables = variables;
            console->errorlevel = outer;
            return status;
        }
        late = strncasecmp(at, "/v:on", 5) == 0 || (len == 2 && strncasecmp(at, "/v", 2) == 0) ||
               (late && strncasecmp(at, "/v:off", 6) != 0);
        always |= len == 2 && strncasecmp(at, "/s", 2) == 0;
        at += len;
    }
}
