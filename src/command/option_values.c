/* option_values: strict values of options: choices, times, durations, counts. */
#include "command/option_values.h"

#include "core/clock.h"
#include "core/str.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { CONCURRENCY_MAX = 100000, ROWS_MAX = 1000000000 };

int option_values_usage(const struct command_line *line, struct err *err, const char *what)
{
    const struct command *command = line->command;
    return err_set(err, ERR_USAGE, "", "%s; see: %s%s%s%s%s --help", what,
                   program_name(line->program), command == NULL ? "" : " ",
                   command == NULL ? "" : command->name,
                   command == NULL || command->verb == NULL ? "" : " ",
                   command == NULL || command->verb == NULL ? "" : command->verb);
}

static int bad_value(const struct option_values *parse, enum option_id id, const char *wanted,
                     struct err *err)
{
    char what[512];
    (void)snprintf(what, sizeof(what), "--%s: %.100s is not %s", option_rows[id].name,
                   parse->values[id], wanted);
    return option_values_usage(parse->line, err, what);
}

/* The number of the chosen word; 0 where the option was not given. */
static int choose(const struct option_values *parse, enum option_id id, unsigned *ret,
                  struct err *err)
{
    const char *value = parse->values[id];
    if (value == NULL) {
        return 0;
    }
    char wanted[128] = "";
    for (unsigned i = 0; i < OPTION_CHOICES && option_rows[id].choices[i] != NULL; i++) {
        if (str_eq(option_rows[id].choices[i], value)) {
            *ret = i;
            return 0;
        }
        size_t used = strlen(wanted);
        (void)snprintf(wanted + used, sizeof(wanted) - used, "%s%s", i == 0 ? "" : " or ",
                       option_rows[id].choices[i]);
    }
    return bad_value(parse, id, wanted, err);
}

static struct slice value_slice(const struct option_values *parse, enum option_id id)
{
    return (struct slice){parse->values[id], strlen(parse->values[id])};
}

static int take_times(struct option_values *parse, struct err *err)
{
    struct command_line *line = parse->line;
    const struct {
        enum option_id id;
        int64_t *to;
    } times[] = {{OPTION_AS_OF, &line->as_of_ms},
                 {OPTION_SINCE, &line->since_ms},
                 {OPTION_AT, &line->at_ms},
                 {OPTION_FROM, &line->from_ms},
                 {OPTION_TO, &line->to_ms}};
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        enum option_id id = times[i].id;
        /* An age is counted from --as-of, which comes first. */
        int64_t now_ms = line->as_of_ms != 0 ? line->as_of_ms : parse->now_ms;
        int64_t ms = 0;
        if (parse->values[id] == NULL) {
            continue;
        }
        if (!clock_parse_when(value_slice(parse, id), now_ms, &ms) || ms <= 0) {
            return bad_value(
                parse, id, "a time, such as 2026-11-22T22:00:00Z, 2026-11-22 or an age such as 7d",
                err);
        }
        *times[i].to = ms;
    }
    return 0;
}

/* 1 to max; *ret stays where the option was not given. */
static int take_count(const struct option_values *parse, enum option_id id, uint64_t max,
                      int64_t *ret, struct err *err)
{
    uint64_t number = 0;
    char wanted[64];
    if (parse->values[id] == NULL) {
        return 0;
    }
    if (!str_u64(value_slice(parse, id), max, &number) || number == 0) {
        (void)snprintf(wanted, sizeof(wanted), "a number from 1 to %" PRIu64, max);
        return bad_value(parse, id, wanted, err);
    }
    *ret = (int64_t)number;
    return 0;
}

static int take_numbers(struct option_values *parse, struct err *err)
{
    struct command_line *line = parse->line;
    if (parse->values[OPTION_WAIT_PENDING] != NULL &&
        !str_duration_ms(value_slice(parse, OPTION_WAIT_PENDING), &line->wait_pending_ms)) {
        return bad_value(parse, OPTION_WAIT_PENDING, "a duration, such as 90s or 10m", err);
    }
    if (parse->values[OPTION_TIMEOUT] != NULL &&
        (!str_duration_ms(value_slice(parse, OPTION_TIMEOUT), &line->timeout_ms) ||
         line->timeout_ms == 0)) {
        return bad_value(parse, OPTION_TIMEOUT, "a duration above 0, such as 90s or 10m", err);
    }
    return take_count(parse, OPTION_CONCURRENCY, CONCURRENCY_MAX, &line->concurrency, err) != 0 ||
                   take_count(parse, OPTION_MAX_ROWS, ROWS_MAX, &line->max_rows, err) != 0
               ? -1
               : 0;
}

static int take_duration(const struct option_values *parse, enum option_id id, int64_t *ret,
                         struct err *err)
{
    *ret = -1;
    if (parse->values[id] != NULL && !str_duration_ms(value_slice(parse, id), ret)) {
        return bad_value(parse, id, "a duration, such as 90s or 10m", err);
    }
    return 0;
}

