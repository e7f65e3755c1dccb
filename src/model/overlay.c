/* overlay: a light reading together with what the last full one read besides. */
#include "model/overlay.h"

static bool was_asked(const struct snapshot *light, enum section_id id)
{
    return light->sections[id].outcome != OUTCOME_NOT_ASKED;
}

/* The settings of a service do not change with its state. */
static int take_services(const struct snapshot *light, const struct snapshot *full,
                         struct arena *arena, struct snapshot *ret)
{
    ret->services = arena_array(arena, light->service_count + 1, sizeof(*ret->services));
    if (ret->services == NULL) {
        return -1;
    }
    for (size_t i = 0; i < light->service_count; i++) {
        struct service *service = &ret->services[i];
        const struct service *known = snapshot_service(full, light->services[i].name);
        *service = light->services[i];
        if (known == NULL) {
            continue;
        }
        service->display_name =
            service->display_name == NULL ? known->display_name : service->display_name;
        service->image = service->image == NULL ? known->image : service->image;
        service->account = service->account == NULL ? known->account : service->account;
        if (service->startup == STARTUP_UNKNOWN) {
            service->startup = known->startup;
        }
        if (service->canary == PRESENCE_UNREAD) {
            service->canary = known->canary;
        }
    }
    return 0;
}

static bool is_same_endpoint(const struct endpoint *a, const struct endpoint *b)
{
    return a->proto == b->proto && a->port == b->port && a->pid == b->pid &&
           ip_equal(&a->address, &b->address);
}

/* netstat tells no times. */
static int take_endpoints(const struct snapshot *light, const struct snapshot *full,
                          struct arena *arena, struct snapshot *ret)
{
    ret->endpoints = arena_array(arena, light->endpoint_count + 1, sizeof(*ret->endpoints));
    if (ret->endpoints == NULL) {
        return -1;
    }
    for (size_t i = 0; i < light->endpoint_count; i++) {
        struct endpoint *endpoint = &ret->endpoints[i];
        *endpoint = light->endpoints[i];
        for (size_t k = 0; endpoint->created_ms == 0 && k < full->endpoint_count; k++) {
            if (is_same_endpoint(endpoint, &full->endpoints[k])) {
                endpoint->created_ms = full->endpoints[k].created_ms;
            }
        }
    }
    return 0;
}

/* A number is given to another process in time: only who still is what it was is the same one. */
static bool is_same_process(const struct snapshot *light, const struct snapshot *full, int64_t pid)
{
    for (size_t i = 0; i < light->service_count; i++) {
        const struct service *known = snapshot_service(full, light->services[i].name);
        if (light->services[i].pid == pid && known != NULL && known->pid == pid) {
            return true;
        }
    }
    for (size_t i = 0; i < light->endpoint_count; i++) {
        for (size_t k = 0; light->endpoints[i].pid == pid && k < full->endpoint_count; k++) {
            if (is_same_endpoint(&light->endpoints[i], &full->endpoints[k])) {
                return true;
            }
        }
    }
    return false;
}

static int take_processes(const struct snapshot *light, const struct snapshot *full,
                          struct arena *arena, struct snapshot *ret)
{
    ret->process_count = 0;
    ret->processes = arena_array(arena, full->process_count + 1, sizeof(*ret->processes));
    if (ret->processes == NULL) {
        return -1;
    }
    for (size_t i = 0; i < full->process_count; i++) {
        if (is_same_process(light, full, full->processes[i].pid)) {
            ret->processes[ret->process_count++] = full->processes[i];
        }
    }
    return 0;
}

int overlay_make(const struct snapshot *light, const struct snapshot *full, bool same_boot,
                 struct arena *arena, struct snapshot *ret)
{
    *ret = *light;
    ret->arena = (struct arena){.blocks = NULL};
    if (full == NULL) {
        return 0;
    }
    if (!was_asked(light, SECTION_REGISTRY)) {
        ret->sections[SECTION_REGISTRY] = full->sections[SECTION_REGISTRY];
        ret->registry = full->registry;
        ret->registry_count = full->registry_count;
        ret->auto_start_delay_ms = full->auto_start_delay_ms;
    }
    if (!was_asked(light, SECTION_ADDRESSES)) {
        ret->sections[SECTION_ADDRESSES] = full->sections[SECTION_ADDRESSES];
        ret->addresses = full->addresses;
        ret->address_count = full->address_count;
    }
    if (!was_asked(light, SECTION_MACHINE)) {
        ret->sections[SECTION_MACHINE] = full->sections[SECTION_MACHINE];
        ret->machine.id = full->machine.id;
        ret->machine.os_name = full->machine.os_name;
        ret->machine.os_build = full->machine.os_build;
        ret->machine.pvs_build = full->machine.pvs_build;
    }
    if (same_boot && take_endpoints(light, full, arena, ret) != 0) {
        return -1;
    }
    if (same_boot && !was_asked(light, SECTION_PROCESSES) &&
        take_processes(light, full, arena, ret) != 0) {
        return -1;
    }
    return take_services(light, full, arena, ret);
}
