/* answer_table: a table by libsmartcols; above 10,000 rows or 16 MiB printed as it comes, with the
 * widths of the first 1,000, since libsmartcols holds every row. */
#include "core/str.h"
#include "out/answer_writer.h"

#include <libsmartcols/libsmartcols.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum {
    TABLE_KEPT_MAX = 10000,
    TABLE_KEPT_BYTES = 16 << 20,
    TABLE_MEASURED = 1000,
    WIDTH_MAX = 4096
};

struct table_row {
    const char **texts; /* one a shown column */
    enum answer_mark mark;
};

struct answer_table {
    struct arena arena;
    struct table_row *rows;
    size_t count;
    size_t bytes; /* of their texts */
    bool streaming;
    int widths[ANSWER_COLUMN_MAX];
};

void answer_table_free(struct answer_table *table)
{
    if (table != NULL) {
        arena_done(&table->arena);
        free(table);
    }
}

static bool is_right(const struct answer_column *column)
{
    return column->type == ANSWER_INT || column->type == ANSWER_PORT ||
           column->type == ANSWER_DURATION || column->type == ANSWER_RATE ||
           column->type == ANSWER_FIGURE;
}

/* Columns on a terminal; bytes where the locale does not tell. */
static int width_of(const char *text)
{
    wchar_t wide[512];
    size_t count = mbstowcs(wide, text, sizeof(wide) / sizeof(wide[0]));
    if (count == (size_t)-1 || count >= sizeof(wide) / sizeof(wide[0])) {
        return (int)strnlen(text, WIDTH_MAX);
    }
    int width = wcswidth(wide, count);
    return width < 0 ? (int)count : width;
}

static int table_begin(struct answer *answer)
{
    char line[256];
    if (answer->column_count > ANSWER_COLUMN_MAX) {
        return -1;
    }
    answer->table = calloc(1, sizeof(*answer->table));
    if (answer->table == NULL) {
        return -1;
    }
    if (answer->meta != NULL) {
        answer_first_line(answer->meta, line, sizeof(line));
        (void)fprintf(answer->to, "%s\n", line);
    }
    return 0;
}

static int render(struct answer *answer, const struct answer_cell *cells, const char **texts)
{
    for (size_t i = 0; i < answer->column_count; i++) {
        if (answer->columns[i].title == NULL) {
            continue;
        }
        buf_clear(&answer->line);
        if (answer_cell_show(&answer->columns[i], &cells[i], &answer->line) < 0) {
            return -1;
        }
        const char *data = answer->line.len == 0 ? "" : answer->line.data;
        texts[i] = arena_strndup(&answer->table->arena, data, answer->line.len);
        if (texts[i] == NULL) {
            return -1;
        }
        /* A cell that wide would be every row's width: what is printed as it comes is not. */
        answer->table->bytes += answer->line.len > WIDTH_MAX ? TABLE_KEPT_BYTES : answer->line.len;
    }
    return 0;
}

static void put_streamed(struct answer *answer, const char *const *texts, enum answer_mark mark)
{
    size_t last = 0;
    for (size_t i = 0; i < answer->column_count; i++) {
        last = answer->columns[i].title != NULL ? i : last;
    }
    for (size_t i = 0; i <= last; i++) {
        const struct answer_column *column = &answer->columns[i];
        if (column->title == NULL) {
            continue;
        }
        char painted[1024];
        const char *shown = texts[i];
        int pad = answer->table->widths[i] - width_of(texts[i]);
        if (column->colored && strlen(shown) < 900) {
            shown = answer_paint(answer->color, mark, shown, painted, sizeof(painted));
        }
        (void)fprintf(answer->to, "%*s%s", is_right(column) && pad > 0 ? pad : 0, "", shown);
        if (i < last) {
            (void)fprintf(answer->to, "%*s ", !is_right(column) && pad > 0 ? pad : 0, "");
        }
    }
    (void)fputc('\n', answer->to);
}

static void measure(struct answer *answer)
{
    struct answer_table *table = answer->table;
    for (size_t i = 0; i < answer->column_count; i++) {
        if (answer->columns[i].title == NULL) {
            continue;
        }
        table->widths[i] = width_of(answer->columns[i].title);
        for (size_t r = 0; r < table->count && r < TABLE_MEASURED; r++) {
            int width = width_of(table->rows[r].texts[i]);
            table->widths[i] = width > table->widths[i] ? width : table->widths[i];
        }
    }
}

