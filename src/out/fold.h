/* fold: many host names as few words: pvs01 ... pvs12 is pvs[01-12]. */
#ifndef PVSAUDIT_OUT_FOLD_H
#define PVSAUDIT_OUT_FOLD_H

#include "core/arena.h"

#include <stddef.h>

/* Names are sorted, repeated ones said once, and those that differ in one number only (the last one
 * before the first dot; of an IPv4 address the last one) are folded, keeping leading zeros:
 * "lon[1-3],pvs[01-12,14].example.org". The text lives in arena; NULL: out of memory. */
const char *fold_names(struct arena *arena, const char *const *names, size_t count);

#endif
