/* db: one SQLite file with its prepared statements; the only way to its rows. */
#include "db/file/db.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

struct db_failure {
    int rc; /* primary code, or an extended one above the row of its primary one */
    enum err_code code;
    const char *sentence; /* after "PATH: " */
};

static const struct db_failure failures[] = {
    {SQLITE_FULL, ERR_FULL, "no space is left on the disk; free some, then run it again"},
    {SQLITE_BUSY, ERR_LOCKED, "another program is writing; wait for it, then run it again"},
    {SQLITE_LOCKED, ERR_LOCKED, "another program is writing; wait for it, then run it again"},
    {SQLITE_CORRUPT, ERR_HISTORY, "the file is damaged; restore a copy of it"},
    /* Our own statements are right, as tests have it: the tables are not what they name. */
    {SQLITE_ERROR, ERR_HISTORY, "the file is damaged; restore a copy of it"},
    {SQLITE_NOTADB, ERR_HISTORY, "not a history of pvsaudit (not a database); name another file"},
    /* Only where it is made a history has a journal to roll back, and readers may not do that. */
    {SQLITE_READONLY_ROLLBACK, ERR_HISTORY,
     "the program that made the file was cut off; run `pvsaudit scan` first"},
    {SQLITE_READONLY, ERR_IO, "the file may not be written; check its owner, mode and mount"},
    {SQLITE_PERM, ERR_IO, "the file may not be opened; check its owner and mode"},
    {SQLITE_CANTOPEN, ERR_IO, "the file or its folder cannot be opened; check path and mode"},
    {SQLITE_AUTH, ERR_IO, "the file may not be used"},
    {SQLITE_IOERR, ERR_IO, "reading or writing the file failed; check the disk"},
    {SQLITE_NOMEM, ERR_MEMORY, "out of memory"},
    {SQLITE_TOOBIG, ERR_LIMIT, "a value is larger than a row can hold"},
};

static bool is_full(int code)
{
    return code == ENOSPC || code == EDQUOT;
}

int db_system_error(const char *path, const char *doing, struct err *err)
{
    int code = errno;
    return is_full(code)
               ? err_set(err, ERR_FULL, "history",
                         "%s: no space is left on the disk; free some, then run it again "
                         "(cannot %s: %s)",
                         path, doing, strerror(code))
               : err_set(err, ERR_IO, "history", "%s: cannot %s: %s", path, doing, strerror(code));
}

/* SQLite itself knows a full disk at some calls only, and of a file that cannot be made for want of
 * an inode it has lost the reason. */
static bool is_lack_of_space(const struct db *db, int primary)
{
    struct statvfs disk;
    if (db->handle == NULL) {
        return false;
    }
    if (primary == SQLITE_CANTOPEN) {
        return statvfs(db->path, &disk) == 0 && disk.f_files > 0 && disk.f_favail == 0;
    }
    return primary == SQLITE_IOERR && is_full(sqlite3_system_errno(db->handle));
}

int db_error(const struct db *db, int rc, const char *doing, struct err *err)
{
    const char *path = db->path == NULL ? "history" : db->path;
    bool told = db->handle != NULL && sqlite3_errcode(db->handle) != SQLITE_OK;
    const char *native = told ? sqlite3_errmsg(db->handle) : sqlite3_errstr(rc);
    int primary = rc & 0xff;
    if (is_lack_of_space(db, primary)) {
        primary = SQLITE_FULL;
    }
    int system = db->handle == NULL ? 0 : sqlite3_system_errno(db->handle);
    if (primary == SQLITE_CANTOPEN && (system == EMFILE || system == ENFILE)) {
        return err_set(err, ERR_IO, "history", "%s: %s; raise the limit (ulimit -n)", path,
                       strerror(system));
    }
    for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
        if (failures[i].rc == primary || failures[i].rc == rc) {
            return err_set(err, failures[i].code, "history", "%s: %s (%s: %s)", path,
                           failures[i].sentence, doing, native);
        }
    }
    return err_set(err, ERR_INTERNAL, "history", "%s: %s failed: %s (%d)", path, doing, native, rc);
}

int db_prepare(struct db *db, const struct statement_text *texts, size_t count, struct err *err)
{
    db->statements = calloc(count, sizeof(sqlite3_stmt *));
    if (db->statements == NULL) {
        return err_memory(err);
    }
    db->texts = texts;
    db->statement_count = count;
    for (size_t i = 0; i < count; i++) {
        int rc = sqlite3_prepare_v3(db->handle, texts[i].sql, -1, SQLITE_PREPARE_PERSISTENT,
                                    &db->statements[i], NULL);
        if (rc != SQLITE_OK) {
            return db_error(db, rc, texts[i].name, err);
        }
    }
    return 0;
}

void db_close(struct db *db)
{
    for (size_t i = 0; i < db->statement_count; i++) {
        (void)sqlite3_finalize(db->statements[i]);
    }
    free(db->statements);
    (void)sqlite3_close(db->handle);
    free((char *)db->path);
    *db = (struct db){.handle = NULL};
}

