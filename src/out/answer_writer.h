/* answer_writer: what the writers of an answer share: its parts, and a cell as text. */
#ifndef PVSAUDIT_OUT_ANSWER_WRITER_H
#define PVSAUDIT_OUT_ANSWER_WRITER_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "out/answer.h"

struct answer_table;

/* One output form; every function writes to answer->to, answer_end looks for errors. */
struct answer_writer {
    int (*begin)(struct answer *answer);
    int (*row)(struct answer *answer, const struct answer_cell *cells, enum answer_mark mark);
    int (*list)(struct answer *answer, const char *name); /* NULL: only rows are written */
    int (*end)(struct answer *answer, const struct answer_counts *counts);
};

struct answer {
    const struct answer_writer *writer;
    FILE *to;
    bool color;
    const struct answer_column *columns;
    size_t column_count;
    const struct answer_meta *meta;
    size_t row_count; /* of the list that is being written */
    bool beside_rows; /* after answer_list */
    struct answer_table *table; /* rows kept for a table */
    struct buf line; /* scratch */
};

enum { ANSWER_LINE_MAX = 4 << 20 };

extern const struct answer_writer answer_writer_table;
extern const struct answer_writer answer_writer_json;
extern const struct answer_writer answer_writer_ndjson;
extern const struct answer_writer answer_writer_csv;

void answer_table_free(struct answer_table *table);

/* The text of an ANSWER_VALUE; to is room for one. */
const char *answer_value_text(const struct answer_cell *cell, char to[CLOCK_TEXT]);

/* The cell for people, safe to show; "-" where it is not known. */
int answer_cell_show(const struct answer_column *column, const struct answer_cell *cell,
                     struct buf *to);

/* The cell as a JSON value, NULL: out of memory. */
struct json_t;
struct json_t *answer_cell_json(const struct answer_column *column, const struct answer_cell *cell,
                                struct buf *scratch);

#endif
