/* ssh_key_pkey: SSH's names, public blobs and signatures over OpenSSL's EVP_PKEY. */
#ifndef PVSAUDIT_COLLECTOR_TRANSPORT_SSH_KEY_SSH_KEY_PKEY_H
#define PVSAUDIT_COLLECTOR_TRANSPORT_SSH_KEY_SSH_KEY_PKEY_H

#include "core/buf.h"
#include "core/str.h"

#include <openssl/types.h>
#include <stddef.h>

enum { SSH_KEY_BLOB_MAX = 4096 };

/* Make a private key from its numbers as the OpenSSH format has them. NULL: they make no key. The
 * caller frees with EVP_PKEY_free. */
EVP_PKEY *ssh_key_pkey_ed25519(struct slice seed);
EVP_PKEY *ssh_key_pkey_ecdsa(struct slice curve, struct slice point, struct slice number);
struct ssh_key_rsa {
    struct slice n, e, d, iqmp, p, q;
};
EVP_PKEY *ssh_key_pkey_rsa(const struct ssh_key_rsa *numbers);

/* "ssh-ed25519", "ecdsa-sha2-nistp256" (384, 521), "ssh-rsa"; NULL: a key that SSH does not have.
 */
const char *ssh_key_pkey_algorithm(const EVP_PKEY *pkey);
/* Append the public key's wire form. 0, or -1. */
int ssh_key_pkey_public(const EVP_PKEY *pkey, struct buf *to);
/* Append the inner signature of data by this algorithm: 64 bytes of Ed25519, two mpints of ECDSA,
 * or RSA's PKCS #1 v1.5 with the algorithm's hash. 0, or -1. */
int ssh_key_pkey_sign(EVP_PKEY *pkey, struct slice algorithm, const void *data, size_t len,
                      struct buf *to);

#endif
