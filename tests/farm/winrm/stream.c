/* stream: plain bytes in and out of one TCP connection, with TLS in between or without. */
#include "farm/winrm/stream.h"

#include <string.h>

enum { PENDING_MOST = 8 << 20, KEEPALIVE_S = 60 };

int stream_open(struct stream *s, uv_loop_t *loop, int fd, const struct stream_events *events,
                void *data, char *chunk)
{
    s->events = events;
    s->data = s->tcp.data = data;
    s->write.data = s;
    s->chunk = chunk;
    buf_init(&s->pending, PENDING_MOST);
    buf_init(&s->out, STREAM_OUT_MOST);
    buf_init(&s->sending, STREAM_OUT_MOST);
    (void)uv_tcp_init(loop, &s->tcp);
    if (uv_tcp_open(&s->tcp, fd) != 0) {
        return -1;
    }
    (void)uv_tcp_nodelay(&s->tcp, 1);
    (void)uv_tcp_keepalive(&s->tcp, 1, KEEPALIVE_S);
    return 0;
}

int stream_secure(struct stream *s, const struct certificate *certificate, bool asks)
{
    s->secure = true;
    return tls_init(&s->tls, certificate, asks);
}

void stream_close(struct stream *s, bool reset, uv_close_cb on_closed)
{
    s->closing = true;
    if (!reset || uv_tcp_close_reset(&s->tcp, on_closed) != 0) {
        uv_close((uv_handle_t *)&s->tcp, on_closed);
    }
}

void stream_done(struct stream *s)
{
    tls_done(&s->tls);
    buf_done(&s->pending);
    buf_done(&s->out);
    buf_done(&s->sending);
}

/* ---- out ---- */

static void gone(struct stream *s)
{
    if (!s->closing) {
        s->events->on_gone(s->data);
    }
}

static void on_written(uv_write_t *write, int status)
{
    struct stream *s = write->data;
    s->writing = false;
    if (s->closing) {
        return;
    }
    if (status != 0) {
        gone(s);
        return;
    }
    stream_flush(s);
}

/* The two buffers change places, so that neither is copied. */
static void load(struct stream *s, struct buf *from)
{
    struct buf spare = s->sending;
    s->sending = *from;
    *from = spare;
    from->max = s->sending.max;
    buf_clear(from);
}

/* One write is under way at a time; what comes meanwhile waits. */
void stream_flush(struct stream *s)
{
    if (s->writing || s->closing) {
        return;
    }
    if (s->secure && s->out.len > 0) {
        if (tls_write(&s->tls, s->out.data, s->out.len) != 0) {
            gone(s);
            return;
        }
        buf_clear(&s->out);
    }
    struct buf *from = s->secure ? &s->tls.out : &s->out;
    if (from->len == 0) {
        s->events->on_sent(s->data);
        return;
    }
    load(s, from);
    uv_buf_t bytes = uv_buf_init(s->sending.data, (unsigned)s->sending.len);
    s->writing = true;
    if (uv_write(&s->write, (uv_stream_t *)&s->tcp, &bytes, 1, on_written) != 0) {
        s->writing = false;
        gone(s);
    }
}

/* ---- in ---- */

void stream_take(struct stream *s, size_t bytes)
{
    size_t left = s->pending.len - bytes;
    memmove(s->pending.data, s->pending.data + bytes, left);
    s->pending.len = left;
}

void stream_ignore(struct stream *s)
{
    s->ignoring = true;
}

static void shake_hands(struct stream *s)
{
    enum tls_result result = tls_handshake(&s->tls);
    stream_flush(s);
    if (result == TLS_FAILED) {
        gone(s);
    } else if (result == TLS_READY && !s->closing) {
        s->up = true;
        s->events->on_secured(s->data);
    }
}

static void decrypt(struct stream *s)
{
    enum tls_result result = TLS_READY;
    while (result == TLS_READY) {
        size_t n = 0;
        result = tls_read(&s->tls, s->chunk, STREAM_CHUNK, &n);
        (void)buf_append(&s->pending, s->chunk, n);
    }
    s->ended = result == TLS_FAILED;
}

static void take_in(struct stream *s, const char *bytes, size_t len)
{
    if (!s->secure) {
        (void)buf_append(&s->pending, bytes, len);
        return;
    }
    tls_feed(&s->tls, bytes, len);
    if (!s->up) {
        shake_hands(s);
    }
    if (s->up && !s->closing) {
        decrypt(s);
    }
}

static void on_read(uv_stream_t *tcp, ssize_t count, const uv_buf_t *bytes)
{
    struct stream *s = (struct stream *)tcp; /* its first member */
    if (count < 0) {
        gone(s);
        return;
    }
    if (count == 0 || s->ignoring) {
        return;
    }
    take_in(s, bytes->base, (size_t)count);
    if (s->pending.failed) {
        gone(s);
    } else if (!s->closing) {
        s->events->on_bytes(s->data);
    }
}

static void on_room(uv_handle_t *tcp, size_t suggested, uv_buf_t *ret)
{
    struct stream *s = (struct stream *)tcp;
    (void)suggested;
    *ret = uv_buf_init(s->chunk, STREAM_CHUNK);
}

int stream_start(struct stream *s)
{
    return uv_read_start((uv_stream_t *)&s->tcp, on_room, on_read) == 0 ? 0 : -1;
}
