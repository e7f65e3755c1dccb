/* connection: one TCP connection to the WinRM service of one server. */
#include "farm/winrm/connection.h"

#include "core/machine.h"
#include "farm/server/misbehave.h"
#include "farm/winrm/service.h"
#include "farm/winrm/stream.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FLOOD_CHUNK = 32768, DRIP_MS = 1000 };

/*   GREETING --TLS is up--> READING --request--> WAITING --delay--> SENDING --all sent--> READING
 *      |                       |                                       |
 *      +----> HELD <-----------+---------------------------------------+
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
    struct stream stream;
    uv_timer_t timer;
    unsigned handles; /* not yet closed */
    struct certificate own; /* a flawed one, for this connection alone */
    char address[FLEET_ADDRESS]; /* the server's */
    struct service service;
    struct http_request request;
    struct service_reply reply;
    size_t dripped, flooded; /* bytes of the answer, and behind it */
};

/* ---- closing ---- */

static void connection_free(struct connection *c)
{
    login_done(&c->service.login);
    stream_done(&c->stream);
    certificate_done(&c->own);
    http_request_done(&c->request);
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

static void end(struct connection *c, bool reset)
{
    if (c->machine.state == CLOSING) {
        return;
    }
    machine_move(&c->machine, CLOSING);
    if (c->previous != NULL) {
        c->previous->next = c->next;
    } else {
        c->winrmd->connections = c->next;
    }
    if (c->next != NULL) {
        c->next->previous = c->previous;
    }
    stream_close(&c->stream, reset, on_closed);
    uv_close((uv_handle_t *)&c->timer, on_closed);
}

static void connection_close(struct connection *c)
{
    end(c, false);
}

void connection_stop_all(struct winrmd *winrmd)
{
    while (winrmd->connections != NULL) {
        connection_close(winrmd->connections);
    }
}

static void hold(struct connection *c)
{
    machine_move(&c->machine, HELD);
    stream_ignore(&c->stream);
}

/* ---- sending ---- */

/* More of an answer that does not want to end; false where it has ended. */
static bool flood(struct connection *c)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\nX-Padding: on and on\r\n\r\n";
    bool on = c->reply.end == SERVICE_FLOODS_ON;
    if (c->reply.end == SERVICE_CONTINUES) {
        (void)buf_puts(&c->stream.out, go_on);
        stream_flush(&c->stream);
        return true;
    }
    if (!on && (c->reply.end != SERVICE_FLOODS || c->flooded >= SERVICE_FLOOD)) {
        return false;
    }
    size_t left = on ? FLOOD_CHUNK : SERVICE_FLOOD - c->flooded;
    size_t n = left < FLOOD_CHUNK ? left : FLOOD_CHUNK;
    memset(c->stream.chunk, 'x', n);
    if (on) {
        (void)buf_printf(&c->stream.out, "%x\r\n", FLOOD_CHUNK);
    }
    (void)buf_append(&c->stream.out, c->stream.chunk, n);
    (void)buf_puts(&c->stream.out, on ? "\r\n" : "");
    c->flooded += n;
    stream_flush(&c->stream);
    return true;
}

static void on_drip(uv_timer_t *timer)
{
    struct connection *c = timer->data;
    (void)buf_putc(&c->stream.out, c->reply.bytes.data[c->dripped++]);
    stream_flush(&c->stream);
}

static void read_request(struct connection *c);

static void on_sent(void *data)
{
    struct connection *c = data;
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
        hold(c);
        return;
    case SERVICE_CLOSES:
    case SERVICE_BREAKS:
        connection_close(c);
        return;
    case SERVICE_GOES_ON:
    case SERVICE_FLOODS:
    case SERVICE_FLOODS_ON:
    case SERVICE_CONTINUES:
        break;
    }
    buf_clear(&c->reply.bytes);
    machine_move(&c->machine, READING);
    read_request(c);
}

static void on_due(uv_timer_t *timer)
{
    struct connection *c = timer->data;
    const struct buf *bytes = &c->reply.bytes;
    machine_move(&c->machine, SENDING);
    c->dripped = c->flooded = 0;
    if (c->reply.end != SERVICE_DRIPS && bytes->len > 0) {
        size_t len = c->reply.end == SERVICE_BREAKS ? bytes->len / 2 : bytes->len;
        (void)buf_append(&c->stream.out, bytes->data, len);
    }
    stream_flush(&c->stream);
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

static void on_request(struct connection *c, enum http_event event)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    switch (event) {
    case HTTP_MORE:
        break;
    case HTTP_CONTINUE:
        (void)buf_puts(&c->stream.out, go_on);
        stream_flush(&c->stream);
        break;
    case HTTP_COMPLETE:
        service_handle(&c->service, &c->request, &c->reply);
        answer(c);
        break;
    case HTTP_BAD:
        stream_take(&c->stream, c->stream.pending.len);
        service_refuse(c->request.status, &c->reply);
        answer(c);
        break;
    }
}

