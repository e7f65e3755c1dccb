/* snapshot: what one visit saw of one host, with an outcome for every section. */
#include "model/snapshot.h"

#include "core/str.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { ANCESTORS_MAX = 64 };

void snapshot_init(struct snapshot *snapshot)
{
    memset(snapshot, 0, sizeof(*snapshot));
    snapshot->boot.uptime_ms = -1;
    snapshot->auto_start_delay_ms = -1;
}

void snapshot_done(struct snapshot *snapshot)
{
    if (snapshot != NULL) {
        arena_done(&snapshot->arena);
        snapshot_init(snapshot);
    }
}

struct service *snapshot_add_service(struct snapshot *snapshot)
{
    void *items = snapshot->services;
    struct service *service =
        arena_push(&snapshot->arena, &items, &snapshot->service_count, sizeof(*service));
    snapshot->services = items;
    if (service != NULL) {
        service->pid = -1;
        service->pid_after = -1;
        service->exit_code = -1;
    }
    return service;
}

struct endpoint *snapshot_add_endpoint(struct snapshot *snapshot)
{
    void *items = snapshot->endpoints;
    struct endpoint *endpoint =
        arena_push(&snapshot->arena, &items, &snapshot->endpoint_count, sizeof(*endpoint));
    snapshot->endpoints = items;
    if (endpoint != NULL) {
        endpoint->pid = -1;
    }
    return endpoint;
}

struct process *snapshot_add_process(struct snapshot *snapshot)
{
    void *items = snapshot->processes;
    struct process *process =
        arena_push(&snapshot->arena, &items, &snapshot->process_count, sizeof(*process));
    snapshot->processes = items;
    if (process != NULL) {
        process->pid = -1;
        process->parent = -1;
    }
    return process;
}

struct host_address *snapshot_add_address(struct snapshot *snapshot)
{
    void *items = snapshot->addresses;
    struct host_address *address =
        arena_push(&snapshot->arena, &items, &snapshot->address_count, sizeof(*address));
    snapshot->addresses = items;
    return address;
}

struct registry_value *snapshot_add_registry(struct snapshot *snapshot)
{
    void *items = snapshot->registry;
    struct registry_value *value =
        arena_push(&snapshot->arena, &items, &snapshot->registry_count, sizeof(*value));
    snapshot->registry = items;
    return value;
}

struct boot_witness *snapshot_add_witness(struct snapshot *snapshot)
{
    void *items = snapshot->boot.witnesses;
    struct boot_witness *witness =
        arena_push(&snapshot->arena, &items, &snapshot->boot.witness_count, sizeof(*witness));
    snapshot->boot.witnesses = items;
    if (witness != NULL) {
        witness->pid = -1;
    }
    return witness;
}

struct host_file *snapshot_add_file(struct snapshot *snapshot)
{
    void *items = snapshot->files;
    struct host_file *file =
        arena_push(&snapshot->arena, &items, &snapshot->file_count, sizeof(*file));
    snapshot->files = items;
    return file;
}

struct network *snapshot_add_network(struct snapshot *snapshot)
{
    void *items = snapshot->networks;
    struct network *network =
        arena_push(&snapshot->arena, &items, &snapshot->network_count, sizeof(*network));
    snapshot->networks = items;
    return network;
}

bool section_is_optional(enum section_id id)
{
    return id == SECTION_FILES || id == SECTION_NETWORKS;
}

void snapshot_set_section(struct snapshot *snapshot, enum section_id id, enum outcome outcome,
                          const char *source, int64_t code, const char *detail)
{
    snapshot->sections[id] = (struct section){
        .outcome = outcome,
        .code = code,
        .source = arena_strdup(&snapshot->arena, source),
        .detail = arena_strdup(&snapshot->arena, detail),
    };
}