sqlite3_stmt *db_use(struct db *db, unsigned id)
{
    sqlite3_stmt *statement = db->statements[id];
    (void)sqlite3_reset(statement);
    (void)sqlite3_clear_bindings(statement);
    db->bind_rc = SQLITE_OK;
    return statement;
}

static int parameter(struct db *db, sqlite3_stmt *statement, const char *name)
{
    int index = sqlite3_bind_parameter_index(statement, name);
    if (index == 0) {
        db->bind_rc = SQLITE_RANGE;
    }
    return index;
}

static void note_bind(struct db *db, int rc)
{
    if (rc != SQLITE_OK && db->bind_rc == SQLITE_OK) {
        db->bind_rc = rc;
    }
}

void db_bind_i64(struct db *db, sqlite3_stmt *statement, const char *name, int64_t value)
{
    note_bind(db, sqlite3_bind_int64(statement, parameter(db, statement, name), value));
}

void db_bind_known(struct db *db, sqlite3_stmt *statement, const char *name, int64_t value,
                   int64_t unknown)
{
    if (value != unknown) {
        db_bind_i64(db, statement, name, value);
    }
}

void db_bind_text(struct db *db, sqlite3_stmt *statement, const char *name, const char *text)
{
    note_bind(
        db, sqlite3_bind_text(statement, parameter(db, statement, name), text, -1, SQLITE_STATIC));
}

void db_bind_blob(struct db *db, sqlite3_stmt *statement, const char *name, const void *bytes,
                  size_t len)
{
    note_bind(db, sqlite3_bind_blob64(statement, parameter(db, statement, name), bytes, len,
                                      SQLITE_STATIC));
}

int db_step(struct db *db, sqlite3_stmt *statement, struct err *err)
{
    int rc = db->bind_rc == SQLITE_OK ? sqlite3_step(statement) : db->bind_rc;
    if (rc == SQLITE_ROW) {
        return 1;
    }
    if (rc == SQLITE_DONE) {
        (void)sqlite3_reset(statement);
        return 0;
    }
    const char *doing = "statement";
    for (size_t i = 0; i < db->statement_count; i++) {
        if (db->statements[i] == statement) {
            doing = db->texts[i].name;
        }
    }
    int result = db_error(db, rc, doing, err);
    (void)sqlite3_reset(statement);
    return result;
}

int db_run(struct db *db, sqlite3_stmt *statement, struct err *err)
{
    int rc = db_step(db, statement, err);
    if (rc > 0) {
        (void)sqlite3_reset(statement);
    }
    return rc < 0 ? -1 : 0;
}

int64_t db_i64(sqlite3_stmt *statement, int column)
{
    return sqlite3_column_int64(statement, column);
}

int64_t db_known(sqlite3_stmt *statement, int column, int64_t unknown)
{
    return sqlite3_column_type(statement, column) == SQLITE_NULL
               ? unknown
               : sqlite3_column_int64(statement, column);
}

const char *db_text(sqlite3_stmt *statement, int column, struct arena *arena)
{
    const unsigned char *text = sqlite3_column_text(statement, column);
    if (text == NULL) {
        return NULL;
    }
    return arena_strndup(arena, (const char *)text,
                         (size_t)sqlite3_column_bytes(statement, column));
}

int db_exec(struct db *db, const char *sql, struct err *err)
{
    int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    const char *doing = sqlite3_db_readonly(db->handle, "main") == 1 ? "reading" : "writing";
    return rc == SQLITE_OK ? 0 : db_error(db, rc, doing, err);
}

int db_begin(struct db *db, struct err *err)
{
    if (db->in_transaction) {
        return 0;
    }
    if (db_exec(db, "BEGIN IMMEDIATE", err) != 0) {
        return -1;
    }
    db->in_transaction = true;
    return 0;
}

int db_commit(struct db *db, struct err *err)
{
    if (!db->in_transaction) {
        return 0;
    }
    if (db_exec(db, "COMMIT", err) != 0) {
        db_rollback(db);
        return -1;
    }
    db->in_transaction = false;
    return 0;
}

void db_rollback(struct db *db)
{
    for (size_t i = 0; i < db->statement_count; i++) {
        (void)sqlite3_reset(db->statements[i]);
    }
    /* SQLite has rolled back by itself after some errors; then this one says so and is ignored. */
    if (db->handle != NULL && sqlite3_get_autocommit(db->handle) == 0) {
        (void)sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
    }
    db->in_transaction = false;
}

int db_number(struct db *db, const char *sql, int64_t *ret, struct err *err)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(db->handle, sql, -1, &statement, NULL);
    if (rc == SQLITE_OK) {
        rc = sqlite3_step(statement);
    }
    if (rc == SQLITE_ROW) {
        *ret = sqlite3_column_int64(statement, 0);
    }
    int result = rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : db_error(db, rc, "reading", err);
    (void)sqlite3_finalize(statement);
    return result;
}
