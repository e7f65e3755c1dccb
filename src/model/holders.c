/* holders: who holds the expected port, at addresses that count and at others. */
#include "model/holders.h"

#include <string.h>

enum place {
    PLACE_ELSEWHERE, /* does not count */
    PLACE_HERE, /* one address that counts */
    PLACE_EVERYWHERE, /* the wildcard */
    PLACE_UNREAD, /* cannot be told without the host's addresses */
};

enum owner {
    OWNER_IS_SERVICE,
    OWNER_IS_RIVAL,
    OWNER_IS_UNKNOWN,
    OWNER_IS_UNREAD, /* perhaps a child of the service */
};

struct search {
    const struct verdict_question *question;
    const struct snapshot *snapshot;
    uint16_t port;
    int64_t pid;
    bool boot_protocol;
};

static bool is_complete(const struct snapshot *snapshot, enum section_id id)
{
    return snapshot->sections[id].outcome == OUTCOME_COMPLETE;
}

/* ::ffff:10.0.0.5 is a way to write 10.0.0.5. */
static struct ip plain_address(const struct ip *ip)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    struct ip plain = *ip;
    if (ip->family == 6 && memcmp(ip->bytes, mapped, sizeof(mapped)) == 0) {
        memset(&plain, 0, sizeof(plain));
        plain.family = 4;
        memcpy(plain.bytes, ip->bytes + sizeof(mapped), 4);
    }
    return plain;
}

/* The declared PXE addresses that this port is held to: IPv4, and only for the boot protocols. */
static bool is_demanded(const struct search *search, size_t i)
{
    return search->boot_protocol && search->question->pxe_addresses[i].family == 4;
}

static size_t demanded_count(const struct search *search)
{
    size_t count = 0;
    for (size_t i = 0; i < search->question->pxe_address_count; i++) {
        count += is_demanded(search, i) ? 1 : 0;
    }
    return count;
}

static bool demands(const struct search *search, const struct ip *ip)
{
    for (size_t i = 0; i < search->question->pxe_address_count; i++) {
        if (is_demanded(search, i) && ip_equal(&search->question->pxe_addresses[i], ip)) {
            return true;
        }
    }
    return demanded_count(search) == 0;
}

static enum place place_of(const struct search *search, const struct endpoint *endpoint)
{
    struct ip ip = plain_address(&endpoint->address);
    if (search->boot_protocol && ip.family == 6) {
        return PLACE_ELSEWHERE;
    }
    if (ip_is_wildcard(&ip)) {
        return PLACE_EVERYWHERE;
    }
    if (ip_is_loopback(&ip) || ip_is_linklocal(&ip)) {
        return PLACE_ELSEWHERE;
    }
    if (!is_complete(search->snapshot, SECTION_ADDRESSES)) {
        return PLACE_UNREAD;
    }
    bool counts = snapshot_has_address(search->snapshot, &ip) && demands(search, &ip);
    return counts ? PLACE_HERE : PLACE_ELSEWHERE;
}

static enum owner owner_of(const struct search *search, const struct endpoint *endpoint)
{
    if (endpoint->pid <= 0 || search->pid <= 0) {
        return OWNER_IS_UNKNOWN;
    }
    if (endpoint->pid == search->pid) {
        return OWNER_IS_SERVICE;
    }
    if (search->question->expectation->owner == OWNER_SELF) {
        return OWNER_IS_RIVAL;
    }
    if (!is_complete(search->snapshot, SECTION_PROCESSES)) {
        return OWNER_IS_UNREAD;
    }
    return snapshot_descends(search->snapshot, endpoint->pid, search->pid) ? OWNER_IS_SERVICE
                                                                           : OWNER_IS_RIVAL;
}

static bool is_on_port(const struct search *search, const struct endpoint *endpoint)
{
    return endpoint->proto == search->question->expectation->proto &&
           endpoint->port == search->port;
}

static void keep_first(const struct endpoint **slot, const struct endpoint *endpoint)
{
    if (*slot == NULL) {
        *slot = endpoint;
    }
}

