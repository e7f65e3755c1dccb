/* query_visits: readings as they were, one or all of them. */
#include "db/query/query.h"

#include "db/query/host_name.h"
#include "db/query/query_file.h"

/* Addresses of the hosts met so far, by their ids. */
struct slots_cache {
    struct arena arena;
    struct slots *by_host;
    size_t size;
};

struct walk {
    struct query *query;
    struct slots_cache cache;
    int (*row)(void *data, const struct snapshot *snapshot, const struct host *declared);
    void *data;
    struct err *err;
};

static int slots_of(struct walk *walk, int64_t host_id, const struct slots **ret)
{
    struct slots_cache *cache = &walk->cache;
    size_t place = (size_t)host_id;
    if (place >= cache->size) {
        size_t size = cache->size == 0 ? 64 : cache->size;
        while (size <= place) {
            size *= 2;
        }
        struct slots *grown = arena_array(&cache->arena, size, sizeof(*grown));
        if (grown == NULL) {
            return err_memory(walk->err);
        }
        for (size_t i = 0; i < cache->size; i++) {
            grown[i] = cache->by_host[i];
        }
        cache->by_host = grown;
        cache->size = size;
    }
    struct slots *slots = &cache->by_host[place];
    if (slots->arena == NULL &&
        observation_slots(&walk->query->source, host_id, &cache->arena, slots, walk->err) != 0) {
        return -1;
    }
    *ret = slots;
    return 0;
}

/* What the callback returned, or -1 with err. */
static int tell(struct walk *walk, sqlite3_stmt *statement)
{
    const struct observation_source *source = &walk->query->source;
    struct arena arena = {.blocks = NULL};
    struct observation row;
    struct snapshot snapshot;
    struct host declared = {.name = NULL};
    bool is_declared = false;
    const struct slots *slots = NULL;
    snapshot_init(&snapshot);
    int rc = -1;
    if (observation_take(source, statement, &arena, &row, walk->err) == 0 &&
        slots_of(walk, row.host_id, &slots) == 0 &&
        observation_declared(source, &row, &arena, &declared, &is_declared, walk->err) == 0 &&
        observation_decode(source, &row, slots, &snapshot, walk->err) == 0) {
        rc = walk->row(walk->data, &snapshot, is_declared ? &declared : NULL);
    }
    snapshot_done(&snapshot);
    arena_done(&arena);
    return rc;
}

int query_visits(struct query *query, const char *host, int64_t from_ms, int64_t to_ms,
                 int (*row)(void *data, const struct snapshot *snapshot,
                            const struct host *declared),
                 void *data, struct err *err)
{
    struct walk walk = {.query = query, .row = row, .data = data, .err = err};
    struct db *db = &query->db;
    int64_t host_id = 0;
    if (query_begin(query, err) != 0) {
        return -1;
    }
    if (host != NULL && host_name_find(query, host, &host_id, err) != 0) {
        query_end(query);
        return -1;
    }
    sqlite3_stmt *statement = db_use(db, host == NULL ? ASK_VISITS_OF_ALL : ASK_VISITS_OF_HOST);
    if (host != NULL) {
        db_bind_i64(db, statement, ":host", host_id);
    }
    db_bind_i64(db, statement, ":from", from_ms);
    db_bind_i64(db, statement, ":to", to_ms == 0 ? INT64_MAX : to_ms);
    int rc = db_step(db, statement, err);
    while (rc > 0) {
        rc = tell(&walk, statement);
        if (rc != 0) {
            break;
        }
        rc = db_step(db, statement, err);
    }
    (void)sqlite3_reset(statement);
    query_end(query);
    arena_done(&walk.cache.arena);
    return rc;
}

int query_snapshot(struct query *query, const char *host, int64_t at_ms, struct snapshot *ret,
                   const char **ret_zone, struct err *err)
{
    struct arena arena = {.blocks = NULL};
    struct observation row;
    struct slots slots;
    struct snapshot snapshot;
    struct host declared = {.name = NULL};
    bool is_declared = false;
    int64_t host_id = 0;
    snapshot_init(&snapshot);
    if (query_begin(query, err) != 0) {
        return -1;
    }
    int rc = host_name_find(query, host, &host_id, err);
    if (rc == 0) {
        rc = query_observation(query, ASK_FULL_OF_HOST, host_id, at_ms == 0 ? INT64_MAX : at_ms,
                               &arena, &row, err);
        if (rc == 0) {
            rc = err_set(err, ERR_UNREAD, "history",
                         at_ms == 0 ? "%s: no full visit of it was ever read"
                                    : "%s: no full visit of it was read by that time",
                         host);
        } else if (rc > 0) {
            rc = observation_slots(&query->source, host_id, &arena, &slots, err);
        }
    }
    if (rc == 0) {
        rc = observation_decode(&query->source, &row, &slots, &snapshot, err);
    }
    if (rc == 0) {
        rc = observation_declared(&query->source, &row, &snapshot.arena, &declared, &is_declared,
                                  err);
    }
    query_end(query);
    arena_done(&arena);
    if (rc != 0) {
        snapshot_done(&snapshot);
        return -1;
    }
    *ret = snapshot;
    *ret_zone = declared.timezone;
    return 0;
}
