/* declaration: what the inventory says of one host that a judgement needs, as one line of text. */
#ifndef PVSAUDIT_MODEL_DECLARATION_H
#define PVSAUDIT_MODEL_DECLARATION_H

#include "core/arena.h"
#include "model/expectation.h"
#include "model/host.h"

#include <stdbool.h>

/* os, site, farm, state, timezone, maintenance, PXE addresses and declarations; the same text for
 * equal ones, so that a fleet shares a few. Neither name nor address nor how to get in; nor the
 * origin of a value. decode allocates from arena and leaves name NULL; false: not such a text. */
char *declaration_encode(struct arena *arena, const struct host *host);
bool declaration_decode(struct arena *arena, const char *text, struct host *ret);

/* Whether expectation is judged on a host of this os: the shipped rule, and what the inventory
 * declares (host NULL: it is silent). */
bool declaration_applies(const struct expectation *expectation, const char *os,
                         const struct host *host);

#endif
