/* fleet_machine: two names of one machine, so that what counts servers counts it once. */
#ifndef PVSAUDIT_DB_QUERY_FLEET_MACHINE_H
#define PVSAUDIT_DB_QUERY_FLEET_MACHINE_H

#include "db/query/fleet.h"

/* Fills same_machine_as of the hosts, as of the frame's time. Within query_begin. */
int fleet_machine_find(struct query *query, const struct query_frame *frame, struct fleet *fleet,
                       struct err *err);

#endif
