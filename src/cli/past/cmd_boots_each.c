/* cmd_boots_each: `boots --by boot`, and the near misses: each boot, those closest first whose
 * service started soonest after it. */
#include "cli/past/cmd_boots_each.h"

#include "cli/past/past_answer.h"
#include "cli/phrase.h"
#include "out/escape.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 24 };

static const struct answer_column columns[COLUMNS] = {
    {"host", "HOST", ANSWER_TEXT, false},
    {"site", "SITE", ANSWER_TEXT, false},
    {"expectation", "EXPECTATION", ANSWER_TEXT, false},
    {"boot_time", "BOOTED", ANSWER_TIME, false},
    {"result", "RESULT", ANSWER_TEXT, true},
    {"verdict", "VERDICT", ANSWER_TEXT, true},
    {"startup_type", "STARTUP TYPE", ANSWER_TEXT, false},
    {NULL, "STARTED", ANSWER_TEXT, false},
    {NULL, "BOUND", ANSWER_TEXT, false},
    {"decided", "FIRST TOLD", ANSWER_TIME, false},
    {"started_after_ms", NULL, ANSWER_INT, false},
    {"bound_after_ms", NULL, ANSWER_INT, false},
    {"first_read", NULL, ANSWER_TIME, false},
    {"os_name", NULL, ANSWER_TEXT, false},
    {"os_build", NULL, ANSWER_TEXT, false},
    {"pvs_build", NULL, ANSWER_TEXT, false},
    {"window", NULL, ANSWER_TEXT, false},
    {"change", NULL, ANSWER_TEXT, false},
    {"service", NULL, ANSWER_TEXT, false},
    {"proto", NULL, ANSWER_TEXT, false},
    {"port", NULL, ANSWER_PORT, false},
    {"farm", NULL, ANSWER_TEXT, false},
    {"restarted_after_boot", NULL, ANSWER_BOOL, false},
    {"source", NULL, ANSWER_TEXT, false},
};

static int compare_known(int64_t a, int64_t b)
{
    if (a < 0 || b < 0) {
        return (a < 0) - (b < 0);
    }
    return a < b ? -1 : a > b;
}

static int by_closeness(const void *left, const void *right)
{
    const struct boot_row *a = left;
    const struct boot_row *b = right;
    int order = compare_known(a->started_ms, b->started_ms);
    order = order != 0 ? order : compare_known(a->bound_ms, b->bound_ms);
    order = order != 0 ? order : strcmp(a->host, b->host);
    order = order != 0 ? order : strcmp(a->expectation, b->expectation);
    return order != 0 ? order : compare_known(a->first_read_ms, b->first_read_ms);
}

static void swap(struct boot_row *a, struct boot_row *b)
{
    struct boot_row kept = *a;
    *a = *b;
    *b = kept;
}

/* The row that is farthest stays last, to be the one that gives way. */
static void sink_farthest(struct boot_list *list)
{
    for (size_t i = 0; i + 1 < list->count; i++) {
        if (by_closeness(&list->rows[i], &list->rows[list->count - 1]) > 0) {
            swap(&list->rows[i], &list->rows[list->count - 1]);
        }
    }
}

static struct boot_row *place_for(struct boot_list *list, struct arena *arena)
{
    if (list->max != 0 && list->count == list->max) {
        return &list->rows[list->count - 1];
    }
    void *items = list->rows;
    struct boot_row *place = arena_push(arena, &items, &list->count, sizeof(*place));
    list->rows = items;
    return place;
}

static bool keep(struct arena *arena, const char **text)
{
    const char *given = *text;
    *text = arena_strdup(arena, given);
    return given == NULL || *text != NULL;
}

