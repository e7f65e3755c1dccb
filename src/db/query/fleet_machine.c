/* fleet_machine: two names of one machine, so that what counts servers counts it once. */
#include "db/query/fleet_machine.h"

#include <stdlib.h>
#include <string.h>

/* A name and the identity that the machine behind it had. */
struct identity {
    const char *machine_id;
    struct fleet_host *host;
    bool fresh; /* its newest visit was read, and is not too old */
};

static int load_id(struct query *query, const struct query_frame *frame, int64_t host_id,
                   struct arena *arena, const char **ret, struct err *err)
{
    struct db *db = &query->db;
    sqlite3_stmt *statement = db_use(db, ASK_MACHINE_BEFORE);
    db_bind_i64(db, statement, ":host", host_id);
    db_bind_i64(db, statement, ":time", query_time(frame));
    int rc = db_step(db, statement, err);
    *ret = rc > 0 ? machine_identity_text(arena, db_text(statement, 0, arena),
                                          db_text(statement, 1, arena))
                  : NULL;
    (void)sqlite3_reset(statement);
    return rc < 0 ? -1 : 0;
}

/* Two collectors have it under one name: the one that was there last knows it better. */
static int by_newest(const struct fleet_host *a, const struct fleet_host *b)
{
    int64_t a_ms = a->newest.visit.time_ms;
    int64_t b_ms = b->newest.visit.time_ms;
    return a_ms != b_ms ? (a_ms < b_ms) - (a_ms > b_ms) : strcmp(a->source, b->source);
}

/* Names in another state than a machine's first do not stand for each other: one that is in
 * maintenance must not hide one that is not. Nor does one that does not count, or was not read. */
static int by_machine(const void *left, const void *right)
{
    const struct identity *a = left;
    const struct identity *b = right;
    int order = strcmp(a->machine_id, b->machine_id);
    order = order != 0 ? order : (int)a->host->state - (int)b->host->state;
    order = order != 0 ? order : (int)b->host->counts - (int)a->host->counts;
    order = order != 0 ? order : (int)b->fresh - (int)a->fresh;
    order = order != 0 ? order : (int)b->host->newest.visit.read - (int)a->host->newest.visit.read;
    order = order != 0 ? order : strcmp(a->host->name, b->host->name);
    return order != 0 ? order : by_newest(a->host, b->host);
}

static bool is_same(const struct identity *a, const struct identity *b)
{
    return strcmp(a->machine_id, b->machine_id) == 0 && a->host->state == b->host->state;
}

static int mark(struct fleet *fleet, struct identity *rows, size_t count, struct err *err)
{
    if (count > 0) {
        qsort(rows, count, sizeof(*rows), by_machine);
    }
    for (size_t i = 0, next = 0; i < count; i = next) {
        for (next = i + 1; next < count && is_same(&rows[i], &rows[next]); next++) {
        }
        const char *machine = next - i > 1
                                  ? arena_printf(&fleet->arena, "%s %s", rows[i].machine_id,
                                                 host_state_name(rows[i].host->state))
                                  : NULL;
        if (next - i > 1 && machine == NULL) {
            return err_memory(err);
        }
        for (size_t k = i; k < next; k++) {
            rows[k].host->machine = machine;
            rows[k].host->same_machine_as = k > i ? rows[i].host->label : NULL;
        }
    }
    return 0;
}

static bool is_fresh(const struct query_frame *frame, const struct visit *visit)
{
    return visit->read && !query_is_stale(frame, visit->time_ms) &&
           !query_is_ahead(frame, visit->time_ms);
}

int fleet_machine_find(struct query *query, const struct query_frame *frame, struct fleet *fleet,
                       struct err *err)
{
    struct arena arena = {.blocks = NULL};
    struct identity *rows = arena_array(&arena, fleet->count + 1, sizeof(*rows));
    size_t count = 0;
    int rc = rows == NULL ? err_memory(err) : 0;
    for (size_t i = 0; i < fleet->count && rc == 0; i++) {
        struct fleet_host *host = &fleet->hosts[i];
        const char *machine_id = NULL;
        if (host->visited) {
            rc = load_id(query, frame, host->id, &arena, &machine_id, err);
        }
        if (machine_id != NULL) {
            rows[count++] = (struct identity){.machine_id = machine_id,
                                              .host = host,
                                              .fresh = is_fresh(frame, &host->newest.visit)};
        }
    }
    if (rc == 0) {
        rc = mark(fleet, rows, count, err);
    }
    arena_done(&arena);
    return rc;
}

int fleet_machine_note(struct machine_twins *twins, struct arena *arena,
                       const struct query_frame *frame, const struct fleet_host *host,
                       const struct expectation *expectation, const struct standing *standing,
                       size_t row, struct err *err)
{
    if (host->machine == NULL) {
        return 0;
    }
    void *items = twins->rows;
    struct twin *twin = arena_push(arena, &items, &twins->count, sizeof(*twin));
    twins->rows = items;
    if (twin == NULL) {
        return err_memory(err);
    }
    const struct visit *visit = &host->newest.visit;
    bool open = standing->finding.first_bad_ms != 0 && standing->finding.ended_ms == 0;
    *twin = (struct twin){
        .machine = host->machine,
        .expectation = expectation->id,
        .name = host->label,
        .read = is_fresh(frame, visit),
        .code = standing->verdict,
        .declared = host->is_declared &&
                    host_declared(&host->declared, expectation->id, NULL) == DECLARED_EXPECTED,
        .time_ms = visit->time_ms,
        .problem_ms = open ? standing->problem.last_ms : 0,
        .row = row,
    };
    return 0;
}
