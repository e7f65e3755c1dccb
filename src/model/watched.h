/* watched: what is left of a reading where a site wants only watched ports kept. */
#ifndef PVSAUDIT_MODEL_WATCHED_H
#define PVSAUDIT_MODEL_WATCHED_H

#include "model/expectation.h"
#include "model/snapshot.h"

/* Drops every endpoint whose port no expectation names (its own, or one of its registry rules),
 * whoever holds it: the rivals on such a port stay. The ports by which an endpoint list of Windows
 * is known to be plausible stay too. No verdict changes by it. */
void watched_keep(struct snapshot *snapshot, const struct expectation_set *expectations);

#endif
