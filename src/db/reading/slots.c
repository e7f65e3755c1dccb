/* slots: a host's own addresses in first-seen order, so that servers built alike share a text. */
#include "db/reading/slots.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct role {
    const char *name;
    struct ip ip;
};

/* Codes -1, -2, ... in this order. Append only: blobs hold them. */
static const struct role roles[] = {
    {"*", {.family = 0}},
    {"0.0.0.0", {.family = 4}},
    {"::", {.family = 6}},
    {"127.0.0.1", {.family = 4, .bytes = {127, 0, 0, 1}}},
    {"::1", {.family = 6, .bytes = {[15] = 1}}},
};

enum { ROLES = sizeof(roles) / sizeof(roles[0]) };

int64_t slots_code(struct slots *slots, const struct ip *ip)
{
    for (int i = 0; i < ROLES; i++) {
        if (ip_equal(&roles[i].ip, ip)) {
            return -1 - i;
        }
    }
    for (size_t i = 0; i < slots->count; i++) {
        if (ip_equal(&slots->ips[i], ip)) {
            return (int64_t)i;
        }
    }
    void *items = slots->ips;
    struct ip *added = arena_push(slots->arena, &items, &slots->count, sizeof(*added));
    slots->ips = items;
    if (added == NULL) {
        return INT64_MIN;
    }
    *added = *ip;
    return (int64_t)slots->count - 1;
}

bool slots_decode(const struct slots *slots, int64_t code, struct ip *ret)
{
    if (code < 0 && code >= -ROLES) {
        *ret = roles[-1 - code].ip;
        return true;
    }
    if (code >= 0 && (uint64_t)code < slots->count) {
        *ret = slots->ips[code];
        return true;
    }
    return false;
}

const char *slots_name(struct slots *slots, const struct ip *ip, char to[24])
{
    int64_t code = slots_code(slots, ip);
    if (code == INT64_MIN) {
        return NULL;
    }
    if (code < 0) {
        return roles[-1 - code].name;
    }
    (void)snprintf(to, 24, "%" PRId64, code);
    return to;
}

bool slots_address(const struct slots *slots, const char *name, struct ip *ret)
{
    for (size_t i = 0; i < ROLES; i++) {
        if (strcmp(roles[i].name, name) == 0) {
            *ret = roles[i].ip;
            return true;
        }
    }
    int64_t code = 0;
    return str_i64((struct slice){name, strlen(name)}, &code) && code >= 0 &&
           slots_decode(slots, code, ret);
}
