/* holders: who holds the expected port, at addresses that count and at others. */
#ifndef PVSAUDIT_MODEL_HOLDERS_H
#define PVSAUDIT_MODEL_HOLDERS_H

#include "model/verdict.h"

/* An address counts where a client can reach it: the wildcard, or an address that the host has and
 * that is neither loopback nor link-local. The boot protocols (UDP 67, 69, 4011) are IPv4: an IPv6
 * address never counts for them, but an IPv4-mapped one is the IPv4 address. Where the inventory
 * declares PXE addresses, only the wildcard and these count for the boot protocols. */
struct holders {
    /* The first endpoint of each kind, NULL = none. Borrowed from the snapshot. */
    const struct endpoint *own_counting;
    const struct endpoint *own_elsewhere;
    const struct endpoint *unknown_counting; /* its pid is not known, or the service's is not */
    const struct endpoint *rival_counting;
    const struct endpoint *rival_elsewhere;
    const struct endpoint *address_unread; /* specific, and the host's addresses are not known */
    const struct endpoint *owner_unread; /* perhaps a child: the processes are not known */
    bool served; /* own sockets hold the port on every address that is asked for */
    bool maybe_served; /* they do together with those whose owner is not known */
};

/* pid: the service's, not above 0 where it is not known. */
void holders_find(const struct verdict_question *question, uint16_t port, int64_t pid,
                  struct holders *ret);

/* Some endpoint of the snapshot, on whatever port, belongs to the service. */
bool holders_owns_any(const struct verdict_question *question, int64_t pid);

#endif
