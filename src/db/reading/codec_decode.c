/* codec_decode: texts and blob back into the reading that they were. */
#include "db/reading/codec.h"

#include "core/str.h"
#include "db/reading/tuple.h"
#include "db/reading/varint.h"

#include <string.h>

enum {
    NAME_PID_UNKNOWN = -1,
    NAME_PID_ZERO = -2,
    ROWS_MAX = 1 << 20, /* more of anything is damage */
};

/* A process as the texts name it, and, once the blob was read, its pid. */
struct named {
    const char *image, *services;
    int64_t n, listed;
    int64_t pid;
};

struct decoding {
    const struct coded_view *view;
    const struct slots *slots;
    struct snapshot *snapshot;
    struct arena *arena;
    struct named *named;
    size_t named_count;
    int64_t *transient_pids;
    size_t transient_count;
    size_t stable_endpoints; /* the first ones of the snapshot's, in the order of the texts */
    int64_t *owners; /* place in named, or -1 and -2 for a pid that is not known */
    size_t owner_count;
};

static void open_text(struct decoding *decoding, enum codec_text id, struct tuple_reader *reader)
{
    tuple_open(reader, decoding->arena, decoding->view->texts[id]);
}

static void get_texts(struct tuple_reader *reader, const char **const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        (void)tuple_next_text(reader, texts[i]);
    }
}

static bool get_access(struct decoding *decoding)
{
    struct visit *visit = &decoding->snapshot->visit;
    const char **const texts[] = {&visit->os,        &visit->transport, &visit->address,
                                  &visit->mechanism, &visit->principal, &visit->account};
    struct tuple_reader reader;
    open_text(decoding, TEXT_ACCESS, &reader);
    while (tuple_next(&reader)) {
        get_texts(&reader, texts, sizeof(texts) / sizeof(texts[0]));
    }
    return tuple_close(&reader);
}

static bool get_file(struct decoding *decoding, struct tuple_reader *reader)
{
    struct host_file *file = snapshot_add_file(decoding->snapshot);
    return file != NULL && tuple_next_text(reader, &file->path) &&
           tuple_next_text(reader, &file->version) && tuple_next_int(reader, &file->modified_ms);
}

static bool get_network(struct decoding *decoding, struct tuple_reader *reader)
{
    struct network *network = snapshot_add_network(decoding->snapshot);
    const char *category = NULL;
    return network != NULL && tuple_next_text(reader, &network->adapter) &&
           tuple_next_text(reader, &category) &&
           network_category_parse(category, &network->category);
}

/* The rows behind the identity's; each says what it is. */
static bool get_optional(struct decoding *decoding, struct tuple_reader *reader)
{
    while (tuple_next(reader)) {
        const char *kind = NULL;
        (void)tuple_next_text(reader, &kind);
        bool good = str_eq(kind, "file")      ? get_file(decoding, reader)
                    : str_eq(kind, "network") ? get_network(decoding, reader)
                                              : false;
        if (!good) {
            return false;
        }
    }
    return true;
}

static bool get_machine(struct decoding *decoding)
{
    struct machine_identity *machine = &decoding->snapshot->machine;
    const char **const texts[] = {&machine->id,      &machine->computer_name, &machine->host_key,
                                  &machine->os_name, &machine->os_build,      &machine->pvs_build};
    struct tuple_reader reader;
    open_text(decoding, TEXT_MACHINE, &reader);
    if (tuple_next(&reader)) {
        get_texts(&reader, texts, sizeof(texts) / sizeof(texts[0]));
    }
    return get_optional(decoding, &reader) && tuple_close(&reader);
}

static bool get_sections(struct decoding *decoding)
{
    struct tuple_reader reader;
    open_text(decoding, TEXT_SECTIONS, &reader);
    while (tuple_next(&reader)) {
        const char *name = NULL;
        const char *outcome = NULL;
        struct section section = {.code = 0};
        enum section_id id = SECTION_UDP;
        (void)tuple_next_text(&reader, &name);
        (void)tuple_next_text(&reader, &outcome);
        (void)tuple_next_int(&reader, &section.code);
        (void)tuple_next_text(&reader, &section.source);
        (void)tuple_next_text(&reader, &section.detail);
        if (reader.failed || !section_parse(name, &id) ||
            !outcome_parse(outcome, &section.outcome)) {
            return false;
        }
        decoding->snapshot->sections[id] = section;
    }
    return tuple_close(&reader);
}

