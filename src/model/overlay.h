/* overlay: a light reading together with what the last full one read besides. */
#ifndef PVSAUDIT_MODEL_OVERLAY_H
#define PVSAUDIT_MODEL_OVERLAY_H

#include "model/snapshot.h"

/* ret is judged in place of light: its endpoints, states and pids, over the registry, addresses,
 * settings and (in the same boot, of processes that are the same still) creation times of full. It
 * borrows from both and from arena, and is not to be freed. full NULL: there is none. -1: out of
 * memory. */
int overlay_make(const struct snapshot *light, const struct snapshot *full, bool same_boot,
                 struct arena *arena, struct snapshot *ret);

#endif
