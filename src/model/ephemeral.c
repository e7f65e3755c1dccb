/* ephemeral: ports that a system hands out, and that mean nothing but that somebody asked for one.
 */
#include "model/ephemeral.h"

#include "core/str.h"

enum {
    SOAP_FIRST = 54321,
    SOAP_LAST = 54323,
    WINDOWS_FIRST = 49152,
    LINUX_FIRST = 32768,
    LINUX_LAST = 60999,
    PORT_LAST = 65535,
};

static bool in_dynamic_range(const struct snapshot *snapshot, uint16_t port)
{
    if (snapshot->dynamic_first != 0 || snapshot->dynamic_last != 0) {
        return port >= snapshot->dynamic_first && port <= snapshot->dynamic_last;
    }
    bool is_linux = str_ieq(snapshot->visit.os, "linux");
    return port >= (is_linux ? LINUX_FIRST : WINDOWS_FIRST) &&
           port <= (is_linux ? LINUX_LAST : PORT_LAST);
}

static bool is_watched(const struct expectation_set *expectations, enum proto proto, uint16_t port)
{
    for (size_t i = 0; expectations != NULL && i < expectations->count; i++) {
        const struct expectation *expectation = &expectations->items[i];
        bool same = expectation->port == port;
        for (size_t k = 0; k < expectation->rule_count && !same; k++) {
            same = expectation->rules[k].port == port;
        }
        if (same && expectation->proto == proto) {
            return true;
        }
    }
    return false;
}

bool ephemeral_port(const struct snapshot *snapshot, const struct expectation_set *expectations,
                    enum proto proto, uint16_t port)
{
    bool pinned = proto == PROTO_TCP && port >= SOAP_FIRST && port <= SOAP_LAST;
    return in_dynamic_range(snapshot, port) && !pinned && !is_watched(expectations, proto, port);
}
