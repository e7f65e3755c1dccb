/* command: the table of commands and options of both programs; data only. */
#ifndef PVSAUDIT_COMMAND_COMMAND_H
#define PVSAUDIT_COMMAND_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

/* Dispatch, help, manual pages and completion all read these rows: adding a command is one row here
 * and one file in the program that runs it. A command that is not built has no row. */

enum program { PROGRAM_PVSAUDIT, PROGRAM_COLLECT };

enum command_id {
    COMMAND_SCAN,
    COMMAND_MISSING,
    COMMAND_STATUS,
    COMMAND_WHY,
    COMMAND_NETSTAT,
    COMMAND_HISTORY,
    COMMAND_DIFF,
    COMMAND_COMPARE,
    COMMAND_BOOTS,
    COMMAND_DRIFT,
    COMMAND_SCANS,
    COMMAND_COVERAGE,
    COMMAND_GATE,
    COMMAND_VERIFY,
    COMMAND_DECISIONS,
    COMMAND_HOSTS_CHECK,
    COMMAND_HOSTS_LIST,
    COMMAND_HOSTS_ORIGIN,
    COMMAND_HOSTS_IMPORT,
    COMMAND_HOSTS_RETIRE,
    COMMAND_HOSTS_RENAME,
    COMMAND_HOSTS_AGAINST,
    COMMAND_SQL,
    COMMAND_DB_EXPORT,
    COMMAND_DOCTOR,
    COMMAND_DEMO,
    COMMAND_INGEST,
    COMMAND_PARSE,
    COMMAND_HELP,
    COMMAND_VERSION,
    COMMAND_COUNT
};

enum option_id {
    OPTION_DB,
    OPTION_INVENTORY,
    OPTION_LIMIT,
    OPTION_CONFIG,
    OPTION_JSON,
    OPTION_NDJSON,
    OPTION_CSV,
    OPTION_COLOR,
    OPTION_AS_OF,
    OPTION_VERBOSE,
    OPTION_QUIET,
    OPTION_HELP,
    OPTION_VERSION, /* the last global one: those above are taken before and after any command */
    OPTION_FORMAT,
    OPTION_UNREACHABLE,
    OPTION_SINCE,
    OPTION_BY,
    OPTION_WITH,
    OPTION_AT,
    OPTION_FROM,
    OPTION_TO,
    OPTION_WAIT_PENDING,
    OPTION_ACCEPT_NEW,
    OPTION_CONCURRENCY,
    OPTION_EXPECTATIONS,
    OPTION_SOURCE,
    OPTION_LIGHT,
    OPTION_RECORD,
    OPTION_REPLAY,
    OPTION_MAX_AGE,
    OPTION_CACHED,
    OPTION_HOLD,
    OPTION_CHANGE,
    OPTION_UNTIL,
    OPTION_OVERRIDE,
    OPTION_PLAN,
    OPTION_NO_WAIT,
    OPTION_DEADLINE,
    OPTION_STABLE,
    OPTION_DIR,
    OPTION_KEEP,
    OPTION_AGAINST,
    OPTION_UNDO,
    OPTION_PARAM,
    OPTION_TIMEOUT,
    OPTION_MAX_ROWS,
    OPTION_MAN,
    OPTION_COMPLETION,
    OPTION_COUNT,
    OPTION_NONE = -1 /* ends a command's list */
};

enum option_kind {
    OPTION_KIND_FLAG, /* no value; may be repeated */
    OPTION_KIND_TEXT, /* any text that is not empty */
    OPTION_KIND_CHOICE, /* one of choices */
    OPTION_KIND_DURATION, /* "90s", "15m", "26h", "7d" */
    OPTION_KIND_WHEN, /* a time, or a time before now */
    OPTION_KIND_COUNT, /* 1 to 1000000000 */
};

enum { OPTION_CHOICES = 8, COMMAND_OPTIONS = 12, COMMAND_VERBS = 8 };

struct command_option {
    const char *name; /* "wait-pending" */
    char letter; /* 0 = none */
    enum option_kind kind;
    const char *value; /* "D", "FILE"; NULL for a flag */
    const char *choices[OPTION_CHOICES]; /* NULL-ended */
    bool repeatable; /* a list: every value counts */
    const char *help; /* one line or a few, without a full stop at the end */
};

enum program_set { IN_PVSAUDIT = 1, IN_COLLECT = 2 };

struct command {
    enum command_id id;
    const char *name; /* "hosts" */
    const char *verb; /* "check", or NULL */
    unsigned programs; /* enum program_set: who knows it */
    bool run_by_collect; /* pvsaudit starts pvsaudit-collect for it */
    const char *arguments; /* "HOST [KEY]", "" = none */
    unsigned min_arguments, max_arguments;
    enum option_id options[COMMAND_OPTIONS]; /* its own, ended by OPTION_NONE */
    const char *answers; /* one line: the question it answers */
    const char *description; /* a few sentences */
    unsigned exit_codes; /* bit n = row n of exit_rows applies */
    const char *example;
};

struct exit_row {
    int code;
    const char *text;
};

/* Rows in the order of the help; command_rows[i].id == i, option_rows[i] is option i. */
extern const struct command command_rows[COMMAND_COUNT];
extern const struct command_option option_rows[OPTION_COUNT];
extern const struct exit_row exit_rows[];
extern const size_t exit_row_count;

const char *program_name(enum program program); /* "pvsaudit" */
bool command_in(const struct command *command, enum program program);
bool command_takes(const struct command *command, enum option_id option); /* its own or global */
bool option_is_global(enum option_id option);

#endif
