/* socket: the TCP and UDP endpoints of a simulated server at a moment. */
#include "farm/server/socket.h"

#include "core/str.h"
#include "farm/server/service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where a row of the table below is bound. */
enum place { ANY4, ANY6, BOTH, OWN4, LOOP4, LOOP6, LINK6 };

static const struct listener_row {
    enum socket_proto proto;
    enum place place;
    uint16_t port, count; /* count ports from this one on */
    enum process_slot slot;
    unsigned repeat; /* how often the same row is shown */
} listeners[] = {
    {SOCKET_TCP, BOTH, 22, 1, PROCESS_SSHD, 1},
    {SOCKET_TCP, BOTH, 135, 1, PROCESS_SVCHOST_RPC, 1},
    {SOCKET_TCP, OWN4, 139, 1, PROCESS_SYSTEM, 1},
    {SOCKET_TCP, BOTH, 445, 1, PROCESS_SYSTEM, 1},
    {SOCKET_TCP, BOTH, 3389, 1, PROCESS_SVCHOST_TERM, 1},
    {SOCKET_TCP, BOTH, 5985, 1, PROCESS_SYSTEM, 1},
    {SOCKET_TCP, BOTH, 5986, 1, PROCESS_SYSTEM, 1},
    {SOCKET_TCP, BOTH, 47001, 1, PROCESS_SYSTEM, 1},
    {SOCKET_TCP, BOTH, 49664, 1, PROCESS_LSASS, 1},
    {SOCKET_TCP, BOTH, 49665, 1, PROCESS_WININIT, 1},
    {SOCKET_TCP, BOTH, 49666, 1, PROCESS_SVCHOST_EVENTLOG, 1},
    {SOCKET_TCP, BOTH, 49667, 1, PROCESS_SVCHOST_SCHEDULE, 1},
    {SOCKET_TCP, BOTH, 49668, 1, PROCESS_SPOOLSV, 1},
    {SOCKET_TCP, BOTH, 49669, 1, PROCESS_SERVICES, 1},
    {SOCKET_TCP, ANY4, 54321, 3, PROCESS_SOAPSERVER, 1},
    {SOCKET_UDP, ANY4, 69, 1, PROCESS_BNTFTP, 1},
    {SOCKET_UDP, BOTH, 123, 1, PROCESS_SVCHOST_TIME, 1},
    {SOCKET_UDP, OWN4, 137, 2, PROCESS_SYSTEM, 1},
    {SOCKET_UDP, BOTH, 500, 1, PROCESS_SVCHOST_IKE, 1},
    {SOCKET_UDP, LOOP4, 1900, 1, PROCESS_SVCHOST_SSDP, 1},
    {SOCKET_UDP, OWN4, 1900, 1, PROCESS_SVCHOST_SSDP, 2},
    {SOCKET_UDP, LOOP6, 1900, 1, PROCESS_SVCHOST_SSDP, 1},
    {SOCKET_UDP, LINK6, 1900, 1, PROCESS_SVCHOST_SSDP, 1},
    {SOCKET_UDP, BOTH, 3389, 1, PROCESS_SVCHOST_TERM, 1},
    {SOCKET_UDP, BOTH, 4500, 1, PROCESS_SVCHOST_IKE, 1},
    {SOCKET_UDP, BOTH, 5353, 1, PROCESS_SVCHOST_DNS, 1},
    {SOCKET_UDP, ANY4, 5353, 1, PROCESS_TOOLS, 2},
    {SOCKET_UDP, ANY4, 5353, 1, PROCESS_SENSE, 1},
    {SOCKET_UDP, BOTH, 5355, 1, PROCESS_SVCHOST_DNS, 1},
    {SOCKET_UDP, ANY4, 6969, 1, PROCESS_PVSTSB, 1},
    {SOCKET_UDP, OWN4, 6890, 5, PROCESS_NOTIFIER, 1},
    {SOCKET_UDP, OWN4, 6895, 3, PROCESS_INVENTORY, 1},
    {SOCKET_UDP, OWN4, 6898, 12, PROCESS_MGMTDAEMON, 1},
    {SOCKET_UDP, OWN4, 6910, 21, PROCESS_STREAMPROCESS, 1},
    {SOCKET_UDP, LINK6, 53000, 1, PROCESS_SVCHOST_SSDP, 1},
};

/* Connections to others: the last byte of the peer's address in the server's own network. */
static const struct peer_row {
    enum process_slot slot;
    uint8_t peer;
    uint16_t port, count;
    enum socket_state state;
} peers[] = {
    {PROCESS_SOAPSERVER, 2, 1433, 3, SOCKET_ESTABLISHED},
    {PROCESS_STREAMPROCESS, 2, 1433, 2, SOCKET_ESTABLISHED},
    {PROCESS_SYSTEM, 3, 445, 1, SOCKET_ESTABLISHED},
    {PROCESS_LSASS, 4, 389, 2, SOCKET_ESTABLISHED},
    {PROCESS_TELEMETRY, 5, 443, 1, SOCKET_CLOSE_WAIT},
    {PROCESS_IDLE, 2, 1433, 2, SOCKET_TIME_WAIT},
    {PROCESS_IDLE, 4, 389, 2, SOCKET_TIME_WAIT},
};

