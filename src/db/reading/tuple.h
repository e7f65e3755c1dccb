/* tuple: rows of texts and numbers as canonical JSON text, [["a",1,null],["b",2,null]]. */
#ifndef PVSAUDIT_DB_READING_TUPLE_H
#define PVSAUDIT_DB_READING_TUPLE_H

#include "core/arena.h"
#include "core/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Equal rows are equal text, and any stock SQLite can open it (json_each). Quotes, backslashes and
 * control characters are escaped; a byte that is not UTF-8 is written \udcXX and comes back. */
struct tuple_writer {
    struct buf *to;
    size_t rows;
    size_t columns; /* of the open row */
};

void tuple_begin(struct tuple_writer *writer, struct buf *to);
void tuple_row(struct tuple_writer *writer);
void tuple_text(struct tuple_writer *writer, const char *text); /* NULL is null */
void tuple_int(struct tuple_writer *writer, int64_t number);
void tuple_row_end(struct tuple_writer *writer);
/* What went wrong is told by to->failed. */
void tuple_end(struct tuple_writer *writer);

/* Strict: takes only what the writer makes. Once failed, everything is false. */
struct tuple_reader {
    struct arena *arena;
    const char *at;
    bool failed;
    bool in_row;
    size_t columns;
};

/* text NULL reads as no rows. */
void tuple_open(struct tuple_reader *reader, struct arena *arena, const char *text);
bool tuple_next(struct tuple_reader *reader); /* a row begins; the one before must be at its end */
bool tuple_next_text(struct tuple_reader *reader, const char **ret);
bool tuple_next_int(struct tuple_reader *reader, int64_t *ret);
bool tuple_close(struct tuple_reader *reader); /* true: the text was whole and nothing is left */

#endif
