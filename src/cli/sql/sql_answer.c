/* sql_answer: columns by their names, each once, and cells by the types of their values. */
#include "cli/sql/sql_answer.h"

#include "cli/sql/sql_watch.h"
#include "core/str.h"
#include "out/answer.h"
#include "out/escape.h"

#include <inttypes.h>
#include <string.h>

enum { ROW_BYTES = 1000000 };

struct rows {
    struct sql_run *run;
    struct arena arena; /* of the columns */
    struct arena cells_arena; /* of the row that stands ready */
    struct answer_column *columns;
    struct answer_cell *cells;
    size_t count;
};

static int next(struct sql_run *run, struct err *err)
{
    sql_watch_arm(sql_left_ms(run->sql));
    int rc = sql_next(run->sql, err);
    sql_watch_disarm();
    return rc;
}

static bool is_taken(const struct rows *rows, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(rows->columns[i].name, name)) {
            return true;
        }
    }
    return false;
}

/* A JSON object has a member once: the second column of a name is NAME_2. */
static const char *column_name(struct rows *rows, size_t column)
{
    const char *name = escape_text(&rows->arena, sql_column_name(rows->run->sql, column));
    const char *own = arena_strdup(&rows->arena, name);
    for (unsigned n = 2; own != NULL && is_taken(rows, column, own); n++) {
        own = arena_printf(&rows->arena, "%s_%u", name, n);
    }
    return own;
}

/* The first row, if there is one, tells which columns are numbers. */
static int make_columns(struct rows *rows, bool any, struct err *err)
{
    struct sql *sql = rows->run->sql;
    rows->count = sql_column_count(sql);
    rows->columns = arena_array(&rows->arena, rows->count + 1, sizeof(*rows->columns));
    rows->cells = arena_array(&rows->arena, rows->count + 1, sizeof(*rows->cells));
    if (rows->columns == NULL || rows->cells == NULL) {
        return err_memory(err);
    }
    for (size_t i = 0; i < rows->count; i++) {
        const char *name = column_name(rows, i);
        if (name == NULL) {
            return err_memory(err);
        }
        enum sql_type type = any ? sql_value(sql, i).type : SQL_TEXT;
        rows->columns[i] = (struct answer_column){
            .name = name,
            .title = name,
            .type = type == SQL_INTEGER || type == SQL_REAL ? ANSWER_FIGURE : ANSWER_VALUE};
    }
    return 0;
}

/* x'00ff', as SQL writes it. */
static const char *blob_text(struct arena *arena, const struct sql_value *value)
{
    static const char digits[] = "0123456789abcdef";
    char *text = arena_alloc(arena, 2 * value->len + 4);
    if (text == NULL) {
        return NULL;
    }
    char *at = text;
    *at++ = 'x';
    *at++ = '\'';
    for (size_t i = 0; i < value->len; i++) {
        unsigned char byte = (unsigned char)value->bytes[i];
        *at++ = digits[byte >> 4];
        *at++ = digits[byte & 15];
    }
    *at = '\'';
    return text;
}

/* A text with a NUL inside would end there: it is shown escaped. */
static const char *whole_text(struct arena *arena, const struct sql_value *value)
{
    if (memchr(value->bytes, '\0', value->len) == NULL) {
        return value->bytes;
    }
    struct buf shown;
    buf_init(&shown, 4 * value->len + 1);
    const char *text = escape_append(&shown, value->bytes, value->len) == 0
                           ? arena_strndup(arena, shown.data, shown.len)
                           : NULL;
    buf_done(&shown);
    return text;
}

static int make_cell(struct rows *rows, const struct sql_value *value, struct answer_cell *ret,
                     struct err *err)
{
    switch (value->type) {
    case SQL_NULL:
        *ret = answer_none();
        return 0;
    case SQL_INTEGER:
        *ret = answer_whole(value->integer);
        return 0;
    case SQL_REAL:
        *ret = answer_real(value->real);
        return 0;
    case SQL_TEXT:
    case SQL_BLOB:
        break;
    }
    *ret = answer_text(value->type == SQL_TEXT ? whole_text(&rows->cells_arena, value)
                                               : blob_text(&rows->cells_arena, value));
    return ret->known ? 0 : err_memory(err);
}

static int put_row(struct rows *rows, struct answer *answer, struct err *err)
{
    size_t bytes = 0;
    arena_done(&rows->cells_arena);
    for (size_t i = 0; i < rows->count; i++) {
        struct sql_value value = sql_value(rows->run->sql, i);
        bytes += value.type == SQL_BLOB ? 2 * value.len : value.len;
        if (bytes > ROW_BYTES) {
            return err_set(err, ERR_LIMIT, "sql",
                           "a row is larger than %d bytes (column %.60s); cut it with substr()",
                           ROW_BYTES, rows->columns[i].name);
        }
        if (make_cell(rows, &value, &rows->cells[i], err) != 0) {
            return -1;
        }
    }
    return answer_row(answer, rows->cells, MARK_NONE, err);
}

static int put_rows(struct rows *rows, struct answer *answer, struct err *err)
{
    int64_t count = 0;
    int rc = 1;
    while (rc > 0) {
        if (count == rows->run->rows_max) {
            return err_set(err, ERR_LIMIT, "sql",
                           "there are more than %" PRId64 " rows: the answer is not whole; narrow "
                           "it, or raise --max-rows",
                           count);
        }
        if (put_row(rows, answer, err) != 0 ||
            (ferror(stdout) != 0 && answer_written(stdout, err) != 0)) {
            return -1;
        }
        count++;
        rc = next(rows->run, err);
    }
    return rc;
}

static void put_between(const struct sql_run *run)
{
    enum output_format format = run->question->line->format;
    if (run->answers > 0 && format != FORMAT_JSON && format != FORMAT_NDJSON) {
        (void)fputs(format == FORMAT_CSV ? "\r\n" : "\n", stdout);
    }
}

/* The rows before a failure are shown to a person; JSON is left open, so that no program takes a
 * part for the whole. */
static int print(struct rows *rows, bool any, struct err *err)
{
    struct sql_run *run = rows->run;
    enum output_format format = run->question->line->format;
    put_between(run);
    struct answer *answer = answer_new(stdout, format, false, rows->columns, rows->count,
                                       format == FORMAT_TABLE ? NULL : &run->question->answer_meta);
    if (answer == NULL) {
        return err_memory(err);
    }
    int result = any ? put_rows(rows, answer, err) : 0;
    if (result == 0) {
        result = answer_end(answer, NULL, err);
    } else if (format == FORMAT_TABLE) {
        (void)answer_end(answer, NULL, NULL);
    }
    answer_free(answer);
    if (result == 0 && !any && format == FORMAT_TABLE) {
        (void)puts("no rows");
    }
    run->answers++;
    return result;
}

int sql_answer_print(struct sql_run *run, struct err *err)
{
    struct rows rows = {.run = run};
    int first = next(run, err);
    bool shown = first >= 0 && sql_column_count(run->sql) > 0;
    int result = first < 0 ? -1 : 0;
    if (shown) {
        result = make_columns(&rows, first > 0, err);
    }
    if (shown && result == 0) {
        result = print(&rows, first > 0, err);
    }
    arena_done(&rows.cells_arena);
    arena_done(&rows.arena);
    return result;
}
