/* ssh_key: a private key for user authentication, parsed once and used by every session. */
#ifndef PVSAUDIT_COLLECTOR_TRANSPORT_SSH_KEY_SSH_KEY_H
#define PVSAUDIT_COLLECTOR_TRANSPORT_SSH_KEY_SSH_KEY_H

#include "core/err.h"
#include "core/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ssh_key;

/* OpenSSH's own format (unencrypted: our parser; encrypted: kept as text for libssh2) and PEM.
 * passphrase may be NULL. ERR_CONFIG: file, what, remedy (mode too open, not a key, public key
 * given, passphrase wrong, RSA with libssh2 below 1.11); ERR_LOCKED: encrypted, and no passphrase
 * was given. Free with ssh_key_free. */
int ssh_key_load(const char *path, const char *passphrase, struct ssh_key **ret, struct err *err);
/* The same from memory; what is fuzzed. name stands in for the path. */
int ssh_key_parse(const char *name, const char *bytes, size_t len, const char *passphrase,
                  struct ssh_key **ret, struct err *err);
void ssh_key_free(struct ssh_key *key);

const char *ssh_key_algorithm(const struct ssh_key *key); /* "ssh-ed25519" */
/* The public key as the wire has it (borrowed). */
const unsigned char *ssh_key_public(const struct ssh_key *key, size_t *ret_len);
/* Sign data: *ret_signature (free(3)) is the inner signature that libssh2's sign callback wants. */
int ssh_key_sign(const struct ssh_key *key, const unsigned char *data, size_t len,
                 unsigned char **ret_signature, size_t *ret_len, struct err *err);
/* An encrypted key of OpenSSH's format, which libssh2 decrypts for each session (some 120 ms of
 * the loop's time): what its _frommemory call wants, borrowed. false for every other key, which
 * ssh_key_sign takes. */
struct ssh_key_locked {
    struct slice private; /* the file's text, NUL-terminated */
    struct slice public; /* "ssh-ed25519 AAAA..." */
    const char *passphrase;
};
bool ssh_key_is_locked(const struct ssh_key *key, struct ssh_key_locked *ret);
/* The algorithm by which data, a request for user authentication (RFC 4252, 7), wants to be
 * signed; false where it is no such request. */
bool ssh_key_wanted_algorithm(const unsigned char *data, size_t len, struct slice *ret);

#endif
