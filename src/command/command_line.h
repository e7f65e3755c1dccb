/* command_line: what the words of a command line ask for, checked against the table of commands. */
#ifndef PVSAUDIT_COMMAND_COMMAND_LINE_H
#define PVSAUDIT_COMMAND_COMMAND_LINE_H

#include "command/command.h"
#include "core/arena.h"
#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum output_format {
    FORMAT_TABLE,
    FORMAT_JSON,
    FORMAT_NDJSON,
    FORMAT_CSV,
    FORMAT_NAGIOS,
};

enum color_choice { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/* What a host that was not read amounts to: exit 1, exit 3 (the default), nothing. */
enum unreachable { UNREACHABLE_WARN, UNREACHABLE_FAIL, UNREACHABLE_IGNORE };

/* What the rows of an answer have in common. */
enum answer_by { BY_NOTHING, BY_SITE, BY_STARTUP, BY_OS, BY_BUILD, BY_WINDOW, BY_BOOT };

struct command_line {
    struct arena arena; /* owns the arrays below; the texts are argv's own */
    enum program program;
    /* NULL only where help or version is true without a command. */
    const struct command *command;
    const char *topic_name, *topic_verb; /* of --help and `help`; NULL = the program */
    bool help, version;
    char *const *words; /* all of them, borrowed from argv: for who starts the other program */
    size_t word_count;
    const char **arguments; /* after the command and its verb */
    size_t argument_count;

    /* Global. NULL, 0 and false where not given. */
    const char *db, *inventory, *limit, *config;
    enum output_format format;
    enum color_choice color;
    int64_t as_of_ms;
    unsigned verbose; /* how many -v */
    bool quiet;

    /* Of single commands. */
    enum unreachable unreachable;
    int64_t since_ms, at_ms, from_ms, to_ms;
    int64_t wait_pending_ms;
    int64_t concurrency;
    enum answer_by by;
    bool accept_new, light, keep, undo, man, completion;
    const char *source, *dir, *with, *record, *replay, *against;
    bool cached, hold, plan, no_wait;
    const char *change, *override_reason;
    int64_t until_ms;
    int64_t max_age_ms, deadline_ms, stable_ms; /* -1 = not given */
    const char **expectation_files;
    size_t expectation_file_count;
    int64_t timeout_ms, max_rows;
    const char **parameters; /* of sql: "NAME=VALUE" */
    size_t parameter_count;
};

/* Options may stand before and after the command; "--" ends them. now_ms is the real clock, for
 * times that are said as an age. ERR_USAGE: an unknown command or option (names the nearest), one
 * that this command does not take, a value that does not parse, too few or too many arguments;
 * ERR_CONFIG where the first word is --from-cli=VERSION of another version than ours. */
int command_line_parse(enum program program, int argc, char **argv, int64_t now_ms,
                       struct command_line *ret, struct err *err);
void command_line_done(struct command_line *line);

#endif
