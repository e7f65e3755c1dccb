/* query_status: one row of `status`, which `why` shows too. */
#ifndef PVSAUDIT_DB_QUERY_QUERY_STATUS_H
#define PVSAUDIT_DB_QUERY_QUERY_STATUS_H

#include "db/query/standing.h"

/* Strings in arena. */
int query_status_fill(struct query *query, const struct query_frame *frame,
                      const struct fleet_host *host, const struct expectation *expectation,
                      const struct standing *standing, struct arena *arena, struct status_row *ret,
                      struct err *err);

#endif
