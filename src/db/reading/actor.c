/* actor: the processes behind a reading, named without their pids: image, services, n-th of its
 * kind. */
#include "db/reading/actor.h"

#include "core/str.h"
#include "model/ephemeral.h"

#include <stdlib.h>
#include <string.h>

static int compare_i64(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_text(const char *a, const char *b)
{
    if (a == NULL || b == NULL) {
        return (a != NULL) - (b != NULL);
    }
    return strcmp(a, b);
}

static int compare_kind(const struct actor *a, const struct actor *b)
{
    int order = compare_text(a->image, b->image);
    return order != 0 ? order : compare_text(a->services, b->services);
}

static int by_pid(const void *left, const void *right)
{
    const struct actor *a = left;
    const struct actor *b = right;
    int order = compare_i64(a->pid, b->pid);
    return order != 0 ? order : b->listed - a->listed;
}

static int by_canon(const void *left, const void *right)
{
    const struct actor *a = *(struct actor *const *)left;
    const struct actor *b = *(struct actor *const *)right;
    int order = compare_kind(a, b);
    order = order != 0
                ? order
                : (a->first_binding > b->first_binding) - (a->first_binding < b->first_binding);
    order = order != 0 ? order : compare_i64(a->created_ms, b->created_ms);
    return order != 0 ? order : compare_i64(a->pid, b->pid);
}

static int compare_place(const struct binding *a, const struct binding *b)
{
    int order = compare_i64(a->is_volatile, b->is_volatile);
    order = order != 0 ? order : compare_i64(a->endpoint->proto, b->endpoint->proto);
    order = order != 0 ? order : compare_i64(a->endpoint->port, b->endpoint->port);
    return order != 0 ? order : compare_i64(a->code, b->code);
}

/* While the actors have no number yet. */
static int by_first_look(const void *left, const void *right)
{
    const struct binding *a = left;
    const struct binding *b = right;
    int order = compare_place(a, b);
    int64_t a_created = a->actor == NULL ? -1 : a->actor->created_ms;
    int64_t b_created = b->actor == NULL ? -1 : b->actor->created_ms;
    order = order != 0 ? order : compare_i64(a_created, b_created);
    return order != 0 ? order : compare_i64(a->endpoint->pid, b->endpoint->pid);
}

static int by_place(const void *left, const void *right)
{
    const struct binding *a = left;
    const struct binding *b = right;
    int order = compare_place(a, b);
    if (order != 0 || a->actor == NULL || b->actor == NULL) {
        return order != 0 ? order : compare_i64(a->endpoint->pid, b->endpoint->pid);
    }
    order = compare_kind(a->actor, b->actor);
    order = order != 0 ? order : compare_i64(a->actor->n, b->actor->n);
    return order != 0 ? order : compare_i64(a->endpoint->pid, b->endpoint->pid);
}

static struct actor *find(const struct actor_table *table, int64_t pid)
{
    size_t low = 0;
    size_t high = table->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table->actors[middle].pid < pid) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < table->count && table->actors[low].pid == pid ? &table->actors[low] : NULL;
}

static void collect(struct actor_table *table, const struct snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->process_count; i++) {
        const struct process *process = &snapshot->processes[i];
        table->actors[table->count++] = (struct actor){
            .pid = process->pid,
            .listed = true,
            .image = process->name,
            .parent = process->parent,
            .created_ms = process->created_ms,
        };
    }
    size_t listed = table->count;
    for (size_t i = 0; i < snapshot->endpoint_count; i++) {
        struct actor_table known = {.actors = table->actors, .count = listed};
        int64_t pid = snapshot->endpoints[i].pid;
        if (pid > 0 && find(&known, pid) == NULL) {
            table->actors[table->count++] = (struct actor){.pid = pid, .parent = -1};
        }
    }
    if (table->count > listed) {
        qsort(table->actors, table->count, sizeof(*table->actors), by_pid);
    }
    size_t kept = 0;
    for (size_t i = 0; i < table->count; i++) {
        if (kept == 0 || table->actors[kept - 1].pid != table->actors[i].pid) {
            table->actors[kept++] = table->actors[i];
        }
    }
    table->count = kept;
}

