/* sshd: the ssh servers of the whole farm on one loop: keys, listeners, connections. */
#include "farm/ssh/sshd.h"

#include "farm/ssh/session.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WRONG_KEY = SSHD_KEYS - 1, ACCEPT_BATCH = 64 };

static int make_key(ssh_key *key, struct err *err)
{
    if (ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, key) != SSH_OK) {
        return err_set(err, ERR_INTERNAL, "keys", "no ed25519 key could be made");
    }
    return 0;
}

int sshd_init(struct sshd *sshd, struct fleet *fleet, uint32_t listen_base, unsigned host_keys,
              struct err *err)
{
    *sshd = (struct sshd){.fleet = fleet, .listen_base = listen_base, .host_key_count = host_keys};
    if (ssh_init() != SSH_OK || make_key(&sshd->client_key, err) != 0 ||
        make_key(&sshd->host_keys[WRONG_KEY], err) != 0) {
        return -1;
    }
    for (unsigned i = 0; i < host_keys; i++) {
        if (make_key(&sshd->host_keys[i], err) != 0) {
            return -1;
        }
    }
    return 0;
}

void sshd_done(struct sshd *sshd)
{
    for (size_t v = 0; v < OS_COUNT; v++) {
        for (size_t k = 0; k < SSHD_KEYS; k++) {
            ssh_bind_free(sshd->binds[v][k]);
        }
    }
    for (size_t k = 0; k < SSHD_KEYS; k++) {
        ssh_key_free(sshd->host_keys[k]);
    }
    ssh_key_free(sshd->client_key);
    free(sshd->polls);
    *sshd = (struct sshd){0};
    (void)ssh_finalize();
}

ssh_key sshd_host_key(const struct sshd *sshd, const struct server *server)
{
    return sshd->host_keys[server->index % sshd->host_key_count];
}

ssh_bind sshd_bind(struct sshd *sshd, const struct server *server, bool wrong)
{
    size_t key = wrong ? WRONG_KEY : server->index % sshd->host_key_count;
    ssh_bind *bind = &sshd->binds[server->os][key];
    if (*bind != NULL) {
        return *bind;
    }
    *bind = ssh_bind_new();
    bool config = false;
    ssh_key copy = ssh_key_dup(sshd->host_keys[key]); /* the bind owns it from here on */
    if (*bind != NULL && copy != NULL) {
        (void)ssh_bind_options_set(*bind, SSH_BIND_OPTIONS_PROCESS_CONFIG, &config);
        (void)ssh_bind_options_set(*bind, SSH_BIND_OPTIONS_IMPORT_KEY, copy);
        (void)ssh_bind_options_set(*bind, SSH_BIND_OPTIONS_BANNER, editions[server->os].ssh_banner);
        ssh_bind_set_blocking(*bind, 0);
    }
    return *bind;
}

static struct server *server_at(const struct sshd *sshd, int fd)
{
    struct sockaddr_in local;
    socklen_t len = sizeof(local);
    if (getsockname(fd, (struct sockaddr *)&local, &len) != 0) {
        return NULL;
    }
    uint32_t index = ntohl(local.sin_addr.s_addr) - sshd->listen_base - 1;
    struct server *server = index < sshd->fleet->count ? &sshd->fleet->servers[index] : NULL;
    return server != NULL && server->transport == TRANSPORT_SSH ? server : NULL;
}

static void on_connection(uv_poll_t *poll, int status, int events)
{
    struct sshd *sshd = poll->data;
    uv_os_fd_t listener = -1;
    (void)events;
    if (status != 0 || uv_fileno((const uv_handle_t *)poll, &listener) != 0) {
        return;
    }
    for (int i = 0; i < ACCEPT_BATCH; i++) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            return; /* nobody else waits, or no descriptor is free: they wait in the queue */
        }
        struct server *server = server_at(sshd, fd);
        if (server == NULL) {
            (void)close(fd);
        } else {
            session_start(sshd, server, fd);
        }
    }
}

int sshd_start(struct sshd *sshd, uv_loop_t *loop, const struct listen *listen, struct err *err)
{
    sshd->loop = loop;
    sshd->polls = calloc(listen->count, sizeof(*sshd->polls));
    if (sshd->polls == NULL) {
        return err_memory(err);
    }
    for (size_t i = 0; i < listen->count; i++) {
        uv_poll_t *poll = &sshd->polls[i];
        int rc = uv_poll_init(loop, poll, listen->fds[i]);
        if (rc != 0) {
            return err_set(err, ERR_IO, "listen", "cannot watch a socket: %s", uv_strerror(rc));
        }
        poll->data = sshd;
        sshd->poll_count++;
        (void)uv_poll_start(poll, UV_READABLE, on_connection);
    }
    return 0;
}

void sshd_stop(struct sshd *sshd)
{
    for (size_t i = 0; i < sshd->poll_count; i++) {
        uv_close((uv_handle_t *)&sshd->polls[i], NULL);
    }
    sshd->poll_count = 0;
    session_stop_all(sshd);
}
