/* relayed: a command whose answer pvsaudit-collect finds and this program prints. */
#ifndef PVSAUDIT_CLI_RELAYED_H
#define PVSAUDIT_CLI_RELAYED_H

#include "command/command_line.h"
#include "core/err.h"
#include "out/answer.h"
#include "out/relay.h"

struct relayed {
    const struct command_line *line;
    const struct relay *relay;
    const struct answer_column *answer_columns; /* the front first */
};

struct relayed_form {
    const struct answer_column *answer_columns;
    const struct answer_column *row_columns; /* of --ndjson and --csv */
    size_t row_column_count;
    const char *const *kinds; /* lists beside the rows, ended by NULL */
    int (*print)(const struct relayed *relayed, struct err *err); /* for people */
};

/* The exit code, or -1. */
int relayed_run(const struct command_line *line, const struct relayed_form *form, struct err *err);

struct answer_cell relayed_answer(const struct relayed *relayed, unsigned column);
const char *relayed_text(const struct relayed *relayed, unsigned column); /* "" = not known */
/* The line about the last complete scan, then "ANSWER: sentence", in the answer's colour. */
void relayed_print_head(const struct relayed *relayed, enum answer_mark mark);
/* A table of the lines of a kind, nothing where there is none. */
struct relayed_table {
    const char *kind;
    const struct answer_column *columns;
    size_t count;
    enum answer_mark (*mark)(const struct answer_cell *cells);
    bool (*wants)(const struct answer_cell *cells); /* NULL: every line */
};
int relayed_print_table(const struct relayed *relayed, const struct relayed_table *table,
                        struct err *err);
/* "TITLE:" and one line for each of them; nothing where there is none. */
void relayed_print_texts(const struct relayed *relayed, const char *kind, const char *title);

#endif
