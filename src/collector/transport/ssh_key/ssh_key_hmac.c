/* ssh_key_hmac: one name hashed under many salts, as known_hosts hides names (HMAC-SHA1). */
#define OPENSSL_SUPPRESS_DEPRECATED /* a block alone is what no call of its newer ones offers */
#include "collector/transport/ssh_key/ssh_key_hmac.h"

#include <openssl/sha.h>
#include <string.h>

_Static_assert(SSH_KEY_SHA1 == SHA_DIGEST_LENGTH, "one hash, one length");

static void state_put(SHA_CTX *context, const uint32_t state[5])
{
    context->h0 = state[0];
    context->h1 = state[1];
    context->h2 = state[2];
    context->h3 = state[3];
    context->h4 = state[4];
}

static void state_get(const SHA_CTX *context, uint32_t state[5])
{
    state[0] = context->h0;
    state[1] = context->h1;
    state[2] = context->h2;
    state[3] = context->h3;
    state[4] = context->h4;
}

static void put_u32(unsigned char *to, uint32_t value)
{
    for (size_t i = 0; i < 4; i++) {
        to[i] = (unsigned char)(value >> (24 - 8 * i));
    }
}

static void digest_put(const SHA_CTX *context, unsigned char to[SSH_KEY_SHA1])
{
    uint32_t state[5];
    state_get(context, state);
    for (size_t i = 0; i < 5; i++) {
        put_u32(to + 4 * i, state[i]);
    }
}

static void salt_state(const unsigned char salt[SSH_KEY_SHA1], unsigned char pad, uint32_t state[5])
{
    unsigned char block[SHA_CBLOCK];
    SHA_CTX context;
    memset(block, pad, sizeof(block));
    for (size_t i = 0; i < SSH_KEY_SHA1; i++) {
        block[i] ^= salt[i];
    }
    (void)SHA1_Init(&context);
    SHA1_Transform(&context, block);
    state_get(&context, state);
}

void ssh_key_hmac_salt(struct ssh_key_hmac_salt *ret, const unsigned char salt[SSH_KEY_SHA1])
{
    salt_state(salt, 0x36, ret->inner);
    salt_state(salt, 0x5c, ret->outer);
}

/* SHA-1's end of a message (FIPS 180-4, 5.1.1): a one bit, zeros, and its length in bits, to which
 * the salt's block belongs. */
static void pad_end(unsigned char *blocks, size_t len, size_t count)
{
    blocks[len] = 0x80;
    put_u32(blocks + count * SHA_CBLOCK - 4, (uint32_t)((len + SHA_CBLOCK) * 8));
}

bool ssh_key_hmac_name(struct ssh_key_hmac_name *ret, const char *name, size_t len)
{
    size_t count = (len + 9 + SHA_CBLOCK - 1) / SHA_CBLOCK;
    if (count > SSH_KEY_HMAC_BLOCKS) {
        return false;
    }
    memset(ret->blocks, 0, count * SHA_CBLOCK);
    memcpy(ret->blocks, name, len);
    pad_end(ret->blocks[0], len, count);
    ret->count = count;
    return true;
}

void ssh_key_hmac(const struct ssh_key_hmac_salt *salt, const struct ssh_key_hmac_name *name,
                  unsigned char to[SSH_KEY_SHA1])
{
    unsigned char block[SHA_CBLOCK] = {0};
    SHA_CTX context;
    state_put(&context, salt->inner);
    for (size_t i = 0; i < name->count; i++) {
        SHA1_Transform(&context, name->blocks[i]);
    }
    digest_put(&context, block);
    pad_end(block, SSH_KEY_SHA1, 1);
    state_put(&context, salt->outer);
    SHA1_Transform(&context, block);
    digest_put(&context, to);
}
