/* codec_encode: a pruned reading into texts and blob. */
#include "db/reading/codec.h"

#include "db/reading/actor.h"
#include "db/reading/tuple.h"
#include "db/reading/varint.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    TEXT_MAX = 16 * 1024 * 1024, /* of one text; a million bindings have their bounds elsewhere */
    BLOB_MAX = 16 * 1024 * 1024,
    NAME_PID_UNKNOWN = -1, /* in place of n: the pid is -1 */
    NAME_PID_ZERO = -2, /* the pid is 0 */
};

void coded_init(struct coded *coded)
{
    for (int i = 0; i < TEXT_COUNT; i++) {
        buf_init(&coded->texts[i], TEXT_MAX);
    }
    buf_init(&coded->blob, BLOB_MAX);
}

void coded_done(struct coded *coded)
{
    for (int i = 0; i < TEXT_COUNT; i++) {
        buf_done(&coded->texts[i]);
    }
    buf_done(&coded->blob);
}

void coded_clear(struct coded *coded)
{
    for (int i = 0; i < TEXT_COUNT; i++) {
        buf_clear(&coded->texts[i]);
    }
    buf_clear(&coded->blob);
}

static void put_texts(struct tuple_writer *writer, const char *const *texts, size_t count)
{
    tuple_row(writer);
    for (size_t i = 0; i < count; i++) {
        tuple_text(writer, texts[i]);
    }
    tuple_row_end(writer);
}

static void put_access(const struct visit *visit, struct buf *to)
{
    const char *const texts[] = {visit->os,        visit->transport, visit->address,
                                 visit->mechanism, visit->principal, visit->account};
    struct tuple_writer writer;
    tuple_begin(&writer, to);
    put_texts(&writer, texts, sizeof(texts) / sizeof(texts[0]));
    tuple_end(&writer);
}

static void put_optional(const struct snapshot *snapshot, struct tuple_writer *writer)
{
    for (size_t i = 0; i < snapshot->file_count; i++) {
        tuple_row(writer);
        tuple_text(writer, "file");
        tuple_text(writer, snapshot->files[i].path);
        tuple_text(writer, snapshot->files[i].version);
        tuple_int(writer, snapshot->files[i].modified_ms);
        tuple_row_end(writer);
    }
    for (size_t i = 0; i < snapshot->network_count; i++) {
        tuple_row(writer);
        tuple_text(writer, "network");
        tuple_text(writer, snapshot->networks[i].adapter);
        tuple_text(writer, network_category_name(snapshot->networks[i].category));
        tuple_row_end(writer);
    }
}

static void put_machine(const struct snapshot *snapshot, struct buf *to)
{
    const struct machine_identity *machine = &snapshot->machine;
    const char *const texts[] = {machine->id,      machine->computer_name, machine->host_key,
                                 machine->os_name, machine->os_build,      machine->pvs_build};
    struct tuple_writer writer;
    tuple_begin(&writer, to);
    put_texts(&writer, texts, sizeof(texts) / sizeof(texts[0]));
    put_optional(snapshot, &writer);
    tuple_end(&writer);
}

static void put_sections(const struct snapshot *snapshot, struct buf *to)
{
    struct tuple_writer writer;
    tuple_begin(&writer, to);
    for (int i = 0; i < SECTION_COUNT; i++) {
        const struct section *section = &snapshot->sections[i];
        tuple_row(&writer);
        tuple_text(&writer, section_name((enum section_id)i));
        tuple_text(&writer, outcome_name(section->outcome));
        tuple_int(&writer, section->code);
        tuple_text(&writer, section->source);
        tuple_text(&writer, section->detail);
        tuple_row_end(&writer);
    }
    tuple_end(&writer);
}

static void put_boot(const struct snapshot *snapshot, struct buf *to)
{
    struct tuple_writer writer;
    tuple_begin(&writer, to);
    tuple_row(&writer);
    tuple_text(&writer, snapshot->boot.boot_id);
    tuple_int(&writer, snapshot->boot.weak ? 1 : 0);
    tuple_int(&writer, snapshot->auto_start_delay_ms);
    tuple_row_end(&writer);
    for (size_t i = 0; i < snapshot->boot.witness_count; i++) {
        tuple_row(&writer);
        tuple_text(&writer, snapshot->boot.witnesses[i].name);
        tuple_row_end(&writer);
    }
    tuple_end(&writer);
}

