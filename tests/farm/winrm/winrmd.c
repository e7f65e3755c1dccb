/* winrmd: the WinRM services of the whole farm on one loop: listeners, credentials, certificates.
 */
#include "farm/winrm/winrmd.h"

#include "farm/winrm/connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ACCEPT_BATCH = 64, SWEEP_MS = 1000 };

int winrmd_init(struct winrmd *w, struct fleet *fleet, uint32_t listen_base, unsigned workers,
                struct err *err)
{
    *w = (struct winrmd){.fleet = fleet, .listen_base = listen_base};
    wsman_init(&w->wsman, fleet);
    w->certificates = calloc(fleet->count, sizeof(*w->certificates));
    if (w->certificates == NULL) {
        return err_memory(err);
    }
    return handover_open(&w->handover, workers, err) != 0 ||
                   authority_init(&w->authority, "pvsfarm CA", err) != 0 ||
                   authority_init(&w->stranger, "another CA", err) != 0
               ? -1
               : 0;
}

void winrmd_done(struct winrmd *w)
{
    if (w->fleet == NULL) {
        return;
    }
    wsman_done(&w->wsman);
    acceptor_close(&w->acceptor);
    for (size_t i = 0; w->certificates != NULL && i < w->fleet->count; i++) {
        certificate_done(&w->certificates[i]);
    }
    free(w->certificates);
    authority_done(&w->authority);
    authority_done(&w->stranger);
    handover_close(&w->handover);
    free(w->polls);
    *w = (struct winrmd){0};
}

const struct certificate *winrmd_certificate(struct winrmd *w, const struct server *server)
{
    struct certificate *certificate = &w->certificates[server->index];
    uint32_t ip = w->listen_base + 1 + server->index;
    if (certificate->credentials == NULL &&
        authority_issue(&w->authority, server->name, ip, CERTIFICATE_GOOD, certificate) != 0) {
        return NULL;
    }
    return certificate;
}

/* ---- accepting ---- */

static struct server *server_at(const struct winrmd *w, int fd)
{
    struct sockaddr_in local;
    socklen_t len = sizeof(local);
    if (getsockname(fd, (struct sockaddr *)&local, &len) != 0) {
        return NULL;
    }
    uint32_t index = ntohl(local.sin_addr.s_addr) - w->listen_base - 1;
    struct server *server = index < w->fleet->count ? &w->fleet->servers[index] : NULL;
    return server != NULL && server->transport == TRANSPORT_WINRM ? server : NULL;
}

static void take(struct winrmd *w, const struct handed *handed)
{
    connection_start(w, &w->fleet->servers[handed->server], handed->fd, handed->https);
}

static void on_connection(uv_poll_t *poll, int status, int events)
{
    struct winrmd *w = poll->data;
    uv_os_fd_t listener = -1;
    (void)events;
    if (status != 0 || uv_fileno((const uv_handle_t *)poll, &listener) != 0) {
        return;
    }
    bool https = (size_t)(poll - w->polls) >= w->http_polls;
    for (int i = 0; i < ACCEPT_BATCH; i++) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            return; /* nobody else waits, or no descriptor is free: they wait in the queue */
        }
        struct server *server = server_at(w, fd);
        struct handed handed = {fd, server == NULL ? 0 : server->index, https};
        if (server != NULL && handover_owner(&w->handover, server->index) == w->worker) {
            take(w, &handed);
            continue;
        }
        if (server != NULL) {
            (void)handover_send(&w->handover, &handed);
        }
        (void)close(fd);
    }
}

static void on_handed(uv_poll_t *poll, int status, int events)
{
    struct winrmd *w = poll->data;
    struct handed handed;
    (void)events;
    for (int i = 0; status == 0 && i < ACCEPT_BATCH; i++) {
        if (!handover_receive(&w->handover, w->worker, &handed)) {
            return;
        }
        take(w, &handed);
    }
}

static int watch(struct winrmd *w, int fd, uv_poll_cb on_ready, struct err *err)
{
    uv_poll_t *poll = &w->polls[w->poll_count];
    int rc = uv_poll_init(w->loop, poll, fd);
    if (rc != 0) {
        return err_set(err, ERR_IO, "listen", "cannot watch a socket: %s", uv_strerror(rc));
    }
    poll->data = w;
    w->poll_count++;
    (void)uv_poll_start(poll, UV_READABLE, on_ready);
    return 0;
}

static int watch_all(struct winrmd *w, const struct listen *listen, struct err *err)
{
    for (size_t i = 0; i < listen->count; i++) {
        if (watch(w, listen->fds[i], on_connection, err) != 0) {
            return -1;
        }
    }
    return 0;
}

static void on_sweep(uv_timer_t *timer)
{
    struct winrmd *w = timer->data;
    wsman_sweep(&w->wsman);
}

int winrmd_start(struct winrmd *w, uv_loop_t *loop, unsigned worker, const struct listen *http,
                 const struct listen *https, struct err *err)
{
    w->loop = loop;
    w->worker = worker;
    w->polls = calloc(http->count + https->count + 1, sizeof(*w->polls));
    if (w->polls == NULL) {
        return err_memory(err);
    }
    if (acceptor_open(&w->acceptor, w->users, w->keytab, err) != 0 ||
        watch_all(w, http, err) != 0) {
        return -1;
    }
    w->http_polls = w->poll_count;
    if (watch_all(w, https, err) != 0 ||
        (w->handover.count > 0 && watch(w, w->handover.ends[worker][0], on_handed, err) != 0)) {
        return -1;
    }
    (void)uv_timer_init(loop, &w->sweep);
    w->sweep.data = w;
    w->sweeping = true;
    (void)uv_timer_start(&w->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
    return 0;
}

void winrmd_stop(struct winrmd *w)
{
    for (size_t i = 0; i < w->poll_count; i++) {
        uv_close((uv_handle_t *)&w->polls[i], NULL);
    }
    w->poll_count = 0;
    if (w->sweeping) {
        uv_close((uv_handle_t *)&w->sweep, NULL);
        w->sweeping = false;
    }
    connection_stop_all(w);
}
