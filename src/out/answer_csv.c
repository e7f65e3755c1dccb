/* answer_csv: RFC 4180, with a line of names and cells that start no formula. */
#include "core/clock.h"
#include "out/answer_writer.h"
#include "out/escape.h"

#include <inttypes.h>

/* A number is no formula, whatever its sign. */
static void put_value(struct buf *to, const struct answer_cell *cell)
{
    char text[CLOCK_TEXT];
    const char *shown = answer_value_text(cell, text);
    if (cell->kind == KIND_TEXT) {
        (void)escape_csv(to, shown);
    } else {
        (void)buf_puts(to, shown);
    }
}

static void put_cell(struct buf *to, const struct answer_column *column,
                     const struct answer_cell *cell)
{
    char text[CLOCK_TEXT];
    if (!cell->known) {
        return;
    }
    switch (column->type) {
    case ANSWER_TEXT:
        (void)escape_csv(to, cell->text);
        return;
    case ANSWER_TIME:
        clock_rfc3339(cell->number, text);
        (void)buf_puts(to, text);
        return;
    case ANSWER_BOOL:
        (void)buf_puts(to, cell->number != 0 ? "true" : "false");
        return;
    case ANSWER_RATE:
        (void)buf_printf(to, "%.6f", (double)cell->number / ANSWER_RATE_ONE);
        return;
    case ANSWER_VALUE:
    case ANSWER_FIGURE:
        put_value(to, cell);
        return;
    case ANSWER_INT:
    case ANSWER_PORT:
    case ANSWER_DURATION:
        break;
    }
    (void)buf_printf(to, "%" PRId64,
                     column->type == ANSWER_DURATION ? cell->number / 1000 : cell->number);
}

static int put_line(struct answer *answer, const struct answer_cell *cells)
{
    struct buf *line = &answer->line;
    bool first = true;
    buf_clear(line);
    for (size_t i = 0; i < answer->column_count; i++) {
        const struct answer_column *column = &answer->columns[i];
        if (column->name == NULL) {
            continue;
        }
        (void)buf_puts(line, first ? "" : ",");
        first = false;
        if (cells == NULL) {
            (void)escape_csv(line, column->name);
        } else {
            put_cell(line, column, &cells[i]);
        }
    }
    (void)buf_puts(line, "\r\n");
    if (line->failed) {
        return -1;
    }
    (void)fwrite(line->data, 1, line->len, answer->to);
    return 0;
}

static int csv_begin(struct answer *answer)
{
    return put_line(answer, NULL);
}

static int csv_row(struct answer *answer, const struct answer_cell *cells, enum answer_mark mark)
{
    (void)mark;
    return put_line(answer, cells);
}

static int csv_end(struct answer *answer, const struct answer_counts *counts)
{
    (void)answer;
    (void)counts;
    return 0;
}

const struct answer_writer answer_writer_csv = {csv_begin, csv_row, NULL, csv_end};
