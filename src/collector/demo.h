/* demo: the whole story on a loopback farm of simulated servers. */
#ifndef PVSAUDIT_COLLECTOR_DEMO_H
#define PVSAUDIT_COLLECTOR_DEMO_H

#include "core/err.h"

#include <stdbool.h>

/* Leaves dir/hosts.yaml (keys beside it) and dir/history.db, its last night = now, the farm stopped
 * unless keep. The nights are played by shifting clocks (--as-of), with the shipped settle times.
 * -1 also where the story did not come out as it must. */
int demo_run(const char *dir, bool keep, bool quiet, struct err *err);

#endif
