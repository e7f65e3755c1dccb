/* listen: the sockets behind 127/8: those that serve, one that refuses, one that swallows. */
#ifndef PVSAUDIT_FARM_LISTEN_H
#define PVSAUDIT_FARM_LISTEN_H

#include "core/err.h"
#include "farm/server/fleet.h"

struct listen {
    int *fds; /* one for all of 127/8, or one for each server where the device cannot be bound */
    size_t count;
    uint16_t port;
};

/* Where nobody answers. */
struct unreachable {
    uint16_t refused_port; /* bound and not listening: nobody else gets it */
    uint16_t hole_port; /* listening with a full queue */
    uint32_t hole_ip; /* 0: every address */
    int refused_fd, hole_fd;
    int hole_fill[8];
};

/* port 0: the kernel's choice. The server with index i answers at base + 1 + i. A zeroed struct
 * listen is closed and serves nobody. */
int listen_open(struct listen *listen, uint32_t base, size_t servers, uint16_t port,
                struct err *err);
void listen_close(struct listen *listen);

/* All of a farm's; a protocol that no server speaks has no socket. */
struct listeners {
    struct listen ssh, http, https;
    struct unreachable nowhere;
};

struct listen_ports {
    uint16_t ssh, http, https;
};

int listeners_open(struct listeners *listeners, const struct fleet *fleet, uint32_t base,
                   const struct listen_ports *ports, struct err *err);
void listeners_close(struct listeners *listeners);

int unreachable_open(struct unreachable *unreachable, uint32_t base, struct err *err);
void unreachable_close(struct unreachable *unreachable); /* only after unreachable_open */

#endif
