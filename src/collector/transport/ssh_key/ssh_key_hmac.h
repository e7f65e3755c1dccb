/* ssh_key_hmac: one name hashed under many salts, as known_hosts hides names (HMAC-SHA1). */
#ifndef PVSAUDIT_COLLECTOR_TRANSPORT_SSH_KEY_SSH_KEY_HMAC_H
#define PVSAUDIT_COLLECTOR_TRANSPORT_SSH_KEY_SSH_KEY_HMAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a hash costs is four blocks of SHA-1, two of them of the salt alone and so done once: a file
 * of 10,000 hidden names is tried for every host. */
enum {
    SSH_KEY_SHA1 = 20,
    SSH_KEY_HMAC_NAME_MAX = 1024,
    SSH_KEY_HMAC_BLOCKS = SSH_KEY_HMAC_NAME_MAX / 64 + 1,
};

struct ssh_key_hmac_salt {
    uint32_t inner[5], outer[5]; /* SHA-1's state behind the salt's block (RFC 2104) */
};

struct ssh_key_hmac_name {
    unsigned char blocks[SSH_KEY_HMAC_BLOCKS][64]; /* as SHA-1 pads them behind one block */
    size_t count;
};

void ssh_key_hmac_salt(struct ssh_key_hmac_salt *ret, const unsigned char salt[SSH_KEY_SHA1]);
/* false: it is longer than any name. */
bool ssh_key_hmac_name(struct ssh_key_hmac_name *ret, const char *name, size_t len);
void ssh_key_hmac(const struct ssh_key_hmac_salt *salt, const struct ssh_key_hmac_name *name,
                  unsigned char to[SSH_KEY_SHA1]);

#endif
