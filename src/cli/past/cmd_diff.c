/* cmd_diff: what is another on one server at two times. */
#include "cli/commands.h"
#include "cli/past/past_answer.h"
#include "cli/phrase.h"
#include "core/clock.h"
#include "core/str.h"
#include "model/facts.h"
#include "out/escape.h"

#include <string.h>

enum { COLUMNS = 9 };

static const struct answer_column columns[COLUMNS] = {
    {"what", "WHAT", ANSWER_TEXT, false},       {"item", "OF", ANSWER_TEXT, false},
    {"change", "CHANGE", ANSWER_TEXT, true},    {"before", "BEFORE", ANSWER_TEXT, false},
    {"after", "AFTER", ANSWER_TEXT, false},     {"host", NULL, ANSWER_TEXT, false},
    {"before_time", NULL, ANSWER_TIME, false},  {"after_time", NULL, ANSWER_TIME, false},
    {"boot_changed", NULL, ANSWER_BOOL, false},
};

struct pair {
    const char *host;
    struct snapshot before, after;
    const char *zone; /* of the later one */
};

/* A time that is an argument; what was known at --as-of is not asked of later times. */
static int when(const struct question *question, size_t place, int64_t *ret, struct err *err)
{
    const struct command_line *line = question->line;
    int64_t known_ms = query_end_of(line->as_of_ms);
    const char *text = line->argument_count > place ? line->arguments[place] : NULL;
    if (text == NULL) {
        return 0;
    }
    if (!clock_parse_when((struct slice){text, strlen(text)}, question->now_ms, ret) || *ret <= 0) {
        return err_set(err, ERR_USAGE, "",
                       "%.100s is not a time, such as 2026-11-22T22:00:00Z, 2026-11-22 or an age "
                       "such as 7d",
                       text);
    }
    *ret = query_end_of(*ret);
    *ret = known_ms != 0 && *ret > known_ms ? known_ms : *ret;
    return 0;
}

/* Without the first time it is the full reading before the later one. */
static int load(struct question *question, struct pair *pair, struct err *err)
{
    const char *zone = NULL;
    int64_t first_ms = 0;
    int64_t second_ms = query_end_of(question->line->as_of_ms);
    if (when(question, 1, &first_ms, err) != 0 || when(question, 2, &second_ms, err) != 0) {
        return -1;
    }
    if (first_ms != 0 && second_ms != 0 && first_ms > second_ms) {
        return err_set(err, ERR_USAGE, "", "the first time is later than the second");
    }
    if (query_snapshot(question->query, pair->host, second_ms, &pair->after, &pair->zone, err) !=
        0) {
        return -1;
    }
    first_ms = first_ms != 0 ? first_ms : pair->after.visit.time_ms - 1;
    if (query_snapshot(question->query, pair->host, first_ms, &pair->before, &zone, err) != 0) {
        return -1;
    }
    return pair->before.visit.time_ms != pair->after.visit.time_ms
               ? 0
               : err_set(err, ERR_UNREAD, "history",
                         "%s: one and the same full reading is the newest at both times",
                         pair->host);
}

/* Another boot, by what each of the two says of itself. */
static bool is_other_boot(const struct pair *pair)
{
    int64_t apart = pair->after.visit.time_ms - pair->before.visit.time_ms;
    return pair->after.boot.uptime_ms >= 0 && pair->after.boot.uptime_ms < apart;
}

static const char *change_of(const struct fact_difference *row)
{
    return row->before == NULL ? "added" : row->after == NULL ? "removed" : "changed";
}

static int put_row(struct answer *answer, const struct pair *pair,
                   const struct fact_difference *row, struct err *err)
{
    const struct answer_cell cells[COLUMNS] = {
        answer_text(fact_kind_name(row->kind)),
        answer_text(row->item[0] == '\0' ? NULL : row->item),
        answer_text(change_of(row)),
        answer_text(row->before),
        answer_text(row->after),
        answer_text(pair->host),
        answer_time(pair->before.visit.time_ms, NULL),
        answer_time(pair->after.visit.time_ms, NULL),
        answer_bool(is_other_boot(pair)),
    };
    return answer_row(answer, cells, MARK_NONE, err);
}

