/* ssh_key_pkey: SSH's names, public blobs and signatures over OpenSSL's EVP_PKEY. */
#include "collector/transport/ssh_key/ssh_key_pkey.h"

#include "collector/transport/ssh_link/ssh_wire.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <stdlib.h>
#include <string.h>

struct curve {
    const char *ssh; /* as the wire names it */
    const char *group;
    const char *algorithm;
    const char *digest;
};

static const struct curve curves[] = {
    {"nistp256", "prime256v1", "ecdsa-sha2-nistp256", "SHA256"},
    {"nistp384", "secp384r1", "ecdsa-sha2-nistp384", "SHA384"},
    {"nistp521", "secp521r1", "ecdsa-sha2-nistp521", "SHA512"},
};

static const struct {
    const char *algorithm;
    const char *digest;
} rsa_digests[] = {{"ssh-rsa", "SHA1"}, {"rsa-sha2-256", "SHA256"}, {"rsa-sha2-512", "SHA512"}};

enum { RSA_BYTES_MAX = 2048 }; /* 16384 bits, OpenSSL's own limit */

EVP_PKEY *ssh_key_pkey_ed25519(struct slice seed)
{
    return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, (const unsigned char *)seed.data,
                                        seed.len);
}

static BIGNUM *bignum(struct slice bytes)
{
    return BN_bin2bn((const unsigned char *)bytes.data, (int)bytes.len, NULL);
}

static EVP_PKEY *from_params(const char *type, OSSL_PARAM_BLD *build)
{
    EVP_PKEY *pkey = NULL;
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    if (params != NULL && context != NULL && EVP_PKEY_fromdata_init(context) == 1) {
        (void)EVP_PKEY_fromdata(context, &pkey, EVP_PKEY_KEYPAIR, params);
    }
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(params);
    return pkey;
}

static const struct curve *curve_find(struct slice name)
{
    for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
        if (slice_eq(name, curves[i].ssh)) {
            return &curves[i];
        }
    }
    return NULL;
}

/* The private number must belong to the public point: a mixed-up file is refused here. */
static bool pair_fits(EVP_PKEY *pkey)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    bool fits = context != NULL && EVP_PKEY_pairwise_check(context) == 1;
    EVP_PKEY_CTX_free(context);
    return fits;
}

EVP_PKEY *ssh_key_pkey_ecdsa(struct slice curve_name, struct slice point, struct slice number)
{
    const struct curve *curve = curve_find(curve_name);
    if (curve == NULL || point.len > 256 || number.len > 80) {
        return NULL;
    }
    EVP_PKEY *pkey = NULL;
    BIGNUM *private = bignum(number);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    if (private != NULL && build != NULL &&
        OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, curve->group, 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point.data, point.len) ==
            1 &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, private) == 1) {
        pkey = from_params("EC", build);
    }
    OSSL_PARAM_BLD_free(build);
    BN_clear_free(private);
    if (pkey != NULL && !pair_fits(pkey)) {
        EVP_PKEY_free(pkey);
        return NULL;
    }
    return pkey;
}

enum { RSA_N, RSA_E, RSA_D, RSA_P, RSA_Q, RSA_DP, RSA_DQ, RSA_QI, RSA_COUNT };

static const char *const rsa_names[RSA_COUNT] = {
    [RSA_N] = OSSL_PKEY_PARAM_RSA_N,          [RSA_E] = OSSL_PKEY_PARAM_RSA_E,
    [RSA_D] = OSSL_PKEY_PARAM_RSA_D,          [RSA_P] = OSSL_PKEY_PARAM_RSA_FACTOR1,
    [RSA_Q] = OSSL_PKEY_PARAM_RSA_FACTOR2,    [RSA_DP] = OSSL_PKEY_PARAM_RSA_EXPONENT1,
    [RSA_DQ] = OSSL_PKEY_PARAM_RSA_EXPONENT2, [RSA_QI] = OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
};

/* d mod (prime - 1), which the file does not carry. */
static BIGNUM *rsa_exponent(const BIGNUM *d, const BIGNUM *prime)
{
    BN_CTX *context = BN_CTX_new();
    BIGNUM *less = BN_dup(prime);
    BIGNUM *exponent = BN_new();
    bool good = context != NULL && less != NULL && exponent != NULL && BN_sub_word(less, 1) == 1 &&
                !BN_is_zero(less) && BN_mod(exponent, d, less, context) == 1;
    BN_clear_free(less);
    BN_CTX_free(context);
    if (!good) {
        BN_clear_free(exponent);
        return NULL;
    }
    return exponent;
}

static EVP_PKEY *rsa_build(BIGNUM *const numbers[RSA_COUNT])
{
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    bool good = build != NULL;
    for (int i = 0; good && i < RSA_COUNT; i++) {
        good = numbers[i] != NULL && OSSL_PARAM_BLD_push_BN(build, rsa_names[i], numbers[i]) == 1;
    }
    EVP_PKEY *pkey = good ? from_params("RSA", build) : NULL;
    OSSL_PARAM_BLD_free(build);
    return pkey;
}

