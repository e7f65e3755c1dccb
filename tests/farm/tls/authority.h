/* authority: the farm's own certificate authority, and the certificates that it issues. */
#ifndef PVSAUDIT_FARM_TLS_AUTHORITY_H
#define PVSAUDIT_FARM_TLS_AUTHORITY_H

#include "core/buf.h"
#include "core/err.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdint.h>

enum { CERTIFICATE_HASH = 32 };

enum certificate_flaw { CERTIFICATE_GOOD, CERTIFICATE_EXPIRED, CERTIFICATE_OTHER_NAME };

/* One key for every server; each has a certificate of its own. */
struct authority {
    gnutls_x509_privkey_t key, server_key;
    gnutls_x509_crt_t certificate;
};

struct certificate {
    gnutls_certificate_credentials_t credentials;
    unsigned char hash[CERTIFICATE_HASH]; /* SHA-256: what a channel binding speaks of */
};

int authority_init(struct authority *authority, const char *name, struct err *err);
void authority_done(struct authority *authority);
/* The authority's certificate as PEM. */
int authority_write(const struct authority *authority, struct buf *to);

/* For a host of that name at that IPv4 address (host byte order). */
int authority_issue(const struct authority *authority, const char *name, uint32_t ip,
                    enum certificate_flaw flaw, struct certificate *ret);
void certificate_done(struct certificate *certificate);

#endif
