/* db: one SQLite file with its prepared statements; the only way to its rows. */
#ifndef PVSAUDIT_DB_FILE_DB_H
#define PVSAUDIT_DB_FILE_DB_H

#include "core/arena.h"
#include "core/err.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A table of statements: row i is prepared as statement i. Parameters are named (:host). */
struct statement_text {
    const char *name;
    const char *sql;
};

struct db {
    sqlite3 *handle;
    const char *path; /* owned */
    const struct statement_text *texts;
    sqlite3_stmt **statements;
    size_t statement_count;
    int bind_rc; /* the first bind since db_use that failed */
    bool in_transaction;
};

/* Every SQLite result that is an error, as a sentence; returns -1. rc may be an extended code. */
int db_error(const struct db *db, int rc, const char *doing, struct err *err);
/* The same for errno after a call of the system; doing: "make the folder". */
int db_system_error(const char *path, const char *doing, struct err *err);

/* Prepares the whole table, so that drift between schema and statements fails at start. */
int db_prepare(struct db *db, const struct statement_text *texts, size_t count, struct err *err);
void db_close(struct db *db); /* finalizes, closes, frees the path */

/* Statement id, reset and without bindings. */
sqlite3_stmt *db_use(struct db *db, unsigned id);
void db_bind_i64(struct db *db, sqlite3_stmt *statement, const char *name, int64_t value);
/* NULL where value equals unknown. */
void db_bind_known(struct db *db, sqlite3_stmt *statement, const char *name, int64_t value,
                   int64_t unknown);
/* Borrowed until the next use of the statement; NULL binds NULL. */
void db_bind_text(struct db *db, sqlite3_stmt *statement, const char *name, const char *text);
void db_bind_blob(struct db *db, sqlite3_stmt *statement, const char *name, const void *bytes,
                  size_t len);
/* 1: a row is there. 0: done, and the statement is reset. -1: err, and it is reset. */
int db_step(struct db *db, sqlite3_stmt *statement, struct err *err);
/* For statements that yield no row: 0 or -1. */
int db_run(struct db *db, sqlite3_stmt *statement, struct err *err);

int64_t db_i64(sqlite3_stmt *statement, int column);
int64_t db_known(sqlite3_stmt *statement, int column, int64_t unknown); /* unknown where NULL */
/* Copied into arena; NULL where NULL or out of memory. */
const char *db_text(sqlite3_stmt *statement, int column, struct arena *arena);

/* Text that is no statement of the table: pragmas, BEGIN IMMEDIATE, COMMIT, schema files. */
int db_exec(struct db *db, const char *sql, struct err *err);
int db_begin(struct db *db, struct err *err); /* BEGIN IMMEDIATE; nothing where one is open */
int db_commit(struct db *db, struct err *err); /* rolls back where it fails */
void db_rollback(struct db *db);
/* One number that a query or pragma yields. */
int db_number(struct db *db, const char *sql, int64_t *ret, struct err *err);

#endif
