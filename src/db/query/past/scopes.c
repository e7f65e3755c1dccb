/* scopes: what each collector's scans of the whole fleet were to visit, over time. */
#include "db/query/past/scopes.h"

#include <stdlib.h>
#include <string.h>

static size_t scope_place(const struct scopes *scopes, int64_t id, int64_t source_id)
{
    for (size_t i = scopes->scope_count; i > 0; i--) {
        const struct past_scope *scope = &scopes->scopes[i - 1];
        if (scope->id == id && scope->source_id == source_id) {
            return i - 1;
        }
    }
    return scopes->scope_count;
}

static int take_scan(struct scopes *scopes, sqlite3_stmt *statement, struct arena *arena,
                     struct err *err)
{
    int64_t scope_id = db_i64(statement, 3);
    struct past_scan scan = {
        .source_id = db_i64(statement, 0),
        .source = db_text(statement, 1, arena),
        .start_ms = db_i64(statement, 2),
    };
    scan.scope = scope_place(scopes, scope_id, scan.source_id);
    if (scan.scope == scopes->scope_count) {
        void *items = scopes->scopes;
        struct past_scope *scope = arena_push(arena, &items, &scopes->scope_count, sizeof(*scope));
        scopes->scopes = items;
        if (scope == NULL) {
            return err_memory(err);
        }
        *scope =
            (struct past_scope){.id = scope_id, .source_id = scan.source_id, .source = scan.source};
    }
    scopes->scopes[scan.scope].start_ms = scan.start_ms;
    void *items = scopes->scans;
    struct past_scan *place = arena_push(arena, &items, &scopes->scan_count, sizeof(*place));
    scopes->scans = items;
    if (place == NULL || scan.source == NULL) {
        return err_memory(err);
    }
    *place = scan;
    return 0;
}

int scopes_load(struct query *query, int64_t time_ms, struct arena *arena, struct scopes *ret,
                struct err *err)
{
    struct scopes scopes = {.scan_count = 0};
    struct db *db = &query->db;
    sqlite3_stmt *statement = db_use(db, ASK_FLEET_SCANS);
    db_bind_i64(db, statement, ":time", time_ms);
    int rc = db_step(db, statement, err);
    while (rc > 0) {
        rc = take_scan(&scopes, statement, arena, err) == 0 ? db_step(db, statement, err) : -1;
    }
    (void)sqlite3_reset(statement);
    for (size_t i = 0; i < scopes.scope_count && rc == 0; i++) {
        struct past_scope *scope = &scopes.scopes[i];
        const struct scope_of of = {.id = scope->id,
                                    .source_id = scope->source_id,
                                    .start_ms = scope->start_ms,
                                    .time_ms = scope->start_ms};
        rc = query_scope(query, &of, arena, &scope->hosts, &scope->count, err);
    }
    if (rc == 0) {
        *ret = scopes;
    }
    return rc;
}

const struct past_scan *scopes_scan_before(const struct scopes *scopes, int64_t source_id,
                                           int64_t end_ms)
{
    for (size_t i = scopes->scan_count; i > 0; i--) {
        const struct past_scan *scan = &scopes->scans[i - 1];
        if (scan->source_id == source_id && scan->start_ms < end_ms) {
            return scan;
        }
    }
    return NULL;
}

static int by_name(const void *key, const void *row)
{
    return strcmp(key, ((const struct scope_host *)row)->name);
}

const struct scope_host *scopes_find(const struct scopes *scopes, const struct past_scan *scan,
                                     const char *host)
{
    const struct past_scope *scope = &scopes->scopes[scan->scope];
    return scope->count == 0
               ? NULL
               : bsearch(host, scope->hosts, scope->count, sizeof(*scope->hosts), by_name);
}
