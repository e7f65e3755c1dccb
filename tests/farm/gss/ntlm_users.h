/* ntlm_users: the file of the accounts' password hashes that the NTLM acceptor reads. */
#ifndef PVSAUDIT_FARM_GSS_NTLM_USERS_H
#define PVSAUDIT_FARM_GSS_NTLM_USERS_H

#include "core/buf.h"
#include "core/str.h"
#include "farm/server/fleet.h"

/* In smbpasswd's form, for every account with a password: local, and of the domain. */
void ntlm_users_write(const struct fleet *fleet, const char *domain, struct buf *to);
/* Who an AUTHENTICATE message speaks of, wherever in the token it stands; false for other tokens.
 */
bool ntlm_users_named(struct slice token, struct buf *to);

#endif
