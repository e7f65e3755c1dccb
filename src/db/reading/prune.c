/* prune: what of a reading is kept: everything that a judgement or a person will ask for again. */
#include "db/reading/prune.h"

#include "core/str.h"

#include <string.h>

enum { ANCESTORS_MAX = 64 };

static int64_t plain_pid(int64_t pid)
{
    return pid < -1 ? -1 : pid;
}

static int64_t plain_time(int64_t ms)
{
    return ms < 0 ? 0 : ms;
}

/* Nothing is known of a host that was not read but how the visit ended, and what its line has that
 * this version does not know. */
static void forget_unread(struct snapshot *snapshot)
{
    struct arena arena = snapshot->arena;
    struct visit visit = snapshot->visit;
    const char *extra = snapshot->extra;
    snapshot_init(snapshot);
    snapshot->extra = extra;
    snapshot->arena = arena;
    snapshot->visit = visit;
}

static void plain_services(struct snapshot *snapshot)
{
    size_t kept = 0;
    for (size_t i = 0; i < snapshot->service_count; i++) {
        struct service *service = &snapshot->services[i];
        service->pid = plain_pid(service->pid);
        service->pid_after = plain_pid(service->pid_after);
        bool repeated = kept > 0 && str_ieq(snapshot->services[kept - 1].name, service->name);
        if (service->name != NULL && !repeated) {
            snapshot->services[kept++] = *service;
        }
    }
    snapshot->service_count = kept;
}

static void plain_rows(struct snapshot *snapshot)
{
    plain_services(snapshot);
    for (size_t i = 0; i < snapshot->endpoint_count; i++) {
        snapshot->endpoints[i].pid = plain_pid(snapshot->endpoints[i].pid);
        snapshot->endpoints[i].created_ms = plain_time(snapshot->endpoints[i].created_ms);
    }
    for (size_t i = 0; i < snapshot->process_count; i++) {
        snapshot->processes[i].parent = plain_pid(snapshot->processes[i].parent);
        snapshot->processes[i].created_ms = plain_time(snapshot->processes[i].created_ms);
    }
    for (size_t i = 0; i < snapshot->boot.witness_count; i++) {
        struct boot_witness *witness = &snapshot->boot.witnesses[i];
        witness->pid = plain_pid(witness->pid);
        witness->created_ms = plain_time(witness->created_ms);
    }
    for (size_t i = 0; i < snapshot->file_count; i++) {
        snapshot->files[i].modified_ms = plain_time(snapshot->files[i].modified_ms);
    }
    for (size_t i = 0; i < snapshot->registry_count; i++) {
        struct registry_value *value = &snapshot->registry[i];
        value->number = value->is_number ? value->number : 0;
    }
}

/* path ends in name, case folded, whatever quotes surround it. */
static bool ends_in(const char *path, const char *name, size_t tail)
{
    size_t len = path == NULL ? 0 : strlen(path);
    while (len > 0 && path[len - 1] == '"') {
        len--;
    }
    return tail > 0 && len >= tail && slice_ieq((struct slice){path + len - tail, tail}, name);
}

static bool is_watched_name(const struct snapshot *snapshot,
                            const struct expectation_set *expectations, const char *name)
{
    if (name == NULL) {
        return false;
    }
    size_t len = strlen(name);
    for (size_t i = 0; i < snapshot->service_count; i++) {
        if (ends_in(snapshot->services[i].image, name, len)) {
            return true;
        }
    }
    for (size_t i = 0; expectations != NULL && i < expectations->count; i++) {
        if (str_ieq(expectations->items[i].process, name)) {
            return true;
        }
    }
    return false;
}

/* Processes are sorted by pid here. */
static size_t find(const struct snapshot *snapshot, int64_t pid)
{
    size_t low = 0;
    size_t high = snapshot->process_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (snapshot->processes[middle].pid < pid) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found = low < snapshot->process_count && snapshot->processes[low].pid == pid;
    return found ? low : snapshot->process_count;
}

static void keep(const struct snapshot *snapshot, bool *kept, int64_t pid)
{
    for (int steps = 0; pid > 0 && steps < ANCESTORS_MAX; steps++) {
        size_t i = find(snapshot, pid);
        if (i == snapshot->process_count || kept[i]) {
            return;
        }
        kept[i] = true;
        pid = snapshot->processes[i].parent;
    }
}

static void mark_kept(const struct snapshot *snapshot, const struct expectation_set *expectations,
                      bool *kept)
{
    for (size_t i = 0; i < snapshot->endpoint_count; i++) {
        keep(snapshot, kept, snapshot->endpoints[i].pid);
    }
    for (size_t i = 0; i < snapshot->service_count; i++) {
        keep(snapshot, kept, snapshot->services[i].pid);
        keep(snapshot, kept, snapshot->services[i].pid_after);
    }
    for (size_t i = 0; i < snapshot->boot.witness_count; i++) {
        keep(snapshot, kept, snapshot->boot.witnesses[i].pid);
    }
    for (size_t i = 0; i < snapshot->process_count; i++) {
        if (is_watched_name(snapshot, expectations, snapshot->processes[i].name)) {
            keep(snapshot, kept, snapshot->processes[i].pid);
        }
    }
}

static void drop_processes(struct snapshot *snapshot, const bool *kept)
{
    size_t count = 0;
    for (size_t i = 0; i < snapshot->process_count; i++) {
        bool repeated =
            count > 0 && snapshot->processes[count - 1].pid == snapshot->processes[i].pid;
        if ((kept == NULL || kept[i]) && snapshot->processes[i].pid > 0 && !repeated) {
            snapshot->processes[count++] = snapshot->processes[i];
        }
    }
    snapshot->process_count = count;
}

void prune_snapshot(struct snapshot *snapshot, const struct expectation_set *expectations)
{
    if (!snapshot->visit.read) {
        forget_unread(snapshot);
        return;
    }
    plain_rows(snapshot);
    snapshot_normalise(snapshot);
    plain_services(snapshot);
    drop_processes(snapshot, NULL);
    /* Without memory everything is kept, which is never wrong. */
    bool *kept = arena_array(&snapshot->arena, snapshot->process_count + 1, sizeof(*kept));
    if (kept != NULL) {
        mark_kept(snapshot, expectations, kept);
        drop_processes(snapshot, kept);
    }
}
