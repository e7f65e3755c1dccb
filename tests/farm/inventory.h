/* inventory: what a client needs to find the farm: hosts, a key, known host keys, passwords. */
#ifndef PVSAUDIT_FARM_INVENTORY_H
#define PVSAUDIT_FARM_INVENTORY_H

#include "farm/listen.h"
#include "farm/ssh/sshd.h"

/* Writes path, and beside it client_key, client_key.pub, known_hosts and password_NAME for each
 * account with a password. Files that hold secrets get mode 0600. */
int inventory_write(const char *path, const struct sshd *sshd, const struct listen *listen,
                    struct err *err);

#endif
