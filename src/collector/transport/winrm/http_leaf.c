/* http_leaf: what a server's certificate is known by: its SHA-256, and the hash that binds a token
 * to the TLS connection (RFC 5929, section 4.1). */
#include "collector/transport/winrm/http_link.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

/* The hash of the certificate's own signature; SHA-256 in place of MD5 and SHA-1, and where the
 * signature has no hash of its own. */
static const EVP_MD *binding_hash(const X509 *leaf)
{
    int hash = NID_undef;
    (void)OBJ_find_sigid_algs(X509_get_signature_nid(leaf), &hash, NULL);
    const EVP_MD *found = hash == NID_undef ? NULL : EVP_get_digestbynid(hash);
    return found == NULL || hash == NID_md5 || hash == NID_sha1 ? EVP_sha256() : found;
}

static void put_words(const X509 *leaf, struct http_leaf *ret)
{
    char name[96] = "";
    struct tm until = {0};
    if (X509_NAME_get_text_by_NID(X509_get_subject_name(leaf), NID_commonName, name,
                                  sizeof(name)) <= 0) {
        (void)snprintf(name, sizeof(name), "no common name");
    }
    if (ASN1_TIME_to_tm(X509_get0_notAfter(leaf), &until) == 1) {
        (void)snprintf(ret->words, sizeof(ret->words), "%s, until %04d-%02d-%02d", name,
                       until.tm_year + 1900, until.tm_mon + 1, until.tm_mday);
    } else {
        (void)snprintf(ret->words, sizeof(ret->words), "%s", name);
    }
}

static bool take(const X509 *leaf, struct http_leaf *ret)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (X509_digest(leaf, binding_hash(leaf), hash, &len) != 1 || len > sizeof(ret->binding)) {
        return false;
    }
    memcpy(ret->binding, hash, len);
    ret->binding_len = len;
    if (X509_digest(leaf, EVP_sha256(), hash, &len) != 1) {
        return false;
    }
    for (unsigned i = 0; i < len; i++) {
        (void)snprintf(ret->fingerprint + (size_t)2 * i, 3, "%02x", hash[i]);
    }
    put_words(leaf, ret);
    return true;
}

bool http_leaf_take(CURL *easy, struct http_leaf *ret)
{
    struct curl_tlssessioninfo *session = NULL;
    if (curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &session) != CURLE_OK || session == NULL ||
        session->backend != CURLSSLBACKEND_OPENSSL || session->internals == NULL) {
        return false;
    }
    X509 *leaf = SSL_get1_peer_certificate(session->internals);
    bool taken = leaf != NULL && take(leaf, ret);
    X509_free(leaf);
    return taken;
}
