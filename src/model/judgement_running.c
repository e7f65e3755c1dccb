/* judgement_running: the last rule, which looks at a running service and its port. */
#include "model/judgement.h"

#include "core/str.h"
#include "model/holders.h"
#include "model/settle.h"

const uint16_t judgement_usual[JUDGEMENT_USUAL] = {123, 137, 500, 5353, 6910};

bool judgement_is_usual(const struct endpoint *endpoint)
{
    for (size_t i = 0; i < JUDGEMENT_USUAL; i++) {
        if (endpoint->proto == PROTO_UDP && endpoint->port == judgement_usual[i]) {
            return true;
        }
    }
    return false;
}

/* A list with none of the usual ports, and with nothing of a running service, is no list of a
 * Windows server's endpoints. */
static bool is_plausible(const struct judgement *judgement)
{
    const struct snapshot *snapshot = judgement->snapshot;
    if (judgement->expectation->proto != PROTO_UDP ||
        !str_eq(judgement->expectation->os, "windows")) {
        return true;
    }
    for (size_t i = 0; i < snapshot->endpoint_count; i++) {
        if (judgement_is_usual(&snapshot->endpoints[i])) {
            return true;
        }
    }
    return holders_owns_any(judgement->question, judgement->verdict->pid);
}

/* The registry might have told of another port, and the service holds that one. */
static bool holds_port_in_doubt(const struct judgement *judgement)
{
    const struct expectation *expectation = judgement->expectation;
    for (size_t i = 0; judgement->expected.port_in_doubt && i < expectation->rule_count; i++) {
        struct holders other;
        if (expectation->rules[i].port == 0) {
            continue;
        }
        holders_find(judgement->question, expectation->rules[i].port, judgement->verdict->pid,
                     &other);
        if (other.served) {
            return true;
        }
    }
    return false;
}

/* The pid of the running service is not known: a port that somebody holds may be its. */
static bool judge_without_pid(struct judgement *judgement, const struct holders *holders)
{
    if (holders->maybe_served) {
        return judgement_decide_by(judgement, VERDICT_BOUND_OWNER_UNKNOWN,
                                   holders->unknown_counting);
    }
    return judgement_unread(judgement, SECTION_SERVICES);
}

/* A service that has had its time, and is not proven to hold its port where it counts. */
static bool judge_settled(struct judgement *judgement, const struct holders *holders)
{
    const struct endpoint *own =
        holders->own_counting != NULL ? holders->own_counting : holders->own_elsewhere;
    if (holders->maybe_served) {
        return judgement_decide_by(judgement, VERDICT_BOUND_OWNER_UNKNOWN,
                                   holders->unknown_counting);
    }
    if (holders->rival_counting != NULL) {
        return holds_port_in_doubt(judgement)
                   ? judgement_unread(judgement, SECTION_REGISTRY)
                   : judgement_decide_by(judgement, VERDICT_PORT_IN_USE, holders->rival_counting);
    }
    if (own != NULL || holders->unknown_counting != NULL) {
        return judgement_decide_by(judgement, VERDICT_WRONG_ADDRESS,
                                   own != NULL ? own : holders->unknown_counting);
    }
    return judgement_decide_by(judgement, VERDICT_NOT_BOUND, holders->rival_elsewhere);
}

bool judgement_running(struct judgement *judgement)
{
    int64_t pid = judgement->verdict->pid;
    enum section_id list = judgement->expectation->proto == PROTO_UDP ? SECTION_UDP : SECTION_TCP;
    struct holders holders;
    if (!judgement_has(judgement, list) || !is_plausible(judgement)) {
        return judgement_unread(judgement, list);
    }
    holders_find(judgement->question, judgement->expected.port, pid, &holders);
    if (holders.served) {
        return judgement_decide_by(judgement, VERDICT_BOUND, holders.own_counting);
    }
    if (holders.address_unread != NULL) {
        return judgement_unread(judgement, SECTION_ADDRESSES);
    }
    if (holders.owner_unread != NULL) {
        return judgement_unread(judgement, SECTION_PROCESSES);
    }
    if (pid <= 0) {
        return judge_without_pid(judgement, &holders);
    }
    return settle_running(judgement->question, pid) ? judge_settled(judgement, &holders)
                                                    : judgement_pending(judgement);
}
