/* tls: one TLS session of a server, between two buffers of bytes. */
#include "farm/tls/tls.h"

#include <errno.h>
#include <string.h>

enum { IN_MOST = 8 << 20, OUT_MOST = 256 << 20 };

static ssize_t pull(gnutls_transport_ptr_t data, void *to, size_t size)
{
    struct tls *tls = data;
    size_t left = tls->in.len - tls->in_at;
    if (left == 0) {
        gnutls_transport_set_errno(tls->session, EAGAIN);
        return -1;
    }
    size_t n = left < size ? left : size;
    memcpy(to, tls->in.data + tls->in_at, n);
    tls->in_at += n;
    if (tls->in_at == tls->in.len) {
        buf_clear(&tls->in);
        tls->in_at = 0;
    }
    return (ssize_t)n;
}

static ssize_t push(gnutls_transport_ptr_t data, const void *bytes, size_t len)
{
    struct tls *tls = data;
    if (buf_append(&tls->out, bytes, len) != 0) {
        gnutls_transport_set_errno(tls->session, ENOMEM);
        return -1;
    }
    return (ssize_t)len;
}

static int pull_ready(gnutls_transport_ptr_t data, unsigned ms)
{
    const struct tls *tls = data;
    (void)ms;
    return tls->in.len > tls->in_at ? 1 : 0;
}

int tls_init(struct tls *tls, const struct certificate *certificate)
{
    *tls = (struct tls){0};
    buf_init(&tls->in, IN_MOST);
    buf_init(&tls->out, OUT_MOST);
    if (gnutls_init(&tls->session, GNUTLS_SERVER | GNUTLS_NONBLOCK) != 0) {
        tls->session = NULL;
        return -1;
    }
    gnutls_transport_set_ptr(tls->session, tls);
    gnutls_transport_set_pull_function(tls->session, pull);
    gnutls_transport_set_push_function(tls->session, push);
    gnutls_transport_set_pull_timeout_function(tls->session, pull_ready);
    gnutls_handshake_set_timeout(tls->session, GNUTLS_INDEFINITE_TIMEOUT);
    return gnutls_set_default_priority(tls->session) != 0 ||
                   gnutls_credentials_set(tls->session, GNUTLS_CRD_CERTIFICATE,
                                          certificate->credentials) != 0
               ? -1
               : 0;
}

void tls_done(struct tls *tls)
{
    if (tls->session != NULL) {
        gnutls_deinit(tls->session);
        tls->session = NULL;
    }
    buf_done(&tls->in);
    buf_done(&tls->out);
}

void tls_feed(struct tls *tls, const char *bytes, size_t len)
{
    (void)buf_append(&tls->in, bytes, len);
}

enum tls_result tls_handshake(struct tls *tls)
{
    int rc = 0;
    do {
        rc = gnutls_handshake(tls->session);
    } while (rc < 0 && rc != GNUTLS_E_AGAIN && gnutls_error_is_fatal(rc) == 0);
    return rc == 0 ? TLS_READY : rc == GNUTLS_E_AGAIN ? TLS_AGAIN : TLS_FAILED;
}

enum tls_result tls_read(struct tls *tls, char *to, size_t size, size_t *ret_len)
{
    ssize_t n = 0;
    do {
        n = gnutls_record_recv(tls->session, to, size);
    } while (n < 0 && n != GNUTLS_E_AGAIN && gnutls_error_is_fatal((int)n) == 0);
    *ret_len = n > 0 ? (size_t)n : 0;
    return n > 0 ? TLS_READY : n == GNUTLS_E_AGAIN ? TLS_AGAIN : TLS_FAILED;
}

int tls_write(struct tls *tls, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = gnutls_record_send(tls->session, bytes, len);
        if (n <= 0) {
            return -1;
        }
        bytes += n;
        len -= (size_t)n;
    }
    return 0;
}
