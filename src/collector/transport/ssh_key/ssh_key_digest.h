/* ssh_key_digest: fingerprints of host keys. */
#ifndef PVSAUDIT_COLLECTOR_TRANSPORT_SSH_KEY_SSH_KEY_DIGEST_H
#define PVSAUDIT_COLLECTOR_TRANSPORT_SSH_KEY_SSH_KEY_DIGEST_H

#include <stddef.h>

enum { SSH_KEY_FINGERPRINT = 52 }; /* room for "SHA256:" and 43 digits */

/* "SHA256:..." as ssh-keygen -l writes it. key is the wire form. "" where hashing failed. */
void ssh_key_fingerprint(const void *key, size_t len, char to[SSH_KEY_FINGERPRINT]);

#endif
