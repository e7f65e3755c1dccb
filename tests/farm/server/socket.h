/* socket: the TCP and UDP endpoints of a simulated server at a moment. */
#ifndef PVSAUDIT_FARM_SERVER_SOCKET_H
#define PVSAUDIT_FARM_SERVER_SOCKET_H

#include "farm/server/fleet.h"
#include "farm/server/process.h"

enum { SOCKET_MAX = 400 };

enum socket_proto { SOCKET_TCP, SOCKET_UDP };

/* The numbers are those of MSFT_NetTCPConnection. */
enum socket_state {
    SOCKET_NONE = 0,
    SOCKET_LISTEN = 2,
    SOCKET_ESTABLISHED = 5,
    SOCKET_CLOSE_WAIT = 8,
    SOCKET_TIME_WAIT = 11,
};

struct socket_row {
    uint8_t proto, state;
    bool v6;
    char address[FLEET_ADDRESS]; /* without brackets, with %scope */
    uint16_t port;
    char remote[FLEET_ADDRESS]; /* "" for a listener and for UDP */
    uint16_t remote_port;
    uint32_t pid;
    uint16_t order;
};

struct socket_table {
    struct socket_row rows[SOCKET_MAX];
    size_t count;
};

/* In netstat's order: TCP before UDP, IPv4 before IPv6. */
void socket_list(const struct fleet *fleet, const struct server *server,
                 const struct moment *moment, struct socket_table *table);

/* The server's n-th address as text; false where it has none. */
bool socket_own_address(const struct server *server, size_t n, char to[FLEET_ADDRESS]);
/* The interface index that its link-local address carries as scope. */
unsigned socket_scope(const struct fleet *fleet, const struct server *server);

#endif
