/* sql_run: the statements of a text, each executed and its rows printed. */
#ifndef PVSAUDIT_CLI_SQL_SQL_RUN_H
#define PVSAUDIT_CLI_SQL_SQL_RUN_H

#include "cli/question.h"
#include "db/sql/sql.h"

struct sql_run {
    const struct question *question; /* open */
    struct sql *sql;
    struct sql_parameter *parameters;
    size_t parameter_count;
    int64_t rows_max; /* of one statement */
    size_t answers; /* printed so far */
};

/* Stops at the first statement that fails: its place is shown on standard error, and err says where
 * it is. A text that begins with a point is one of the prompt's commands; *ret_quit (may be NULL):
 * it was .quit. */
int sql_run_text(struct sql_run *run, const char *text, bool *ret_quit, struct err *err);

#endif
