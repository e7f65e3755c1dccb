/* ssh_key_locked: tries a passphrase on an encrypted key of OpenSSH's format, by libssh2. */
#ifndef PVSAUDIT_COLLECTOR_TRANSPORT_SSH_KEY_SSH_KEY_LOCKED_H
#define PVSAUDIT_COLLECTOR_TRANSPORT_SSH_KEY_SSH_KEY_LOCKED_H

#include <stddef.h>

/* 0: the passphrase opens the key; -1: it does not. Costs a decryption (some 100 ms). */
int ssh_key_locked_try(const char *text, size_t len, const char *passphrase);

#endif
