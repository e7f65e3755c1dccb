/* ssh_key_openssh: the parser of OpenSSH's own private key format (PROTOCOL.key). */
#include "collector/transport/ssh_key/ssh_key_openssh.h"

#include "collector/transport/ssh_key/ssh_key_pkey.h"
#include "collector/transport/ssh_link/ssh_wire.h"

#include <openssl/evp.h>
#include <string.h>

const char ssh_key_openssh_begin[] = "-----BEGIN OPENSSH PRIVATE KEY-----";

enum { ROUNDS_MAX = 1024 };

static const char stage[] = "ssh-key";
static const char magic[] = "openssh-key-v1"; /* its NUL is part of it */

struct envelope {
    struct slice cipher, kdf, kdf_options, public, private;
};

static int cut(struct err *err)
{
    return err_set(err, ERR_PARTIAL, stage, "the key ends before it is complete");
}

static int envelope_parse(struct slice bytes, struct envelope *ret, struct err *err)
{
    if (bytes.len < sizeof(magic)) {
        return cut(err);
    }
    if (memcmp(bytes.data, magic, sizeof(magic)) != 0) {
        return err_set(err, ERR_FORMAT, stage, "the key does not begin with \"%s\"", magic);
    }
    struct slice rest = {bytes.data + sizeof(magic), bytes.len - sizeof(magic)};
    struct envelope all;
    uint32_t keys;
    if (!ssh_wire_string(&rest, &all.cipher) || !ssh_wire_string(&rest, &all.kdf) ||
        !ssh_wire_string(&rest, &all.kdf_options) || !ssh_wire_u32(&rest, &keys)) {
        return cut(err);
    }
    if (keys != 1) {
        return err_set(err, ERR_FORMAT, stage, "the file says that it holds %u keys, not one",
                       (unsigned)keys);
    }
    if (!ssh_wire_string(&rest, &all.public) || !ssh_wire_string(&rest, &all.private)) {
        return cut(err);
    }
    *ret = all;
    return 0;
}

/* Both halves of a pair are in the file; the second must be what the first yields. */
static EVP_PKEY *ed25519_parse(struct slice *rest)
{
    struct slice public, pair;
    if (!ssh_wire_string(rest, &public) || !ssh_wire_string(rest, &pair) || public.len != 32 ||
        pair.len != 64 || memcmp(public.data, pair.data + 32, 32) != 0) {
        return NULL;
    }
    return ssh_key_pkey_ed25519((struct slice){pair.data, 32});
}

static EVP_PKEY *ecdsa_parse(struct slice *rest)
{
    struct slice curve, point, number;
    if (!ssh_wire_string(rest, &curve) || !ssh_wire_string(rest, &point) ||
        !ssh_wire_mpint(rest, &number)) {
        return NULL;
    }
    return ssh_key_pkey_ecdsa(curve, point, number);
}

static EVP_PKEY *rsa_parse(struct slice *rest)
{
    struct ssh_key_rsa key;
    if (!ssh_wire_mpint(rest, &key.n) || !ssh_wire_mpint(rest, &key.e) ||
        !ssh_wire_mpint(rest, &key.d) || !ssh_wire_mpint(rest, &key.iqmp) ||
        !ssh_wire_mpint(rest, &key.p) || !ssh_wire_mpint(rest, &key.q)) {
        return NULL;
    }
    return ssh_key_pkey_rsa(&key);
}

static const struct {
    const char *type;
    EVP_PKEY *(*parse)(struct slice *rest);
} types[] = {
    {"ssh-ed25519", ed25519_parse},
    {"ecdsa-sha2-nistp256", ecdsa_parse},
    {"ecdsa-sha2-nistp384", ecdsa_parse},
    {"ecdsa-sha2-nistp521", ecdsa_parse},
    {"ssh-rsa", rsa_parse},
};

static bool padding_good(struct slice rest)
{
    for (size_t i = 0; i < rest.len; i++) {
        if ((uint8_t)rest.data[i] != (uint8_t)(i + 1)) {
            return false;
        }
    }
    return rest.len < 256;
}