/* Who the ephemeral UDP ports belong to, in turn. */
static const enum process_slot ephemeral_slots[] = {
    PROCESS_SVCHOST_DNS, PROCESS_SVCHOST_DNS,     PROCESS_LSASS,     PROCESS_SVCHOST_NLA,
    PROCESS_SENSE,       PROCESS_SVCHOST_WINMGMT, PROCESS_TELEMETRY, PROCESS_SOAPSERVER,
    PROCESS_SVCHOST_DNS, PROCESS_SVCHOST_UPDATE,
};

struct builder {
    const struct fleet *fleet;
    const struct server *server;
    const struct moment *moment;
    struct process processes[PROCESS_COUNT];
    size_t process_count;
    struct socket_table *table;
};

bool socket_own_address(const struct server *server, size_t n, char to[FLEET_ADDRESS])
{
    if (n >= server->address_count) {
        return false;
    }
    uint32_t ip = server->addresses[n].ip;
    (void)snprintf(to, FLEET_ADDRESS, "%u.%u.%u.%u", ip >> 24, ip >> 16 & 255U, ip >> 8 & 255U,
                   ip & 255U);
    return true;
}

unsigned socket_scope(const struct fleet *fleet, const struct server *server)
{
    return 3 + (unsigned)(server_dice(fleet, server, 400, 0) % 15);
}

static struct socket_row *add(struct builder *b, enum socket_proto proto, const char *address,
                              uint16_t port, uint32_t pid)
{
    static struct socket_row spare;
    struct socket_table *table = b->table;
    struct socket_row *row = table->count < SOCKET_MAX ? &table->rows[table->count++] : &spare;
    *row = (struct socket_row){.proto = (uint8_t)proto, .port = port, .pid = pid};
    (void)str_copy(row->address, sizeof(row->address), address);
    row->v6 = strchr(address, ':') != NULL;
    row->state = proto == SOCKET_TCP ? SOCKET_LISTEN : SOCKET_NONE;
    return row;
}

static void link_local(const struct builder *b, char to[FLEET_ADDRESS])
{
    uint64_t dice = server_dice(b->fleet, b->server, 401, 0);
    (void)snprintf(to, FLEET_ADDRESS, "fe80::%x:%x:%x:%x%%%u", (unsigned)(dice >> 48) | 1U,
                   (unsigned)(dice >> 32) & 0xffffU, (unsigned)(dice >> 16) & 0xffffU,
                   ((unsigned)dice & 0xffffU) | 1U, socket_scope(b->fleet, b->server));
}

static void add_listener(struct builder *b, const struct listener_row *row, uint16_t port,
                         uint32_t pid)
{
    char address[FLEET_ADDRESS] = "";
    switch (row->place) {
    case ANY4:
        (void)add(b, row->proto, "0.0.0.0", port, pid);
        return;
    case ANY6:
        (void)add(b, row->proto, "::", port, pid);
        return;
    case BOTH:
        (void)add(b, row->proto, "0.0.0.0", port, pid);
        (void)add(b, row->proto, "::", port, pid);
        return;
    case LOOP4:
        (void)add(b, row->proto, "127.0.0.1", port, pid);
        return;
    case LOOP6:
        (void)add(b, row->proto, "::1", port, pid);
        return;
    case LINK6:
        link_local(b, address);
        (void)add(b, row->proto, address, port, pid);
        return;
    case OWN4:
        for (size_t n = 0; socket_own_address(b->server, n, address); n++) {
            (void)add(b, row->proto, address, port, pid);
        }
        return;
    }
}

static void add_listeners(struct builder *b)
{
    for (size_t i = 0; i < sizeof(listeners) / sizeof(listeners[0]); i++) {
        const struct listener_row *row = &listeners[i];
        const struct process *owner = process_find(b->processes, b->process_count, row->slot);
        if (row->port == 5986 && b->server->transport != TRANSPORT_WINRM) {
            continue;
        }
        for (unsigned n = 0; owner != NULL && n < row->count * row->repeat; n++) {
            bool unbound = row->slot == PROCESS_BNTFTP && b->server->services[SERVICE_BNTFTP].lost;
            unbound |= row->slot == PROCESS_PVSTSB && b->server->services[SERVICE_PVSTSB].lost;
            if (!unbound) {
                add_listener(b, row, (uint16_t)(row->port + n % row->count), owner->pid);
            }
        }
    }
}

static bool running(const struct builder *b, int service, uint32_t *ret_pid)
{
    struct service_now now = service_look(b->fleet, b->server, b->moment, service);
    *ret_pid = now.pid;
    return now.state == RUN_RUNNING;
}

