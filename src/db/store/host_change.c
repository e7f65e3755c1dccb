/* host_change: a mark on the host's row, or another name in it. */
#include "db/store/host_change.h"

#include "core/str.h"
#include "db/store/host_join.h"
#include "db/store/host_row.h"

#include <string.h>

static bool means(const char *text, bool pattern, const struct host_name *name, struct arena *arena)
{
    if (!pattern) {
        return host_name_matches(text, name->source, name->name);
    }
    const char *full = arena_printf(arena, "%s:%s", name->source, name->name);
    return str_match(text, name->name) || (full != NULL && str_match(text, full));
}

static int note(struct store_changes *changes, const struct host_name *name, int64_t time_ms,
                int64_t moved, struct err *err)
{
    void *items = changes->rows;
    struct store_change *row = arena_push(&changes->arena, &items, &changes->count, sizeof(*row));
    changes->rows = items;
    if (row == NULL) {
        return err_memory(err);
    }
    row->name = arena_strdup(&changes->arena, name->name);
    row->source = arena_strdup(&changes->arena, name->source);
    row->time_ms = time_ms;
    row->moved = moved;
    return row->name == NULL || row->source == NULL ? err_memory(err) : 0;
}

/* A visit of the future, by this clock, would undo it at once. */
static int newest_of(struct store_file *file, int64_t host_id, struct arena *arena, int64_t *ret,
                     struct err *err)
{
    struct host_row row;
    if (host_row_load(&file->db, host_id, arena, &row, err) < 0) {
        return -1;
    }
    *ret = row.there ? row.newest_ms : 0;
    return 0;
}

static int retire_one(struct store_file *file, const struct host_name *name, int64_t time_ms,
                      bool undo, struct store_changes *changes, struct err *err)
{
    struct db *db = &file->db;
    struct arena arena = {.blocks = NULL};
    int64_t newest_ms = 0;
    int rc = newest_of(file, name->id, &arena, &newest_ms, err);
    arena_done(&arena);
    if (rc != 0) {
        return -1;
    }
    int64_t from_ms = undo ? 0 : time_ms > newest_ms ? time_ms : newest_ms;
    sqlite3_stmt *statement = db_use(db, SQL_HOST_RETIRE);
    db_bind_known(db, statement, ":time", from_ms, 0);
    db_bind_i64(db, statement, ":host", name->id);
    return db_run(db, statement, err) != 0 ? -1 : note(changes, name, from_ms, 0, err);
}

int host_change_retire(struct store_file *file, const char *text, int64_t time_ms, bool undo,
                       struct store_changes *changes, struct err *err)
{
    struct arena arena = {.blocks = NULL};
    struct host_name *names = NULL;
    size_t count = 0;
    size_t before = changes->count;
    int64_t id = 0;
    bool pattern = strpbrk(text, "*?") != NULL;
    int rc = pattern ? 0 : named_host_find(&file->db, SQL_HOSTS_NAMED, text, &id, err);
    if (rc == 0) {
        rc = named_host_list(&file->db, SQL_HOSTS_NAMED, &arena, &names, &count, err);
    }
    for (size_t i = 0; i < count && rc == 0; i++) {
        if (means(text, pattern, &names[i], &arena)) {
            rc = retire_one(file, &names[i], time_ms, undo, changes, err);
        }
    }
    if (rc == 0 && changes->count == before) {
        rc = err_set(err, ERR_USAGE, "history", "%.100s matches no host of the history", text);
    }
    arena_done(&arena);
    return rc;
}

struct renaming {
    struct host_name old;
    const struct host_name *there; /* the host that has the name now; NULL = none */
};

static int look_up(struct store_file *file, const char *old, const char *name, struct arena *arena,
                   struct renaming *ret, struct err *err)
{
    struct host_name *names = NULL;
    size_t count = 0;
    int64_t id = 0;
    if (named_host_find(&file->db, SQL_HOSTS_NAMED, old, &id, err) != 0 ||
        named_host_list(&file->db, SQL_HOSTS_NAMED, arena, &names, &count, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (names[i].id == id) {
            ret->old = names[i];
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (names[i].source_id == ret->old.source_id && str_eq(names[i].name, name)) {
            ret->there = &names[i];
        }
    }
    return ret->there != NULL && ret->there->id == id
               ? err_set(err, ERR_USAGE, "history", "%s has that name already", old)
               : 0;
}

/* Scopes that were written down before still have the old name. */
static int give_name(struct store_file *file, const struct host_name *old, const char *name,
                     int64_t time_ms, struct err *err)
{
    struct db *db = &file->db;
    int64_t newest_ms = 0;
    sqlite3_stmt *statement = db_use(db, SQL_NEWEST_VISIT);
    int rc = db_step(db, statement, err);
    if (rc < 0) {
        return -1;
    }
    newest_ms = rc > 0 ? db_i64(statement, 0) : 0;
    (void)sqlite3_reset(statement);
    statement = db_use(db, SQL_HOST_RENAME);
    db_bind_i64(db, statement, ":host", old->id);
    db_bind_text(db, statement, ":name", name);
    if (db_run(db, statement, err) != 0) {
        return -1;
    }
    statement = db_use(db, SQL_RENAMING_INSERT);
    db_bind_i64(db, statement, ":source", old->source_id);
    db_bind_text(db, statement, ":name", old->name);
    db_bind_i64(db, statement, ":time", time_ms > newest_ms ? time_ms : newest_ms);
    db_bind_i64(db, statement, ":host", old->id);
    return db_run(db, statement, err);
}

int host_change_rename(struct store_file *file, struct truth *truth, const char *old,
                       const char *name, int64_t time_ms, struct store_changes *changes,
                       struct err *err)
{
    struct arena arena = {.blocks = NULL};
    struct renaming renaming = {.there = NULL};
    int64_t moved = 0;
    int rc = look_up(file, old, name, &arena, &renaming, err);
    if (rc == 0 && renaming.there != NULL) {
        rc = host_join_check(file, &renaming.old, renaming.there, err);
        if (rc == 0) {
            rc = host_join(file, truth, &renaming.old, renaming.there, &moved, err);
        }
    }
    if (rc == 0) {
        rc = give_name(file, &renaming.old, name, time_ms, err);
    }
    if (rc == 0) {
        renaming.old.name = name;
        rc = note(changes, &renaming.old, time_ms, moved, err);
    }
    arena_done(&arena);
    return rc;
}
