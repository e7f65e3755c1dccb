/* listen: the sockets behind 127/8: those that serve, one that refuses, one that swallows. */
#include "farm/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { QUEUE = 4096, PORT_TRIES = 20, HOLE_FILL = 8, HOLE_SETTLE_MS = 50 };

static struct sockaddr_in address_of(uint32_t ip, uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(ip)};
}

static uint16_t port_of(int fd)
{
    struct sockaddr_in local = {0};
    socklen_t len = sizeof(local);
    (void)getsockname(fd, (struct sockaddr *)&local, &len);
    return ntohs(local.sin_port);
}

/* Bound to the device lo where ip is 0, so that nothing outside ever reaches it. */
static int bind_socket(uint32_t ip, uint16_t port)
{
    static const char device[] = "lo";
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = address_of(ip, port);
    if (fd < 0) {
        return -1;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if ((ip == 0 && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, sizeof(device) - 1) != 0) ||
        bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        int saved = errno;
        (void)close(fd);
        errno = saved;
        return -1;
    }
    return fd;
}

static int add(struct listen *l, int fd)
{
    if (fd >= 0 && listen(fd, QUEUE) == 0) {
        l->fds[l->count++] = fd;
        return 0;
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return -1;
}

static void drop(struct listen *l)
{
    while (l->count > 0) {
        (void)close(l->fds[--l->count]);
    }
}

/* One socket an address, all on one port. */
static int open_each(struct listen *l, uint32_t base, size_t servers, uint16_t port)
{
    for (int tries = 0; tries < PORT_TRIES; tries++) {
        uint16_t wanted = port;
        size_t i = 0;
        while (i < servers && add(l, bind_socket(base + 1 + (uint32_t)i, wanted)) == 0) {
            wanted = port_of(l->fds[0]);
            i++;
        }
        if (i == servers) {
            return 0;
        }
        drop(l);
        if (port != 0 || errno != EADDRINUSE) {
            break;
        }
    }
    return -1;
}

int listen_open(struct listen *l, uint32_t base, size_t servers, uint16_t port, struct err *err)
{
    *l = (struct listen){.fds = calloc(servers + 1, sizeof(*l->fds))};
    if (l->fds == NULL) {
        return err_memory(err);
    }
    if (add(l, bind_socket(0, port)) != 0 && open_each(l, base, servers, port) != 0) {
        int rc = err_set(err, ERR_IO, "listen", "cannot listen on 127/8 port %u: %s", port,
                         strerror(errno));
        listen_close(l);
        return rc;
    }
    l->port = port_of(l->fds[0]);
    return 0;
}

void listen_close(struct listen *l)
{
    drop(l);
    free(l->fds);
    l->fds = NULL;
}

/* Connections that are never accepted fill the queue; what comes after them gets no answer. */
static void fill_hole(struct unreachable *u)
{
    struct sockaddr_in address = address_of(INADDR_LOOPBACK, u->hole_port);
    for (size_t i = 0; i < HOLE_FILL; i++) {
        u->hole_fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        struct pollfd waits = {.fd = u->hole_fill[i], .events = POLLOUT};
        if (waits.fd < 0) {
            return;
        }
        (void)connect(waits.fd, (struct sockaddr *)&address, sizeof(address));
        if (poll(&waits, 1, HOLE_SETTLE_MS) == 0) {
            return; /* this one got no answer: it is full */
        }
    }
}

int unreachable_open(struct unreachable *u, uint32_t base, struct err *err)
{
    *u = (struct unreachable){.refused_fd = bind_socket(0, 0)};
    memset(u->hole_fill, 0xff, sizeof(u->hole_fill));
    bool whole = u->refused_fd >= 0;
    if (!whole) {
        u->refused_fd = bind_socket(base + 1, 0);
    }
    u->hole_ip = whole ? 0 : INADDR_LOOPBACK;
    u->hole_fd = bind_socket(u->hole_ip, 0);
    if (u->refused_fd < 0 || u->hole_fd < 0 || listen(u->hole_fd, 0) != 0) {
        int rc = err_set(err, ERR_IO, "listen", "no further port is free: %s", strerror(errno));
        unreachable_close(u);
        return rc;
    }
    u->refused_port = port_of(u->refused_fd);
    u->hole_port = port_of(u->hole_fd);
    fill_hole(u);
    return 0;
}

void unreachable_close(struct unreachable *u)
{
    int others[] = {u->refused_fd, u->hole_fd};
    for (size_t i = 0; i < 2; i++) {
        if (others[i] >= 0) {
            (void)close(others[i]);
        }
    }
    for (size_t i = 0; i < HOLE_FILL; i++) {
        if (u->hole_fill[i] >= 0) {
            (void)close(u->hole_fill[i]);
        }
    }
}

static bool speaks(const struct fleet *fleet, enum transport transport)
{
    size_t i = 0;
    while (i < fleet->count && fleet->servers[i].transport != transport) {
        i++;
    }
    return i < fleet->count;
}

int listeners_open(struct listeners *l, const struct fleet *fleet, uint32_t base,
                   const struct listen_ports *ports, struct err *err)
{
    *l = (struct listeners){0};
    bool ssh = speaks(fleet, TRANSPORT_SSH), winrm = speaks(fleet, TRANSPORT_WINRM);
    if (unreachable_open(&l->nowhere, base, err) != 0) {
        return -1;
    }
    if ((ssh && listen_open(&l->ssh, base, fleet->count, ports->ssh, err) != 0) ||
        (winrm && listen_open(&l->http, base, fleet->count, ports->http, err) != 0) ||
        (winrm && listen_open(&l->https, base, fleet->count, ports->https, err) != 0)) {
        listeners_close(l);
        return -1;
    }
    return 0;
}

void listeners_close(struct listeners *l)
{
    struct listen *all[] = {&l->ssh, &l->http, &l->https};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        listen_close(all[i]);
    }
    unreachable_close(&l->nowhere);
}
