/* ssh_offer: what an SSH server offers, read off its first packet (RFC 4253, 7.1). */
#ifndef PVSAUDIT_COLLECTOR_TRANSPORT_SSH_LINK_SSH_OFFER_H
#define PVSAUDIT_COLLECTOR_TRANSPORT_SSH_LINK_SSH_OFFER_H

#include "collector/transport/ssh_link/ssh_methods.h"
#include "core/str.h"

#include <stdbool.h>

/* Comma lists that point into the bytes that were parsed; from the server to us. */
struct ssh_offer {
    struct slice lists[SSH_METHODS_COUNT];
};

/* head: what the server sent from its first byte on, banner and all. false: no whole offer is in
 * it. */
bool ssh_offer_parse(struct slice head, struct ssh_offer *ret);
/* The first kind of which ours (comma lists) and theirs have nothing in common, or COUNT. */
enum ssh_methods_kind ssh_offer_conflict(const struct ssh_offer *theirs,
                                         const char *const ours[SSH_METHODS_COUNT]);

#endif