static void print_head(struct question *question, const struct pair *pair)
{
    struct arena *arena = &question->arena;
    const char *zone = question_zone(question, pair->host, pair->zone);
    char line[256];
    answer_first_line(&question->answer_meta, line, sizeof(line));
    (void)printf("%s\n%s as read %s, and %s%s\n", line, escape_text(arena, pair->host),
                 phrase_time(arena, pair->before.visit.time_ms, zone),
                 phrase_time(arena, pair->after.visit.time_ms, zone),
                 is_other_boot(pair) ? ", in another boot" : "");
}

/* What one of the two could not tell was not compared. Counts those sections. */
static int put_uncompared(struct answer *answer, const struct pair *pair, size_t *ret_count,
                          struct err *err)
{
    size_t count = 0;
    const enum section_id *sections = past_compared(&count);
    int result = answer_list(answer, "not_compared", err);
    for (size_t i = 0; i < count && result == 0; i++) {
        enum outcome before = pair->before.sections[sections[i]].outcome;
        enum outcome after = pair->after.sections[sections[i]].outcome;
        if (before == OUTCOME_COMPLETE && after == OUTCOME_COMPLETE) {
            continue;
        }
        (*ret_count)++;
        const struct answer_cell cells[COLUMNS] = {
            answer_text(section_name(sections[i])),
            answer_none(),
            answer_none(),
            answer_text(outcome_name(before)),
            answer_text(outcome_name(after)),
            answer_text(pair->host),
            answer_time(pair->before.visit.time_ms, NULL),
            answer_time(pair->after.visit.time_ms, NULL),
            answer_bool(is_other_boot(pair)),
        };
        result = answer_row(answer, cells, MARK_UNKNOWN, err);
    }
    return result;
}

static void print_uncompared(const struct pair *pair)
{
    size_t count = 0;
    const enum section_id *sections = past_compared(&count);
    for (size_t i = 0; i < count; i++) {
        enum outcome before = pair->before.sections[sections[i]].outcome;
        enum outcome after = pair->after.sections[sections[i]].outcome;
        if (before != OUTCOME_COMPLETE || after != OUTCOME_COMPLETE) {
            (void)printf("Not compared: %s is %s\n", section_name(sections[i]),
                         outcome_name(before != OUTCOME_COMPLETE ? before : after));
        }
    }
}

static int print(struct question *question, const struct pair *pair, struct err *err)
{
    const struct command_line *line = question->line;
    struct arena *arena = &question->arena;
    struct facts before;
    struct facts after;
    struct fact_difference *rows = NULL;
    size_t count = 0;
    bool table = line->format == FORMAT_TABLE;
    struct answer_meta meta = question->answer_meta;
    if (facts_of(&pair->before, &question->expectations, FACTS_OF_ONE, arena, &before) != 0 ||
        facts_of(&pair->after, &question->expectations, FACTS_OF_ONE, arena, &after) != 0 ||
        facts_compare(&before, &after, arena, &rows, &count) != 0) {
        return err_memory(err);
    }
    if (table) {
        print_head(question, pair);
    }
    meta.as_of_ms = pair->after.visit.time_ms;
    struct answer *answer = answer_new(stdout, line->format, answer_color(line->color, stdout),
                                       columns, COLUMNS, table ? NULL : &meta);
    int result = answer == NULL ? err_memory(err) : 0;
    for (size_t i = 0; i < count && result == 0; i++) {
        result = put_row(answer, pair, &rows[i], err);
    }
    size_t uncompared = 0;
    if (result == 0) {
        result = put_uncompared(answer, pair, &uncompared, err);
    }
    if (answer_close(answer, result, NULL, err) != 0) {
        return -1;
    }
    if (table && count == 0) {
        (void)printf("Nothing is another\n");
    }
    if (table) {
        print_uncompared(pair);
    }
    return past_exit_code(question, uncompared == 0);
}

static int answer_diff(struct question *question, struct err *err)
{
    struct pair pair = {.host = question->line->arguments[0]};
    snapshot_init(&pair.before);
    snapshot_init(&pair.after);
    int code = load(question, &pair, err) == 0 ? print(question, &pair, err) : -1;
    snapshot_done(&pair.before);
    snapshot_done(&pair.after);
    return code;
}

int cmd_diff(const struct command_line *line, struct err *err)
{
    return question_run(line, QUESTION_HOST, answer_diff, err);
}
