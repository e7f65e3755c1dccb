/* connection: one TCP connection to the WinRM service of one server. */
#include "farm/winrm/connection.h"

#include "core/machine.h"
#include "farm/server/misbehave.h"
#include "farm/tls/tls.h"
#include "farm/winrm/service.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    PENDING_MOST = 8 << 20,
    FLOOD_CHUNK = WINRMD_CHUNK / 2,
    DRIP_MS = 1000,
    KEEPALIVE_S = 60,
};

/*   GREETING --TLS is up--> READING --request--> WAITING --delay--> SENDING --all sent--> READING
 *      |                       |                    |                  |
 *      +----> HELD <-----------+--------------------+------------------+
 *      any state --connection gone--> CLOSING                                                */
enum state { GREETING, READING, WAITING, SENDING, HELD, CLOSING };

static const struct machine_state states[] = {
    [GREETING] = {"GREETING", MACHINE_TO(READING) | MACHINE_TO(HELD) | MACHINE_TO(CLOSING)},
    [READING] = {"READING", MACHINE_TO(WAITING) | MACHINE_TO(HELD) | MACHINE_TO(CLOSING)},
    [WAITING] = {"WAITING", MACHINE_TO(SENDING) | MACHINE_TO(CLOSING)},
    [SENDING] = {"SENDING", MACHINE_TO(READING) | MACHINE_TO(HELD) | MACHINE_TO(CLOSING)},
    [HELD] = {"HELD", MACHINE_TO(CLOSING)},
    [CLOSING] = {"CLOSING", 0},
};

struct connection {
    struct connection *next, *previous;
    struct winrmd *winrmd;
    struct machine machine;
    uv_tcp_t tcp;
    uv_timer_t timer;
    unsigned handles; /* not yet closed */
    struct tls tls; /* of https */
    struct certificate own; /* a flawed one, for this connection alone */
    char address[FLEET_ADDRESS]; /* the server's */
    struct service service;
    struct http_request request;
    struct buf pending; /* plain bytes that no request has taken yet */
    struct buf out; /* plain bytes to be sent */
    struct buf sending; /* what the kernel has been given */
    uv_write_t write;
    bool writing, ended; /* ended: the client sends no more */
    struct service_reply reply;
    size_t dripped;
    size_t flooded;
};

static void step(struct connection *c);

/* ---- closing ---- */

static void connection_free(struct connection *c)
{
    login_done(&c->service.login);
    tls_done(&c->tls);
    certificate_done(&c->own);
    http_request_done(&c->request);
    buf_done(&c->pending);
    buf_done(&c->out);
    buf_done(&c->sending);
    buf_done(&c->reply.bytes);
    (void)atomic_fetch_sub(&c->winrmd->fleet->shared->open_sessions, 1);
    free(c);
}

static void on_closed(uv_handle_t *handle)
{
    struct connection *c = handle->data;
    if (--c->handles == 0) {
        connection_free(c);
    }
}

static void unlink_connection(struct connection *c)
{
    if (c->previous != NULL) {
        c->previous->next = c->next;
    } else {
        c->winrmd->connections = c->next;
    }
    if (c->next != NULL) {
        c->next->previous = c->previous;
    }
}

static void connection_close(struct connection *c)
{
    if (c->machine.state == CLOSING) {
        return;
    }
    machine_move(&c->machine, CLOSING);
    unlink_connection(c);
    uv_close((uv_handle_t *)&c->tcp, on_closed);
    uv_close((uv_handle_t *)&c->timer, on_closed);
}

/* The other side gets a reset, not an end. */
static void connection_break(struct connection *c)
{
    machine_move(&c->machine, CLOSING);
    unlink_connection(c);
    if (uv_tcp_close_reset(&c->tcp, on_closed) != 0) {
        uv_close((uv_handle_t *)&c->tcp, on_closed);
    }
    uv_close((uv_handle_t *)&c->timer, on_closed);
}

