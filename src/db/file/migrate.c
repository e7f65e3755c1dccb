/* migrate: the schema, replayed from its numbered files, forward only. */
#include "db/file/migrate.h"

#include "core/str.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { COPY_PATH_MAX = 4096 };

/* 0 for a file without a number (views.sql). */
static int64_t number_of(const struct embedded_file *file)
{
    size_t digits = strspn(file->name, "0123456789");
    int64_t number = 0;
    return digits > 0 && str_i64((struct slice){file->name, digits}, &number) ? number : 0;
}

int64_t migrate_newest(const struct embedded_file *files)
{
    int64_t newest = 0;
    for (; files->name != NULL; files++) {
        newest = number_of(files) > newest ? number_of(files) : newest;
    }
    return newest;
}

static int foreign(const struct db *db, struct err *err)
{
    return err_set(err, ERR_HISTORY, "history",
                   "%s is a database, but not a history of pvsaudit; name another file with --db",
                   db->path);
}

int migrate_look(struct db *db, const struct embedded_file *files, enum migrate_state *ret,
                 struct err *err)
{
    int64_t tables = 0;
    int64_t application = 0;
    int64_t version = 0;
    int64_t newest = migrate_newest(files);
    if (db_number(db, "SELECT count(*) FROM sqlite_schema", &tables, err) != 0 ||
        db_number(db, "PRAGMA application_id", &application, err) != 0 ||
        db_number(db, "PRAGMA user_version", &version, err) != 0) {
        return -1;
    }
    if (tables == 0 && application == 0 && version == 0) {
        *ret = MIGRATE_EMPTY;
        return 0;
    }
    if (application != MIGRATE_APPLICATION_ID || version < 1) {
        return foreign(db, err);
    }
    if (version > newest) {
        return err_set(err, ERR_HISTORY, "history",
                       "%s was written by a newer pvsaudit (schema %" PRId64
                       ", this program knows %" PRId64 "); use that one",
                       db->path, version, newest);
    }
    *ret = version == newest ? MIGRATE_CURRENT : MIGRATE_OLDER;
    return 0;
}

/* A copy as it was, PATH.before-NNNN; one of an attempt that failed is replaced. */
static int copy(struct db *db, int64_t version, struct err *err)
{
    char path[COPY_PATH_MAX];
    sqlite3_stmt *statement = NULL;
    int len = snprintf(path, sizeof(path), "%s.before-%04" PRId64, db->path, version);
    if (len < 0 || (size_t)len >= sizeof(path)) {
        return err_set(err, ERR_IO, "history", "%s: the path is too long", db->path);
    }
    (void)unlink(path);
    int rc = sqlite3_prepare_v2(db->handle, "VACUUM INTO :copy", -1, &statement, NULL);
    if (rc == SQLITE_OK) {
        rc = sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC);
    }
    if (rc == SQLITE_OK) {
        rc = sqlite3_step(statement);
    }
    (void)sqlite3_finalize(statement);
    return rc == SQLITE_DONE ? 0 : db_error(db, rc, "copying the file before the upgrade", err);
}

static int check_keys(struct db *db, const char *name, struct err *err)
{
    int64_t broken = 0;
    if (db_number(db, "SELECT count(*) FROM pragma_foreign_key_check", &broken, err) != 0) {
        return -1;
    }
    return broken == 0
               ? 0
               : err_set(err, ERR_HISTORY, "history",
                         "%s: %s leaves %" PRId64 " rows that name nothing; the file is as it was",
                         db->path, name, broken);
}

/* One numbered file; the newest one brings the views with it. */
static int replay(struct db *db, const struct embedded_file *file,
                  const struct embedded_file *views, struct err *err)
{
    int64_t version = 0;
    int64_t number = number_of(file);
    if (db_exec(db, file->text, err) != 0 ||
        (views != NULL && db_exec(db, views->text, err) != 0) ||
        check_keys(db, file->name, err) != 0 ||
        db_number(db, "PRAGMA user_version", &version, err) != 0) {
        return -1;
    }
    return version == number ? 0
                             : err_set(err, ERR_INTERNAL, "history",
                                       "it does not set user_version %" PRId64, number);
}

static int apply(struct db *db, const struct embedded_file *file, const struct embedded_file *views,
                 struct err *err)
{
    int64_t version = 0;
    if (db_begin(db, err) != 0) {
        return -1;
    }
    if (db_number(db, "PRAGMA user_version", &version, err) != 0) {
        db_rollback(db);
        return -1;
    }
    /* Another program may have done it while this one waited for the lock. */
    if (version < number_of(file) && replay(db, file, views, err) != 0) {
        db_rollback(db);
        return err_prefix(err, "schema %s: ", file->name);
    }
    return db_commit(db, err);
}

static const struct embedded_file *views_of(const struct embedded_file *files)
{
    while (files->name != NULL && number_of(files) != 0) {
        files++;
    }
    return files->name == NULL ? NULL : files;
}

int migrate_run(struct db *db, const struct embedded_file *files, struct err *err)
{
    enum migrate_state state = MIGRATE_EMPTY;
    int64_t version = 0;
    int64_t newest = migrate_newest(files);
    if (migrate_look(db, files, &state, err) != 0 || state == MIGRATE_CURRENT) {
        return state == MIGRATE_CURRENT ? 0 : -1;
    }
    if (db_number(db, "PRAGMA user_version", &version, err) != 0 ||
        (state == MIGRATE_OLDER && copy(db, version, err) != 0) ||
        db_exec(db, "PRAGMA foreign_keys = OFF", err) != 0) {
        return -1;
    }
    int rc = 0;
    for (size_t i = 0; files[i].name != NULL && rc == 0; i++) {
        int64_t number = number_of(&files[i]);
        if (number > version) {
            rc = apply(db, &files[i], number == newest ? views_of(files) : NULL, err);
        }
    }
    return rc != 0 ? -1 : db_exec(db, "PRAGMA foreign_keys = ON", err);
}
