/* fleet_machine: two names of one machine, so that what counts servers counts it once. */
#include "db/query/fleet_machine.h"

#include <stdlib.h>
#include <string.h>

/* A name and the identity that the machine behind it had. */
struct identity {
    const char *machine_id;
    struct fleet_host *host;
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

/* Names in another state than a machine's first do not stand for each other: one that is in
 * maintenance must not hide one that is not. Nor does one that does not count. */
static int by_machine(const void *left, const void *right)
{
    const struct identity *a = left;
    const struct identity *b = right;
    int order = strcmp(a->machine_id, b->machine_id);
    order = order != 0 ? order : (int)a->host->state - (int)b->host->state;
    order = order != 0 ? order : (int)b->host->counts - (int)a->host->counts;
    return order != 0 ? order : strcmp(a->host->name, b->host->name);
}

static void mark(struct identity *rows, size_t count)
{
    if (count > 0) {
        qsort(rows, count, sizeof(*rows), by_machine);
    }
    for (size_t i = 1, first = 0; i < count; i++) {
        bool same = strcmp(rows[i].machine_id, rows[first].machine_id) == 0 &&
                    rows[i].host->state == rows[first].host->state;
        first = same ? first : i;
        rows[i].host->same_machine_as = same ? rows[first].host->name : NULL;
    }
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
            rows[count++] = (struct identity){.machine_id = machine_id, .host = host};
        }
    }
    if (rc == 0) {
        mark(rows, count);
    }
    arena_done(&arena);
    return rc;
}