static void sort_in(const struct search *search, const struct endpoint *endpoint,
                    struct holders *holders)
{
    enum owner owner = owner_of(search, endpoint);
    enum place place = place_of(search, endpoint);
    bool counts = place == PLACE_HERE || place == PLACE_EVERYWHERE;
    if (place == PLACE_UNREAD) {
        keep_first(&holders->address_unread, endpoint);
    }
    switch (owner) {
    case OWNER_IS_SERVICE:
        keep_first(counts ? &holders->own_counting : &holders->own_elsewhere, endpoint);
        break;
    case OWNER_IS_RIVAL:
        keep_first(counts ? &holders->rival_counting : &holders->rival_elsewhere, endpoint);
        break;
    case OWNER_IS_UNKNOWN:
        if (counts) {
            keep_first(&holders->unknown_counting, endpoint);
        }
        break;
    case OWNER_IS_UNREAD:
        keep_first(&holders->owner_unread, endpoint);
        break;
    }
}

/* A socket of ours, or of nobody known where those are let count, serves this address. */
static bool serves(const struct search *search, const struct ip *ip, bool let_unknown)
{
    const struct snapshot *snapshot = search->snapshot;
    bool has_it = !is_complete(snapshot, SECTION_ADDRESSES) || snapshot_has_address(snapshot, ip);
    for (size_t i = 0; i < snapshot->endpoint_count; i++) {
        const struct endpoint *endpoint = &snapshot->endpoints[i];
        if (!is_on_port(search, endpoint)) {
            continue;
        }
        enum owner owner = owner_of(search, endpoint);
        enum place place = place_of(search, endpoint);
        struct ip at = plain_address(&endpoint->address);
        bool ours = owner == OWNER_IS_SERVICE || (let_unknown && owner == OWNER_IS_UNKNOWN);
        bool there =
            (place == PLACE_EVERYWHERE && has_it) || (place == PLACE_HERE && ip_equal(&at, ip));
        if (ours && there) {
            return true;
        }
    }
    return false;
}

static bool serves_every_demanded(const struct search *search, bool let_unknown)
{
    for (size_t i = 0; i < search->question->pxe_address_count; i++) {
        if (is_demanded(search, i) &&
            !serves(search, &search->question->pxe_addresses[i], let_unknown)) {
            return false;
        }
    }
    return true;
}

static struct search search_for(const struct verdict_question *question, uint16_t port, int64_t pid)
{
    bool boot_port = port == 67 || port == 69 || port == 4011;
    return (struct search){
        .question = question,
        .snapshot = question->snapshot,
        .port = port,
        .pid = pid,
        .boot_protocol = question->expectation->proto == PROTO_UDP && boot_port,
    };
}

void holders_find(const struct verdict_question *question, uint16_t port, int64_t pid,
                  struct holders *ret)
{
    struct search search = search_for(question, port, pid);
    memset(ret, 0, sizeof(*ret));
    for (size_t i = 0; i < search.snapshot->endpoint_count; i++) {
        const struct endpoint *endpoint = &search.snapshot->endpoints[i];
        if (is_on_port(&search, endpoint)) {
            sort_in(&search, endpoint, ret);
        }
    }
    bool any_of_ours = ret->own_counting != NULL;
    bool any_maybe = any_of_ours || ret->unknown_counting != NULL;
    ret->served = any_of_ours && serves_every_demanded(&search, false);
    ret->maybe_served = any_maybe && serves_every_demanded(&search, true);
}

bool holders_owns_any(const struct verdict_question *question, int64_t pid)
{
    const struct snapshot *snapshot = question->snapshot;
    struct search search = search_for(question, 0, pid);
    for (size_t i = 0; i < snapshot->endpoint_count; i++) {
        bool same_proto = snapshot->endpoints[i].proto == question->expectation->proto;
        if (same_proto && owner_of(&search, &snapshot->endpoints[i]) == OWNER_IS_SERVICE) {
            return true;
        }
    }
    return false;
}