static int compare_i64(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_endpoints(const void *left, const void *right)
{
    const struct endpoint *a = left;
    const struct endpoint *b = right;
    int order = compare_i64(a->proto, b->proto);
    order = order != 0 ? order : compare_i64(a->port, b->port);
    order = order != 0 ? order : ip_compare(&a->address, &b->address);
    order = order != 0 ? order : compare_i64(a->pid, b->pid);
    return order != 0 ? order : compare_i64(a->created_ms, b->created_ms);
}

static int compare_processes(const void *left, const void *right)
{
    const struct process *a = left;
    const struct process *b = right;
    int order = compare_i64(a->pid, b->pid);
    return order != 0 ? order : compare_i64(a->created_ms, b->created_ms);
}

static int compare_services(const void *left, const void *right)
{
    const struct service *a = left;
    const struct service *b = right;
    return strcasecmp(a->name == NULL ? "" : a->name, b->name == NULL ? "" : b->name);
}

static int compare_files(const void *left, const void *right)
{
    const struct host_file *a = left;
    const struct host_file *b = right;
    return strcasecmp(a->path == NULL ? "" : a->path, b->path == NULL ? "" : b->path);
}

static int compare_networks(const void *left, const void *right)
{
    const struct network *a = left;
    const struct network *b = right;
    int order =
        strcasecmp(a->adapter == NULL ? "" : a->adapter, b->adapter == NULL ? "" : b->adapter);
    return order != 0 ? order : compare_i64(a->category, b->category);
}

static void drop_repeated_endpoints(struct snapshot *snapshot)
{
    size_t kept = 0;
    for (size_t i = 0; i < snapshot->endpoint_count; i++) {
        const struct endpoint *this = &snapshot->endpoints[i];
        const struct endpoint *last = kept == 0 ? NULL : &snapshot->endpoints[kept - 1];
        bool same = last != NULL && last->proto == this->proto && last->port == this->port &&
                    last->pid == this->pid && ip_equal(&last->address, &this->address);
        if (!same) {
            snapshot->endpoints[kept++] = *this;
        }
    }
    snapshot->endpoint_count = kept;
}

static void sort(void *rows, size_t count, size_t size, int (*compare)(const void *, const void *))
{
    if (count > 0) {
        qsort(rows, count, size, compare);
    }
}

void snapshot_normalise(struct snapshot *snapshot)
{
    sort(snapshot->endpoints, snapshot->endpoint_count, sizeof(*snapshot->endpoints),
         compare_endpoints);
    drop_repeated_endpoints(snapshot);
    sort(snapshot->processes, snapshot->process_count, sizeof(*snapshot->processes),
         compare_processes);
    sort(snapshot->services, snapshot->service_count, sizeof(*snapshot->services),
         compare_services);
    sort(snapshot->files, snapshot->file_count, sizeof(*snapshot->files), compare_files);
    sort(snapshot->networks, snapshot->network_count, sizeof(*snapshot->networks),
         compare_networks);
}

const struct service *snapshot_service(const struct snapshot *snapshot, const char *name)
{
    for (size_t i = 0; i < snapshot->service_count; i++) {
        if (str_ieq(snapshot->services[i].name, name)) {
            return &snapshot->services[i];
        }
    }
    return NULL;
}

const struct process *snapshot_process(const struct snapshot *snapshot, int64_t pid)
{
    for (size_t i = 0; i < snapshot->process_count; i++) {
        if (snapshot->processes[i].pid == pid) {
            return &snapshot->processes[i];
        }
    }
    return NULL;
}

enum descent snapshot_descent(const struct snapshot *snapshot, int64_t pid, int64_t ancestor)
{
    const struct process *child = snapshot_process(snapshot, pid);
    for (int steps = 0; child != NULL && child->parent > 0 && steps < ANCESTORS_MAX; steps++) {
        const struct process *parent = snapshot_process(snapshot, child->parent);
        bool too_young =
            parent != NULL && child->created_ms > 0 && parent->created_ms > child->created_ms;
        if (parent == NULL || too_young) {
            return DESCENT_OTHER;
        }
        if (parent->pid == ancestor) {
            return DESCENT_OF_IT;
        }
        child = parent;
    }
    return child != NULL && child->parent < 0 ? DESCENT_UNKNOWN : DESCENT_OTHER;
}

bool snapshot_descends(const struct snapshot *snapshot, int64_t pid, int64_t ancestor)
{
    return snapshot_descent(snapshot, pid, ancestor) == DESCENT_OF_IT;
}

const char *machine_identity_text(struct arena *arena, const char *id, const char *computer_name)
{
    if (id == NULL || id[0] == '\0' || computer_name == NULL || computer_name[0] == '\0') {
        return NULL;
    }
    char *identity = arena_printf(arena, "%s %s", id, computer_name);
    for (char *at = identity; at != NULL && *at != '\0'; at++) {
        *at = *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at;
    }
    return identity;
}

const char *snapshot_services_of(const struct snapshot *snapshot, int64_t pid, struct arena *arena)
{
    const char *text = NULL;
    for (size_t i = 0; i < snapshot->service_count && pid > 0; i++) {
        const struct service *service = &snapshot->services[i];
        if (service->pid == pid || service->pid_after == pid) {
            text = text == NULL ? service->name : arena_printf(arena, "%s,%s", text, service->name);
        }
    }
    return text;
}

const struct registry_value *snapshot_registry(const struct snapshot *snapshot, const char *key,
                                               const char *name)
{
    for (size_t i = 0; i < snapshot->registry_count; i++) {
        if (str_ieq(snapshot->registry[i].key, key) && str_ieq(snapshot->registry[i].name, name)) {
            return &snapshot->registry[i];
        }
    }
    return NULL;
}

bool snapshot_has_address(const struct snapshot *snapshot, const struct ip *ip)
{
    for (size_t i = 0; i < snapshot->address_count; i++) {
        if (ip_equal(&snapshot->addresses[i].ip, ip)) {
            return true;
        }
    }
    return false;
}