int boot_list_add(struct boot_list *list, struct arena *arena, const struct boot_row *row)
{
    bool near_miss = row->result == BOOT_RESULT_BOUND && row->started_ms >= 0;
    bool full = list->max != 0 && list->count == list->max;
    if (list->max != 0 &&
        (!near_miss || (full && by_closeness(row, &list->rows[list->count - 1]) >= 0))) {
        return 0;
    }
    struct boot_row *place = place_for(list, arena);
    if (place == NULL) {
        return -1;
    }
    *place = *row;
    const char **texts[] = {&place->host,    &place->source,   &place->site,
                            &place->farm,    &place->timezone, &place->expectation,
                            &place->service, &place->os_name,  &place->os_build,
                            &place->change,  &place->pvs_build};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (!keep(arena, texts[i])) {
            return -1;
        }
    }
    if (list->max != 0) {
        sink_farthest(list);
    }
    return 0;
}

void boot_list_sort(struct boot_list *list)
{
    if (list->count > 0) {
        qsort(list->rows, list->count, sizeof(*list->rows), by_closeness);
    }
}

static struct answer_cell known(int64_t ms)
{
    return ms < 0 ? answer_none() : answer_number(ms);
}

static enum answer_mark mark_of(const struct boot_row *row)
{
    switch (row->result) {
    case BOOT_RESULT_LOST:
        return MARK_PROBLEM;
    case BOOT_RESULT_BOUND:
        return MARK_FINE;
    default:
        return MARK_UNKNOWN;
    }
}

static int put_row(struct answer *answer, struct question *question, const struct boot_row *row,
                   struct err *err)
{
    struct arena *arena = &question->arena;
    const char *zone = question_zone(question, row->host, row->timezone);
    const struct answer_cell cells[COLUMNS] = {
        answer_text(row->host),
        answer_text(row->site),
        answer_text(row->expectation),
        answer_time(row->boot_time_ms, zone),
        answer_text(boot_result_name(row->result)),
        answer_text(row->decided_ms == 0 ? NULL : verdict_name(row->verdict)),
        answer_text(row->startup == STARTUP_UNKNOWN ? NULL : startup_type_name(row->startup)),
        answer_text(phrase_seconds(arena, row->started_ms)),
        answer_text(phrase_seconds(arena, row->bound_ms)),
        answer_time(row->decided_ms, zone),
        known(row->started_ms),
        known(row->bound_ms),
        answer_time(row->first_read_ms, zone),
        answer_text(row->os_name),
        answer_text(row->os_build),
        answer_text(row->pvs_build),
        answer_text(window_place_name(row->window)),
        answer_text(row->change),
        answer_text(row->service),
        answer_text(proto_name(row->proto)),
        answer_number(row->port),
        answer_text(row->farm),
        answer_bool(row->result == BOOT_RESULT_SUSPECT),
        answer_text(row->source),
    };
    return answer_row(answer, cells, mark_of(row), err);
}

int boot_list_print(struct question *question, const struct boot_list *list, struct err *err)
{
    struct answer *answer = question_answer(question, columns, COLUMNS);
    int result = answer == NULL ? err_memory(err) : 0;
    for (size_t i = 0; i < list->count && result == 0; i++) {
        result = put_row(answer, question, &list->rows[i], err);
    }
    return answer_close(answer, result, NULL, err);
}

void boot_list_print_closest(struct question *question, const struct boot_list *list)
{
    struct arena *arena = &question->arena;
    if (list->count > 0) {
        (void)printf("Near misses, the service that started soonest after its boot first:\n");
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct boot_row *row = &list->rows[i];
        const char *bound = phrase_seconds(arena, row->bound_ms);
        (void)printf("  %s %s: started %s after the boot of %s%s%s%s, Startup type: %s\n",
                     escape_text(arena, row->host), escape_text(arena, row->expectation),
                     phrase_seconds(arena, row->started_ms),
                     phrase_time(arena, row->boot_time_ms,
                                 question_zone(question, row->host, row->timezone)),
                     bound == NULL ? "" : ", bound ", bound == NULL ? "" : bound,
                     bound == NULL ? "" : " later", startup_type_name(row->startup));
    }
}
