/* inventory: what a client needs to find the farm: hosts, keys, certificates, passwords. */
#ifndef PVSAUDIT_FARM_INVENTORY_INVENTORY_H
#define PVSAUDIT_FARM_INVENTORY_INVENTORY_H

#include "farm/listen.h"
#include "farm/ssh/sshd.h"
#include "farm/winrm/winrmd.h"

#include <limits.h>

/* All borrowed. */
struct inventory_source {
    const struct fleet *fleet;
    const struct sshd *sshd;
    const struct winrmd *winrmd;
    const struct listeners *listeners;
    uint32_t listen_base;
    const char *realm; /* of Kerberos; "" for none */
};

/* Writes path, and beside it what the transports in use need: client_key, client_key.pub and
 * known_hosts; ca.pem and ntlm_users, whose path comes back; and password_NAME for each account
 * with a password. Files that hold secrets get mode 0600. */
int inventory_write(const char *path, const struct inventory_source *source, char users[PATH_MAX],
                    struct err *err);

#endif
