/* ssh_offer: what an SSH server offers, read off its first packet (RFC 4253, 7.1). */
#include "collector/transport/ssh_link/ssh_offer.h"

#include "collector/transport/ssh_link/ssh_wire.h"

#include <string.h>

enum { KEXINIT = 20, COOKIE = 16 };

/* kex, host key, cipher to the server, cipher from it, MAC to the server, MAC from it */
static const enum ssh_methods_kind order[] = {SSH_METHODS_KEX,    SSH_METHODS_HOST_KEY,
                                              SSH_METHODS_CIPHER, SSH_METHODS_CIPHER,
                                              SSH_METHODS_MAC,    SSH_METHODS_MAC};

static bool skip_banner(struct slice *rest)
{
    struct slice line;
    bool ended = false;
    while (slice_line(rest, &line, &ended) && ended) {
        if (line.len >= 4 && memcmp(line.data, "SSH-", 4) == 0) {
            return true;
        }
    }
    return false;
}

bool ssh_offer_parse(struct slice head, struct ssh_offer *ret)
{
    struct slice rest = head;
    struct slice packet;
    uint8_t padding, type;
    if (!skip_banner(&rest) || !ssh_wire_string(&rest, &packet) ||
        !ssh_wire_byte(&packet, &padding) || !ssh_wire_byte(&packet, &type) || type != KEXINIT ||
        packet.len < COOKIE) {
        return false;
    }
    packet = (struct slice){packet.data + COOKIE, packet.len - COOKIE};
    struct ssh_offer offer;
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        if (!ssh_wire_string(&packet, &offer.lists[order[i]])) {
            return false;
        }
    }
    *ret = offer;
    return true;
}

static bool next_name(struct slice *list, struct slice *ret)
{
    if (list->len == 0) {
        return false;
    }
    const char *comma = memchr(list->data, ',', list->len);
    size_t len = comma == NULL ? list->len : (size_t)(comma - list->data);
    size_t step = comma == NULL ? len : len + 1;
    *ret = (struct slice){list->data, len};
    *list = (struct slice){list->data + step, list->len - step};
    return true;
}

static bool in_common(struct slice theirs, const char *ours)
{
    struct slice mine = {ours, strlen(ours)};
    struct slice name;
    while (next_name(&mine, &name)) {
        struct slice others = theirs;
        struct slice other;
        while (next_name(&others, &other)) {
            if (other.len == name.len && memcmp(other.data, name.data, name.len) == 0) {
                return true;
            }
        }
    }
    return false;
}

enum ssh_methods_kind ssh_offer_conflict(const struct ssh_offer *theirs,
                                         const char *const ours[SSH_METHODS_COUNT])
{
    size_t i = 0;
    while (i < SSH_METHODS_COUNT && in_common(theirs->lists[i], ours[i])) {
        i++;
    }
    return (enum ssh_methods_kind)i;
}
