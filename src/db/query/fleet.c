/* fleet: the hosts that count as of a time, each with its newest visit. */
#include "db/query/fleet.h"

#include "core/str.h"
#include "db/query/fleet_machine.h"
#include "db/query/host_name.h"
#include "db/reading/tuple.h"
#include "model/declaration.h"

#include <stdlib.h>
#include <string.h>

/* The newest scan of the whole fleet of one source. */
struct fleet_scan {
    int64_t source_id, start_ms, scope_id, expectations_id;
    const char *source;
    struct scope_host *hosts; /* by name */
    size_t host_count;
};

struct loading {
    struct query *query;
    const struct query_frame *frame;
    struct fleet *fleet;
    struct err *err;
    struct fleet_scan *scans;
    size_t scan_count;
    const char *only; /* NAME or SOURCE:NAME, wanted whether or not it counts; NULL = all */
    bool all; /* also those that do not count */
    int64_t declaration_id; /* of the host before, which most others share */
    struct host declared;
};

void fleet_done(struct fleet *fleet)
{
    if (fleet != NULL) {
        arena_done(&fleet->arena);
        *fleet = (struct fleet){.count = 0};
    }
}

static struct fleet_scan *scan_of(struct loading *loading, int64_t source_id)
{
    for (size_t i = 0; i < loading->scan_count; i++) {
        if (loading->scans[i].source_id == source_id) {
            return &loading->scans[i];
        }
    }
    return NULL;
}

static int note_scan(struct loading *loading, sqlite3_stmt *statement)
{
    struct fleet_scan row = {.source_id = db_i64(statement, 0),
                             .source = db_text(statement, 1, &loading->fleet->arena),
                             .start_ms = db_i64(statement, 2),
                             .scope_id = db_i64(statement, 3),
                             .expectations_id = db_i64(statement, 4)};
    struct fleet_scan *scan = scan_of(loading, row.source_id);
    if (scan == NULL) {
        void *items = loading->scans;
        scan = arena_push(&loading->fleet->arena, &items, &loading->scan_count, sizeof(*scan));
        loading->scans = items;
    }
    if (scan == NULL) {
        return err_memory(loading->err);
    }
    *scan = row;
    return row.source == NULL ? err_memory(loading->err) : 0;
}

static int load_scans(struct loading *loading)
{
    struct db *db = &loading->query->db;
    sqlite3_stmt *statement = db_use(db, ASK_FLEET_SCANS);
    db_bind_i64(db, statement, ":time", query_time(loading->frame));
    int rc = db_step(db, statement, loading->err);
    while (rc > 0) {
        rc = note_scan(loading, statement) == 0 ? db_step(db, statement, loading->err) : -1;
    }
    (void)sqlite3_reset(statement);
    for (size_t i = 0; i < loading->scan_count && rc == 0; i++) {
        struct fleet_scan *scan = &loading->scans[i];
        const struct scope_of of = {.id = scan->scope_id,
                                    .source_id = scan->source_id,
                                    .start_ms = scan->start_ms,
                                    .time_ms = query_time(loading->frame)};
        rc = query_scope(loading->query, &of, &loading->fleet->arena, &scan->hosts,
                         &scan->host_count, loading->err);
    }
    return rc;
}

static int by_scope_name(const void *key, const void *row)
{
    return strcmp(key, ((const struct scope_host *)row)->name);
}

static const struct scope_host *in_scope(const struct fleet_scan *scan, const char *name)
{
    return scan->host_count == 0
               ? NULL
               : bsearch(name, scan->hosts, scan->host_count, sizeof(*scan->hosts), by_scope_name);
}

static enum host_state state_of(const char *name)
{
    for (int i = HOST_ACTIVE; i <= HOST_RETIRED; i++) {
        if (str_eq(host_state_name((enum host_state)i), name)) {
            return (enum host_state)i;
        }
    }
    return HOST_ACTIVE;
}

static struct fleet_host *add_host(struct loading *loading, int64_t source_id, const char *source,
                                   const char *name)
{
    struct fleet *fleet = loading->fleet;
    void *items = fleet->hosts;
    struct fleet_host *host = arena_push(&fleet->arena, &items, &fleet->count, sizeof(*host));
    fleet->hosts = items;
    if (host == NULL) {
        (void)err_memory(loading->err);
        return NULL;
    }
    host->name = name;
    host->label = name;
    host->source = source;
    host->source_id = source_id;
    return host;
}

