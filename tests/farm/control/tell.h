/* tell: what the farm counted and what a server really is, as JSON lines. */
#ifndef PVSAUDIT_FARM_CONTROL_TELL_H
#define PVSAUDIT_FARM_CONTROL_TELL_H

#include "core/buf.h"
#include "farm/server/fleet.h"

void tell_totals(const struct fleet *fleet, struct buf *to);
void tell_counts(const struct server *server, struct buf *to);
void tell_truth(const struct fleet *fleet, const struct server *server, struct buf *to);

#endif