/* Takes what has come into requests, as far as they may be answered now. */
static void read_request(struct connection *c)
{
    struct stream *stream = &c->stream;
    while (c->machine.state == READING && stream->pending.len > 0) {
        size_t used = 0;
        enum http_event event =
            http_request_feed(&c->request, stream->pending.data, stream->pending.len, &used);
        stream_take(stream, used);
        on_request(c, event);
    }
    if (stream->ended && c->machine.state == READING) {
        connection_close(c);
    }
}

static void on_bytes(void *data)
{
    read_request(data);
}

static void on_secured(void *data)
{
    struct connection *c = data;
    if (!tls_peer(&c->stream.tls, c->service.login.certified, FLEET_NAME)) {
        c->service.login.certified[0] = '\0';
    }
    machine_move(&c->machine, READING);
}

static void on_gone(void *data)
{
    connection_close(data);
}

static const struct stream_events events = {on_secured, on_bytes, on_sent, on_gone};

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
    bool asks = (c->service.server->winrm.offers & OFFER_CERTIFICATE) != 0;
    if (certificate == NULL || stream_secure(&c->stream, certificate, asks) != 0) {
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
    struct misdeeds misdeeds = misbehave_next(server);
    enum misbehaviour misbehaviour = misbehave_always(&misdeeds);
    c->service.wsman = &w->wsman;
    c->service.fleet = w->fleet;
    c->service.server = server;
    c->service.misdeeds = misdeeds;
    c->service.misbehaviour = misbehaviour;
    c->service.https = https;
    c->service.login = (struct login){.acceptor = &w->acceptor,
                                      .fleet = w->fleet,
                                      .server = server,
                                      .address = c->address,
                                      .deny = misbehaviour == MISBEHAVE_DENY_AUTH,
                                      .unsealed = misbehaviour == MISBEHAVE_NO_SEAL};
}

/* Something else than the beginning of HTTP or TLS; false: nothing of the kind. */
static bool spoil_start(struct connection *c)
{
    static const char page[] = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    switch (misbehave_only(&c->service.misdeeds, OCCASION_BANNER)) {
    case MISBEHAVE_CLOSE:
        end(c, false);
        return true;
    case MISBEHAVE_HANG:
        hold(c);
        return false;
    case MISBEHAVE_GARBAGE:
        hold(c);
        (void)buf_puts(&c->stream.out, page);
        stream_flush(&c->stream);
        return false;
    default:
        return false;
    }
}

static void start_protocol(struct connection *c)
{
    enum misbehaviour misbehaviour = c->service.misbehaviour;
    if (misbehaviour == MISBEHAVE_REFUSE) {
        end(c, true);
        return;
    }
    if (spoil_start(c)) {
        return;
    }
    if (misbehaviour == MISBEHAVE_HANG_BANNER || misbehaviour == MISBEHAVE_HANG_KEX) {
        hold(c);
    } else if (c->service.https && c->machine.state != HELD && !start_tls(c)) {
        connection_close(c);
        return;
    }
    if (stream_start(&c->stream) != 0) {
        connection_close(c);
    }
}

static void link_connection(struct connection *c)
{
    struct winrmd *w = c->winrmd;
    c->next = w->connections;
    if (c->next != NULL) {
        c->next->previous = c;
    }
    w->connections = c;
    (void)atomic_fetch_add(&w->fleet->shared->connections, 1);
    (void)atomic_fetch_add(&w->fleet->shared->open_sessions, 1);
    (void)atomic_fetch_add(&c->service.server->connections, 1);
}

void connection_start(struct winrmd *winrmd, struct server *server, int fd, bool https)
{
    struct connection *c = calloc(1, sizeof(*c));
    if (c == NULL) {
        (void)close(fd);
        return;
    }
    (void)uv_timer_init(winrmd->loop, &c->timer);
    c->timer.data = c;
    c->handles = 2;
    c->winrmd = winrmd;
    name_ends(c, fd);
    init_service(c, server, https);
    http_request_init(&c->request);
    buf_init(&c->reply.bytes, SERVICE_REPLY_MOST);
    machine_init(&c->machine, states, https ? GREETING : READING);
    link_connection(c);
    if (stream_open(&c->stream, winrmd->loop, fd, &events, c, winrmd->chunk) != 0) {
        (void)close(fd);
        connection_close(c);
        return;
    }
    start_protocol(c);
}
