/* resolve: names to addresses on the loop, without blocking it. */
#ifndef PVSAUDIT_COLLECTOR_RESOLVE_H
#define PVSAUDIT_COLLECTOR_RESOLVE_H

#include "core/err.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <uv.h>

enum { RESOLVE_MAX = 8 }; /* addresses kept of one name */

struct resolver;
struct resolver_query;

/* Names are looked up in /etc/hosts and by DNS as /etc/resolv.conf says (not through nsswitch). */
int resolver_open(uv_loop_t *loop, int64_t timeout_ms, struct resolver **ret, struct err *err);
/* Ends every query with ARES_EDESTRUCTION; the handles close as the loop runs on. */
void resolver_close(struct resolver *resolver);

struct resolver_answer {
    const struct sockaddr_storage *addresses; /* in the order in which they came */
    size_t count; /* 0: see code and detail */
    int code; /* c-ares' own */
    const char *detail; /* one sentence */
};

/* name: a name (IDN allowed), IPv4, or IPv6 with %scope. done is called exactly once, on the loop,
 * never from inside this call; the answer is valid until it returns. */
int resolver_start(struct resolver *resolver, const char *name, uint16_t port,
                   void (*done)(void *data, const struct resolver_answer *answer), void *data,
                   struct resolver_query **ret, struct err *err);
/* done is not called any more. */
void resolver_forget(struct resolver_query *query);

#endif
