/* exchange: one WS-Management request to a server, and its answer in the making. */
#ifndef PVSAUDIT_FARM_WSMAN_EXCHANGE_H
#define PVSAUDIT_FARM_WSMAN_EXCHANGE_H

#include "core/arena.h"
#include "core/buf.h"
#include "farm/server/fleet.h"
#include "farm/wsman/envelope.h"
#include "farm/wsman/fault.h"

struct enumeration;
struct winrs;

/* What the servers of one process have open: it belongs to no connection. */
struct wsman {
    struct fleet *fleet;
    struct enumeration *enumerations;
    struct winrs *shells;
};

struct exchange {
    struct wsman *wsman;
    struct server *server;
    const struct account *account; /* NULL: nobody has logged in */
    const char *client; /* the other end's address */
    enum misbehaviour misbehaviour; /* at this moment */
    enum fault_id problem; /* of the envelope that came */
    struct arena *arena; /* lives as long as the exchange */
    struct envelope envelope;
    struct buf *answer;
    int status; /* of HTTP */
    int64_t delay_ms; /* the answer goes out so much later */
    bool hangs; /* it never goes out */
};

/* Nothing but the fault is left of the answer. */
void exchange_fault(struct exchange *x, const struct fault *fault);
/* The account's rights, narrowed by the server's. */
uint32_t exchange_rights(const struct exchange *x);
/* Bytes that the answer may have; asked for, or what the server takes. */
size_t exchange_room(const struct exchange *x);
/* What is open of this account on this server: enumerations and shells. */
size_t exchange_operations(const struct exchange *x);

#endif
