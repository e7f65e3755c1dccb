/* ps_shell: PowerShell as sshd's default shell: it reads the exec line by its own rules first. */
#include "farm/powershell/ps_shell.h"

#include "core/str.h"
#include "farm/program/program.h"
#include "farm/server/text.h"

#include <ctype.h>
#include <string.h>

enum { WORD_MAX = 32767 };

static int parser_error(struct console *console, const char *sentence)
{
    console_printf(console, &console->err,
                   "At line:1 char:1\r\n%s\r\n    + CategoryInfo          : "
                   "ParserError: (:) [], ParentContainsErrorRecordException\r\n",
                   sentence);
    return 1;
}

/* After '$' inside double quotes: a variable's name is replaced by its value, and none is set. */
static const char *skip_variable(const char *at, struct buf *word)
{
    const char *name = *at == '{' ? at + 1 : at;
    size_t len = 0;
    while (isalnum((unsigned char)name[len]) || name[len] == '_' || name[len] == ':') {
        len++;
    }
    if (len == 0 && *at != '{') {
        (void)buf_putc(word, '$');
        return at;
    }
    return name + len + (*at == '{' && name[len] == '}' ? 1 : 0);
}

/* One argument; NULL with a sentence where the line is no plain command. */
static const char *take_word(const char *at, struct buf *word, const char **ret_error)
{
    char quote = '\0';
    for (; *at != '\0'; at++) {
        if (quote == '\0' && (*at == ' ' || *at == '\t')) {
            return at;
        }
        if (quote == '\0' && strchr("&|;<>(){}@", *at) != NULL) {
            *ret_error = *at == '&' ? "The ampersand (&) character is not allowed. The & operator "
                                      "is reserved for future use; wrap an ampersand in double "
                                      "quotation marks (\"&\") to pass it as part of a string."
                                    : "Unexpected token in expression or statement.";
            return NULL;
        }
        if ((*at == '"' || *at == '\'') && (quote == '\0' || quote == *at)) {
            quote = quote == '\0' ? *at : '\0';
        } else if (*at == '`' && quote != '\'' && at[1] != '\0') {
            (void)buf_putc(word, *++at);
        } else if (*at == '$' && quote != '\'') {
            if (at[1] == '(') {
                *ret_error = "pvsfarm: a subexpression in an exec line is not simulated";
                return NULL;
            }
            at = skip_variable(at + 1, word) - 1;
        } else {
            (void)buf_putc(word, *at);
        }
    }
    if (quote != '\0') {
        *ret_error = "The string is missing the terminator.";
        return NULL;
    }
    return at;
}

/* PowerShell 5 quotes an argument again where it holds a blank. */
static void append_argument(struct buf *raw, const struct buf *word)
{
    const char *text = word->data == NULL ? "" : word->data;
    bool blank = strpbrk(text, " \t") != NULL || *text == '\0';
    (void)buf_printf(raw, blank ? " \"%s\"" : " %s", text);
}

static int run_words(struct console *console, const char *name, const char *raw)
{
    char text[512];
    static const char *const aliases[] = {"sc", "set", "echo", "cd", "dir", "type", "if", "ver"};
    program_run *program = program_find(name);
    struct call call = {
        .console = console, .out = &console->out, .err = &console->err, .input = "", .raw = raw};
    for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
        program = str_ieq(name, aliases[i]) ? NULL : program; /* sc is Set-Content here */
    }
    if (program == NULL) {
        text_fill(console_language(console), TEXT_PS_UNKNOWN_COMMAND, name, text, sizeof(text));
        console_print(console, &console->err, text);
        return 1;
    }
    call.argc = program_split(&console->arena, name, raw, &call.argv);
    return call.argc < 0 ? 1 : program(&call);
}

int ps_shell_run(struct console *console, const char *line)
{
    struct buf word, raw;
    const char *error = NULL;
    char *name = NULL;
    int status = 1;
    buf_init(&word, WORD_MAX);
    buf_init(&raw, WORD_MAX + 64);
    for (const char *at = line + strspn(line, " \t"); *at != '\0'; at += strspn(at, " \t")) {
        buf_clear(&word);
        at = take_word(at, &word, &error);
        if (at == NULL) {
            break;
        }
        if (name == NULL) {
            name = arena_strdup(&console->arena, word.data == NULL ? "" : word.data);
        } else {
            append_argument(&raw, &word);
        }
    }
    if (error != NULL) {
        status = parser_error(console, error);
    } else if (name != NULL) {
        status = run_words(console, name, raw.data == NULL ? "" : raw.data);
    }
    buf_done(&word);
    buf_done(&raw);
    return status;
}
