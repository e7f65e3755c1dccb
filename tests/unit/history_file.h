/* history_file: looking at a history's file from outside, by SQLite itself. */
#ifndef PVSAUDIT_TESTS_HISTORY_FILE_H
#define PVSAUDIT_TESTS_HISTORY_FILE_H

#include "history_scene.h"

#include "core/buf.h"

#include <sqlite3.h>

static inline void file_exec(const char *path, const char *sql)
{
    sqlite3 *handle = NULL;
    assert_int_equal(
        sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL),
        SQLITE_OK);
    if (sqlite3_exec(handle, sql, NULL, NULL, NULL) != SQLITE_OK) {
        fail_msg("%s: %s", sql, sqlite3_errmsg(handle));
    }
    assert_int_equal(sqlite3_close(handle), SQLITE_OK);
}

/* All rows of a statement, columns separated by '|', rows by LF. Free with free(3). */
static inline char *file_rows(const char *path, const char *sql)
{
    sqlite3 *handle = NULL;
    sqlite3_stmt *statement = NULL;
    struct buf rows;
    buf_init(&rows, (size_t)64 * 1024 * 1024);
    assert_int_equal(sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(handle, sql, -1, &statement, NULL) != SQLITE_OK) {
        fail_msg("%s: %s", sql, sqlite3_errmsg(handle));
    }
    while (sqlite3_step(statement) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            const char *text = (const char *)sqlite3_column_text(statement, i);
            (void)buf_puts(&rows, text == NULL ? "NULL" : text);
            (void)buf_putc(&rows, '|');
        }
        (void)buf_putc(&rows, '\n');
    }
    assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
    assert_int_equal(sqlite3_close(handle), SQLITE_OK);
    return buf_take(&rows);
}

static inline int64_t file_number(const char *path, const char *sql)
{
    char *rows = file_rows(path, sql);
    int64_t number = strtoll(rows, NULL, 10);
    free(rows);
    return number;
}

static inline void file_text_is(const char *path, const char *sql, const char *expect)
{
    char *rows = file_rows(path, sql);
    if (strcmp(rows, expect) != 0) {
        fail_msg("%s\ngives %s\nnot   %s", sql, rows, expect);
    }
    free(rows);
}

/* Every derived row of a history. */
static inline char *file_derived(const char *path)
{
    static const char *const tables[] = {
        "SELECT 'host_state', * FROM host_state ORDER BY host_id",
        "SELECT 'machine', * FROM machine ORDER BY host_id, machine_no",
        "SELECT 'build', * FROM build ORDER BY host_id, first_ms",
        "SELECT 'boot', * FROM boot ORDER BY host_id, boot_no",
        "SELECT 'watch', * FROM watch ORDER BY host_id, expectation_id",
        "SELECT 'span', * FROM span ORDER BY host_id, expectation_id, first_ms",
        "SELECT 'gap', * FROM gap ORDER BY host_id, expectation_id, first_ms",
        "SELECT 'finding', * FROM finding ORDER BY host_id, expectation_id, first_bad_ms",
    };
    struct buf all;
    buf_init(&all, (size_t)64 * 1024 * 1024);
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        char *rows = file_rows(path, tables[i]);
        (void)buf_puts(&all, rows);
        free(rows);
    }
    return buf_take(&all);
}

static inline void same_derived(const char *a, const char *b)
{
    size_t at = 0;
    while (a[at] != '\0' && a[at] == b[at]) {
        at++;
    }
    if (a[at] != b[at]) {
        size_t from = at;
        while (from > 0 && a[from - 1] != '\n') {
            from--;
        }
        fail_msg("derived rows differ:\n%.300s\n--\n%.300s", a + from, b + from);
    }
}

#endif
