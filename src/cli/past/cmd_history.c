/* cmd_history: the timeline of one server. */
#include "cli/commands.h"
#include "cli/past/past_answer.h"
#include "cli/phrase.h"
#include "db/query/past/timeline.h"
#include "out/escape.h"

enum { COLUMNS = 11 };

static const struct answer_column columns[COLUMNS] = {
    {"time", "TIME", ANSWER_TIME, false},
    {"what", "WHAT", ANSWER_TEXT, false},
    {"expectation", "EXPECTATION", ANSWER_TEXT, false},
    {"said", "SAID", ANSWER_TEXT, true},
    {NULL, "NOTE", ANSWER_TEXT, false},
    {"until", "UNTIL", ANSWER_TIME, false},
    {"detail", NULL, ANSWER_TEXT, false},
    {"boot_time", NULL, ANSWER_TIME, false},
    {"visits", NULL, ANSWER_INT, false},
    {"host", NULL, ANSWER_TEXT, false},
    {"source", NULL, ANSWER_TEXT, false},
};

static const char *said_of(struct arena *arena, const struct event *event, const char *zone)
{
    if (event->kind != EVENT_BOOT) {
        return event->said;
    }
    return event->boot_time_ms == 0
               ? "time of the boot not known"
               : arena_printf(arena, "booted %s", phrase_time(arena, event->boot_time_ms, zone));
}

static const char *note_of(struct arena *arena, const struct event *event)
{
    if (event->kind == EVENT_UNREAD && event->visits > 1) {
        return arena_printf(arena, "%zu visits", event->visits);
    }
    return event->detail == NULL ? "" : event->detail;
}

static int put_row(struct answer *answer, struct question *question,
                   const struct timeline *timeline, const struct event *event, struct err *err)
{
    struct arena *arena = &question->arena;
    const char *zone = question_zone(question, timeline->host, timeline->timezone);
    bool table = question->line->format == FORMAT_TABLE;
    const struct answer_cell cells[COLUMNS] = {
        answer_time(event->time_ms, zone),
        answer_text(event_kind_name(event->kind)),
        answer_text(event->expectation),
        answer_text(table ? said_of(arena, event, zone) : event->said),
        answer_text(note_of(arena, event)),
        answer_time(event->until_ms, zone),
        answer_text(event->detail),
        answer_time(event->boot_time_ms, zone),
        event->kind == EVENT_UNREAD ? answer_number((int64_t)event->visits) : answer_none(),
        answer_text(timeline->host),
        answer_text(timeline->source),
    };
    bool unknown = event->kind == EVENT_UNREAD || event->kind == EVENT_UNKNOWN;
    return answer_row(answer, cells,
                      event->problem ? MARK_PROBLEM
                      : unknown      ? MARK_UNKNOWN
                                     : MARK_NONE,
                      err);
}

static int answer_history(struct question *question, struct err *err)
{
    const struct command_line *line = question->line;
    struct timeline timeline = {.count = 0};
    if (query_timeline(question->query, &question->frame, line->arguments[0], line->from_ms,
                       line->to_ms, &timeline, err) != 0) {
        return -1;
    }
    struct answer *answer = question_answer(question, columns, COLUMNS);
    int result = answer == NULL ? err_memory(err) : 0;
    for (size_t i = 0; i < timeline.count && result == 0; i++) {
        result = put_row(answer, question, &timeline, &timeline.events[i], err);
    }
    result = answer_close(answer, result, NULL, err);
    int code = result == 0 ? past_exit_code(question, timeline.count > 0) : -1;
    timeline_done(&timeline);
    return code;
}

int cmd_history(const struct command_line *line, struct err *err)
{
    return question_run(line, QUESTION_HOST, answer_history, err);
}
