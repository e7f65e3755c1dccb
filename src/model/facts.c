/* facts: what a reading says of how a server is set up, as names with values to compare. */
#include "model/facts.h"

#include "core/clock.h"
#include "core/str.h"
#include "model/ephemeral.h"

#include <stdlib.h>
#include <string.h>

struct listing {
    const struct snapshot *snapshot;
    const struct expectation_set *expectations;
    enum fact_view view;
    struct arena *arena;
    struct facts *facts;
};

const char *fact_kind_name(enum fact_kind kind)
{
    static const char *const names[FACT_KIND_COUNT] = {
        [FACT_OS] = "OS",
        [FACT_OS_BUILD] = "OS build",
        [FACT_PVS_BUILD] = "PVS build",
        [FACT_START_DELAY] = "AutoStartDelay",
        [FACT_INSTALLED] = "service",
        [FACT_STARTUP] = "startup type",
        [FACT_STATE] = "state",
        [FACT_ACCOUNT] = "account",
        [FACT_EXECUTABLE] = "executable",
        [FACT_UDP] = "binding",
        [FACT_TCP] = "binding",
        [FACT_OWNER] = "owner",
        [FACT_REGISTRY] = "registry",
        [FACT_FILE] = "file",
        [FACT_NETWORK] = "network category",
    };
    return names[kind];
}

static bool is_complete(const struct snapshot *snapshot, enum section_id id)
{
    return snapshot->sections[id].outcome == OUTCOME_COMPLETE;
}

/* A value that is not known is left out; item and value NULL after a failed allocation. */
static int put(const struct listing *listing, enum fact_kind kind, const char *item,
               const char *value)
{
    void *items = listing->facts->items;
    if (value == NULL) {
        return 0;
    }
    struct fact *fact = arena_push(listing->arena, &items, &listing->facts->count, sizeof(*fact));
    listing->facts->items = items;
    if (fact == NULL || item == NULL) {
        return -1;
    }
    *fact = (struct fact){kind, item, value};
    return 0;
}

static int put_machine(const struct listing *listing)
{
    const struct snapshot *snapshot = listing->snapshot;
    const struct machine_identity *machine = &snapshot->machine;
    const char *delay = NULL;
    if (snapshot->auto_start_delay_ms >= 0) {
        delay = arena_printf(listing->arena, "%lld s",
                             (long long)(snapshot->auto_start_delay_ms / 1000));
        if (delay == NULL) {
            return -1;
        }
    }
    return put(listing, FACT_OS, "", machine->os_name) != 0 ||
                   put(listing, FACT_OS_BUILD, "", machine->os_build) != 0 ||
                   put(listing, FACT_PVS_BUILD, "", machine->pvs_build) != 0 ||
                   put(listing, FACT_START_DELAY, "", delay) != 0
               ? -1
               : 0;
}

static const char *installed(const struct service *service)
{
    if (service->canary == PRESENCE_PRESENT || service->visible) {
        return "installed";
    }
    return service->canary == PRESENCE_ABSENT ? "not installed" : NULL;
}

static int put_service(const struct listing *listing, const struct service *service)
{
    bool shows_state = listing->view == FACTS_OF_ONE && service->visible &&
                       service->state != SERVICE_STATE_UNKNOWN &&
                       service->state != SERVICE_STATE_DENIED;
    const char *startup =
        service->startup == STARTUP_UNKNOWN ? NULL : startup_type_name(service->startup);
    return put(listing, FACT_INSTALLED, service->name, installed(service)) != 0 ||
                   put(listing, FACT_STARTUP, service->name, startup) != 0 ||
                   put(listing, FACT_STATE, service->name,
                       shows_state ? service_state_name(service->state) : NULL) != 0 ||
                   put(listing, FACT_ACCOUNT, service->name, service->account) != 0 ||
                   put(listing, FACT_EXECUTABLE, service->name, service->image) != 0
               ? -1
               : 0;
}

