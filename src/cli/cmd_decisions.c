/* cmd_decisions: who was told what by gate and verify, when, and on which readings. */
#include "cli/commands.h"
#include "cli/question.h"
#include "core/str.h"
#include "out/summary.h"

enum { COLUMNS = 11 };

static const struct answer_column columns[COLUMNS] = {
    {"time", "TIME", ANSWER_TIME, false},         {"kind", "KIND", ANSWER_TEXT, false},
    {"asked_by", "ASKED BY", ANSWER_TEXT, false}, {"change", "CHANGE", ANSWER_TEXT, false},
    {"answer", "ANSWER", ANSWER_TEXT, true},      {"sentence", "SENTENCE", ANSWER_TEXT, false},
    {"held", NULL, ANSWER_TEXT, false},           {"held_until", NULL, ANSWER_TIME, false},
    {"released_at", NULL, ANSWER_TIME, false},    {"released_by", NULL, ANSWER_TEXT, false},
    {"readings", NULL, ANSWER_TEXT, false},
};

static enum answer_mark mark_of(const char *answer)
{
    if (str_starts(answer, "GO") || str_eq(answer, "PROVEN") || str_eq(answer, "REPAIRED")) {
        return MARK_FINE;
    }
    return str_eq(answer, "NO-GO") || str_eq(answer, "NOT BOUND") ? MARK_PROBLEM : MARK_UNKNOWN;
}

static int put_row(struct answer *answer, const struct decision_row *row, struct err *err)
{
    const struct answer_cell cells[COLUMNS] = {
        answer_time(row->time_ms, NULL),
        answer_text(row->kind),
        answer_text(row->asked_by),
        answer_text(row->change),
        answer_text(row->answer),
        answer_text(row->sentence),
        answer_text(row->hold_host),
        answer_time(row->hold_until_ms, NULL),
        answer_time(row->released_ms, NULL),
        answer_text(row->released_by),
        answer_text(row->readings),
    };
    return answer_row(answer, cells, mark_of(row->answer), err);
}

static int answer_decisions(struct question *question, struct err *err)
{
    const struct command_line *line = question->line;
    struct decision_list list = {.count = 0};
    int64_t to_ms = line->to_ms != 0 ? line->to_ms : line->as_of_ms;
    if (query_decisions(question->query, line->from_ms, to_ms, line->change, &list, err) != 0) {
        return -1;
    }
    struct answer *answer = answer_new(stdout, line->format, answer_color(line->color, stdout),
                                       columns, COLUMNS, &question->answer_meta);
    int result = answer == NULL ? err_memory(err) : 0;
    for (size_t i = 0; i < list.count && result == 0; i++) {
        result = put_row(answer, &list.rows[i], err);
    }
    result = answer_close(answer, result, NULL, err);
    decision_list_done(&list);
    return result == 0 ? EXIT_FINE : -1;
}

int cmd_decisions(const struct command_line *line, struct err *err)
{
    return question_run(line, QUESTION_HOST, answer_decisions, err);
}
