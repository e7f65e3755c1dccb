/* help: prose from the table of commands, wrapped at 79 columns. */
#include "command/help.h"

#include "command/completion.h"
#include "command/help_words.h"
#include "command/manual.h"
#include "core/str.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { HELP_WIDTH = 79, HELP_COLUMN = 24, HELP_MAX = 1 << 20 };

bool help_wanted(const struct command_line *line)
{
    return line->help || line->version ||
           (line->command != NULL &&
            (line->command->id == COMMAND_HELP || line->command->id == COMMAND_VERSION));
}

/* Words of text from column `at` on, later lines indented by `indent`; ends with a LF. */
static void wrap(struct buf *to, const char *text, size_t at, size_t indent)
{
    struct slice rest = {text, strlen(text)};
    struct slice word;
    bool first = true;
    while (slice_token(&rest, &word)) {
        if (!first && at + 1 + word.len > HELP_WIDTH) {
            (void)buf_printf(to, "\n%*s", (int)indent, "");
            at = indent;
        } else if (!first) {
            (void)buf_putc(to, ' ');
            at++;
        }
        (void)buf_append(to, word.data, word.len);
        at += word.len;
        first = false;
    }
    (void)buf_putc(to, '\n');
}

/* "  left          right side, wrapped" */
static void put_pair(struct buf *to, const char *left, const char *right)
{
    size_t len = strlen(left) + 2;
    (void)buf_printf(to, "  %s", left);
    if (len + 2 > HELP_COLUMN) {
        (void)buf_printf(to, "\n%*s", HELP_COLUMN, "");
    } else {
        (void)buf_printf(to, "%*s", (int)(HELP_COLUMN - len), "");
    }
    wrap(to, right, HELP_COLUMN, HELP_COLUMN);
}

static void put_option(struct buf *to, enum option_id id)
{
    char words[128];
    help_option_words(&option_rows[id], words, sizeof(words));
    put_pair(to, words, option_rows[id].help);
}

static void put_globals(struct buf *to)
{
    for (int i = 0; i <= OPTION_VERSION; i++) {
        put_option(to, (enum option_id)i);
    }
}

static void put_exit_codes(struct buf *to, unsigned which)
{
    (void)buf_puts(to, "\nExit codes:\n");
    const struct exit_row *row = NULL;
    for (size_t n = 0; (row = help_exit_row(which, n)) != NULL; n++) {
        char code[16];
        (void)snprintf(code, sizeof(code), "%d", row->code);
        put_pair(to, code, row->text);
    }
}

static void put_command_list(struct buf *to, enum program program, const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        const struct command *row = &command_rows[i];
        if (command_in(row, program) && (name == NULL || str_eq(name, row->name))) {
            char words[128];
            help_command_words(row, true, words, sizeof(words));
            put_pair(to, words, row->answers);
        }
    }
}

static void put_program(struct buf *to, enum program program)
{
    static const char *const about[] = {
        [PROGRAM_PVSAUDIT] = "Reads the history of what is really bound on boot servers, and "
                             "answers: which servers lost their PXE port at a reboot, is it back, "
                             "and why.",
        [PROGRAM_COLLECT] = "Visits boot servers and writes to the history what is really bound "
                            "there. Usually started by pvsaudit.",
    };
    const char *name = program_name(program);
    (void)buf_printf(to, "Usage: %s [OPTIONS] COMMAND [ARGUMENTS]\n\n", name);
    wrap(to, about[program], 0, 0);
    (void)buf_puts(to, "\nCommands:\n");
    put_command_list(to, program, NULL);
    (void)buf_puts(to, "\nOptions of every command, before or after it:\n");
    put_globals(to);
    put_exit_codes(to, HELP_EXIT_CODES);
    (void)buf_printf(to, "\nMore about one command: %s help COMMAND\n", name);
}

static void put_command(struct buf *to, enum program program, const struct command *row)
{
    char words[128];
    help_command_words(row, true, words, sizeof(words));
    (void)buf_printf(to, "Usage: %s %s [OPTIONS]\n\nAnswers: ", program_name(program), words);
    wrap(to, row->answers, 9, 0);
    (void)buf_putc(to, '\n');
    wrap(to, row->description, 0, 0);
    if (row->options[0] != OPTION_NONE) {
        (void)buf_puts(to, "\nOptions:\n");
        for (size_t i = 0; row->options[i] != OPTION_NONE; i++) {
            put_option(to, row->options[i]);
        }
    }
    (void)buf_puts(to, "\nOptions of every command:\n");
    put_globals(to);
    put_exit_codes(to, row->exit_codes);
    (void)buf_printf(to, "\nExample:\n  %s\n", row->example);
}

/* One command, or the list of a name's verbs. */
static int put_topic(struct buf *to, const struct command_line *line, struct err *err)
{
    const struct command *only = NULL;
    size_t matches = 0;
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        const struct command *row = &command_rows[i];
        if (command_in(row, line->program) && str_eq(row->name, line->topic_name) &&
            (line->topic_verb == NULL || str_eq(row->verb, line->topic_verb))) {
            only = row;
            matches++;
        }
    }
    if (matches == 0) {
        return help_unknown_topic(
            line->program, line->topic_verb == NULL ? line->topic_name : line->topic_verb, err);
    }
    if (matches == 1) {
        put_command(to, line->program, only);
        return 0;
    }
    (void)buf_printf(to, "Usage: %s %s COMMAND [ARGUMENTS]\n\nCommands:\n",
                     program_name(line->program), line->topic_name);
    put_command_list(to, line->program, line->topic_name);
    (void)buf_printf(to, "\nMore about one of them: %s help %s COMMAND\n",
                     program_name(line->program), line->topic_name);
    return 0;
}

int help_answer(const struct command_line *line, struct buf *to, struct err *err)
{
    if (line->version ||
        (line->command != NULL && line->command->id == COMMAND_VERSION && !line->help)) {
        (void)buf_printf(to, "%s %s\n", program_name(line->program), PVSAUDIT_VERSION);
    } else if (line->completion) {
        return completion_bash(line->program, to, err);
    } else if (line->man) {
        return manual_page(line->program, line->topic_name, to, err);
    } else if (line->topic_name == NULL) {
        put_program(to, line->program);
    } else if (put_topic(to, line, err) < 0) {
        return -1;
    }
    return to->failed ? err_memory(err) : 0;
}

int help_print(const struct command_line *line, FILE *to, struct err *err)
{
    struct buf text;
    buf_init(&text, HELP_MAX);
    int result = help_answer(line, &text, err);
    /* More than a buffer is written at once: afterwards nobody knows any more why it failed. */
    if (result == 0 && fwrite(text.data, 1, text.len, to) != text.len) {
        result = err_set(err, errno == ENOSPC ? ERR_FULL : ERR_IO, "output",
                         "the answer could not be written: %s", strerror(errno));
    }
    buf_done(&text);
    return result;
}
