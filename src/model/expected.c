/* expected: whether an endpoint is expected on this host at all, who says so, and on which port. */
#include "model/expected.h"

#include "core/str.h"

bool expected_services_usable(const struct snapshot *snapshot)
{
    enum outcome outcome = snapshot->sections[SECTION_SERVICES].outcome;
    return outcome == OUTCOME_COMPLETE || outcome == OUTCOME_DENIED;
}

static bool rule_matches(const struct registry_rule *rule, const struct snapshot *snapshot,
                         const char *key)
{
    for (size_t i = 0; i < rule->condition_count; i++) {
        const struct registry_condition *condition = &rule->conditions[i];
        const struct registry_value *value = snapshot_registry(snapshot, key, condition->name);
        if (value == NULL || !value->is_number || value->number != condition->number) {
            return false;
        }
    }
    return true;
}

/* ret_rule: the rule that decided, NULL where none did. */
static enum expected_answer ask_registry(const struct expectation *expectation,
                                         const struct snapshot *snapshot,
                                         const struct registry_rule **ret_rule)
{
    *ret_rule = NULL;
    if (expectation->registry_key == NULL) {
        return ANSWER_NO;
    }
    if (snapshot->sections[SECTION_REGISTRY].outcome != OUTCOME_COMPLETE) {
        return ANSWER_UNREAD;
    }
    const char *key = expectation->registry_key;
    const struct registry_value *self = snapshot_registry(snapshot, key, "");
    if (self != NULL && str_eq(self->text, "absent")) {
        return ANSWER_NO;
    }
    for (size_t i = 0; i < expectation->rule_count; i++) {
        if (rule_matches(&expectation->rules[i], snapshot, key)) {
            *ret_rule = &expectation->rules[i];
            return expectation->rules[i].expected ? ANSWER_YES : ANSWER_NO;
        }
    }
    return ANSWER_UNREAD;
}

/* A service that is known not to be installed has no startup type: the source is read, and no. */
static enum expected_answer ask_startup(const struct snapshot *snapshot, const char *name)
{
    static const enum expected_answer answers[STARTUP_COUNT] = {
        [STARTUP_UNKNOWN] = ANSWER_UNREAD,        [STARTUP_AUTOMATIC] = ANSWER_YES,
        [STARTUP_AUTOMATIC_DELAYED] = ANSWER_YES, [STARTUP_MANUAL] = ANSWER_NO,
        [STARTUP_DISABLED] = ANSWER_NO,
    };
    const struct service *service = snapshot_service(snapshot, name);
    if (service == NULL || !expected_services_usable(snapshot)) {
        return ANSWER_UNREAD;
    }
    if (!service->visible && service->canary == PRESENCE_ABSENT) {
        return ANSWER_NO;
    }
    return service->startup < STARTUP_COUNT ? answers[service->startup] : ANSWER_UNREAD;
}

static bool has_rule_of_other_port(const struct expectation *expectation)
{
    for (size_t i = 0; i < expectation->rule_count; i++) {
        uint16_t port = expectation->rules[i].port;
        if (port != 0 && port != expectation->port) {
            return true;
        }
    }
    return false;
}

/* Any source that says yes decides; all read and none of them yes decides as well. */
static void ask_sources(enum expected_answer registry, enum expected_answer startup,
                        const struct verdict_question *question, struct expected *ret)
{
    const struct expectation *expectation = question->expectation;
    bool ever_bound = question->history.ever_bound;
    ret->by = registry == ANSWER_YES  ? EXPECTED_BY_REGISTRY
              : startup == ANSWER_YES ? EXPECTED_BY_STARTUP
              : ever_bound            ? EXPECTED_BY_HISTORY
                                      : EXPECTED_BY_NOBODY;
    if (ret->by != EXPECTED_BY_NOBODY) {
        ret->answer = ANSWER_YES;
        /* A new server was never bound, and where there is no key there is nobody to contradict. */
        bool registry_denies = expectation->registry_key != NULL && registry == ANSWER_NO;
        ret->conflict = registry_denies || startup == ANSWER_NO;
    } else if (registry == ANSWER_NO && startup == ANSWER_NO) {
        ret->answer = ANSWER_NO;
        ret->by = EXPECTED_BY_NONE;
    }
}

void expected_decide(const struct verdict_question *question, struct expected *ret)
{
    const struct expectation *expectation = question->expectation;
    const struct registry_rule *rule = NULL;
    enum expected_answer registry = ask_registry(expectation, question->snapshot, &rule);
    enum expected_answer startup = ask_startup(question->snapshot, expectation->service);
    *ret = (struct expected){.answer = ANSWER_UNREAD, .by = EXPECTED_BY_NOBODY};
    ret->port = rule != NULL && rule->port != 0 ? rule->port : expectation->port;
    ret->port_in_doubt = registry == ANSWER_UNREAD && has_rule_of_other_port(expectation);
    if (question->declared != DECLARED_SILENT) {
        ret->answer = question->declared == DECLARED_EXPECTED ? ANSWER_YES : ANSWER_NO;
        ret->by = EXPECTED_BY_INVENTORY;
    } else if (expectation->watch == WATCH_DECLARED) {
        ret->answer = ANSWER_NO;
        ret->by = EXPECTED_BY_NONE;
    } else {
        ask_sources(registry, startup, question, ret);
    }
}
