/* cmd_coverage: the proof that every server in scope was read on every night, and each gap. */
#include "cli/commands.h"
#include "cli/past/past_answer.h"
#include "core/str.h"
#include "db/query/past/coverage.h"
#include "out/escape.h"
#include "out/summary.h"

enum { COLUMNS = 14 };

static const int64_t SHOWN_MS = INT64_C(7) * 86400000;

/* A row is a gap; in the list `nights` it is what a night amounts to. */
static const struct answer_column columns[COLUMNS] = {
    {"night", "NIGHT", ANSWER_TEXT, false},      {"host", "HOST", ANSWER_TEXT, false},
    {"site", "SITE", ANSWER_TEXT, false},        {"reason", "REASON", ANSWER_TEXT, true},
    {"detail", "DETAIL", ANSWER_TEXT, false},    {"visits", "VISITS", ANSWER_INT, false},
    {"host_state", "STATE", ANSWER_TEXT, false}, {"night_start", NULL, ANSWER_TIME, false},
    {"night_end", NULL, ANSWER_TIME, false},     {"hosts", NULL, ANSWER_INT, false},
    {"hosts_read", NULL, ANSWER_INT, false},     {"hosts_unread", NULL, ANSWER_INT, false},
    {"farm", NULL, ANSWER_TEXT, false},          {"source", NULL, ANSWER_TEXT, false},
};

static const char *date_of(struct arena *arena, const struct clock_day *day)
{
    return arena_printf(arena, "%04d-%02d-%02d", day->year, day->month, day->day);
}

static int put_gap(struct answer *answer, struct arena *arena, const struct coverage_gap *gap,
                   struct err *err)
{
    const struct answer_cell cells[COLUMNS] = {
        answer_text(date_of(arena, &gap->night.day)),
        answer_text(gap->host),
        answer_text(gap->site),
        answer_text(reason_name(gap->reason)),
        answer_text(gap->detail),
        answer_number((int64_t)gap->visits),
        answer_text(host_state_name(gap->host_state)),
        answer_time(gap->night.start_ms, NULL),
        answer_time(gap->night.end_ms, NULL),
        answer_none(),
        answer_none(),
        answer_none(),
        answer_text(gap->farm),
        answer_text(gap->source),
    };
    return answer_row(answer, cells, gap->host_state == HOST_ACTIVE ? MARK_UNKNOWN : MARK_NONE,
                      err);
}

static int put_night(struct answer *answer, struct arena *arena, const struct coverage_night *night,
                     struct err *err)
{
    struct answer_cell cells[COLUMNS] = {answer_text(date_of(arena, &night->day))};
    for (size_t i = 1; i < COLUMNS; i++) {
        cells[i] = answer_none();
    }
    cells[9] = answer_number((int64_t)night->hosts);
    cells[10] = answer_number((int64_t)night->hosts_read);
    cells[11] = answer_number((int64_t)(night->hosts - night->hosts_read));
    return answer_row(answer, cells, MARK_NONE, err);
}

static void print_sum(struct arena *arena, const struct coverage *coverage)
{
    size_t whole = 0;
    for (size_t i = 0; i < coverage->night_count; i++) {
        const struct coverage_night *night = &coverage->nights[i];
        whole += night->hosts_read == night->hosts;
        (void)printf("night of %s: %zu of %zu servers read\n", date_of(arena, &night->day),
                     night->hosts_read, night->hosts);
    }
    (void)printf("%zu of %zu nights whole: %zu of %zu server-nights read\n", whole,
                 coverage->night_count, coverage->read, coverage->due);
}

static int print(struct question *question, const struct coverage *coverage, struct err *err)
{
    struct arena *arena = &question->arena;
    struct answer *answer = question_answer(question, columns, COLUMNS);
    int result = answer == NULL ? err_memory(err) : 0;
    for (size_t i = 0; i < coverage->gap_count && result == 0; i++) {
        result = put_gap(answer, arena, &coverage->gaps[i], err);
    }
    if (result == 0) {
        result = answer_list(answer, "nights", err);
    }
    for (size_t i = 0; i < coverage->night_count && result == 0; i++) {
        result = put_night(answer, arena, &coverage->nights[i], err);
    }
    result = answer_close(answer, result, NULL, err);
    if (result == 0 && question->line->format == FORMAT_TABLE) {
        print_sum(arena, coverage);
    }
    return result;
}

/* A gap is not knowing, unless --unreachable says what else it is; nothing due proves nothing. */
static int exit_code(const struct question *question, const struct coverage *coverage)
{
    enum unreachable policy = question->line->unreachable;
    bool gaps = coverage->read < coverage->due;
    if (gaps && policy == UNREACHABLE_FAIL) {
        return EXIT_PROBLEM;
    }
    bool told = coverage->read > 0 && (!gaps || policy == UNREACHABLE_IGNORE);
    return past_exit_code(question, told);
}

static int answer_coverage(struct question *question, struct err *err)
{
    struct coverage coverage = {.due = 0};
    int64_t last_ms = question->line->to_ms != 0      ? question->line->to_ms
                      : question->line->as_of_ms != 0 ? question->line->as_of_ms
                                                      : question->frame.now_ms;
    int64_t first_ms = question->line->from_ms != 0 ? question->line->from_ms : last_ms - SHOWN_MS;
    if (last_ms < first_ms || (last_ms - first_ms) / 86400000 >= NIGHTS_MAX - 1) {
        return err_set(err, ERR_USAGE, "", "--from and --to: not a span of 0 to %d days",
                       NIGHTS_MAX - 1);
    }
    if (query_coverage(question->query, &question->frame, first_ms, last_ms, &coverage, err) != 0) {
        return -1;
    }
    int result = print(question, &coverage, err);
    int code = result == 0 ? exit_code(question, &coverage) : -1;
    coverage_done(&coverage);
    return code;
}

int cmd_coverage(const struct command_line *line, struct err *err)
{
    return question_run(line, QUESTION_FLEET, answer_coverage, err);
}