/* UDP 67 and 4011, and everybody who may hold them. */
static void add_pxe(struct builder *b)
{
    const struct server *server = b->server;
    uint32_t pid = 0;
    bool dhcp = running(b, SERVICE_DHCP_SERVER, &pid);
    if (dhcp) {
        (void)add(b, SOCKET_UDP, "0.0.0.0", 67, pid);
        (void)add(b, SOCKET_UDP, "0.0.0.0", 68, pid);
    }
    if (running(b, SERVICE_BNBOOTP, &pid)) {
        (void)add(b, SOCKET_UDP, "0.0.0.0", 67, pid);
    }
    bool rival = server->rival[0] != '\0';
    if (running(b, SERVICE_BNPXE, &pid) && !server->services[SERVICE_BNPXE].lost) {
        const char *address = server->bind[0] == '\0' ? "0.0.0.0" : server->bind;
        if (!dhcp && (!rival || server->rival_shares)) {
            (void)add(b, SOCKET_UDP, address, 67, pid);
        }
        (void)add(b, SOCKET_UDP, address, 4011, pid);
    }
    if (rival) {
        uint32_t owner = process_pid(b->fleet, server, PROCESS_RIVAL, 0);
        (void)add(b, SOCKET_UDP, server->rival_address, 67, owner);
    }
}

static void add_ephemeral(struct builder *b)
{
    for (unsigned n = 0; n < SERVER_EPHEMERAL; n++) {
        enum process_slot slot =
            ephemeral_slots[n % (sizeof(ephemeral_slots) / sizeof(ephemeral_slots[0]))];
        const struct process *owner = process_find(b->processes, b->process_count, slot);
        uint32_t pid =
            owner != NULL ? owner->pid : process_pid(b->fleet, b->server, PROCESS_LSASS, 0);
        const char *address = n % 5 == 4 ? "::" : n % 7 == 6 ? "127.0.0.1" : "0.0.0.0";
        uint16_t port = server_ephemeral(b->fleet, b->server, b->moment, n);
        (void)add(b, SOCKET_UDP, address, port, pid);
    }
}

/* The connection of whoever asks. */
static void add_session(struct builder *b, const char *own)
{
    bool ssh = b->server->transport == TRANSPORT_SSH;
    uint16_t port = ssh ? 22 : b->server->winrm.https ? 5986 : 5985;
    uint32_t pid = process_pid(b->fleet, b->server, ssh ? PROCESS_SSHD_SESSION : PROCESS_SYSTEM, 0);
    uint32_t client = b->fleet->client_ip;
    struct socket_row *session = add(b, SOCKET_TCP, own, port, pid);
    (void)snprintf(session->remote, sizeof(session->remote), "%u.%u.%u.%u", client >> 24,
                   client >> 16 & 255U, client >> 8 & 255U, client & 255U);
    session->remote_port = (uint16_t)(40000 + b->server->index % 20000);
    session->state = SOCKET_ESTABLISHED;
}

static void add_peers(struct builder *b)
{
    char own[FLEET_ADDRESS];
    if (!socket_own_address(b->server, 0, own)) {
        return;
    }
    uint16_t local =
        (uint16_t)(49700 + server_dice(b->fleet, b->server, 402, b->server->boot_number) % 3000);
    for (size_t i = 0; i < sizeof(peers) / sizeof(peers[0]); i++) {
        const struct process *owner = process_find(b->processes, b->process_count, peers[i].slot);
        for (unsigned n = 0; owner != NULL && n < peers[i].count; n++) {
            struct socket_row *row = add(b, SOCKET_TCP, own, ++local, owner->pid);
            uint32_t ip = (b->server->addresses[0].ip & 0xffffff00U) | peers[i].peer;
            (void)snprintf(row->remote, sizeof(row->remote), "%u.%u.%u.%u", ip >> 24,
                           ip >> 16 & 255U, ip >> 8 & 255U, ip & 255U);
            row->remote_port = peers[i].port;
            row->state = (uint8_t)peers[i].state;
        }
    }
    add_session(b, own);
}

static int compare(const void *left, const void *right)
{
    const struct socket_row *a = left, *b = right;
    if (a->proto != b->proto) {
        return a->proto - b->proto;
    }
    if (a->v6 != b->v6) {
        return a->v6 - b->v6;
    }
    int by_address = strcmp(a->address, b->address);
    if (by_address != 0) {
        return by_address;
    }
    return a->port != b->port ? a->port - b->port : a->order - b->order;
}

void socket_list(const struct fleet *fleet, const struct server *server,
                 const struct moment *moment, struct socket_table *table)
{
    struct builder b = {.fleet = fleet, .server = server, .moment = moment, .table = table};
    table->count = 0;
    b.process_count = process_list(fleet, server, moment, b.processes);
    add_listeners(&b);
    add_pxe(&b);
    add_peers(&b);
    add_ephemeral(&b);
    for (size_t i = 0; i < table->count; i++) {
        table->rows[i].order = (uint16_t)i;
    }
    qsort(table->rows, table->count, sizeof(table->rows[0]), compare);
}
