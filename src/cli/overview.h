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

int overview_load(struct question *question, struct overview *ret, struct err *err);
void overview_done(struct overview *overview);

/* A problem now, or one that an unfinished reading left open. */
bool overview_is_problem(const struct status_row *row);
/* The verdict of that problem; where there is none, the row's own. */
enum verdict_code overview_problem(const struct status_row *row);
/* The host was not read: no reading of today stands behind the row. */
bool overview_is_unread(const struct status_row *row);
/* The exit code; prints the line and gives the code of a plugin where that was asked for. */
int overview_exit_code(const struct question *question, const struct overview *overview);
enum answer_mark overview_mark(const struct status_row *row);

#endif