static int type_parse(struct slice *rest, EVP_PKEY **ret, struct err *err)
{
    struct slice type;
    if (!ssh_wire_string(rest, &type)) {
        return cut(err);
    }
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (slice_eq(type, types[i].type)) {
            EVP_PKEY *pkey = types[i].parse(rest);
            if (pkey == NULL) {
                return err_set(err, ERR_FORMAT, stage, "the numbers in it make no %s key",
                               types[i].type);
            }
            *ret = pkey;
            return 0;
        }
    }
    return err_set(err, ERR_FORMAT, stage,
                   "it is a key of type %.*s, which is not supported; use an ed25519 key",
                   (int)(type.len < 64 ? type.len : 64), type.data);
}

static bool same_public(EVP_PKEY *pkey, struct slice public)
{
    struct buf blob;
    buf_init(&blob, SSH_KEY_BLOB_MAX);
    bool same = ssh_key_pkey_public(pkey, &blob) == 0 && blob.len == public.len &&
                memcmp(blob.data, public.data, public.len) == 0;
    buf_done(&blob);
    return same;
}

static int private_parse(const struct envelope *all, EVP_PKEY **ret, struct err *err)
{
    struct slice rest = all->private;
    uint32_t check1, check2;
    EVP_PKEY *pkey = NULL;
    if (!ssh_wire_u32(&rest, &check1) || !ssh_wire_u32(&rest, &check2)) {
        return cut(err);
    }
    if (check1 != check2) {
        return err_set(err, ERR_FORMAT, stage, "the key is damaged: its two check numbers differ");
    }
    if (type_parse(&rest, &pkey, err) != 0) {
        return -1;
    }
    struct slice comment;
    int result = 0;
    if (!ssh_wire_string(&rest, &comment) || !padding_good(rest)) {
        result = err_set(err, ERR_FORMAT, stage, "the key is damaged: its padding is wrong");
    } else if (!same_public(pkey, all->public)) {
        result = err_set(err, ERR_FORMAT, stage,
                         "its public and private halves do not belong "
                         "together");
    }
    if (result != 0) {
        EVP_PKEY_free(pkey);
        return -1;
    }
    *ret = pkey;
    return 0;
}

/* What every libssh2 can undo; of the rest it would say that the passphrase is wrong. */
static int cipher_check(struct slice cipher, struct err *err)
{
    static const char *const known[] = {"aes256-ctr", "aes192-ctr", "aes128-ctr",
                                        "aes256-cbc", "aes192-cbc", "aes128-cbc"};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (slice_eq(cipher, known[i])) {
            return 0;
        }
    }
    return err_set(err, ERR_FORMAT, stage,
                   "it is encrypted with %.*s, which libssh2 cannot undo; write it again with "
                   "\"ssh-keygen -p -Z aes256-ctr\"",
                   (int)(cipher.len < 64 ? cipher.len : 64), cipher.data);
}

/* Each round of bcrypt takes some 8 ms, so that a large number would be a way to stop us. */
static int rounds_check(const struct envelope *all, struct err *err)
{
    struct slice rest = all->kdf_options;
    struct slice salt;
    uint32_t rounds;
    if (!slice_eq(all->kdf, "bcrypt") || !ssh_wire_string(&rest, &salt) ||
        !ssh_wire_u32(&rest, &rounds)) {
        return err_set(err, ERR_FORMAT, stage, "it is encrypted in a way that is not known");
    }
    if (rounds > ROUNDS_MAX) {
        return err_set(err, ERR_LIMIT, stage,
                       "its passphrase is hashed in %u rounds, more than %d; write it again with "
                       "\"ssh-keygen -p -a 16\"",
                       (unsigned)rounds, ROUNDS_MAX);
    }
    return 0;
}

int ssh_key_openssh_parse(struct slice bytes, struct ssh_key_openssh *ret, struct err *err)
{
    struct envelope all;
    if (envelope_parse(bytes, &all, err) != 0) {
        return -1;
    }
    struct ssh_key_openssh key = {.public = all.public, .encrypted = !slice_eq(all.cipher, "none")};
    if (key.encrypted) {
        if (cipher_check(all.cipher, err) != 0 || rounds_check(&all, err) != 0) {
            return -1;
        }
    } else if (private_parse(&all, &key.pkey, err) != 0) {
        return -1;
    }
    *ret = key;
    return 0;
}
