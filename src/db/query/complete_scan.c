/* complete_scan: when the whole fleet was last visited. */
#include "db/query/complete_scan.h"

#include "core/str.h"

#include <stdlib.h>
#include <string.h>

struct search {
    struct query *query;
    int64_t time_ms;
    struct err *err;
    struct arena arena;
    struct scope_host *fleet; /* of the newest scan of the whole fleet; NULL = there was none */
    size_t fleet_count;
    int64_t source_id; /* whose runs are looked at */
    struct complete_scan best; /* of that source */
};

struct ingest_run {
    int64_t id, first_ms, last_ms; /* last_ms: at most the time asked for */
    int64_t scope_id;
};

/* 1: there is a scan of the whole fleet; its scope is the fleet, and its source the one that
 * counts. */
static int find_fleet_scan(struct search *search)
{
    struct db *db = &search->query->db;
    sqlite3_stmt *statement = db_use(db, ASK_COMPLETE_SCAN);
    db_bind_i64(db, statement, ":time", search->time_ms);
    int rc = db_step(db, statement, search->err);
    if (rc > 0) {
        search->best.start_ms = db_i64(statement, 0);
        search->best.end_ms = db_i64(statement, 1);
        search->source_id = db_i64(statement, 3);
        const struct scope_of of = {.id = db_i64(statement, 2),
                                    .source_id = search->source_id,
                                    .start_ms = search->best.start_ms,
                                    .time_ms = search->time_ms};
        (void)sqlite3_reset(statement);
        rc = query_scope(search->query, &of, &search->arena, &search->fleet, &search->fleet_count,
                         search->err) == 0
                 ? 1
                 : -1;
    }
    return rc;
}

static int by_name(const void *left, const void *right)
{
    return strcmp(((const struct scope_host *)left)->name,
                  ((const struct scope_host *)right)->name);
}

/* 1: the run brought a visit of each. Nobody visits what is retired. */
static int has_brought(struct search *search, const struct ingest_run *run,
                       const struct scope_host *hosts, size_t count)
{
    struct scope_host *brought = NULL;
    size_t brought_count = 0;
    const struct scope_of of = {.id = run->scope_id,
                                .source_id = search->source_id,
                                .start_ms = run->first_ms,
                                .time_ms = search->time_ms};
    if (query_scope(search->query, &of, &search->arena, &brought, &brought_count, search->err) !=
        0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (!str_eq(hosts[i].state, host_state_name(HOST_RETIRED)) &&
            (brought_count == 0 ||
             bsearch(&hosts[i], brought, brought_count, sizeof(*brought), by_name) == NULL)) {
            return 0;
        }
    }
    return 1;
}

/* The newest visit of the host in the run, 0 = none by then. */
static int newest_in_run(struct search *search, const struct ingest_run *run, const char *name,
                         int64_t *ret)
{
    struct db *db = &search->query->db;
    sqlite3_stmt *statement = db_use(db, ASK_NEWEST_OF_SCAN);
    db_bind_text(db, statement, ":name", name);
    db_bind_i64(db, statement, ":source", search->source_id);
    db_bind_i64(db, statement, ":scan", run->id);
    db_bind_i64(db, statement, ":from", run->first_ms);
    db_bind_i64(db, statement, ":to", run->last_ms);
    int rc = db_step(db, statement, search->err);
    *ret = rc > 0 ? db_i64(statement, 0) : 0;
    (void)sqlite3_reset(statement);
    return rc < 0 ? -1 : 0;
}

static int consider(struct search *search, const struct ingest_run *run,
                    const struct scope_host *hosts, size_t count)
{
    int rc = has_brought(search, run, hosts, count);
    struct complete_scan found = {.start_ms = INT64_MAX};
    for (size_t i = 0; i < count && rc > 0; i++) {
        int64_t newest_ms = 0;
        if (str_eq(hosts[i].state, host_state_name(HOST_RETIRED))) {
            continue;
        }
        rc = newest_in_run(search, run, hosts[i].name, &newest_ms) == 0 ? newest_ms != 0 : -1;
        found.start_ms = newest_ms < found.start_ms ? newest_ms : found.start_ms;
        found.end_ms = newest_ms > found.end_ms ? newest_ms : found.end_ms;
    }
    if (rc > 0 && found.end_ms != 0 && found.start_ms > search->best.start_ms) {
        search->best = found;
    }
    return rc < 0 ? -1 : 0;
}