void connection_stop_all(struct winrmd *winrmd)
{
    while (winrmd->connections != NULL) {
        connection_close(winrmd->connections);
    }
}

/* ---- sending ---- */

static void flush(struct connection *c);

/* More of an answer that does not want to end; false where it has ended. */
static bool flood(struct connection *c)
{
    bool on = c->reply.end == SERVICE_FLOODS_ON;
    if (!on && (c->reply.end != SERVICE_FLOODS || c->flooded >= SERVICE_FLOOD)) {
        return false;
    }
    size_t n =
        !on && SERVICE_FLOOD - c->flooded < FLOOD_CHUNK ? SERVICE_FLOOD - c->flooded : FLOOD_CHUNK;
    memset(c->winrmd->chunk, 'x', n);
    if (on) {
        (void)buf_printf(&c->out, "%x\r\n", FLOOD_CHUNK);
    }
    (void)buf_append(&c->out, c->winrmd->chunk, n);
    (void)buf_puts(&c->out, on ? "\r\n" : "");
    c->flooded += n;
    flush(c);
    return true;
}

static void on_drip(uv_timer_t *timer)
{
    struct connection *c = timer->data;
    (void)buf_putc(&c->out, c->reply.bytes.data[c->dripped++]);
    flush(c);
}

/* Everything that there was to send has been sent. */
static void on_sent(struct connection *c)
{
    if (c->machine.state != SENDING || flood(c)) {
        return;
    }
    switch (c->reply.end) {
    case SERVICE_DRIPS:
        if (c->dripped < c->reply.bytes.len) {
            (void)uv_timer_start(&c->timer, on_drip, DRIP_MS, 0);
            return;
        }
        break;
    case SERVICE_HANGS:
        machine_move(&c->machine, HELD);
        return;
    case SERVICE_CLOSES:
    case SERVICE_BREAKS:
        connection_close(c);
        return;
    case SERVICE_GOES_ON:
    case SERVICE_FLOODS:
    case SERVICE_FLOODS_ON:
        break;
    }
    buf_clear(&c->reply.bytes);
    machine_move(&c->machine, READING);
    step(c);
}

static void on_written(uv_write_t *write, int status)
{
    struct connection *c = write->data;
    c->writing = false;
    if (c->machine.state == CLOSING) {
        return;
    }
    if (status != 0) {
        connection_close(c);
        return;
    }
    flush(c);
}

/* One write is under way at a time; what comes meanwhile waits. */
static void flush(struct connection *c)
{
    bool https = c->service.https;
    if (c->writing || c->machine.state == CLOSING) {
        return;
    }
    if (https && c->out.len > 0) {
        if (tls_write(&c->tls, c->out.data, c->out.len) != 0) {
            connection_close(c);
            return;
        }
        buf_clear(&c->out);
    }
    struct buf *from = https ? &c->tls.out : &c->out;
    struct buf spare = c->sending;
    if (from->len == 0) {
        on_sent(c);
        return;
    }
    c->sending = *from;
    *from = spare;
    from->max = c->sending.max;
    buf_clear(from);
    uv_buf_t bytes = uv_buf_init(c->sending.data, (unsigned)c->sending.len);
    c->write.data = c;
    c->writing = true;
    if (uv_write(&c->write, (uv_stream_t *)&c->tcp, &bytes, 1, on_written) != 0) {
        c->writing = false;
        connection_close(c);
    }
}

/* ---- answering ---- */

static void on_due(uv_timer_t *timer)
{
    struct connection *c = timer->data;
    const struct buf *bytes = &c->reply.bytes;
    machine_move(&c->machine, SENDING);
    c->dripped = c->flooded = 0;
    if (c->reply.end != SERVICE_DRIPS) {
        size_t len = c->reply.end == SERVICE_BREAKS ? bytes->len / 2 : bytes->len;
        (void)buf_append(&c->out, bytes->data == NULL ? "" : bytes->data, len);
    }
    flush(c);
}