static void describe_by_scope(struct fleet_host *host, const struct scope_host *scope)
{
    host->site = scope->site;
    host->farm = scope->farm;
    host->os = scope->os;
    host->state = state_of(scope->state);
}

/* os and transport stand first in the access text. */
static int read_access(struct loading *loading, struct fleet_host *host)
{
    struct arena *arena = &loading->fleet->arena;
    struct tuple_reader reader;
    const char *text = NULL;
    if (content_get(loading->query->content, host->newest.texts[TEXT_ACCESS], arena, &text,
                    loading->err) != 0) {
        return -1;
    }
    tuple_open(&reader, arena, text);
    if (tuple_next(&reader) && tuple_next_text(&reader, &host->os)) {
        (void)tuple_next_text(&reader, &host->transport);
    }
    return 0;
}

static int last_read(struct loading *loading, struct fleet_host *host)
{
    struct db *db = &loading->query->db;
    if (host->newest.visit.read) {
        host->read_ms = host->newest.visit.time_ms;
        return 0;
    }
    sqlite3_stmt *statement = db_use(db, ASK_READ_TIME);
    db_bind_i64(db, statement, ":host", host->id);
    db_bind_i64(db, statement, ":time", query_time(loading->frame));
    int rc = db_step(db, statement, loading->err);
    host->read_ms = rc > 0 ? db_i64(statement, 0) : 0;
    (void)sqlite3_reset(statement);
    return rc < 0 ? -1 : 0;
}

static int last_known_os(struct loading *loading, struct fleet_host *host)
{
    struct db *db = &loading->query->db;
    sqlite3_stmt *statement = db_use(db, ASK_OS_OF_HOST);
    db_bind_i64(db, statement, ":host", host->id);
    int rc = db_step(db, statement, loading->err);
    if (rc > 0) {
        host->os = db_text(statement, 0, &loading->fleet->arena);
        (void)sqlite3_reset(statement);
    }
    return rc < 0 ? -1 : 0;
}

static int read_declaration(struct loading *loading, struct fleet_host *host)
{
    const struct observation *newest = &host->newest;
    if (newest->declaration_id != loading->declaration_id &&
        observation_declared(&loading->query->source, newest, &loading->fleet->arena,
                             &loading->declared, &host->is_declared, loading->err) != 0) {
        return -1;
    }
    loading->declaration_id = newest->declaration_id;
    host->is_declared = newest->declaration_id != 0;
    host->declared = loading->declared;
    host->declared.name = host->name;
    return 0;
}

static int describe(struct loading *loading, struct fleet_host *host,
                    const struct scope_host *scope, const struct fleet_scan *scan)
{
    struct query *query = loading->query;
    struct arena *arena = &loading->fleet->arena;
    const struct observation *newest = &host->newest;
    if (read_access(loading, host) != 0 || read_declaration(loading, host) != 0 ||
        last_read(loading, host) != 0 ||
        known_sets_of_scan(&query->sets, newest->scan_id, &host->expectations, loading->err) != 0) {
        return -1;
    }
    if (!newest->visit.read &&
        content_get(query->content, newest->detail_id, arena, &host->detail, loading->err) != 0) {
        return -1;
    }
    if (host->is_declared) {
        host->site = host->declared.site;
        host->farm = host->declared.farm;
        host->state = host->declared.state;
    }
    /* A scan that has begun since then knows better what the inventory says. */
    if (scope != NULL && newest->visit.time_ms < scan->start_ms) {
        const char *os = host->os;
        describe_by_scope(host, scope);
        host->os = os != NULL ? os : host->os;
    }
    if (host->os == NULL && host->is_declared) {
        host->os = host_os_name(host->declared.os);
    }
    return host->os == NULL ? last_known_os(loading, host) : 0;
}

