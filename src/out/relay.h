/* relay: an answer that one program finds and the other prints: lines of JSON over a pipe. */
#ifndef PVSAUDIT_OUT_RELAY_H
#define PVSAUDIT_OUT_RELAY_H

#include "core/err.h"
#include "out/answer.h"

#include <stdio.h>

enum { RELAY_LINE_MAX = 1 << 20, RELAY_LINES_MAX = 1000000 };

/* The kinds of lines. What is `rows` in machine output has the kind "rows"; "answer" is one line,
 * the last one, without which nothing was answered. */
extern const char relay_answer[], relay_rows[];

/* One line: {"kind": KIND, column: value, ...}; columns without a name are left out. -1: out of
 * memory. Errors of the stream are answer_written's to find. */
int relay_put(FILE *to, const char *kind, const struct answer_column *columns,
              const struct answer_cell *cells, size_t count);

struct relay;
struct relay *relay_new(void); /* NULL: out of memory */
void relay_free(struct relay *relay);
/* ERR_FORMAT: not such a line, or one after the answer. */
int relay_take(struct relay *relay, const char *line, size_t len, struct err *err);
/* Everything to the end of the stream; ERR_PARTIAL where the answer is not there. */
int relay_read(struct relay *relay, FILE *from, struct err *err);

size_t relay_count(const struct relay *relay, const char *kind);
/* A value of the i-th line of that kind; text lives as long as the relay. */
struct answer_cell relay_cell(const struct relay *relay, const char *kind, size_t i,
                              const struct answer_column *column);
/* One cell a column. */
void relay_cells(const struct relay *relay, const char *kind, size_t i,
                 const struct answer_column *columns, size_t count, struct answer_cell *to);

/* The object of --json: the members of the answer, `rows`, and a list for each of these kinds
 * (ended by NULL), empty where no line has it. */
int relay_print(const struct relay *relay, const char *const *kinds, FILE *to, struct err *err);

#endif
