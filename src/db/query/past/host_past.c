/* host_past: the boots that a host had, the builds it ran, and what its boots came to. */
#include "db/query/past/host_past.h"

#include "db/track/track_columns.h"

struct loading {
    struct query *query;
    int64_t host_id, time_ms;
    struct arena *arena;
    struct host_past *past;
    struct err *err;
};

static int take_boot(const struct loading *loading, sqlite3_stmt *statement)
{
    struct host_past *past = loading->past;
    void *items = past->boots;
    struct past_boot *boot = arena_push(loading->arena, &items, &past->boot_count, sizeof(*boot));
    past->boots = items;
    if (boot == NULL) {
        return err_memory(loading->err);
    }
    *boot = (struct past_boot){.no = db_i64(statement, 0),
                               .time_ms = db_i64(statement, 1),
                               .first_ms = db_i64(statement, 2),
                               .last_ms = db_i64(statement, 3),
                               .previous_ms = db_i64(statement, 4)};
    return 0;
}

static int take_build(const struct loading *loading, sqlite3_stmt *statement)
{
    struct host_past *past = loading->past;
    void *items = past->builds;
    struct past_build *build =
        arena_push(loading->arena, &items, &past->build_count, sizeof(*build));
    past->builds = items;
    if (build == NULL) {
        return err_memory(loading->err);
    }
    *build = (struct past_build){.first_ms = db_i64(statement, 0),
                                 .os_name = db_text(statement, 1, loading->arena),
                                 .os_build = db_text(statement, 2, loading->arena),
                                 .pvs_build = db_text(statement, 3, loading->arena)};
    return 0;
}

static int take_opening(const struct loading *loading, sqlite3_stmt *statement)
{
    struct host_past *past = loading->past;
    void *items = past->openings;
    struct past_opening *opening =
        arena_push(loading->arena, &items, &past->opening_count, sizeof(*opening));
    past->openings = items;
    if (opening == NULL) {
        return err_memory(loading->err);
    }
    *opening = (struct past_opening){.expectation_id = db_i64(statement, 0),
                                     .boot_no = db_i64(statement, 1),
                                     .decided_ms = db_i64(statement, 2),
                                     .restarted = db_i64(statement, 5) != 0,
                                     .process_ms = db_i64(statement, 6),
                                     .holder_ms = db_i64(statement, 7),
                                     .boot_ms = db_i64(statement, 8)};
    const char *verdict = (const char *)sqlite3_column_text(statement, 3);
    const char *startup = (const char *)sqlite3_column_text(statement, 4);
    bool whole = verdict != NULL && startup != NULL && verdict_parse(verdict, &opening->verdict) &&
                 startup_type_parse(startup, &opening->startup);
    return whole ? 0 : track_columns_damaged(&loading->query->db, loading->err);
}

static int walk(const struct loading *loading, unsigned ask,
                int (*take)(const struct loading *loading, sqlite3_stmt *statement))
{
    struct db *db = &loading->query->db;
    sqlite3_stmt *statement = db_use(db, ask);
    db_bind_i64(db, statement, ":host", loading->host_id);
    db_bind_i64(db, statement, ":time", loading->time_ms);
    int rc = db_step(db, statement, loading->err);
    while (rc > 0) {
        rc = take(loading, statement) == 0 ? db_step(db, statement, loading->err) : -1;
    }
    (void)sqlite3_reset(statement);
    return rc;
}

int host_past_load(struct query *query, int64_t host_id, int64_t time_ms, struct arena *arena,
                   struct host_past *ret, struct err *err)
{
    struct host_past past = {.boot_count = 0};
    const struct loading loading = {query, host_id, time_ms, arena, &past, err};
    if (walk(&loading, ASK_BOOTS_OF_HOST, take_boot) != 0 ||
        walk(&loading, ASK_BUILDS_OF_HOST, take_build) != 0 ||
        walk(&loading, ASK_OPENINGS_OF_HOST, take_opening) != 0) {
        return -1;
    }
    *ret = past;
    return 0;
}

const struct past_boot *host_past_boot(const struct host_past *past, int64_t no)
{
    for (size_t i = past->boot_count; i > 0; i--) {
        if (past->boots[i - 1].no == no) {
            return &past->boots[i - 1];
        }
    }
    return NULL;
}

const struct past_build *host_past_build(const struct host_past *past, int64_t time_ms)
{
    for (size_t i = past->build_count; i > 0; i--) {
        if (past->builds[i - 1].first_ms <= time_ms) {
            return &past->builds[i - 1];
        }
    }
    return NULL;
}
