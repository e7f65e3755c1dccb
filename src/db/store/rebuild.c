/* rebuild: derived rows dropped and replayed from the truth. */
#include "db/store/rebuild.h"

#include "db/reading/known_sets.h"
#include "db/reading/observation.h"
#include "db/store/derive.h"

#include <string.h>

struct replay {
    struct store_file *file;
    struct observation_source source;
    struct known_sets sets;
};

static int replay_row(struct replay *replay, sqlite3_stmt *statement, const struct slots *slots,
                      struct arena *arena, struct err *err)
{
    struct observation row;
    struct snapshot snapshot;
    struct host declared = {.name = NULL};
    bool is_declared = false;
    struct derive_outcome outcome;
    struct derive_visit visit = {.snapshot = &snapshot};
    if (observation_take(&replay->source, statement, arena, &row, err) != 0 ||
        known_sets_of_scan(&replay->sets, row.scan_id, &visit.expectations, err) != 0 ||
        observation_declared(&replay->source, &row, arena, &declared, &is_declared, err) != 0) {
        return -1;
    }
    visit.host_id = row.host_id;
    visit.source_id = row.source_id;
    visit.machine_text_id = row.texts[TEXT_MACHINE];
    visit.declared = is_declared ? &declared : NULL;
    int rc = observation_decode(&replay->source, &row, slots, &snapshot, err);
    if (rc == 0) {
        rc = derive_visit(replay->file, &visit, arena, &outcome, err);
    }
    snapshot_done(&snapshot);
    return rc;
}

static int replay_host(struct replay *replay, int64_t host_id, struct err *err)
{
    struct db *db = &replay->file->db;
    struct arena slots_arena = {.blocks = NULL};
    struct slots slots;
    int rc = derive_wipe(replay->file, host_id, err);
    if (rc == 0) {
        rc = observation_slots(&replay->source, host_id, &slots_arena, &slots, err);
    }
    if (rc != 0) {
        arena_done(&slots_arena);
        return -1;
    }
    sqlite3_stmt *statement = db_use(db, SQL_OBSERVATIONS_OF_HOST);
    db_bind_i64(db, statement, ":host", host_id);
    rc = db_step(db, statement, err);
    while (rc > 0) {
        struct arena arena = {.blocks = NULL};
        rc = replay_row(replay, statement, &slots, &arena, err);
        arena_done(&arena);
        rc = rc == 0 ? db_step(db, statement, err) : -1;
    }
    (void)sqlite3_reset(statement);
    arena_done(&slots_arena);
    if (rc == 0) {
        statement = db_use(db, SQL_HOST_STATE_LIGHT);
        db_bind_i64(db, statement, ":host", host_id);
        rc = db_run(db, statement, err);
    }
    return rc;
}

static struct replay replay_of(struct store_file *file)
{
    return (struct replay){
        .file = file,
        .source = {.db = &file->db,
                   .content = file->content,
                   .slots_of_host = SQL_SLOTS_OF_HOST,
                   .volatile_by_id = SQL_VOLATILE_BY_ID},
        .sets = {.db = &file->db,
                 .content = file->content,
                 .scan_expectations = SQL_SCAN_EXPECTATIONS},
    };
}

int rebuild_host(struct store_file *file, int64_t host_id, struct err *err)
{
    struct replay replay = replay_of(file);
    int rc = replay_host(&replay, host_id, err);
    known_sets_done(&replay.sets);
    return rc;
}

/* The ids first: the replay changes the table that they are read from. */
static int rebuild_list(struct store_file *file, unsigned list, struct err *err)
{
    struct db *db = &file->db;
    struct replay replay = replay_of(file);
    struct arena arena = {.blocks = NULL};
    void *items = NULL;
    size_t count = 0;
    sqlite3_stmt *statement = db_use(db, list);
    int rc = db_step(db, statement, err);
    while (rc > 0) {
        int64_t *id = arena_push(&arena, &items, &count, sizeof(*id));
        if (id == NULL) {
            rc = err_memory(err);
            break;
        }
        *id = db_i64(statement, 0);
        rc = db_step(db, statement, err);
    }
    (void)sqlite3_reset(statement);
    for (size_t i = 0; i < count && rc == 0; i++) {
        rc = replay_host(&replay, ((const int64_t *)items)[i], err);
    }
    arena_done(&arena);
    known_sets_done(&replay.sets);
    return rc;
}

int rebuild_all(struct store_file *file, struct err *err)
{
    return rebuild_list(file, SQL_HOSTS_ALL, err);
}

int rebuild_marked(struct store_file *file, struct err *err)
{
    return rebuild_list(file, SQL_HOSTS_TO_REBUILD, err);
}