/* Where nobody ever scanned a whole fleet: the source's hosts that the history had by then. */
static int list_known(struct search *search, int64_t time_ms, struct scope_host **ret,
                      size_t *ret_count)
{
    struct db *db = &search->query->db;
    struct scope_host *hosts = NULL;
    size_t count = 0;
    sqlite3_stmt *statement = db_use(db, ASK_KNOWN_HOSTS);
    db_bind_i64(db, statement, ":source", search->source_id);
    db_bind_i64(db, statement, ":time", time_ms);
    int rc = db_step(db, statement, search->err);
    while (rc > 0) {
        void *items = hosts;
        struct scope_host *host = arena_push(&search->arena, &items, &count, sizeof(*host));
        hosts = items;
        if (host == NULL) {
            rc = err_memory(search->err);
            break;
        }
        host->name = db_text(statement, 0, &search->arena);
        rc = db_step(db, statement, search->err);
    }
    (void)sqlite3_reset(statement);
    *ret = hosts;
    *ret_count = count;
    return rc;
}

/* Newest first: no run is newer than its last visit. */
static int find_ingest_runs(struct search *search, bool has_fleet)
{
    struct db *db = &search->query->db;
    sqlite3_stmt *statement = db_use(db, ASK_COMPLETE_INGESTS);
    db_bind_i64(db, statement, ":source", search->source_id);
    db_bind_i64(db, statement, ":time", search->time_ms);
    int rc = db_step(db, statement, search->err);
    while (rc > 0) {
        struct ingest_run run = {.id = db_i64(statement, 0),
                                 .first_ms = db_i64(statement, 1),
                                 .last_ms = db_i64(statement, 2),
                                 .scope_id = db_i64(statement, 3)};
        struct scope_host *hosts = search->fleet;
        size_t count = search->fleet_count;
        if (run.last_ms <= search->best.start_ms) {
            rc = 0;
            break;
        }
        if ((!has_fleet && list_known(search, run.last_ms, &hosts, &count) != 0) ||
            consider(search, &run, hosts, count) != 0) {
            rc = -1;
            break;
        }
        rc = db_step(db, statement, search->err);
    }
    (void)sqlite3_reset(statement);
    return rc;
}

static int list_sources(struct search *search, int64_t **ret, size_t *ret_count)
{
    struct db *db = &search->query->db;
    int64_t *ids = NULL;
    size_t count = 0;
    sqlite3_stmt *statement = db_use(db, ASK_KNOWN_SOURCES);
    db_bind_i64(db, statement, ":time", search->time_ms);
    int rc = db_step(db, statement, search->err);
    while (rc > 0) {
        void *items = ids;
        int64_t *id = arena_push(&search->arena, &items, &count, sizeof(*id));
        ids = items;
        if (id == NULL) {
            rc = err_memory(search->err);
            break;
        }
        *id = db_i64(statement, 0);
        rc = db_step(db, statement, search->err);
    }
    (void)sqlite3_reset(statement);
    *ret = ids;
    *ret_count = count;
    return rc;
}

/* A history that several collectors feed is as old as the one that is furthest behind. */
static int find_oldest_source(struct search *search)
{
    struct complete_scan oldest = {.start_ms = 0};
    int64_t *ids = NULL;
    size_t count = 0;
    int rc = list_sources(search, &ids, &count);
    for (size_t i = 0; i < count && rc == 0; i++) {
        search->source_id = ids[i];
        search->best = (struct complete_scan){.start_ms = 0};
        rc = find_ingest_runs(search, false);
        if (i == 0 || search->best.start_ms < oldest.start_ms) {
            oldest = search->best;
        }
    }
    search->best = oldest;
    return rc;
}

int complete_scan_find(struct query *query, const struct query_frame *frame,
                       struct complete_scan *ret, struct err *err)
{
    struct search search = {.query = query, .time_ms = query_time(frame), .err = err};
    int rc = find_fleet_scan(&search);
    if (rc > 0) {
        rc = find_ingest_runs(&search, true);
    } else if (rc == 0) {
        rc = find_oldest_source(&search);
    }
    arena_done(&search.arena);
    if (rc == 0) {
        *ret = search.best;
    }
    return rc;
}
