/* standing: the state of every expectation now, unseen hosts among them, and the counts behind it.
 */
#ifndef PVSAUDIT_CLI_STANDING_H
#define PVSAUDIT_CLI_STANDING_H

#include "cli/question.h"
#include "db/query.h"
#include "out/summary.h"

struct standing {
    struct status_list list; /* of the history */
    struct status_row *rows; /* by site, host and expectation; the unseen hosts at the end */
    size_t count;
    struct summary summary;
};

int standing_load(struct question *question, struct standing *ret, struct err *err);
void standing_done(struct standing *standing);

/* A problem now, or one that an unfinished reading left open. */
bool standing_is_problem(const struct status_row *row);
/* The host was not read: no reading of today stands behind the row. */
bool standing_is_unread(const struct status_row *row);
/* The exit code; prints the line and gives the code of a plugin where that was asked for. */
int standing_exit_code(const struct question *question, const struct standing *standing);
enum answer_mark standing_mark(const struct status_row *row);

#endif