static int put_services(const struct listing *listing)
{
    const struct snapshot *snapshot = listing->snapshot;
    enum outcome outcome = snapshot->sections[SECTION_SERVICES].outcome;
    bool usable = outcome == OUTCOME_COMPLETE || outcome == OUTCOME_DENIED;
    for (size_t i = 0; usable && i < snapshot->service_count; i++) {
        if (put_service(listing, &snapshot->services[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

/* An address of the server's own is another on each of its siblings. */
static const char *address_text(const struct listing *listing, const struct ip *ip)
{
    char text[IP_TEXT];
    ip_text(ip, text);
    bool shared = str_eq(text, "0.0.0.0") || str_eq(text, "::") || str_eq(text, "::1") ||
                  str_starts(text, "127.");
    return listing->view == FACTS_OF_SIBLINGS && !shared ? "own address"
                                                         : arena_strdup(listing->arena, text);
}

static bool has_part(const char *list, const char *part)
{
    size_t len = strlen(part);
    for (const char *at = strstr(list, part); at != NULL; at = strstr(at + 1, part)) {
        bool begins = at == list || at[-1] == ' ';
        if (begins && (at[len] == '\0' || at[len] == ',')) {
            return true;
        }
    }
    return false;
}

/* "a, b", each once. */
static const char *join(struct arena *arena, const char *list, const char *part)
{
    if (list == NULL || part == NULL || has_part(list, part)) {
        return list == NULL ? part : list;
    }
    return arena_printf(arena, "%s, %s", list, part);
}

/* All endpoints of one port, from `first` on; *ret_next is the first of the port behind. */
static int put_port(const struct listing *listing, size_t first, size_t *ret_next)
{
    const struct snapshot *snapshot = listing->snapshot;
    const struct endpoint *port = &snapshot->endpoints[first];
    const char *addresses = NULL;
    const char *owners = NULL;
    bool owner_known = true;
    size_t i = first;
    for (; i < snapshot->endpoint_count; i++) {
        const struct endpoint *endpoint = &snapshot->endpoints[i];
        if (endpoint->proto != port->proto || endpoint->port != port->port) {
            break;
        }
        const struct process *process =
            endpoint->pid > 0 ? snapshot_process(snapshot, endpoint->pid) : NULL;
        addresses = join(listing->arena, addresses, address_text(listing, &endpoint->address));
        owner_known = owner_known && process != NULL && process->name != NULL;
        owners = owner_known ? join(listing->arena, owners, process->name) : NULL;
    }
    *ret_next = i;
    if (ephemeral_port(snapshot, listing->expectations, port->proto, port->port)) {
        return 0;
    }
    const char *item =
        arena_printf(listing->arena, "%s/%u", proto_name(port->proto), (unsigned)port->port);
    enum fact_kind kind = port->proto == PROTO_UDP ? FACT_UDP : FACT_TCP;
    return addresses == NULL || put(listing, kind, item, addresses) != 0 ||
                   put(listing, FACT_OWNER, item, owner_known ? owners : NULL) != 0
               ? -1
               : 0;
}

static int put_ports(const struct listing *listing)
{
    const struct snapshot *snapshot = listing->snapshot;
    size_t i = 0;
    while (i < snapshot->endpoint_count) {
        enum section_id section =
            snapshot->endpoints[i].proto == PROTO_UDP ? SECTION_UDP : SECTION_TCP;
        if (!is_complete(snapshot, section)) {
            i++;
        } else if (put_port(listing, i, &i) != 0) {
            return -1;
        }
    }
    return 0;
}

static int put_registry(const struct listing *listing)
{
    const struct snapshot *snapshot = listing->snapshot;
    for (size_t i = 0; i < snapshot->registry_count; i++) {
        const struct registry_value *row = &snapshot->registry[i];
        bool is_key = row->name == NULL || row->name[0] == '\0';
        const char *item =
            is_key ? row->key : arena_printf(listing->arena, "%s\\%s", row->key, row->name);
        const char *value =
            row->is_number ? arena_printf(listing->arena, "%llu", (unsigned long long)row->number)
                           : row->text;
        if ((row->is_number && value == NULL) || put(listing, FACT_REGISTRY, item, value) != 0) {
            return -1;
        }
    }
    return 0;
}

static int put_files(const struct listing *listing)
{
    const struct snapshot *snapshot = listing->snapshot;
    for (size_t i = 0; i < snapshot->file_count; i++) {
        const struct host_file *file = &snapshot->files[i];
        char date[CLOCK_TEXT];
        const char *value = file->version;
        if (value == NULL && file->modified_ms > 0) {
            clock_rfc3339(file->modified_ms, date);
            value = arena_strdup(listing->arena, date);
        }
        if (put(listing, FACT_FILE, file->path, value) != 0) {
            return -1;
        }
    }
    return 0;
}

static int put_networks(const struct listing *listing)
{
    const struct snapshot *snapshot = listing->snapshot;
    for (size_t i = 0; i < snapshot->network_count; i++) {
        const struct network *network = &snapshot->networks[i];
        const char *value =
            network->category == CATEGORY_UNKNOWN ? NULL : network_category_name(network->category);
        if (put(listing, FACT_NETWORK, network->adapter, value) != 0) {
            return -1;
        }
    }
    return 0;
}

static int compare(const struct fact *a, const struct fact *b)
{
    return a->kind != b->kind ? (a->kind < b->kind ? -1 : 1) : strcmp(a->item, b->item);
}

static int by_kind(const void *left, const void *right)
{
    return compare(left, right);
}

int facts_of(const struct snapshot *snapshot, const struct expectation_set *expectations,
             enum fact_view view, struct arena *arena, struct facts *ret)
{
    struct facts facts = {.count = 0};
    const struct listing listing = {snapshot, expectations, view, arena, &facts};
    if (put_machine(&listing) != 0 || put_services(&listing) != 0 || put_ports(&listing) != 0 ||
        put_registry(&listing) != 0 || put_files(&listing) != 0 || put_networks(&listing) != 0) {
        return -1;
    }
    /* A service without a row was not asked about; an owner that is not known is not nobody. */
    facts.whole[FACT_UDP] = is_complete(snapshot, SECTION_UDP);
    facts.whole[FACT_TCP] = is_complete(snapshot, SECTION_TCP);
    facts.whole[FACT_REGISTRY] = is_complete(snapshot, SECTION_REGISTRY);
    facts.whole[FACT_FILE] = is_complete(snapshot, SECTION_FILES);
    if (facts.count > 0) {
        qsort(facts.items, facts.count, sizeof(*facts.items), by_kind);
    }
    *ret = facts;
    return 0;
}

static int add_difference(struct arena *arena, const struct fact *before, const struct fact *after,
                          struct fact_difference **list, size_t *count)
{
    void *items = *list;
    struct fact_difference *row = arena_push(arena, &items, count, sizeof(*row));
    *list = items;
    if (row == NULL) {
        return -1;
    }
    const struct fact *either = before != NULL ? before : after;
    *row = (struct fact_difference){.kind = either->kind,
                                    .item = either->item,
                                    .before = before == NULL ? NULL : before->value,
                                    .after = after == NULL ? NULL : after->value};
    return 0;
}

int facts_compare(const struct facts *before, const struct facts *after, struct arena *arena,
                  struct fact_difference **ret, size_t *ret_count)
{
    struct fact_difference *list = NULL;
    size_t count = 0;
    size_t i = 0;
    size_t k = 0;
    while (i < before->count || k < after->count) {
        const struct fact *old = i < before->count ? &before->items[i] : NULL;
        const struct fact *now = k < after->count ? &after->items[k] : NULL;
        int order = old == NULL ? 1 : now == NULL ? -1 : compare(old, now);
        old = order <= 0 ? old : NULL;
        now = order >= 0 ? now : NULL;
        i += old != NULL;
        k += now != NULL;
        bool told = old != NULL && now != NULL ? !str_eq(old->value, now->value)
                                               : before->whole[(old != NULL ? old : now)->kind] &&
                                                     after->whole[(old != NULL ? old : now)->kind];
        if (told && add_difference(arena, old, now, &list, &count) != 0) {
            return -1;
        }
    }
    *ret = list;
    *ret_count = count;
    return 0;
}

const struct fact *facts_find(const struct facts *facts, enum fact_kind kind, const char *item)
{
    const struct fact key = {.kind = kind, .item = item};
    return facts->count == 0 ? NULL
                             : bsearch(&key, facts->items, facts->count, sizeof(key), by_kind);
}