static bool get_boot(struct decoding *decoding)
{
    struct snapshot *snapshot = decoding->snapshot;
    struct tuple_reader reader;
    int64_t weak = 0;
    open_text(decoding, TEXT_BOOT, &reader);
    if (tuple_next(&reader)) {
        (void)tuple_next_text(&reader, &snapshot->boot.boot_id);
        (void)tuple_next_int(&reader, &weak);
        (void)tuple_next_int(&reader, &snapshot->auto_start_delay_ms);
        snapshot->boot.weak = weak != 0;
        while (tuple_next(&reader)) {
            struct boot_witness *witness = snapshot_add_witness(snapshot);
            if (witness == NULL || !tuple_next_text(&reader, &witness->name)) {
                return false;
            }
        }
    }
    return tuple_close(&reader);
}

static bool get_service(struct tuple_reader *reader, struct service *service)
{
    const char *canary = NULL;
    const char *state = NULL;
    const char *startup = NULL;
    int64_t visible = 0;
    (void)tuple_next_text(reader, &service->name);
    (void)tuple_next_text(reader, &service->display_name);
    (void)tuple_next_text(reader, &canary);
    (void)tuple_next_int(reader, &visible);
    (void)tuple_next_text(reader, &state);
    (void)tuple_next_text(reader, &startup);
    (void)tuple_next_int(reader, &service->exit_code);
    (void)tuple_next_text(reader, &service->image);
    (void)tuple_next_text(reader, &service->account);
    service->visible = visible != 0;
    return !reader->failed && presence_parse(canary, &service->canary) &&
           service_state_parse(state, &service->state) &&
           startup_type_parse(startup, &service->startup);
}

static bool get_services(struct decoding *decoding)
{
    struct tuple_reader reader;
    open_text(decoding, TEXT_SERVICES, &reader);
    while (tuple_next(&reader)) {
        struct service *service = snapshot_add_service(decoding->snapshot);
        if (service == NULL || !get_service(&reader, service)) {
            return false;
        }
    }
    return tuple_close(&reader);
}

static bool get_registry(struct decoding *decoding)
{
    struct tuple_reader reader;
    open_text(decoding, TEXT_REGISTRY, &reader);
    while (tuple_next(&reader)) {
        struct registry_value *value = snapshot_add_registry(decoding->snapshot);
        const char *number = NULL;
        if (value == NULL || !tuple_next_text(&reader, &value->key) ||
            !tuple_next_text(&reader, &value->name) || !tuple_next_text(&reader, &number) ||
            !tuple_next_text(&reader, &value->text)) {
            return false;
        }
        value->is_number = number != NULL;
        if (number != NULL &&
            !str_u64((struct slice){number, strlen(number)}, UINT64_MAX, &value->number)) {
            return false;
        }
    }
    return tuple_close(&reader);
}

static bool get_addresses(struct decoding *decoding)
{
    struct tuple_reader reader;
    open_text(decoding, TEXT_ADDRESSES, &reader);
    while (tuple_next(&reader)) {
        struct host_address *address = snapshot_add_address(decoding->snapshot);
        const char *name = NULL;
        int64_t prefix = 0;
        if (address == NULL || !tuple_next_text(&reader, &name) || name == NULL ||
            !tuple_next_int(&reader, &prefix) || prefix < 0 || prefix > 255 ||
            !slots_address(decoding->slots, name, &address->ip)) {
            return false;
        }
        address->prefix = (uint8_t)prefix;
    }
    return tuple_close(&reader);
}

static bool get_processes(struct decoding *decoding)
{
    struct tuple_reader reader;
    open_text(decoding, TEXT_PROCESSES, &reader);
    while (tuple_next(&reader)) {
        void *items = decoding->named;
        struct named *named =
            arena_push(decoding->arena, &items, &decoding->named_count, sizeof(*named));
        decoding->named = items;
        if (named == NULL || !tuple_next_text(&reader, &named->image) ||
            !tuple_next_text(&reader, &named->services) ||
            !tuple_next_int(&reader, &named->listed)) {
            return false;
        }
        const struct named *before = decoding->named_count < 2 ? NULL : named - 1;
        bool again = before != NULL && str_eq(before->image, named->image) &&
                     str_eq(before->services, named->services);
        named->n = again ? before->n + 1 : 0;
    }
    return tuple_close(&reader);
}