/* A person has retired it, and nobody has visited it since. */
static int find_retired(struct loading *loading, struct fleet_host *host)
{
    struct db *db = &loading->query->db;
    sqlite3_stmt *statement = db_use(db, ASK_RETIRED);
    db_bind_i64(db, statement, ":host", host->id);
    db_bind_i64(db, statement, ":newest", host->newest.visit.time_ms);
    db_bind_i64(db, statement, ":time", query_time(loading->frame));
    int rc = db_step(db, statement, loading->err);
    if (rc > 0) {
        host->state = HOST_RETIRED;
    }
    (void)sqlite3_reset(statement);
    return rc < 0 ? -1 : 0;
}

/* One host of the history: counted where its collector's fleet has it. */
static int consider(struct loading *loading, const struct host_name *of)
{
    struct arena *arena = &loading->fleet->arena;
    struct observation newest;
    int rc = query_observation(loading->query, ASK_NEWEST_OF_HOST, of->id,
                               query_time(loading->frame), arena, &newest, loading->err);
    if (rc <= 0) {
        return rc;
    }
    if (newest.visit.time_ms > loading->fleet->newest_ms) {
        loading->fleet->newest_ms = newest.visit.time_ms;
    }
    const struct fleet_scan *scan = scan_of(loading, of->source_id);
    const struct scope_host *scope = scan == NULL ? NULL : in_scope(scan, of->name);
    bool counts = scan == NULL || scope != NULL || newest.visit.time_ms >= scan->start_ms;
    struct fleet_host *host = add_host(loading, of->source_id, of->source, of->name);
    if (host == NULL) {
        return -1;
    }
    host->id = of->id;
    host->visited = true;
    host->counts = counts;
    host->newest = newest;
    if (describe(loading, host, scope, scan) != 0 || find_retired(loading, host) != 0) {
        return -1;
    }
    host->left_out =
        loading->only == NULL && !query_wants(loading->frame, host->name, host->site, host->farm);
    return 0;
}

static int by_host_name(const void *left, const void *right)
{
    const struct fleet_host *a = left;
    const struct fleet_host *b = right;
    int order = strcmp(a->name, b->name);
    return order != 0 ? order : strcmp(a->source, b->source);
}

/* Hosts that a scan was to visit, and that nobody has ever visited. hosts up to `visited` are
 * sorted by name. */
static int add_unvisited(struct loading *loading, const struct fleet_scan *scan, size_t visited)
{
    for (size_t i = 0; i < scan->host_count; i++) {
        const struct scope_host *scope = &scan->hosts[i];
        const struct fleet_host key = {.name = scope->name, .source = scan->source};
        struct fleet_host *known =
            visited == 0 ? NULL
                         : bsearch(&key, loading->fleet->hosts, visited, sizeof(key), by_host_name);
        bool wanted = loading->only != NULL
                          ? host_name_matches(loading->only, scan->source, scope->name)
                          : query_wants(loading->frame, scope->name, scope->site, scope->farm);
        if (known != NULL) {
            known->counts = true;
        }
        if (known != NULL || (!wanted && loading->only != NULL)) {
            continue;
        }
        struct fleet_host *host = add_host(loading, scan->source_id, scan->source, scope->name);
        if (host == NULL || known_sets_get(&loading->query->sets, scan->expectations_id,
                                           &host->expectations, loading->err) != 0) {
            return -1;
        }
        host->counts = true;
        host->left_out = !wanted;
        describe_by_scope(host, scope);
    }
    return 0;
}

static void sort(struct fleet *fleet)
{
    if (fleet->count > 0) {
        qsort(fleet->hosts, fleet->count, sizeof(*fleet->hosts), by_host_name);
    }
}

/* A name that is in more than one source is shown with its source, whatever the frame wants. */
static int label_shared(struct loading *loading)
{
    struct fleet *fleet = loading->fleet;
    for (size_t i = 0; i < fleet->count; i++) {
        struct fleet_host *host = &fleet->hosts[i];
        bool shared = (i > 0 && str_eq(host->name, host[-1].name)) ||
                      (i + 1 < fleet->count && str_eq(host->name, host[1].name));
        if (shared) {
            host->label = arena_printf(&fleet->arena, "%s:%s", host->source, host->name);
        }
        if (host->label == NULL) {
            return err_memory(loading->err);
        }
    }
    return 0;
}