static void put_services(const struct snapshot *snapshot, struct buf *to)
{
    struct tuple_writer writer;
    tuple_begin(&writer, to);
    for (size_t i = 0; i < snapshot->service_count; i++) {
        const struct service *service = &snapshot->services[i];
        tuple_row(&writer);
        tuple_text(&writer, service->name);
        tuple_text(&writer, service->display_name);
        tuple_text(&writer, presence_name(service->canary));
        tuple_int(&writer, service->visible ? 1 : 0);
        tuple_text(&writer, service_state_name(service->state));
        tuple_text(&writer, startup_type_name(service->startup));
        tuple_int(&writer, service->exit_code);
        tuple_text(&writer, service->image);
        tuple_text(&writer, service->account);
        tuple_row_end(&writer);
    }
    tuple_end(&writer);
}

static void put_registry(const struct snapshot *snapshot, struct buf *to)
{
    struct tuple_writer writer;
    tuple_begin(&writer, to);
    for (size_t i = 0; i < snapshot->registry_count; i++) {
        const struct registry_value *value = &snapshot->registry[i];
        char number[24];
        (void)snprintf(number, sizeof(number), "%" PRIu64, value->number);
        tuple_row(&writer);
        tuple_text(&writer, value->key);
        tuple_text(&writer, value->name);
        tuple_text(&writer, value->is_number ? number : NULL);
        tuple_text(&writer, value->text);
        tuple_row_end(&writer);
    }
    tuple_end(&writer);
}

static int put_addresses(const struct snapshot *snapshot, struct slots *slots, struct buf *to)
{
    struct tuple_writer writer;
    tuple_begin(&writer, to);
    for (size_t i = 0; i < snapshot->address_count; i++) {
        char room[24];
        const char *name = slots_name(slots, &snapshot->addresses[i].ip, room);
        if (name == NULL) {
            return -1;
        }
        tuple_row(&writer);
        tuple_text(&writer, name);
        tuple_int(&writer, snapshot->addresses[i].prefix);
        tuple_row_end(&writer);
    }
    tuple_end(&writer);
    return 0;
}

static void put_processes(const struct actor_table *table, struct buf *to)
{
    struct tuple_writer writer;
    tuple_begin(&writer, to);
    for (size_t i = 0; i < table->stable_count; i++) {
        tuple_row(&writer);
        tuple_text(&writer, table->stable[i]->image);
        tuple_text(&writer, table->stable[i]->services);
        tuple_int(&writer, table->stable[i]->listed ? 1 : 0);
        tuple_row_end(&writer);
    }
    tuple_end(&writer);
}

static void put_bindings(const struct actor_table *table, enum proto proto, struct slots *slots,
                         struct buf *to)
{
    struct tuple_writer writer;
    tuple_begin(&writer, to);
    for (size_t i = 0; i < table->stable_binding_count; i++) {
        const struct binding *binding = &table->bindings[i];
        const struct actor *actor = binding->actor;
        char room[24];
        if (binding->endpoint->proto != proto) {
            continue;
        }
        tuple_row(&writer);
        tuple_int(&writer, binding->endpoint->port);
        tuple_text(&writer, slots_name(slots, &binding->endpoint->address, room));
        tuple_text(&writer, actor == NULL ? NULL : actor->image);
        tuple_text(&writer, actor == NULL ? "" : actor->services);
        tuple_int(&writer, actor != NULL                ? actor->n
                           : binding->endpoint->pid < 0 ? NAME_PID_UNKNOWN
                                                        : NAME_PID_ZERO);
        tuple_row_end(&writer);
    }
    tuple_end(&writer);
}

static void lower(int64_t *base, int64_t ms)
{
    if (ms > 0 && (*base == 0 || ms < *base)) {
        *base = ms;
    }
}

/* The earliest time of the blob, from which the others are counted; 0 where there is none. */
static int64_t base_of(const struct snapshot *snapshot)
{
    int64_t base = 0;
    for (size_t i = 0; i < snapshot->process_count; i++) {
        lower(&base, snapshot->processes[i].created_ms);
    }
    for (size_t i = 0; i < snapshot->endpoint_count; i++) {
        lower(&base, snapshot->endpoints[i].created_ms);
    }
    for (size_t i = 0; i < snapshot->boot.witness_count; i++) {
        lower(&base, snapshot->boot.witnesses[i].created_ms);
    }
    return base;
}

static void put_time(struct buf *to, int64_t base, int64_t ms)
{
    varint_put(to, ms == 0 ? 0 : (uint64_t)(ms - base) + 1);
}

static void put_pid(struct buf *to, int64_t pid)
{
    varint_put(to, (uint64_t)pid + 1);
}

static void put_actor(struct buf *to, int64_t base, const struct actor *actor)
{
    put_pid(to, actor->pid);
    if (actor->listed) {
        put_pid(to, actor->parent);
        put_time(to, base, actor->created_ms);
    }
}