static bool find_named(const struct decoding *decoding, const char *image, const char *services,
                       int64_t n, int64_t *ret)
{
    if (n == NAME_PID_UNKNOWN || n == NAME_PID_ZERO) {
        *ret = n;
        return true;
    }
    for (size_t i = 0; i < decoding->named_count; i++) {
        const struct named *named = &decoding->named[i];
        if (named->n == n && str_eq(named->image, image) && str_eq(named->services, services)) {
            *ret = (int64_t)i;
            return true;
        }
    }
    return false;
}

static bool add_owner(struct decoding *decoding, int64_t owner)
{
    void *items = decoding->owners;
    int64_t *place = arena_push(decoding->arena, &items, &decoding->owner_count, sizeof(*place));
    decoding->owners = items;
    if (place != NULL) {
        *place = owner;
    }
    return place != NULL;
}

static bool get_binding(struct decoding *decoding, struct tuple_reader *reader, enum proto proto)
{
    struct endpoint *endpoint = snapshot_add_endpoint(decoding->snapshot);
    const char *address = NULL;
    const char *image = NULL;
    const char *services = NULL;
    int64_t port = 0;
    int64_t n = 0;
    int64_t owner = 0;
    (void)tuple_next_int(reader, &port);
    (void)tuple_next_text(reader, &address);
    (void)tuple_next_text(reader, &image);
    (void)tuple_next_text(reader, &services);
    (void)tuple_next_int(reader, &n);
    if (endpoint == NULL || reader->failed || address == NULL || port < 0 || port > UINT16_MAX ||
        !slots_address(decoding->slots, address, &endpoint->address) ||
        !find_named(decoding, image, services, n, &owner)) {
        return false;
    }
    endpoint->proto = proto;
    endpoint->port = (uint16_t)port;
    return add_owner(decoding, owner);
}

static bool get_bindings(struct decoding *decoding, enum codec_text id, enum proto proto)
{
    struct tuple_reader reader;
    open_text(decoding, id, &reader);
    while (tuple_next(&reader)) {
        if (!get_binding(decoding, &reader, proto)) {
            return false;
        }
    }
    decoding->stable_endpoints = decoding->snapshot->endpoint_count;
    return tuple_close(&reader);
}

static int64_t next_pid(struct varint_reader *reader)
{
    uint64_t code = varint_next(reader);
    if (code > (uint64_t)INT64_MAX + 1) {
        reader->failed = true;
        return -1;
    }
    return code == 0 ? -1 : (int64_t)(code - 1);
}

static int64_t next_time(struct varint_reader *reader, int64_t base)
{
    uint64_t code = varint_next(reader);
    if (code == 0) {
        return 0;
    }
    if (code - 1 > (uint64_t)(INT64_MAX - base)) {
        reader->failed = true;
        return 0;
    }
    return base + (int64_t)(code - 1);
}

static int64_t next_actor(struct decoding *decoding, struct varint_reader *reader, int64_t base,
                          const char *image, bool listed)
{
    int64_t pid = next_pid(reader);
    if (!listed) {
        return pid;
    }
    int64_t parent = next_pid(reader);
    int64_t created = next_time(reader, base);
    struct process *process = reader->failed ? NULL : snapshot_add_process(decoding->snapshot);
    if (process == NULL) {
        reader->failed = true;
        return pid;
    }
    *process = (struct process){.pid = pid, .parent = parent, .created_ms = created, .name = image};
    return pid;
}

static void next_transients(struct decoding *decoding, struct varint_reader *reader, int64_t base)
{
    size_t count = varint_next_below(reader, ROWS_MAX);
    for (size_t i = 0; i < count && !reader->failed; i++) {
        size_t flags = varint_next_below(reader, 4);
        char *image = NULL;
        if ((flags & 2U) != 0) {
            size_t len = varint_next_below(reader, ROWS_MAX);
            const char *bytes = varint_next_bytes(reader, len);
            image = bytes == NULL ? NULL : arena_strndup(decoding->arena, bytes, len);
            reader->failed = reader->failed || image == NULL;
        }
        void *items = decoding->transient_pids;
        int64_t *pid =
            arena_push(decoding->arena, &items, &decoding->transient_count, sizeof(*pid));
        decoding->transient_pids = items;
        int64_t number = next_actor(decoding, reader, base, image, (flags & 1U) != 0);
        if (pid == NULL) {
            reader->failed = true;
            return;
        }
        *pid = number;
    }
}

static int64_t pid_of(const struct decoding *decoding, int64_t owner)
{
    if (owner < 0) {
        return owner == NAME_PID_ZERO ? 0 : -1;
    }
    return decoding->named[owner].pid;
}

