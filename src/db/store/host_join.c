/* host_join: each visit decoded and written under the other host, with the scan that it was of. */
#include "db/store/host_join.h"

#include "core/str.h"
#include "db/reading/known_sets.h"
#include "db/reading/observation.h"
#include "db/store/derive.h"
#include "db/store/rebuild.h"

struct join {
    struct store_file *file;
    struct truth *truth;
    struct observation_source source;
    struct known_sets sets;
    int64_t to_id, from_id;
    struct slots slots; /* addresses of `from` */
};

/* The newest machine of the host; *ret_count: how many it was. */
static int machine_of(struct db *db, int64_t host_id, struct arena *arena, const char **ret_id,
                      size_t *ret_count, struct err *err)
{
    sqlite3_stmt *statement = db_use(db, SQL_MACHINES_OF_HOST);
    db_bind_i64(db, statement, ":host", host_id);
    int rc = db_step(db, statement, err);
    *ret_id = NULL;
    *ret_count = 0;
    while (rc > 0) {
        if (*ret_count == 0) {
            *ret_id = db_text(statement, 0, arena);
        }
        (*ret_count)++;
        rc = db_step(db, statement, err);
    }
    return rc;
}

int host_join_check(struct store_file *file, const struct host_name *to,
                    const struct host_name *from, struct err *err)
{
    struct arena arena = {.blocks = NULL};
    const char *old = NULL;
    const char *now = NULL;
    size_t old_count = 0;
    size_t now_count = 0;
    int rc = machine_of(&file->db, to->id, &arena, &old, &old_count, err);
    if (rc == 0) {
        rc = machine_of(&file->db, from->id, &arena, &now, &now_count, err);
    }
    if (rc == 0 && (old == NULL || now == NULL)) {
        rc = err_set(err, ERR_USAGE, "history",
                     "%s and %s are both in the history, and the machine id of %s is not known: "
                     "nobody can tell that they are one server",
                     to->name, from->name, old == NULL ? to->name : from->name);
    } else if (rc == 0 && (!str_ieq(old, now) || now_count != 1)) {
        rc = err_set(err, ERR_USAGE, "history",
                     "%s and %s are both in the history, and they are not one server: the machine "
                     "ids are %.60s and %.60s%s",
                     to->name, from->name, old, now,
                     now_count > 1 ? ", after another machine of that name" : "");
    }
    arena_done(&arena);
    return rc;
}

static int write_visit(struct join *join, const struct observation *row, struct arena *arena,
                       struct err *err)
{
    struct snapshot snapshot;
    struct host declared = {.name = NULL};
    bool is_declared = false;
    struct addition addition = {.snapshot = &snapshot,
                                .host_id = join->to_id,
                                .source_id = row->source_id,
                                .scan_id = row->scan_id};
    if (known_sets_of_scan(&join->sets, row->scan_id, &addition.expectations, err) != 0 ||
        observation_declared(&join->source, row, arena, &declared, &is_declared, err) != 0) {
        return -1;
    }
    addition.host = is_declared ? &declared : NULL;
    int rc = observation_decode(&join->source, row, &join->slots, &snapshot, err);
    if (rc == 0) {
        rc = truth_has(join->truth, &addition, err);
    }
    if (rc > 0) {
        rc = err_set(err, ERR_USAGE, "history",
                     "both names were visited in the same millisecond: one of the two visits would "
                     "be lost");
    } else if (rc == 0 && truth_code(join->truth, &addition, arena, err) != 0) {
        rc = -1;
    } else if (rc == 0) {
        rc = truth_write(join->truth, &addition, addition.repeats_ms != 0, err);
    }
    snapshot_done(&snapshot);
    return rc;
}

/* The rows that are written meanwhile are another host's. */
static int move_visits(struct join *join, int64_t *ret_moved, struct err *err)
{
    struct db *db = &join->file->db;
    sqlite3_stmt *statement = db_use(db, SQL_OBSERVATIONS_OF_HOST);
    db_bind_i64(db, statement, ":host", join->from_id);
    int rc = db_step(db, statement, err);
    while (rc > 0) {
        struct arena arena = {.blocks = NULL};
        struct observation row;
        rc = observation_take(&join->source, statement, &arena, &row, err) == 0 &&
                     write_visit(join, &row, &arena, err) == 0
                 ? db_step(db, statement, err)
                 : -1;
        arena_done(&arena);
        *ret_moved += 1;
    }
    (void)sqlite3_reset(statement);
    if (rc == 0) {
        statement = db_use(db, SQL_OBSERVATIONS_DROP);
        db_bind_i64(db, statement, ":host", join->from_id);
        rc = db_run(db, statement, err);
    }
    return rc;
}

static int move_rest(struct join *join, struct err *err)
{
    static const unsigned moves[] = {SQL_MOVE_EVIDENCE, SQL_MOVE_HOLD, SQL_MOVE_DECISION_READING,
                                     SQL_MOVE_RENAMING};
    static const unsigned drops[] = {SQL_DROP_ADDRESSES, SQL_HOST_DROP};
    struct db *db = &join->file->db;
    for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
        sqlite3_stmt *statement = db_use(db, moves[i]);
        db_bind_i64(db, statement, ":to", join->to_id);
        db_bind_i64(db, statement, ":host", join->from_id);
        if (db_run(db, statement, err) != 0) {
            return -1;
        }
    }
    if (derive_wipe(join->file, join->from_id, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < sizeof(drops) / sizeof(drops[0]); i++) {
        sqlite3_stmt *statement = db_use(db, drops[i]);
        db_bind_i64(db, statement, ":host", join->from_id);
        if (db_run(db, statement, err) != 0) {
            return -1;
        }
    }
    return 0;
}

int host_join(struct store_file *file, struct truth *truth, const struct host_name *to,
              const struct host_name *from, int64_t *ret_moved, struct err *err)
{
    struct join join = {
        .file = file,
        .truth = truth,
        .source = {.db = &file->db,
                   .content = file->content,
                   .slots_of_host = SQL_SLOTS_OF_HOST,
                   .volatile_by_id = SQL_VOLATILE_BY_ID},
        .sets = {.db = &file->db,
                 .content = file->content,
                 .scan_expectations = SQL_SCAN_EXPECTATIONS},
        .to_id = to->id,
        .from_id = from->id,
    };
    struct arena arena = {.blocks = NULL};
    int rc = observation_slots(&join.source, from->id, &arena, &join.slots, err);
    *ret_moved = 0;
    if (rc == 0) {
        rc = move_visits(&join, ret_moved, err);
    }
    if (rc == 0) {
        rc = move_rest(&join, err);
    }
    if (rc == 0) {
        rc = rebuild_host(file, to->id, err);
    }
    known_sets_done(&join.sets);
    arena_done(&arena);
    return rc;
}
