/* sql: a person's own statements over the history, read-only and under limits, row by row. */
#ifndef PVSAUDIT_DB_SQL_SQL_H
#define PVSAUDIT_DB_SQL_SQL_H

#include "core/err.h"
#include "db/query/query.h"
#include "db/sql/sql_parameter.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SQL_MEMORY_MAX = 256 << 20, /* bytes that SQLite may take in this process */
    SQL_VALUE_MAX = 16 << 20, /* bytes of one value */
    SQL_TEXT_MAX = 1 << 20, /* bytes of one statement */
    SQL_COLUMN_MAX = 128,
};

struct sql_options {
    int64_t timeout_ms; /* of work on one statement: what its reader does meanwhile is free */
    const volatile sig_atomic_t *interrupted; /* not 0: the statement stops; NULL = never */
};

/* One statement at a time. */
struct sql;

/* Opens path a second time, closed to everything but reading; query, which binding_at asks, is
 * borrowed. The errors are those of query_open. */
int sql_open(const char *path, struct query *query, const struct sql_options *options,
             struct sql **ret, struct err *err);
void sql_close(struct sql *sql);

/* Takes the first statement of text, which is NUL-terminated and lives until sql_stop, and its
 * values. 1: it is ready, *ret_used bytes were its own; 0: only blanks and comments were left.
 * ERR_USAGE: it is wrong, would write, or lacks a value (sql_error_offset tells where). */
int sql_start(struct sql *sql, const char *text, struct sql_parameter *parameters,
              size_t parameter_count, size_t *ret_used, struct err *err);
size_t sql_column_count(const struct sql *sql);
const char *sql_column_name(const struct sql *sql, size_t column);
/* 1: a row stands ready; 0: there are no more. ERR_LIMIT: a limit, named; ERR_CANCELLED:
 * interrupted. After an error only sql_stop makes sense. */
int sql_next(struct sql *sql, struct err *err);
/* Of the row that stands ready; bytes are borrowed until the next call. */
struct sql_value sql_value(const struct sql *sql, size_t column);
void sql_stop(struct sql *sql);

/* Work that is left of timeout_ms: what a watch outside may wait for. */
int64_t sql_left_ms(const struct sql *sql);
/* Byte of the text at which the last failure of sql_start lies; -1 = not known. */
int sql_error_offset(const struct sql *sql);
/* Whether text ends with a whole statement, or with nothing begun. */
bool sql_is_whole(const char *text);

#endif
