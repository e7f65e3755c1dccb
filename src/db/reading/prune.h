/* prune: what of a reading is kept: everything that a judgement or a person will ask for again. */
#ifndef PVSAUDIT_DB_READING_PRUNE_H
#define PVSAUDIT_DB_READING_PRUNE_H

#include "model/expectation.h"
#include "model/snapshot.h"

/* Normalises, makes odd values plain (a pid below -1, a second row of one pid or service), and
 * drops the processes that own no endpoint, are no listed service's or witness's, carry no watched
 * name, and are no ancestor of one that is kept. Every reading goes through it once, before it is
 * judged and stored; pruning twice changes nothing. expectations may be NULL. */
void prune_snapshot(struct snapshot *snapshot, const struct expectation_set *expectations);

#endif
