/* authority: the farm's own certificate authority, and the certificates that it issues. */
#include "farm/tls/authority.h"

#include <arpa/inet.h>
#include <gnutls/crypto.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { DAY_S = 86400, VALID_DAYS = 365, SERIAL = 8 };

static int fail(struct err *err, int rc)
{
    return err_set(err, ERR_INTERNAL, "certificate", "no certificate could be made: %s",
                   gnutls_strerror(rc));
}

static int make_key(gnutls_x509_privkey_t *key)
{
    unsigned bits = GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1);
    int rc = gnutls_x509_privkey_init(key);
    return rc != 0 ? rc : gnutls_x509_privkey_generate(*key, GNUTLS_PK_ECDSA, bits, 0);
}

/* What every certificate has; from and to count in days from now. */
static int begin(gnutls_x509_crt_t *crt, gnutls_x509_privkey_t key, const char *name, int from,
                 int to)
{
    unsigned char serial[SERIAL];
    char dn[160];
    time_t now = time(NULL);
    int rc = gnutls_x509_crt_init(crt);
    if (rc != 0) {
        return rc;
    }
    (void)gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof(serial));
    serial[0] &= 0x7f;
    (void)snprintf(dn, sizeof(dn), "CN=%s", name);
    rc = gnutls_x509_crt_set_version(*crt, 3);
    rc = rc != 0 ? rc : gnutls_x509_crt_set_serial(*crt, serial, sizeof(serial));
    rc = rc != 0 ? rc : gnutls_x509_crt_set_dn(*crt, dn, NULL);
    rc = rc != 0 ? rc : gnutls_x509_crt_set_activation_time(*crt, now + from * DAY_S);
    rc = rc != 0 ? rc : gnutls_x509_crt_set_expiration_time(*crt, now + to * DAY_S);
    return rc != 0 ? rc : gnutls_x509_crt_set_key(*crt, key);
}

static int make_own(struct authority *a, const char *name)
{
    int rc = begin(&a->certificate, a->key, name, -1, VALID_DAYS);
    rc = rc != 0 ? rc : gnutls_x509_crt_set_basic_constraints(a->certificate, 1, 0);
    rc = rc != 0 ? rc
                 : gnutls_x509_crt_set_key_usage(a->certificate,
                                                 GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN);
    return rc != 0 ? rc
                   : gnutls_x509_crt_sign2(a->certificate, a->certificate, a->key,
                                           GNUTLS_DIG_SHA256, 0);
}

int authority_init(struct authority *a, const char *name, struct err *err)
{
    *a = (struct authority){0};
    int rc = make_key(&a->key);
    rc = rc != 0 ? rc : make_key(&a->server_key);
    rc = rc != 0 ? rc : make_own(a, name);
    return rc != 0 ? fail(err, rc) : 0;
}

void authority_done(struct authority *a)
{
    gnutls_x509_privkey_deinit(a->key);
    gnutls_x509_privkey_deinit(a->server_key);
    if (a->certificate != NULL) {
        gnutls_x509_crt_deinit(a->certificate);
    }
    *a = (struct authority){0};
}

int authority_write(const struct authority *a, struct buf *to)
{
    gnutls_datum_t pem = {NULL, 0};
    if (gnutls_x509_crt_export2(a->certificate, GNUTLS_X509_FMT_PEM, &pem) != 0) {
        return -1;
    }
    int rc = buf_append(to, pem.data, pem.size);
    gnutls_free(pem.data);
    return rc;
}

static int add_names(gnutls_x509_crt_t crt, const char *name, uint32_t ip)
{
    struct in_addr address = {.s_addr = htonl(ip)};
    int rc = gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, name,
                                                  (unsigned)strlen(name), GNUTLS_FSAN_SET);
    return rc != 0 ? rc
                   : gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, &address,
                                                          sizeof(address), GNUTLS_FSAN_APPEND);
}

static int make_server(const struct authority *a, const char *name, uint32_t ip,
                       enum certificate_flaw flaw, gnutls_x509_crt_t *crt)
{
    bool expired = flaw == CERTIFICATE_EXPIRED, other = flaw == CERTIFICATE_OTHER_NAME;
    const char *shown = other ? "another-host" : name;
    int rc = begin(crt, a->server_key, shown, expired ? -30 : -1, expired ? -2 : VALID_DAYS);
    rc = rc != 0 ? rc : add_names(*crt, shown, other ? UINT32_C(0x7fffffff) : ip);
    rc = rc != 0 ? rc : gnutls_x509_crt_set_basic_constraints(*crt, 0, -1);
    rc = rc != 0 ? rc : gnutls_x509_crt_set_key_usage(*crt, GNUTLS_KEY_DIGITAL_SIGNATURE);
    rc = rc != 0 ? rc : gnutls_x509_crt_set_key_purpose_oid(*crt, GNUTLS_KP_TLS_WWW_SERVER, 0);
    return rc != 0 ? rc : gnutls_x509_crt_sign2(*crt, a->certificate, a->key, GNUTLS_DIG_SHA256, 0);
}

int authority_issue(const struct authority *a, const char *name, uint32_t ip,
                    enum certificate_flaw flaw, struct certificate *ret)
{
    gnutls_x509_crt_t crt = NULL;
    size_t size = sizeof(ret->hash);
    *ret = (struct certificate){0};
    int rc = make_server(a, name, ip, flaw, &crt);
    rc = rc != 0 ? rc : gnutls_x509_crt_get_fingerprint(crt, GNUTLS_DIG_SHA256, ret->hash, &size);
    rc = rc != 0 ? rc : gnutls_certificate_allocate_credentials(&ret->credentials);
    rc = rc != 0 ? rc : gnutls_certificate_set_x509_key(ret->credentials, &crt, 1, a->server_key);
    if (crt != NULL) {
        gnutls_x509_crt_deinit(crt);
    }
    if (rc < 0) {
        certificate_done(ret);
    }
    return rc < 0 ? -1 : 0;
}

void certificate_done(struct certificate *certificate)
{
    if (certificate->credentials != NULL) {
        gnutls_certificate_free_credentials(certificate->credentials);
    }
    *certificate = (struct certificate){0};
}
