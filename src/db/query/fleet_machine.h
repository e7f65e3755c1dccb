/* fleet_machine: two names of one machine, so that what counts servers counts it once. */
#ifndef PVSAUDIT_DB_QUERY_FLEET_MACHINE_H
#define PVSAUDIT_DB_QUERY_FLEET_MACHINE_H

#include "db/query/fleet.h"
#include "db/query/standing.h"
#include "model/twin.h"

/* Fills machine and same_machine_as of the hosts, as of the frame's time. Within query_begin. */
int fleet_machine_find(struct query *query, const struct query_frame *frame, struct fleet *fleet,
                       struct err *err);

/* How each expectation stands under each name of a machine that has several; for twin_settle. */
struct machine_twins {
    struct twin *rows;
    size_t count;
};
/* Of a machine with one name: nothing. row: the caller's. Borrows from host and expectation. */
int fleet_machine_note(struct machine_twins *twins, struct arena *arena,
                       const struct query_frame *frame, const struct fleet_host *host,
                       const struct expectation *expectation, const struct standing *standing,
                       size_t row, struct err *err);

#endif