static bool name_services(struct actor_table *table, const struct snapshot *snapshot,
                          struct arena *arena)
{
    for (size_t i = 0; i < table->count; i++) {
        table->actors[i].services = "";
        table->actors[i].first_binding = SIZE_MAX;
    }
    for (size_t i = 0; i < snapshot->service_count; i++) {
        const struct service *service = &snapshot->services[i];
        struct actor *actor = service->pid > 0 ? find(table, service->pid) : NULL;
        if (actor == NULL) {
            continue;
        }
        actor->services = *actor->services == '\0'
                              ? service->name
                              : arena_printf(arena, "%s,%s", actor->services, service->name);
        if (actor->services == NULL) {
            return false;
        }
    }
    return true;
}

static bool is_witness(const struct snapshot *snapshot, int64_t pid)
{
    for (size_t i = 0; i < snapshot->boot.witness_count; i++) {
        if (snapshot->boot.witnesses[i].pid == pid) {
            return true;
        }
    }
    return false;
}

static bool bind_all(struct actor_table *table, const struct snapshot *snapshot,
                     const struct expectation_set *expectations, struct slots *slots)
{
    for (size_t i = 0; i < snapshot->endpoint_count; i++) {
        const struct endpoint *endpoint = &snapshot->endpoints[i];
        struct binding *binding = &table->bindings[table->binding_count++];
        struct actor *actor = endpoint->pid > 0 ? find(table, endpoint->pid) : NULL;
        binding->endpoint = endpoint;
        binding->code = slots_code(slots, &endpoint->address);
        binding->actor = actor;
        binding->is_volatile =
            ephemeral_port(snapshot, expectations, endpoint->proto, endpoint->port);
        if (binding->code == INT64_MIN) {
            return false;
        }
        table->stable_binding_count += binding->is_volatile ? 0 : 1;
        if (actor != NULL) {
            actor->holds++;
        }
    }
    return true;
}

static void sort_out(struct actor_table *table, const struct snapshot *snapshot)
{
    qsort(table->bindings, table->binding_count, sizeof(*table->bindings), by_first_look);
    for (size_t i = table->stable_binding_count; i-- > 0;) {
        struct actor *actor =
            table->bindings[i].actor == NULL ? NULL : find(table, table->bindings[i].actor->pid);
        if (actor != NULL) {
            actor->first_binding = i;
        }
    }
    for (size_t i = 0; i < table->count; i++) {
        struct actor *actor = &table->actors[i];
        actor->is_volatile = actor->holds > 0 && actor->first_binding == SIZE_MAX &&
                             *actor->services == '\0' && !is_witness(snapshot, actor->pid);
        if (actor->is_volatile) {
            table->transient[table->transient_count++] = actor;
        } else {
            table->stable[table->stable_count++] = actor;
        }
    }
    qsort(table->stable, table->stable_count, sizeof(struct actor *), by_canon);
    for (size_t i = 0; i < table->stable_count; i++) {
        struct actor *actor = table->stable[i];
        bool again = i > 0 && compare_kind(table->stable[i - 1], actor) == 0;
        actor->n = again ? table->stable[i - 1]->n + 1 : 0;
        actor->place = i;
    }
    for (size_t i = 0; i < table->transient_count; i++) {
        table->transient[i]->place = i;
    }
    qsort(table->bindings, table->stable_binding_count, sizeof(*table->bindings), by_place);
}

bool actor_table_build(struct actor_table *table, const struct snapshot *snapshot,
                       const struct expectation_set *expectations, struct slots *slots)
{
    struct arena *arena = slots->arena;
    size_t most = snapshot->process_count + snapshot->endpoint_count + 1;
    *table = (struct actor_table){
        .actors = arena_array(arena, most, sizeof(struct actor)),
        .stable = arena_array(arena, most, sizeof(struct actor *)),
        .transient = arena_array(arena, most, sizeof(struct actor *)),
        .bindings = arena_array(arena, snapshot->endpoint_count + 1, sizeof(struct binding)),
    };
    if (table->actors == NULL || table->stable == NULL || table->transient == NULL ||
        table->bindings == NULL) {
        return false;
    }
    collect(table, snapshot);
    if (!name_services(table, snapshot, arena) || !bind_all(table, snapshot, expectations, slots)) {
        return false;
    }
    sort_out(table, snapshot);
    return true;
}
