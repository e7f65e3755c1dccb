/* listen: the sockets behind 127/8: one that serves, one that refuses, one that swallows. */
#ifndef PVSAUDIT_FARM_LISTEN_H
#define PVSAUDIT_FARM_LISTEN_H

#include "core/err.h"
#include "farm/server/fleet.h"

struct listen {
    int *fds; /* one for all of 127/8, or one for each server where the device cannot be bound */
    size_t count;
    uint16_t port;
    uint16_t refused_port; /* bound and not listening: nobody else gets it */
    uint16_t hole_port; /* listening with a full queue */
    uint32_t hole_ip; /* 0: every address */
    int refused_fd, hole_fd;
    int hole_fill[8];
};

/* port 0: the kernel's choice. The server with index i answers at base + 1 + i. */
int listen_open(struct listen *listen, uint32_t base, size_t servers, uint16_t port,
                struct err *err);
void listen_close(struct listen *listen);

#endif