static void answer(struct connection *c)
{
    machine_move(&c->machine, WAITING);
    http_request_reset(&c->request);
    if (c->reply.delay_ms > 0) {
        (void)uv_timer_start(&c->timer, on_due, (uint64_t)c->reply.delay_ms, 0);
    } else {
        on_due(&c->timer);
    }
}

/* ---- reading ---- */

static enum tls_result read_tls(struct connection *c)
{
    enum tls_result result = TLS_READY;
    while (result == TLS_READY) {
        size_t n = 0;
        result = tls_read(&c->tls, c->winrmd->chunk, WINRMD_CHUNK, &n);
        (void)buf_append(&c->pending, c->winrmd->chunk, n);
    }
    return result;
}

static void drop_pending(struct connection *c, size_t used)
{
    size_t left = c->pending.len - used;
    memmove(c->pending.data, c->pending.data + used, left);
    c->pending.len = left;
}

/* Takes pending bytes into the request until it is whole. */
static void read_request(struct connection *c)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    while (c->machine.state == READING && c->pending.len > 0) {
        size_t used = 0;
        enum http_event event =
            http_request_feed(&c->request, c->pending.data, c->pending.len, &used);
        drop_pending(c, used);
        switch (event) {
        case HTTP_MORE:
            break;
        case HTTP_CONTINUE:
            (void)buf_puts(&c->out, go_on);
            flush(c);
            break;
        case HTTP_COMPLETE:
            service_handle(&c->service, &c->request, &c->reply);
            answer(c);
            break;
        case HTTP_BAD:
            buf_clear(&c->pending);
            service_refuse(c->request.status, &c->reply);
            answer(c);
            break;
        }
    }
}

/* Whatever can be done now, after anything happened. */
static void step(struct connection *c)
{
    if (c->machine.state == GREETING) {
        enum tls_result result = tls_handshake(&c->tls);
        flush(c);
        if (c->machine.state == CLOSING || result == TLS_AGAIN) {
            return;
        }
        if (result == TLS_FAILED) {
            connection_close(c);
            return;
        }
        machine_move(&c->machine, READING);
    }
    if (c->service.https && c->machine.state != HELD && read_tls(c) == TLS_FAILED) {
        c->ended = true;
    }
    if (c->pending.failed) {
        connection_close(c);
        return;
    }
    read_request(c);
    if (c->ended && c->machine.state == READING && c->pending.len == 0) {
        connection_close(c);
    }
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
    struct connection *c = handle->data;
    (void)suggested;
    *ret = uv_buf_init(c->winrmd->chunk, WINRMD_CHUNK);
}

static void on_bytes(uv_stream_t *stream, ssize_t count, const uv_buf_t *bytes)
{
    struct connection *c = stream->data;
    if (count < 0) {
        connection_close(c);
        return;
    }
    if (count == 0 || c->machine.state == HELD) {
        return;
    }
    if (c->service.https) {
        tls_feed(&c->tls, bytes->base, (size_t)count);
    } else {
        (void)buf_append(&c->pending, bytes->base, (size_t)count);
    }
    step(c);
}

/* ---- starting ---- */

static const struct certificate *choose_certificate(struct connection *c)
{
    struct winrmd *w = c->winrmd;
    const struct server *server = c->service.server;
    enum misbehaviour misbehaviour = c->service.misbehaviour;
    enum certificate_flaw flaw = misbehaviour == MISBEHAVE_EXPIRED_CERT ? CERTIFICATE_EXPIRED
                                 : misbehaviour == MISBEHAVE_WRONG_CERT_NAME
                                     ? CERTIFICATE_OTHER_NAME
                                     : CERTIFICATE_GOOD;
    if (flaw == CERTIFICATE_GOOD && misbehaviour != MISBEHAVE_WRONG_CA) {
        return winrmd_certificate(w, server);
    }
    const struct authority *authority =
        misbehaviour == MISBEHAVE_WRONG_CA ? &w->stranger : &w->authority;
    uint32_t ip = w->listen_base + 1 + server->index;
    return authority_issue(authority, server->name, ip, flaw, &c->own) == 0 ? &c->own : NULL;
}

