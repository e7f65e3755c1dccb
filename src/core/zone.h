/* zone: time zones by their names in libc's database. */
#ifndef PVSAUDIT_CORE_ZONE_H
#define PVSAUDIT_CORE_ZONE_H

#include "core/arena.h"

#include <stdbool.h>

/* A zone of the database of this machine ($TZDIR, else /usr/share/zoneinfo), such as
 * "Europe/Berlin". libc itself takes a name that it does not know as UTC. */
bool zone_known(const char *name);
/* The zone of the database whose name is nearest, in arena; NULL: none is near, or there is no
 * list. */
const char *zone_nearest(struct arena *arena, const char *name);

#endif