static void put_transients(struct buf *to, int64_t base, const struct actor_table *table)
{
    varint_put(to, table->transient_count);
    for (size_t i = 0; i < table->transient_count; i++) {
        const struct actor *actor = table->transient[i];
        size_t len = actor->image == NULL ? 0 : strlen(actor->image);
        varint_put(to, (actor->listed ? 1U : 0U) | (actor->image != NULL ? 2U : 0U));
        if (actor->image != NULL) {
            varint_put(to, len);
            (void)buf_append(to, actor->image, len);
        }
        put_actor(to, base, actor);
    }
}

static bool has_bind_times(const struct snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->endpoint_count; i++) {
        if (snapshot->endpoints[i].created_ms != 0) {
            return true;
        }
    }
    return false;
}

static uint64_t owner_code(const struct binding *binding, const struct actor_table *table)
{
    const struct actor *actor = binding->actor;
    if (actor == NULL) {
        return binding->endpoint->pid < 0 ? 0 : 1;
    }
    return 2 + (actor->is_volatile ? table->stable_count : 0) + actor->place;
}

static void put_endpoints(struct buf *to, int64_t base, const struct snapshot *snapshot,
                          const struct actor_table *table)
{
    bool timed = has_bind_times(snapshot);
    varint_put(to, timed ? 1 : 0);
    for (size_t i = 0; i < table->stable_binding_count && timed; i++) {
        put_time(to, base, table->bindings[i].endpoint->created_ms);
    }
    varint_put(to, table->binding_count - table->stable_binding_count);
    for (size_t i = table->stable_binding_count; i < table->binding_count; i++) {
        const struct binding *binding = &table->bindings[i];
        varint_put(to, (uint64_t)binding->endpoint->port << 1 |
                           (binding->endpoint->proto == PROTO_TCP ? 1U : 0U));
        varint_put_signed(to, binding->code);
        varint_put(to, owner_code(binding, table));
        if (timed) {
            put_time(to, base, binding->endpoint->created_ms);
        }
    }
}

static void put_blob(const struct snapshot *snapshot, const struct actor_table *table,
                     struct buf *to)
{
    int64_t base = base_of(snapshot);
    (void)buf_putc(to, CODEC_PLAIN);
    varint_put(to, snapshot->dynamic_first);
    varint_put(to, snapshot->dynamic_last);
    varint_put_signed(to, base);
    for (size_t i = 0; i < table->stable_count; i++) {
        put_actor(to, base, table->stable[i]);
    }
    put_transients(to, base, table);
    for (size_t i = 0; i < snapshot->service_count; i++) {
        put_pid(to, snapshot->services[i].pid);
        put_pid(to, snapshot->services[i].pid_after);
    }
    for (size_t i = 0; i < snapshot->boot.witness_count; i++) {
        put_pid(to, snapshot->boot.witnesses[i].pid);
        put_time(to, base, snapshot->boot.witnesses[i].created_ms);
    }
    put_endpoints(to, base, snapshot, table);
}

static int check(const struct coded *coded, struct err *err)
{
    bool failed = coded->blob.failed;
    for (int i = 0; i < TEXT_COUNT; i++) {
        failed = failed || coded->texts[i].failed;
    }
    return !failed ? 0
                   : err_set(err, ERR_LIMIT, "history",
                             "a reading is larger than the history takes (%d MiB), or memory is "
                             "short",
                             TEXT_MAX / 1024 / 1024);
}

int codec_encode(const struct snapshot *snapshot, const struct expectation_set *expectations,
                 struct slots *slots, struct coded *ret, struct err *err)
{
    struct actor_table table;
    coded_clear(ret);
    put_access(&snapshot->visit, &ret->texts[TEXT_ACCESS]);
    if (!snapshot->visit.read) {
        return check(ret, err);
    }
    put_sections(snapshot, &ret->texts[TEXT_SECTIONS]);
    put_machine(snapshot, &ret->texts[TEXT_MACHINE]);
    put_boot(snapshot, &ret->texts[TEXT_BOOT]);
    put_services(snapshot, &ret->texts[TEXT_SERVICES]);
    put_registry(snapshot, &ret->texts[TEXT_REGISTRY]);
    if (put_addresses(snapshot, slots, &ret->texts[TEXT_ADDRESSES]) != 0 ||
        !actor_table_build(&table, snapshot, expectations, slots)) {
        return err_memory(err);
    }
    put_processes(&table, &ret->texts[TEXT_PROCESSES]);
    put_bindings(&table, PROTO_UDP, slots, &ret->texts[TEXT_UDP]);
    put_bindings(&table, PROTO_TCP, slots, &ret->texts[TEXT_TCP]);
    put_blob(snapshot, &table, &ret->blob);
    return check(ret, err);
}