/* The one time that lies ahead: a duration is counted from now on. */
static int take_until(struct option_values *parse, struct err *err)
{
    struct command_line *line = parse->line;
    int64_t now_ms = line->as_of_ms != 0 ? line->as_of_ms : parse->now_ms;
    int64_t ms = 0;
    if (parse->values[OPTION_UNTIL] == NULL) {
        return 0;
    }
    struct slice text = value_slice(parse, OPTION_UNTIL);
    if (str_duration_ms(text, &ms)) {
        ms = ms > INT64_MAX - now_ms ? 0 : now_ms + ms;
    } else if (!clock_parse(text, &ms)) {
        ms = 0;
    }
    if (ms <= now_ms) {
        return bad_value(parse, OPTION_UNTIL,
                         "a time that is still to come, such as 2026-11-23T06:00:00Z or 4h", err);
    }
    line->until_ms = ms;
    return 0;
}

/* One option with other values for each of its two commands. */
static int take_by(struct option_values *parse, struct err *err)
{
    struct command_line *line = parse->line;
    unsigned chosen = 0;
    if (parse->values[OPTION_BY] == NULL) {
        return 0;
    }
    if (choose(parse, OPTION_BY, &chosen, err) < 0) {
        return -1;
    }
    line->by = (enum answer_by)(chosen + BY_SITE);
    return line->by != BY_SITE && line->command != NULL && line->command->id == COMMAND_STATUS
               ? bad_value(parse, OPTION_BY, "site", err)
               : 0;
}

static int take_format(struct option_values *parse, struct err *err)
{
    static const struct {
        enum option_id id;
        enum output_format format;
    } formats[] = {{OPTION_JSON, FORMAT_JSON},
                   {OPTION_NDJSON, FORMAT_NDJSON},
                   {OPTION_CSV, FORMAT_CSV},
                   {OPTION_FORMAT, FORMAT_NAGIOS}};
    const char *first = NULL;
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (!parse->given[formats[i].id]) {
            continue;
        }
        const char *name = option_rows[formats[i].id].name;
        if (first != NULL) {
            char what[128];
            (void)snprintf(what, sizeof(what), "--%s and --%s exclude each other", first, name);
            return option_values_usage(parse->line, err, what);
        }
        first = name;
        parse->line->format = formats[i].format;
    }
    return 0;
}

/* A replay is of the time that its recordings are of, and there is nothing new to record. */
static int check_replay(const struct option_values *parse, struct err *err)
{
    if (parse->line->replay == NULL) {
        return 0;
    }
    if (parse->line->record != NULL) {
        return option_values_usage(parse->line, err, "--record and --replay exclude each other");
    }
    if (parse->values[OPTION_AS_OF] != NULL) {
        return option_values_usage(parse->line, err,
                                   "--as-of and --replay exclude each other: the recordings have "
                                   "times of their own");
    }
    return 0;
}

int option_values_take(struct option_values *parse, struct err *err)
{
    static const enum unreachable policies[] = {UNREACHABLE_FAIL, UNREACHABLE_WARN,
                                                UNREACHABLE_IGNORE};
    struct command_line *line = parse->line;
    unsigned color = COLOR_AUTO;
    unsigned policy = 1;
    unsigned ignored = 0;
    line->db = parse->values[OPTION_DB];
    line->inventory = parse->values[OPTION_INVENTORY];
    line->limit = parse->values[OPTION_LIMIT];
    line->config = parse->values[OPTION_CONFIG];
    line->source = parse->values[OPTION_SOURCE];
    line->dir = parse->values[OPTION_DIR];
    line->record = parse->values[OPTION_RECORD];
    line->replay = parse->values[OPTION_REPLAY];
    line->change = parse->values[OPTION_CHANGE];
    line->override_reason = parse->values[OPTION_OVERRIDE];
    line->cached = parse->given[OPTION_CACHED];
    line->hold = parse->given[OPTION_HOLD];
    line->plan = parse->given[OPTION_PLAN];
    line->no_wait = parse->given[OPTION_NO_WAIT];
    line->with = parse->values[OPTION_WITH];
    line->quiet = parse->given[OPTION_QUIET];
    line->accept_new = parse->given[OPTION_ACCEPT_NEW];
    line->light = parse->given[OPTION_LIGHT];
    line->keep = parse->given[OPTION_KEEP];
    line->undo = parse->given[OPTION_UNDO];
    line->man = parse->given[OPTION_MAN];
    line->completion = parse->given[OPTION_COMPLETION];
    if (choose(parse, OPTION_COLOR, &color, err) < 0 ||
        choose(parse, OPTION_UNREACHABLE, &policy, err) < 0 || take_by(parse, err) < 0 ||
        choose(parse, OPTION_COMPLETION, &ignored, err) < 0 ||
        choose(parse, OPTION_FORMAT, &ignored, err) < 0) {
        return -1;
    }
    line->color = (enum color_choice)color;
    line->unreachable = policies[policy];
    if (check_replay(parse, err) < 0 || take_format(parse, err) < 0 || take_times(parse, err) < 0) {
        return -1;
    }
    if (take_until(parse, err) < 0 ||
        take_duration(parse, OPTION_MAX_AGE, &line->max_age_ms, err) < 0 ||
        take_duration(parse, OPTION_DEADLINE, &line->deadline_ms, err) < 0 ||
        take_duration(parse, OPTION_STABLE, &line->stable_ms, err) < 0) {
        return -1;
    }
    return take_numbers(parse, err);
}
