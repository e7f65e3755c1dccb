/* drifts: settings of servers that changed, and the first bad boot after each. */
#include "db/query/past/drifts.h"

#include "core/str.h"
#include "db/query/fleet.h"
#include "db/query/past/host_past.h"
#include "db/query/past/setting_walk.h"

#include <stdlib.h>
#include <string.h>

struct looking {
    struct query *query;
    const struct query_frame *frame;
    const struct drift_question *question;
    const struct fleet_host *host;
    struct host_past past;
    struct drift_list *list;
    struct err *err;
};

void drift_list_done(struct drift_list *list)
{
    if (list != NULL) {
        arena_done(&list->arena);
        *list = (struct drift_list){.count = 0};
    }
}

/* The product's build that was last read by then; NULL = not known. */
static const char *product_at(const struct host_past *past, int64_t time_ms)
{
    for (size_t i = past->build_count; i > 0; i--) {
        const struct past_build *build = &past->builds[i - 1];
        if (build->first_ms <= time_ms && build->pvs_build != NULL) {
            return build->pvs_build;
        }
    }
    return NULL;
}

static int add(void *data, const struct known_setting *before, const char *after, int64_t after_ms)
{
    struct looking *looking = data;
    struct arena *arena = &looking->list->arena;
    const struct fleet_host *host = looking->host;
    void *items = looking->list->rows;
    struct drift_row *row = arena_push(arena, &items, &looking->list->count, sizeof(*row));
    looking->list->rows = items;
    if (row == NULL) {
        return err_memory(looking->err);
    }
    *row = (struct drift_row){
        .host = arena_strdup(arena, host->label),
        .source = arena_strdup(arena, host->source),
        .site = arena_strdup(arena, host->site),
        .farm = arena_strdup(arena, host->farm),
        .timezone = arena_strdup(arena, host->declared.timezone),
        .kind = before->kind,
        .item = before->item,
        .before = before->value,
        .after = after,
        .before_ms = before->last_ms,
        .after_ms = after_ms,
        .build_before = arena_strdup(arena, product_at(&looking->past, before->last_ms)),
        .build_after = arena_strdup(arena, product_at(&looking->past, after_ms)),
    };
    row->upgraded = row->build_before != NULL && !str_eq(row->build_before, row->build_after);
    return row->host == NULL ? err_memory(looking->err) : 0;
}

static bool is_of_service(enum fact_kind kind)
{
    return kind >= FACT_INSTALLED && kind <= FACT_EXECUTABLE;
}

/* The earliest boot whose first reading came after the last one with the old setting. */
static void note_bad(const struct looking *looking, const struct expectation *expectation,
                     int64_t expectation_id, struct drift_row *row)
{
    const struct host_past *past = &looking->past;
    for (size_t i = 0; i < past->opening_count; i++) {
        const struct past_opening *opening = &past->openings[i];
        const struct past_boot *boot = host_past_boot(past, opening->boot_no);
        if (opening->expectation_id != expectation_id || boot == NULL ||
            boot->first_ms <= row->before_ms || !verdict_is_problem(opening->verdict) ||
            (row->bad_ms != 0 && row->bad_ms <= opening->decided_ms)) {
            continue;
        }
        row->bad_ms = opening->decided_ms;
        row->bad_boot_ms = boot->time_ms;
        row->verdict = opening->verdict;
        row->expectation = arena_strdup(&looking->list->arena, expectation->id);
    }
}

static int find_bad(const struct looking *looking, struct drift_row *row)
{
    const struct fleet_host *host = looking->host;
    for (size_t i = 0; i < host->expectations->count; i++) {
        const struct expectation *expectation = &host->expectations->items[i];
        int64_t id = 0;
        if (expectation->watch == WATCH_INFORM || !fleet_applies(host, expectation) ||
            (is_of_service(row->kind) && !str_ieq(expectation->service, row->item))) {
            continue;
        }
        if (query_expectation_id(looking->query, expectation->id, &id, looking->err) != 0) {
            return -1;
        }
        note_bad(looking, expectation, id, row);
    }
    return 0;
}

/* From the first reading without the old product to the first with the new one. false: it was
 * never upgraded from the one to the other. */
static bool upgrade_of(const struct looking *looking, int64_t *ret_from, int64_t *ret_to)
{
    const struct host_past *past = &looking->past;
    bool had = false;
    *ret_from = 0;
    for (size_t i = 0; i < past->build_count; i++) {
        const struct past_build *build = &past->builds[i];
        if (build->pvs_build == NULL) {
            continue;
        }
        if (str_eq(build->pvs_build, looking->question->build_from)) {
            had = true;
            *ret_from = 0;
        } else if (had) {
            *ret_from = *ret_from == 0 ? build->first_ms : *ret_from;
            if (str_eq(build->pvs_build, looking->question->build_to)) {
                *ret_to = build->first_ms;
                return true;
            }
        }
    }
    return false;
}

static int look_at(struct looking *looking)
{
    struct arena arena = {.blocks = NULL};
    struct drift_list *list = looking->list;
    size_t first = list->count;
    int64_t known_ms = query_time(looking->frame);
    int64_t from_ms = looking->question->from_ms;
    int64_t to_ms = query_end_of(looking->question->to_ms);
    int rc = host_past_load(looking->query, looking->host->id, known_ms, &arena, &looking->past,
                            looking->err);
    bool wanted = looking->question->build_from == NULL || upgrade_of(looking, &from_ms, &to_ms);
    struct setting_walk walk = {.query = looking->query,
                                .host_id = looking->host->id,
                                .arena = &list->arena,
                                .changed = add,
                                .data = looking,
                                .err = looking->err};
    if (rc == 0 && wanted) {
        rc = setting_walk_run(&walk, from_ms, to_ms == 0 || to_ms > known_ms ? known_ms : to_ms);
    }
    list->hosts += walk.readings > 1;
    for (size_t i = first; i < list->count && rc == 0; i++) {
        rc = find_bad(looking, &list->rows[i]);
    }
    arena_done(&arena);
    return rc;
}

static int by_host(const void *left, const void *right)
{
    const struct drift_row *a = left;
    const struct drift_row *b = right;
    int order = strcmp(a->host, b->host);
    if (order == 0 && a->after_ms != b->after_ms) {
        order = a->after_ms < b->after_ms ? -1 : 1;
    }
    if (order == 0 && a->kind != b->kind) {
        order = a->kind < b->kind ? -1 : 1;
    }
    return order != 0 ? order : strcmp(a->item, b->item);
}

int query_drifts(struct query *query, const struct query_frame *frame,
                 const struct drift_question *question, struct drift_list *ret, struct err *err)
{
    struct drift_list list = {.count = 0};
    struct fleet fleet = {.count = 0};
    if (query_begin(query, err) != 0) {
        return -1;
    }
    int rc = fleet_load(query, frame, &fleet, err);
    for (size_t i = 0; i < fleet.count && rc == 0; i++) {
        struct looking looking = {.query = query,
                                  .frame = frame,
                                  .question = question,
                                  .host = &fleet.hosts[i],
                                  .list = &list,
                                  .err = err};
        if (fleet.hosts[i].visited && fleet.hosts[i].same_machine_as == NULL) {
            rc = look_at(&looking);
        }
    }
    query_end(query);
    fleet_done(&fleet);
    if (rc != 0) {
        drift_list_done(&list);
        return -1;
    }
    if (list.count > 0) {
        qsort(list.rows, list.count, sizeof(*list.rows), by_host);
    }
    *ret = list;
    return 0;
}
