/* reach: the address of a host as text, and why it could not be connected to, as a sentence. */
#ifndef PVSAUDIT_COLLECTOR_TRANSPORT_REACH_H
#define PVSAUDIT_COLLECTOR_TRANSPORT_REACH_H

#include "collector/transport/race.h"
#include "collector/transport/transport.h"
#include "core/ip.h"

void reach_address(const struct sockaddr_storage *address, char to[IP_TEXT]);

struct reach_failure {
    enum reason reason;
    bool transient;
    int64_t code; /* errno */
    char text[512];
};

/* What the race over ask's addresses ended with: the errno that says most, of address index.
 * refused: what to do where nobody listens: "start the SSH server there". */
void reach_failed(const struct transport_ask *ask, size_t index, int error, const char *refused,
                  struct reach_failure *ret);
/* The race is not over after ms: what has failed so far, or silence. */
void reach_expired(const struct transport_ask *ask, const struct race *race, int64_t ms,
                   const char *refused, struct reach_failure *ret);

#endif