static bool start_tls(struct connection *c)
{
    const struct certificate *certificate = choose_certificate(c);
    if (certificate == NULL || tls_init(&c->tls, certificate) != 0) {
        return false;
    }
    c->service.login.binding = certificate->hash;
    return true;
}

static void name_ends(struct connection *c, int fd)
{
    struct sockaddr_in peer = {0}, local = {0};
    socklen_t len = sizeof(peer);
    (void)getpeername(fd, (struct sockaddr *)&peer, &len);
    len = sizeof(local);
    (void)getsockname(fd, (struct sockaddr *)&local, &len);
    (void)inet_ntop(AF_INET, &peer.sin_addr, c->service.client, sizeof(c->service.client));
    (void)inet_ntop(AF_INET, &local.sin_addr, c->address, sizeof(c->address));
}

static void init_service(struct connection *c, struct server *server, bool https)
{
    struct winrmd *w = c->winrmd;
    enum misbehaviour misbehaviour = misbehave_next(server);
    c->service.wsman = &w->wsman;
    c->service.fleet = w->fleet;
    c->service.server = server;
    c->service.misbehaviour = misbehaviour;
    c->service.https = https;
    c->service.login = (struct login){.acceptor = &w->acceptor,
                                      .fleet = w->fleet,
                                      .server = server,
                                      .address = c->address,
                                      .deny = misbehaviour == MISBEHAVE_DENY_AUTH,
                                      .unsealed = misbehaviour == MISBEHAVE_NO_SEAL};
}

static void init_buffers(struct connection *c)
{
    http_request_init(&c->request);
    buf_init(&c->pending, PENDING_MOST);
    buf_init(&c->out, SERVICE_REPLY_MOST);
    buf_init(&c->sending, SERVICE_REPLY_MOST);
    buf_init(&c->reply.bytes, SERVICE_REPLY_MOST);
}

static void start_protocol(struct connection *c)
{
    enum misbehaviour misbehaviour = c->service.misbehaviour;
    machine_init(&c->machine, states, c->service.https ? GREETING : READING);
    if (misbehaviour == MISBEHAVE_REFUSE) {
        connection_break(c);
        return;
    }
    if (misbehaviour == MISBEHAVE_HANG_BANNER || misbehaviour == MISBEHAVE_HANG_KEX) {
        machine_move(&c->machine, HELD);
    } else if (c->service.https && !start_tls(c)) {
        connection_close(c);
        return;
    }
    if (uv_read_start((uv_stream_t *)&c->tcp, on_room, on_bytes) != 0) {
        connection_close(c);
    }
}

void connection_start(struct winrmd *winrmd, struct server *server, int fd, bool https)
{
    struct connection *c = calloc(1, sizeof(*c));
    if (c == NULL || uv_tcp_init(winrmd->loop, &c->tcp) != 0) {
        free(c);
        (void)close(fd);
        return;
    }
    (void)uv_timer_init(winrmd->loop, &c->timer);
    c->tcp.data = c->timer.data = c;
    c->handles = 2;
    c->winrmd = winrmd;
    name_ends(c, fd);
    init_service(c, server, https);
    init_buffers(c);
    c->next = winrmd->connections;
    if (c->next != NULL) {
        c->next->previous = c;
    }
    winrmd->connections = c;
    (void)atomic_fetch_add(&winrmd->fleet->shared->connections, 1);
    (void)atomic_fetch_add(&winrmd->fleet->shared->open_sessions, 1);
    (void)atomic_fetch_add(&server->connections, 1);
    if (uv_tcp_open(&c->tcp, fd) != 0) {
        (void)close(fd);
        machine_init(&c->machine, states, READING);
        connection_close(c);
        return;
    }
    (void)uv_tcp_nodelay(&c->tcp, 1);
    (void)uv_tcp_keepalive(&c->tcp, 1, KEEPALIVE_S);
    start_protocol(c);
}
