/* watched: what is left of a reading where a site wants only watched ports kept. */
#include "model/watched.h"

#include "model/judgement.h"

static bool is_named(const struct expectation *expectation, const struct endpoint *endpoint)
{
    if (expectation->proto != endpoint->proto) {
        return false;
    }
    for (size_t i = 0; i < expectation->rule_count; i++) {
        if (expectation->rules[i].port == endpoint->port) {
            return true;
        }
    }
    return expectation->port == endpoint->port;
}

static bool is_watched(const struct expectation_set *expectations, const struct endpoint *endpoint)
{
    for (size_t i = 0; i < expectations->count; i++) {
        if (is_named(&expectations->items[i], endpoint)) {
            return true;
        }
    }
    return judgement_is_usual(endpoint);
}

void watched_keep(struct snapshot *snapshot, const struct expectation_set *expectations)
{
    size_t kept = 0;
    for (size_t i = 0; i < snapshot->endpoint_count; i++) {
        if (is_watched(expectations, &snapshot->endpoints[i])) {
            snapshot->endpoints[kept++] = snapshot->endpoints[i];
        }
    }
    snapshot->endpoint_count = kept;
}
