/* ssh_methods: which SSH algorithms we ask for, and what the libssh2 that is loaded can do. */
#ifndef PVSAUDIT_COLLECTOR_TRANSPORT_SSH_LINK_SSH_METHODS_H
#define PVSAUDIT_COLLECTOR_TRANSPORT_SSH_LINK_SSH_METHODS_H

#include <stdbool.h>
#include <stddef.h>

struct _LIBSSH2_SESSION;

/* libssh2 1.11 and newer sign and verify RSA with SHA-2; older ones with SHA-1 only, which sshd
 * refuses since 8.8. */
bool ssh_methods_rsa_sha2(void);
const char *ssh_methods_version(void); /* "1.10.0" */

/* Host-key algorithms that this libssh2 has, most wanted first; NULL-ended. */
const char *const *ssh_methods_host_keys(void);

/* Tell a new session what to ask for: curve25519 and ecdh first, no group exchange; no cipher in
 * CBC mode; no MAC below SHA-2; host keys in the order of a comma list. 0, or libssh2's error. */
int ssh_methods_prefer(struct _LIBSSH2_SESSION *session, const char *host_keys);

/* What this libssh2 and ssh_methods_prefer leave of a kind: "kex", "host key", "cipher", "mac"; a
 * comma list, "" for another kind. */
enum ssh_methods_kind {
    SSH_METHODS_KEX,
    SSH_METHODS_HOST_KEY,
    SSH_METHODS_CIPHER,
    SSH_METHODS_MAC,
    SSH_METHODS_COUNT
};
void ssh_methods_ours(struct _LIBSSH2_SESSION *session, enum ssh_methods_kind kind, char *to,
                      size_t size);

#endif
