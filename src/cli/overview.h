/* overview: the state of every expectation now, unseen hosts among them, and the counts behind it.
 */
#ifndef PVSAUDIT_CLI_OVERVIEW_H
#define PVSAUDIT_CLI_OVERVIEW_H

#include "cli/question.h"
#include "db/query/query.h"
#include "out/summary.h"

struct overview {
    struct status_list list; /* of the history */
    struct status_row *rows; /* by site, host and expectation; the unseen hosts at the end */
    size_t count;
    struct summary summary;
};

/* Asks for the overview of the fleet and prints an answer made of it; print may count more. The
 * exit code, or -1; where the line of a plugin was asked for, it is printed and the code is its. */
int overview_run(const struct command_line *line,
                 int (*print)(struct question *question, struct overview *overview,
                              struct err *err),
                 struct err *err);

/* A problem now, or one that an unfinished reading left open. */
bool overview_is_problem(const struct status_row *row);
/* The verdict of that problem; where there is none, the row's own. */
enum verdict_code overview_problem(const struct status_row *row);
/* The host was not read: no reading of today stands behind the row. */
bool overview_is_unread(const struct status_row *row);
enum answer_mark overview_mark(const struct status_row *row);

#endif
