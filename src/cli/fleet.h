/* fleet: the state of every expectation now, unseen hosts among them, and the counts behind it. */
#ifndef PVSAUDIT_CLI_FLEET_H
#define PVSAUDIT_CLI_FLEET_H

#include "cli/question.h"
#include "db/query.h"
#include "out/summary.h"

struct fleet {
    struct status_list list; /* of the history */
    struct status_row *rows; /* by site, host and expectation; the unseen hosts at the end */
    size_t count;
    struct summary summary;
};

int fleet_load(struct question *question, struct fleet *ret, struct err *err);
void fleet_done(struct fleet *fleet);

/* A problem now, or one that an unfinished reading left open. */
bool fleet_is_problem(const struct status_row *row);
/* The host was not read: no reading of today stands behind the row. */
bool fleet_is_unread(const struct status_row *row);
/* The exit code; prints the line and gives the code of a plugin where that was asked for. */
int fleet_exit_code(const struct question *question, const struct fleet *fleet);
enum answer_mark fleet_mark(const struct status_row *row);

#endif
