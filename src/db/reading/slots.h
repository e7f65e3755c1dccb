/* slots: a host's own addresses in first-seen order, so that servers built alike share a text. */
#ifndef PVSAUDIT_DB_READING_SLOTS_H
#define PVSAUDIT_DB_READING_SLOTS_H

#include "core/arena.h"
#include "core/ip.h"

#include <stddef.h>
#include <stdint.h>

/* 0 and up: places in the list. Roles have names of their own in a text, and -1 is "no slot". */
struct slots {
    struct arena *arena; /* borrowed */
    struct ip *ips;
    size_t count;
};

/* What an address is called in a text: "*", "0.0.0.0", "::", "127.0.0.1", "::1" or a slot's number
 * as text ("3"); a new address gets the next slot. NULL: no memory. to has room for 24. */
const char *slots_name(struct slots *slots, const struct ip *ip, char to[24]);
/* The way back; false: no such name or slot. */
bool slots_address(const struct slots *slots, const char *name, struct ip *ret);
/* The same as a number, for the blob: roles below zero. INT64_MIN: no memory. */
int64_t slots_code(struct slots *slots, const struct ip *ip);
bool slots_decode(const struct slots *slots, int64_t code, struct ip *ret);

#endif
