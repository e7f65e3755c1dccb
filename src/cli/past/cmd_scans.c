/* cmd_scans: the runs of the collectors. */
#include "cli/commands.h"
#include "cli/past/past_answer.h"
#include "core/clock.h"
#include "core/str.h"
#include "db/query/past/runs.h"

enum { COLUMNS = 16 };

static const int64_t SHOWN_MS = INT64_C(30) * 86400000;

static const struct answer_column columns[COLUMNS] = {
    {"start", "STARTED", ANSWER_TIME, false},
    {"end", NULL, ANSWER_TIME, false},
    {"duration", "TOOK", ANSWER_DURATION, false},
    {"source", "SOURCE", ANSWER_TEXT, false},
    {"kind", "KIND", ANSWER_TEXT, false},
    {"coverage", "OF", ANSWER_TEXT, false},
    {"outcome", "OUTCOME", ANSWER_TEXT, true},
    {"visits", "VISITS", ANSWER_INT, false},
    {"visits_read", "READ", ANSWER_INT, false},
    {"visits_unread", "NOT READ", ANSWER_INT, false},
    {NULL, "CLOCK SHIFT", ANSWER_TEXT, false},
    {"clock_shift", NULL, ANSWER_DURATION, false},
    {"hosts_with_skewed_clock", NULL, ANSWER_INT, false},
    {"limit", "LIMIT", ANSWER_TEXT, false},
    {"inventory", NULL, ANSWER_TEXT, false},
    {"version", NULL, ANSWER_TEXT, false},
};

static enum answer_mark mark_of(const struct run_row *run)
{
    if (!str_eq(run->outcome, "complete")) {
        return MARK_UNKNOWN;
    }
    return run->visits_read < run->visits ? MARK_UNKNOWN : MARK_FINE;
}

/* "-24 h": the clock of --as-of was so far behind. */
static const char *shift_of(struct arena *arena, int64_t shift_ms)
{
    char age[CLOCK_TEXT];
    if (shift_ms == 0) {
        return NULL;
    }
    clock_age(shift_ms < 0 ? -shift_ms : shift_ms, age);
    return arena_printf(arena, "%s%s", shift_ms < 0 ? "-" : "+", age);
}

static int put_row(struct answer *answer, struct arena *arena, const struct run_row *run,
                   struct err *err)
{
    bool ended = run->end_ms >= run->start_ms && run->end_ms != 0;
    const struct answer_cell cells[COLUMNS] = {
        answer_time(run->start_ms, NULL),
        answer_time(run->end_ms, NULL),
        ended ? answer_number(run->end_ms - run->start_ms) : answer_none(),
        answer_text(run->source),
        answer_text(visit_kind_name(run->kind)),
        answer_text(run->coverage),
        answer_text(run->outcome),
        answer_number(run->visits),
        answer_number(run->visits_read),
        answer_number(run->visits - run->visits_read),
        answer_text(shift_of(arena, run->shift_ms)),
        run->shift_ms == 0 ? answer_none() : answer_number(run->shift_ms),
        answer_number(run->skewed),
        answer_text(run->limit),
        answer_text(run->inventory),
        answer_text(run->version),
    };
    return answer_row(answer, cells, mark_of(run), err);
}

static void print_suspect(const struct run_list *list)
{
    size_t suspect = 0;
    for (size_t i = 0; i < list->count; i++) {
        suspect += list->rows[i].clock_suspect;
    }
    if (suspect > 0) {
        (void)printf("%zu run%s in which more than half of the hosts had another time: look at the "
                     "collector's clock\n",
                     suspect, suspect == 1 ? "" : "s");
    }
}

static int answer_scans(struct question *question, struct err *err)
{
    const struct command_line *line = question->line;
    struct run_list list = {.count = 0};
    if (query_runs(question->query, &question->frame, past_from(question, SHOWN_MS), line->to_ms,
                   &list, err) != 0) {
        return -1;
    }
    struct answer *answer = question_answer(question, columns, COLUMNS);
    int result = answer == NULL ? err_memory(err) : 0;
    for (size_t i = 0; i < list.count && result == 0; i++) {
        result = put_row(answer, &question->arena, &list.rows[i], err);
    }
    result = answer_close(answer, result, NULL, err);
    if (result == 0 && line->format == FORMAT_TABLE) {
        print_suspect(&list);
    }
    int code = result == 0 ? past_exit_code(question, list.count > 0) : -1;
    run_list_done(&list);
    return code;
}

int cmd_scans(const struct command_line *line, struct err *err)
{
    return question_run(line, QUESTION_HOST, answer_scans, err);
}
