/* ssh_key_digest: fingerprints of host keys and the hash that hides names in known_hosts. */
#ifndef PVSAUDIT_COLLECTOR_TRANSPORT_SSH_KEY_SSH_KEY_DIGEST_H
#define PVSAUDIT_COLLECTOR_TRANSPORT_SSH_KEY_SSH_KEY_DIGEST_H

#include <stddef.h>

enum {
    SSH_KEY_FINGERPRINT = 52, /* room for "SHA256:" and 43 digits */
    SSH_KEY_SHA1 = 20,
};

/* "SHA256:..." as ssh-keygen -l writes it. key is the wire form. "" where hashing failed. */
void ssh_key_fingerprint(const void *key, size_t len, char to[SSH_KEY_FINGERPRINT]);
/* HMAC-SHA1 of text under salt (RFC 2104), known_hosts' |1|salt|hash. 0, or -1. */
int ssh_key_hash_name(const unsigned char salt[SSH_KEY_SHA1], const char *text,
                      unsigned char to[SSH_KEY_SHA1]);

#endif