static void next_volatile(struct decoding *decoding, struct varint_reader *reader, int64_t base,
                          bool timed)
{
    size_t place = varint_next_below(reader, 2 * (size_t)(UINT16_MAX + 1));
    int64_t code = varint_next_signed(reader);
    size_t owner = varint_next_below(reader, 2 + decoding->named_count + decoding->transient_count);
    int64_t created = timed ? next_time(reader, base) : 0;
    struct endpoint *endpoint = reader->failed ? NULL : snapshot_add_endpoint(decoding->snapshot);
    if (endpoint == NULL || !slots_decode(decoding->slots, code, &endpoint->address)) {
        reader->failed = true;
        return;
    }
    endpoint->proto = (place & 1U) != 0 ? PROTO_TCP : PROTO_UDP;
    endpoint->port = (uint16_t)(place >> 1);
    endpoint->created_ms = created;
    endpoint->pid = owner == 0   ? -1
                    : owner == 1 ? 0
                    : owner - 2 < decoding->named_count
                        ? decoding->named[owner - 2].pid
                        : decoding->transient_pids[owner - 2 - decoding->named_count];
}

static void next_endpoints(struct decoding *decoding, struct varint_reader *reader, int64_t base)
{
    struct snapshot *snapshot = decoding->snapshot;
    bool timed = varint_next_below(reader, 2) == 1;
    for (size_t i = 0; i < decoding->stable_endpoints; i++) {
        snapshot->endpoints[i].pid = pid_of(decoding, decoding->owners[i]);
        snapshot->endpoints[i].created_ms = timed ? next_time(reader, base) : 0;
    }
    size_t count = varint_next_below(reader, ROWS_MAX);
    for (size_t i = 0; i < count && !reader->failed; i++) {
        next_volatile(decoding, reader, base, timed);
    }
}

static bool get_blob(struct decoding *decoding)
{
    struct snapshot *snapshot = decoding->snapshot;
    const unsigned char *bytes = decoding->view->blob;
    if (decoding->view->blob_len == 0) {
        return decoding->named_count == 0 && decoding->stable_endpoints == 0;
    }
    struct varint_reader reader = {.at = bytes, .end = bytes + decoding->view->blob_len};
    if (varint_next(&reader) != CODEC_PLAIN) {
        return false;
    }
    snapshot->dynamic_first = (uint16_t)varint_next_below(&reader, UINT16_MAX + 1);
    snapshot->dynamic_last = (uint16_t)varint_next_below(&reader, UINT16_MAX + 1);
    int64_t base = varint_next_signed(&reader);
    if (base < 0) {
        return false;
    }
    for (size_t i = 0; i < decoding->named_count; i++) {
        struct named *named = &decoding->named[i];
        named->pid = next_actor(decoding, &reader, base, named->image, named->listed != 0);
    }
    next_transients(decoding, &reader, base);
    for (size_t i = 0; i < snapshot->service_count; i++) {
        snapshot->services[i].pid = next_pid(&reader);
        snapshot->services[i].pid_after = next_pid(&reader);
    }
    for (size_t i = 0; i < snapshot->boot.witness_count; i++) {
        snapshot->boot.witnesses[i].pid = next_pid(&reader);
        snapshot->boot.witnesses[i].created_ms = next_time(&reader, base);
    }
    next_endpoints(decoding, &reader, base);
    return !reader.failed && reader.at == reader.end;
}

int codec_decode(const struct coded_view *view, const struct slots *slots, struct snapshot *ret,
                 struct err *err)
{
    struct decoding decoding = {
        .view = view, .slots = slots, .snapshot = ret, .arena = &ret->arena};
    bool whole = get_access(&decoding) && get_sections(&decoding) && get_machine(&decoding) &&
                 get_boot(&decoding) && get_services(&decoding) && get_registry(&decoding) &&
                 get_addresses(&decoding) && get_processes(&decoding) &&
                 get_bindings(&decoding, TEXT_UDP, PROTO_UDP) &&
                 get_bindings(&decoding, TEXT_TCP, PROTO_TCP) && get_blob(&decoding);
    if (!whole) {
        return err_set(err, ERR_HISTORY, "history",
                       "a reading of %s cannot be decoded: the history is damaged; restore a copy",
                       ret->visit.host == NULL ? "a host" : ret->visit.host);
    }
    snapshot_normalise(ret);
    return 0;
}
