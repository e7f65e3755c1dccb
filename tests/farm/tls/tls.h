/* tls: one TLS session of a server, between two buffers of bytes. */
#ifndef PVSAUDIT_FARM_TLS_TLS_H
#define PVSAUDIT_FARM_TLS_TLS_H

#include "core/buf.h"
#include "farm/tls/authority.h"

#include <stddef.h>

enum tls_result { TLS_AGAIN, TLS_READY, TLS_FAILED };

struct tls {
    gnutls_session_t session; /* NULL: none was started */
    struct buf in; /* ciphertext that arrived, from in_at on */
    size_t in_at;
    struct buf out; /* ciphertext to be sent; whoever sends it clears it */
};

int tls_init(struct tls *tls, const struct certificate *certificate);
void tls_done(struct tls *tls);

void tls_feed(struct tls *tls, const char *bytes, size_t len);
enum tls_result tls_handshake(struct tls *tls);
/* TLS_READY with bytes, of which there may be more; TLS_FAILED also where the client has closed. */
enum tls_result tls_read(struct tls *tls, char *to, size_t size, size_t *ret_len);
int tls_write(struct tls *tls, const char *bytes, size_t len);

#endif
