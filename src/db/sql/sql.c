/* sql: one statement at a time over a connection that can do nothing but read. */
#include "db/sql/sql.h"

#include "core/clock.h"
#include "core/embedded.h"
#include "core/str.h"
#include "db/file/open.h"
#include "db/sql/binding_at.h"
#include "db/sql/sql_guard.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_BETWEEN_LOOKS = 2000 };

struct sql {
    struct db db;
    struct sql_guard guard;
    struct sql_options options;
    sqlite3_stmt *statement;
    int64_t spent_ms; /* of work on the statement, before the call that runs now */
    int64_t called_ms; /* when that began; 0 = none runs */
    int error_offset;
};

int64_t sql_left_ms(const struct sql *sql)
{
    int64_t running_ms = sql->called_ms == 0 ? 0 : clock_monotonic_ms() - sql->called_ms;
    int64_t left_ms = sql->options.timeout_ms - sql->spent_ms - running_ms;
    return left_ms > 0 ? left_ms : 0;
}

static bool is_interrupted(const struct sql *sql)
{
    return sql->options.interrupted != NULL && *sql->options.interrupted != 0;
}

static int look(void *data)
{
    const struct sql *sql = data;
    return is_interrupted(sql) || sql_left_ms(sql) == 0;
}

static void work_begins(struct sql *sql)
{
    sql->called_ms = clock_monotonic_ms();
}

static void work_ends(struct sql *sql)
{
    sql->spent_ms += clock_monotonic_ms() - sql->called_ms;
    sql->called_ms = 0;
}

int sql_open(const char *path, struct query *query, const struct sql_options *options,
             struct sql **ret, struct err *err)
{
    struct sql *sql = calloc(1, sizeof(*sql));
    if (sql == NULL) {
        return err_memory(err);
    }
    sql->options = *options;
    sql->error_offset = -1;
    if (open_reader(path, schema_embedded, &sql->db, err) != 0 ||
        binding_at_register(&sql->db, query, err) != 0 ||
        sql_guard_close(&sql->db, &sql->guard, err) != 0) {
        sql_close(sql);
        return -1;
    }
    sqlite3_progress_handler(sql->db.handle, STEPS_BETWEEN_LOOKS, look, sql);
    *ret = sql;
    return 0;
}

void sql_close(struct sql *sql)
{
    if (sql != NULL) {
        sql_stop(sql);
        db_close(&sql->db);
        free(sql);
    }
}

static int refuse(const char *what, struct err *err)
{
    return err_set(err, ERR_USAGE, "sql", "only reading is allowed here: %s is refused", what);
}

static int too_long(const struct sql *sql, struct err *err)
{
    if (is_interrupted(sql)) {
        return err_set(err, ERR_CANCELLED, "sql", "interrupted");
    }
    return err_set(err, ERR_LIMIT, "sql",
                   "the statement took longer than %" PRId64 " ms; narrow it, or give it more "
                   "with --timeout",
                   sql->options.timeout_ms);
}

/* What SQLite says of a statement that a person wrote. */
static int failed(const struct sql *sql, int rc, struct err *err)
{
    switch (rc & 0xff) {
    case SQLITE_INTERRUPT:
        return too_long(sql, err);
    case SQLITE_AUTH:
    case SQLITE_READONLY:
        return refuse(sql->guard.refused[0] != '\0' ? sql->guard.refused : "writing", err);
    case SQLITE_NOMEM:
        return err_set(err, ERR_LIMIT, "sql",
                       "the statement needs more than %d MiB of memory; narrow it with WHERE or "
                       "LIMIT",
                       SQL_MEMORY_MAX >> 20);
    case SQLITE_TOOBIG:
        return err_set(err, ERR_LIMIT, "sql",
                       "a value would be larger than %d MiB, or the "
                       "statement is longer than %d MiB",
                       SQL_VALUE_MAX >> 20, SQL_TEXT_MAX >> 20);
    case SQLITE_ERROR:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
    case SQLITE_CONSTRAINT:
        break;
    default:
        return db_error(&sql->db, rc, "sql", err);
    }
    const char *text = sqlite3_errmsg(sql->db.handle);
    if (sql->guard.refused[0] != '\0' && str_starts(text, "not authorized")) {
        return refuse(sql->guard.refused, err);
    }
    return err_set(err, ERR_USAGE, "sql", "%.900s", text);
}