EVP_PKEY *ssh_key_pkey_rsa(const struct ssh_key_rsa *from)
{
    const struct slice given[] = {[RSA_N] = from->n, [RSA_E] = from->e, [RSA_D] = from->d,
                                  [RSA_P] = from->p, [RSA_Q] = from->q, [RSA_QI] = from->iqmp};
    BIGNUM *numbers[RSA_COUNT] = {NULL};
    for (size_t i = 0; i < RSA_COUNT; i++) {
        if (given[i].len > RSA_BYTES_MAX) {
            return NULL;
        }
    }
    for (size_t i = 0; i < RSA_COUNT; i++) {
        numbers[i] = given[i].len == 0 ? NULL : bignum(given[i]);
    }
    if (numbers[RSA_D] != NULL && numbers[RSA_P] != NULL && numbers[RSA_Q] != NULL) {
        numbers[RSA_DP] = rsa_exponent(numbers[RSA_D], numbers[RSA_P]);
        numbers[RSA_DQ] = rsa_exponent(numbers[RSA_D], numbers[RSA_Q]);
    }
    EVP_PKEY *pkey = rsa_build(numbers);
    for (size_t i = 0; i < RSA_COUNT; i++) {
        BN_clear_free(numbers[i]);
    }
    return pkey;
}

static const struct curve *pkey_curve(const EVP_PKEY *pkey)
{
    char group[32];
    if (EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL) != 1) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
        if (str_eq(group, curves[i].group)) {
            return &curves[i];
        }
    }
    return NULL;
}

const char *ssh_key_pkey_algorithm(const EVP_PKEY *pkey)
{
    if (EVP_PKEY_is_a(pkey, "ED25519")) {
        return "ssh-ed25519";
    }
    if (EVP_PKEY_is_a(pkey, "RSA")) {
        return "ssh-rsa";
    }
    const struct curve *curve = EVP_PKEY_is_a(pkey, "EC") ? pkey_curve(pkey) : NULL;
    return curve == NULL ? NULL : curve->algorithm;
}

static void put_bignum(struct buf *to, const BIGNUM *number)
{
    unsigned char bytes[RSA_BYTES_MAX];
    int len = number == NULL ? RSA_BYTES_MAX + 1 : BN_num_bytes(number);
    if (len > RSA_BYTES_MAX || BN_bn2bin(number, bytes) != len) {
        to->failed = true;
        return;
    }
    ssh_wire_put_mpint(to, bytes, (size_t)len);
}

static void put_param(struct buf *to, const EVP_PKEY *pkey, const char *name)
{
    BIGNUM *number = NULL;
    (void)EVP_PKEY_get_bn_param(pkey, name, &number);
    put_bignum(to, number);
    BN_free(number);
}

int ssh_key_pkey_public(const EVP_PKEY *pkey, struct buf *to)
{
    const char *algorithm = ssh_key_pkey_algorithm(pkey);
    unsigned char bytes[256];
    size_t len = sizeof(bytes);
    if (algorithm == NULL) {
        return -1;
    }
    ssh_wire_put_string(to, algorithm, strlen(algorithm));
    if (EVP_PKEY_is_a(pkey, "RSA")) {
        put_param(to, pkey, OSSL_PKEY_PARAM_RSA_E);
        put_param(to, pkey, OSSL_PKEY_PARAM_RSA_N);
    } else if (EVP_PKEY_is_a(pkey, "ED25519")) {
        to->failed |= EVP_PKEY_get_raw_public_key(pkey, bytes, &len) != 1;
        ssh_wire_put_string(to, bytes, to->failed ? 0 : len);
    } else {
        const struct curve *curve = pkey_curve(pkey);
        ssh_wire_put_string(to, curve->ssh, strlen(curve->ssh));
        to->failed |= EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY,
                                                      bytes, sizeof(bytes), &len) != 1;
        ssh_wire_put_string(to, bytes, to->failed ? 0 : len);
    }
    return to->failed ? -1 : 0;
}

static const char *digest_name(const EVP_PKEY *pkey, struct slice algorithm, bool *ret_known)
{
    *ret_known = slice_eq(algorithm, ssh_key_pkey_algorithm(pkey));
    if (EVP_PKEY_is_a(pkey, "RSA")) {
        for (size_t i = 0; i < sizeof(rsa_digests) / sizeof(rsa_digests[0]); i++) {
            if (slice_eq(algorithm, rsa_digests[i].algorithm)) {
                *ret_known = true;
                return rsa_digests[i].digest;
            }
        }
    }
    const struct curve *curve = EVP_PKEY_is_a(pkey, "EC") ? pkey_curve(pkey) : NULL;
    return curve == NULL ? NULL : curve->digest; /* Ed25519 hashes by itself */
}

static int ecdsa_inner(const unsigned char *der, size_t len, struct buf *to)
{
    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &der, (long)len);
    if (signature == NULL) {
        return -1;
    }
    put_bignum(to, ECDSA_SIG_get0_r(signature));
    put_bignum(to, ECDSA_SIG_get0_s(signature));
    ECDSA_SIG_free(signature);
    return to->failed ? -1 : 0;
}

int ssh_key_pkey_sign(EVP_PKEY *pkey, struct slice algorithm, const void *data, size_t len,
                      struct buf *to)
{
    bool known = false;
    const char *digest = digest_name(pkey, algorithm, &known);
    if (!known) {
        return -1;
    }
    int result = -1;
    unsigned char *signature = NULL;
    size_t signature_len = 0;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context == NULL ||
        EVP_DigestSignInit_ex(context, NULL, digest, NULL, NULL, pkey, NULL) != 1 ||
        EVP_DigestSign(context, NULL, &signature_len, data, len) != 1) {
        goto out;
    }
    signature = malloc(signature_len);
    if (signature == NULL || EVP_DigestSign(context, signature, &signature_len, data, len) != 1) {
        goto out;
    }
    result = EVP_PKEY_is_a(pkey, "EC") ? ecdsa_inner(signature, signature_len, to)
                                       : buf_append(to, signature, signature_len);
out:
    free(signature);
    EVP_MD_CTX_free(context);
    return result;
}