static void start_streaming(struct answer *answer)
{
    struct answer_table *table = answer->table;
    const char *titles[ANSWER_COLUMN_MAX];
    for (size_t i = 0; i < answer->column_count; i++) {
        titles[i] = answer->columns[i].title;
    }
    measure(answer);
    put_streamed(answer, titles, MARK_NONE);
    for (size_t r = 0; r < table->count; r++) {
        put_streamed(answer, table->rows[r].texts, table->rows[r].mark);
    }
    arena_done(&table->arena);
    table->rows = NULL;
    table->count = 0;
    table->streaming = true;
}

static int table_row(struct answer *answer, const struct answer_cell *cells, enum answer_mark mark)
{
    struct answer_table *table = answer->table;
    if (!table->streaming && (table->count == TABLE_KEPT_MAX || table->bytes >= TABLE_KEPT_BYTES)) {
        start_streaming(answer);
    }
    if (table->streaming) {
        const char *texts[ANSWER_COLUMN_MAX] = {NULL};
        if (render(answer, cells, texts) < 0) {
            return -1;
        }
        put_streamed(answer, texts, mark);
        arena_done(&table->arena);
        return 0;
    }
    void *items = table->rows;
    struct table_row *row = arena_push(&table->arena, &items, &table->count, sizeof(*row));
    if (row == NULL) {
        return -1;
    }
    table->rows = items;
    row->mark = mark;
    row->texts = arena_array(&table->arena, answer->column_count, sizeof(char *));
    return row->texts == NULL ? -1 : render(answer, cells, row->texts);
}

static const char *color_name(enum answer_mark mark)
{
    static const char *const names[] = {
        [MARK_NONE] = NULL,
        [MARK_FINE] = "green",
        [MARK_PROBLEM] = "red",
        [MARK_UNKNOWN] = "brown",
    };
    return names[mark];
}

static int fill_line(struct answer *answer, struct libscols_table *scols,
                     const struct table_row *row)
{
    struct libscols_line *line = scols_table_new_line(scols, NULL);
    size_t shown = 0;
    for (size_t i = 0; i < answer->column_count && line != NULL; i++) {
        const struct answer_column *column = &answer->columns[i];
        if (column->title == NULL) {
            continue;
        }
        if (scols_line_set_data(line, shown, row->texts[i]) != 0) {
            return -1;
        }
        if (column->colored && answer->color && color_name(row->mark) != NULL) {
            (void)scols_cell_set_color(scols_line_get_cell(line, shown), color_name(row->mark));
        }
        shown++;
    }
    return line == NULL ? -1 : 0;
}

static int print_scols(struct answer *answer, struct libscols_table *scols)
{
    (void)scols_table_set_stream(scols, answer->to);
    (void)scols_table_enable_noencoding(scols, 1); /* escaped already */
    (void)scols_table_enable_colors(scols, answer->color ? 1 : 0);
    (void)scols_table_set_termforce(scols,
                                    SCOLS_TERMFORCE_NEVER); /* a terminal wraps, nothing is cut */
    for (size_t i = 0; i < answer->column_count; i++) {
        const struct answer_column *column = &answer->columns[i];
        if (column->title != NULL &&
            scols_table_new_column(scols, column->title, 0,
                                   is_right(column) ? SCOLS_FL_RIGHT : 0) == NULL) {
            return -1;
        }
    }
    for (size_t r = 0; r < answer->table->count; r++) {
        if (fill_line(answer, scols, &answer->table->rows[r]) < 0) {
            return -1;
        }
    }
    return scols_print_table(scols) == 0 ? 0 : -1;
}

static int table_end(struct answer *answer, const struct answer_counts *counts)
{
    (void)counts;
    if (answer->table->streaming || answer->table->count == 0) {
        return 0;
    }
    struct libscols_table *scols = scols_new_table();
    int result = scols == NULL ? -1 : print_scols(answer, scols);
    scols_unref_table(scols);
    return result;
}

const struct answer_writer answer_writer_table = {table_begin, table_row, NULL, table_end};
