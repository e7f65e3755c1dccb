/* stream: plain bytes in and out of one TCP connection, with TLS in between or without. */
#ifndef PVSAUDIT_FARM_WINRM_STREAM_H
#define PVSAUDIT_FARM_WINRM_STREAM_H

#include "core/buf.h"
#include "farm/tls/tls.h"

#include <uv.h>

enum { STREAM_CHUNK = 65536, STREAM_OUT_MOST = 96 << 20 };

/* What its owner is told, on the loop's thread; each may close the stream. */
struct stream_events {
    void (*on_secured)(void *data); /* TLS is up */
    void (*on_bytes)(void *data); /* something new in pending, or ended is set */
    void (*on_sent)(void *data); /* nothing is left of out */
    void (*on_gone)(void *data); /* the connection is broken or at its end: close it */
};

struct stream {
    uv_tcp_t tcp;
    const struct stream_events *events;
    void *data;
    char *chunk; /* STREAM_CHUNK bytes, borrowed: what is read, for as long as a callback takes */
    struct tls tls;
    bool secure, up; /* over TLS; its handshake is done */
    struct buf pending; /* what came and nobody has taken yet */
    struct buf out; /* what is to be sent */
    struct buf sending; /* what the kernel has been given */
    uv_write_t write;
    bool writing, closing, ignoring;
    bool ended; /* TLS says that no more will come */
};

/* Takes fd over if it succeeds. Zeroed before; stream_close and then stream_done afterwards, either
 * way. tcp.data is data. */
int stream_open(struct stream *stream, uv_loop_t *loop, int fd, const struct stream_events *events,
                void *data, char *chunk);
/* Before stream_start. asks: for the client's certificate too. */
int stream_secure(struct stream *stream, const struct certificate *certificate, bool asks);
int stream_start(struct stream *stream);
/* Whatever comes is thrown away from now on; only the end is noticed. */
void stream_ignore(struct stream *stream);

void stream_take(struct stream *stream, size_t bytes); /* off the front of pending */
void stream_flush(struct stream *stream); /* sends what is in out */

void stream_close(struct stream *stream, bool reset, uv_close_cb on_closed);
void stream_done(struct stream *stream);

#endif
