/* ephemeral: ports that a system hands out, and that mean nothing but that somebody asked for one.
 */
#ifndef PVSAUDIT_MODEL_EPHEMERAL_H
#define PVSAUDIT_MODEL_EPHEMERAL_H

#include "model/expectation.h"
#include "model/snapshot.h"

/* Inside the host's own dynamic range, and neither watched nor pinned (TCP 54321-54323). */
bool ephemeral_port(const struct snapshot *snapshot, const struct expectation_set *expectations,
                    enum proto proto, uint16_t port);

#endif
