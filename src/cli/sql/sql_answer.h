/* sql_answer: the rows of a statement as an answer, in the form that was asked for. */
#ifndef PVSAUDIT_CLI_SQL_SQL_ANSWER_H
#define PVSAUDIT_CLI_SQL_SQL_ANSWER_H

#include "cli/sql/sql_run.h"

/* Of the statement that was started. Several answers of one run follow each other: JSON objects one
 * after the other, tables and CSV with an empty line between. ERR_LIMIT where there are more rows
 * than may be, or one is larger than 1,000,000 bytes: what came before it is printed. */
int sql_answer_print(struct sql_run *run, struct err *err);

#endif