static int bind(struct sql *sql, int place, const struct sql_value *value)
{
    switch (value->type) {
    case SQL_INTEGER:
        return sqlite3_bind_int64(sql->statement, place, value->integer);
    case SQL_REAL:
        return sqlite3_bind_double(sql->statement, place, value->real);
    case SQL_TEXT:
        return sqlite3_bind_text(sql->statement, place, value->bytes, (int)value->len,
                                 SQLITE_STATIC);
    case SQL_BLOB:
    case SQL_NULL:
        break;
    }
    return sqlite3_bind_null(sql->statement, place);
}

static int bind_all(struct sql *sql, struct sql_parameter *parameters, size_t count,
                    struct err *err)
{
    int places = sqlite3_bind_parameter_count(sql->statement);
    for (int place = 1; place <= places; place++) {
        const char *name = sqlite3_bind_parameter_name(sql->statement, place);
        if (name == NULL || name[0] == '?') {
            return err_set(err, ERR_USAGE, "sql",
                           "a parameter without a name: write :NAME in place of ?");
        }
        struct sql_parameter *row = sql_parameter_find(parameters, count, name + 1);
        if (row == NULL) {
            return err_set(err, ERR_USAGE, "sql", "%.60s has no value: give --param %.60s=VALUE",
                           name, name + 1);
        }
        row->used = true;
        int rc = bind(sql, place, &row->value);
        if (rc != SQLITE_OK) {
            return failed(sql, rc, err);
        }
    }
    return 0;
}

static int prepare(struct sql *sql, const char *text, size_t *ret_used, struct err *err)
{
    const char *rest = text;
    sql->guard.refused[0] = '\0';
    work_begins(sql);
    int rc = sqlite3_prepare_v2(sql->db.handle, text, -1, &sql->statement, &rest);
    work_ends(sql);
    if (rc != SQLITE_OK) {
        sql->error_offset = sqlite3_error_offset(sql->db.handle);
        return failed(sql, rc, err);
    }
    *ret_used = (size_t)(rest - text);
    return 0;
}

int sql_start(struct sql *sql, const char *text, struct sql_parameter *parameters,
              size_t parameter_count, size_t *ret_used, struct err *err)
{
    sql_stop(sql);
    if (prepare(sql, text, ret_used, err) != 0) {
        return -1;
    }
    if (sql->statement == NULL) {
        return 0;
    }
    if (sqlite3_stmt_readonly(sql->statement) == 0) {
        return refuse("a statement that writes", err);
    }
    return bind_all(sql, parameters, parameter_count, err) == 0 ? 1 : -1;
}

size_t sql_column_count(const struct sql *sql)
{
    return (size_t)sqlite3_column_count(sql->statement);
}

const char *sql_column_name(const struct sql *sql, size_t column)
{
    const char *name = sqlite3_column_name(sql->statement, (int)column);
    return name == NULL ? "" : name;
}

int sql_next(struct sql *sql, struct err *err)
{
    if (is_interrupted(sql)) {
        return too_long(sql, err);
    }
    work_begins(sql);
    int rc = sqlite3_step(sql->statement);
    work_ends(sql);
    if (rc == SQLITE_ROW || rc == SQLITE_DONE) {
        return rc == SQLITE_ROW;
    }
    return failed(sql, rc, err);
}

struct sql_value sql_value(const struct sql *sql, size_t place)
{
    int column = (int)place;
    struct sql_value value = {.type = SQL_NULL};
    switch (sqlite3_column_type(sql->statement, column)) {
    case SQLITE_INTEGER:
        value.type = SQL_INTEGER;
        value.integer = sqlite3_column_int64(sql->statement, column);
        break;
    case SQLITE_FLOAT:
        value.type = SQL_REAL;
        value.real = sqlite3_column_double(sql->statement, column);
        break;
    case SQLITE_TEXT:
        value.type = SQL_TEXT;
        value.bytes = (const char *)sqlite3_column_text(sql->statement, column);
        break;
    case SQLITE_BLOB:
        value.type = SQL_BLOB;
        value.bytes = sqlite3_column_blob(sql->statement, column);
        break;
    default:
        break;
    }
    if (value.type == SQL_TEXT || value.type == SQL_BLOB) {
        value.len = value.bytes == NULL ? 0 : (size_t)sqlite3_column_bytes(sql->statement, column);
        value.bytes = value.bytes == NULL ? "" : value.bytes;
    }
    return value;
}

void sql_stop(struct sql *sql)
{
    (void)sqlite3_finalize(sql->statement);
    sql->statement = NULL;
    sql->spent_ms = 0;
    sql->error_offset = -1;
}

int sql_error_offset(const struct sql *sql)
{
    return sql->error_offset;
}

bool sql_is_whole(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '\0' || sqlite3_complete(text) != 0;
}
