/* light: what a light visit asks for and keeps: watched ports, and those that every Windows has. */
#include "collector/probe/light.h"

#include "model/judgement.h"

static void add_port(uint16_t port, uint16_t *to, size_t *count)
{
    for (size_t i = 0; i < *count; i++) {
        if (to[i] == port) {
            return;
        }
    }
    if (port != 0 && *count < LIGHT_PORTS_MAX) {
        to[(*count)++] = port;
    }
}

size_t light_ports(const struct plan *plan, uint16_t to[LIGHT_PORTS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < plan->service_count; i++) {
        const struct expectation *expectation = plan->expectations[i];
        if (expectation == NULL || expectation->proto != PROTO_UDP) {
            continue;
        }
        add_port(expectation->port, to, &count);
        for (size_t k = 0; k < expectation->rule_count; k++) {
            add_port(expectation->rules[k].port, to, &count);
        }
    }
    for (size_t i = 0; i < JUDGEMENT_USUAL; i++) {
        add_port(judgement_usual[i], to, &count);
    }
    return count;
}

static bool is_port(const uint16_t *ports, size_t count, uint16_t port)
{
    for (size_t i = 0; i < count; i++) {
        if (ports[i] == port) {
            return true;
        }
    }
    return false;
}

void light_keep(struct snapshot *snapshot, const struct plan *plan)
{
    static const enum section_id not_asked[] = {SECTION_TCP, SECTION_PROCESSES, SECTION_ADDRESSES,
                                                SECTION_REGISTRY, SECTION_MACHINE};
    uint16_t ports[LIGHT_PORTS_MAX];
    size_t count = light_ports(plan, ports);
    size_t kept = 0;
    for (size_t i = 0; i < snapshot->endpoint_count; i++) {
        const struct endpoint endpoint = snapshot->endpoints[i];
        if (endpoint.proto == PROTO_UDP && is_port(ports, count, endpoint.port)) {
            snapshot->endpoints[kept++] = endpoint;
        }
    }
    snapshot->endpoint_count = kept;
    snapshot->process_count = 0;
    snapshot->address_count = 0;
    snapshot->registry_count = 0;
    for (size_t i = 0; i < sizeof(not_asked) / sizeof(not_asked[0]); i++) {
        snapshot_set_section(snapshot, not_asked[i], OUTCOME_NOT_ASKED, NULL, 0, NULL);
    }
    snapshot->machine.id = NULL;
    snapshot->machine.os_name = NULL;
    snapshot->machine.os_build = NULL;
    snapshot->machine.pvs_build = NULL;
    snapshot->auto_start_delay_ms = -1;
    snapshot->dynamic_first = 0;
    snapshot->dynamic_last = 0;
}
