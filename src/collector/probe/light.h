/* light: what a light visit asks for and keeps: watched ports, and those that every Windows has. */
#ifndef PVSAUDIT_COLLECTOR_PROBE_LIGHT_H
#define PVSAUDIT_COLLECTOR_PROBE_LIGHT_H

#include "collector/probe/plan.h"
#include "model/snapshot.h"

enum { LIGHT_PORTS_MAX = 96 };

/* The UDP ports that a plan's expectations look at, by rule or of their own, and the usual ones,
 * each once; how many. */
size_t light_ports(const struct plan *plan, uint16_t to[LIGHT_PORTS_MAX]);
/* Takes out of a snapshot what a light visit does not ask for, whatever the answer held. */
void light_keep(struct snapshot *snapshot, const struct plan *plan);

#endif