static void drop_unwanted(struct loading *loading)
{
    struct fleet *fleet = loading->fleet;
    size_t kept = 0;
    for (size_t i = 0; i < fleet->count; i++) {
        const struct fleet_host *host = &fleet->hosts[i];
        if (!host->left_out && (host->counts || loading->all || loading->only != NULL)) {
            fleet->hosts[kept++] = *host;
        }
    }
    fleet->count = kept;
}

static int load(struct loading *loading)
{
    struct fleet *fleet = loading->fleet;
    struct host_name *names = NULL;
    size_t name_count = 0;
    int rc = load_scans(loading);
    if (rc == 0) {
        rc = host_name_list(loading->query, &fleet->arena, &names, &name_count, loading->err);
    }
    for (size_t i = 0; i < name_count && rc == 0; i++) {
        bool asked = loading->only == NULL ||
                     host_name_matches(loading->only, names[i].source, names[i].name);
        rc = asked ? consider(loading, &names[i]) : 0;
    }
    for (size_t i = 0; i < loading->scan_count && rc == 0; i++) {
        sort(fleet);
        rc = add_unvisited(loading, &loading->scans[i], fleet->count);
    }
    sort(fleet);
    if (rc == 0) {
        rc = label_shared(loading);
    }
    drop_unwanted(loading);
    return rc;
}

static int load_many(struct loading *loading, struct fleet *ret)
{
    if (load(loading) != 0) {
        fleet_done(loading->fleet);
        return -1;
    }
    *ret = *loading->fleet;
    return 0;
}

int fleet_load(struct query *query, const struct query_frame *frame, struct fleet *ret,
               struct err *err)
{
    struct fleet fleet = {.count = 0};
    struct loading loading = {.query = query, .frame = frame, .fleet = &fleet, .err = err};
    if (load_many(&loading, &fleet) != 0) {
        return -1;
    }
    if (fleet_machine_find(query, frame, &fleet, err) != 0) {
        fleet_done(&fleet);
        return -1;
    }
    *ret = fleet;
    return 0;
}

int fleet_load_all(struct query *query, const struct query_frame *frame, struct fleet *ret,
                   struct err *err)
{
    struct fleet fleet = {.count = 0};
    struct loading loading = {
        .query = query, .frame = frame, .fleet = &fleet, .err = err, .all = true};
    return load_many(&loading, ret);
}

/* All of them have the name that was asked for. */
static int refuse_shared(const char *text, struct fleet *fleet, struct err *err)
{
    struct host_name *names = arena_array(&fleet->arena, fleet->count, sizeof(*names));
    for (size_t i = 0; i < fleet->count && names != NULL; i++) {
        names[i].name = fleet->hosts[i].name;
        names[i].source = fleet->hosts[i].source;
    }
    return names == NULL ? err_memory(err)
                         : host_name_refuse_shared(text, names, fleet->count, err);
}

int fleet_load_one(struct query *query, const struct query_frame *frame, const char *name,
                   struct fleet *ret, struct err *err)
{
    struct fleet fleet = {.count = 0};
    struct loading loading = {
        .query = query, .frame = frame, .fleet = &fleet, .err = err, .only = name};
    int64_t id = 0;
    int rc = load(&loading);
    if (rc == 0 && fleet.count == 0) {
        rc = host_name_find(query, name, &id, err);
        if (rc == 0) {
            rc = err_set(err, ERR_USAGE, "history", "%s: nothing was known of it at that time",
                         name);
        }
    } else if (rc == 0 && fleet.count > 1) {
        rc = refuse_shared(name, &fleet, err);
    } else if (rc == 0 && !str_eq(fleet.hosts[0].name, name)) {
        fleet.hosts[0].label = arena_strdup(&fleet.arena, name);
        rc = fleet.hosts[0].label == NULL ? err_memory(err) : 0;
    }
    if (rc != 0) {
        fleet_done(&fleet);
        return -1;
    }
    *ret = fleet;
    return 0;
}

bool fleet_applies(const struct fleet_host *host, const struct expectation *expectation)
{
    return declaration_applies(expectation, host->os, host->is_declared ? &host->declared : NULL);
}
