/* known_hosts_hidden: the entries whose names are hidden by a hash, found by name. */
#ifndef PVSAUDIT_COLLECTOR_TRANSPORT_KNOWN_HOSTS_KNOWN_HOSTS_HIDDEN_H
#define PVSAUDIT_COLLECTOR_TRANSPORT_KNOWN_HOSTS_KNOWN_HOSTS_HIDDEN_H

#include "collector/transport/ssh_key/ssh_key_hmac.h"
#include "core/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether an entry speaks of a name takes a hash to tell: what is learnt is kept, only as many are
 * tried as are asked for, and since a line hides one name, one that was found is tried for no
 * other. */
struct known_hosts_hidden;

struct known_hosts_hidden *known_hosts_hidden_new(void);
void known_hosts_hidden_free(struct known_hosts_hidden *hidden);

/* 0, or -1: no memory. */
int known_hosts_hidden_add(struct known_hosts_hidden *hidden,
                           const unsigned char salt[SSH_KEY_SHA1],
                           const unsigned char hash[SSH_KEY_SHA1], uint32_t entry);
/* The entries of a name, one a call; *at is 0 at first. false: no more. */
bool known_hosts_hidden_next(struct known_hosts_hidden *hidden, struct slice name, size_t *at,
                             uint32_t *ret_entry);

#endif
