/* coverage: whether every server in scope was read on every night, and why not. */
#include "db/query/past/coverage.h"

#include "core/str.h"
#include "db/query/fleet.h"
#include "db/query/past/host_visits.h"
#include "db/query/past/scopes.h"

#include <stdlib.h>
#include <string.h>

/* A host of the history, or one that a scan was to visit and nobody ever did. */
struct due_host {
    int64_t id, source_id, first_ms;
    const char *name, *label, *source, *site, *farm, *timezone;
};

struct covering {
    struct query *query;
    const struct query_frame *frame;
    int64_t from_ms, to_ms;
    int64_t now_ms; /* T, or the asker's clock */
    struct scopes scopes;
    struct nights *calendars; /* one for each zone */
    size_t calendar_count;
    struct coverage *coverage;
    struct arena arena; /* of the walk */
    struct err *err;
};

void coverage_done(struct coverage *coverage)
{
    if (coverage != NULL) {
        arena_done(&coverage->arena);
        *coverage = (struct coverage){.gap_count = 0};
    }
}

static const struct nights *calendar_of(struct covering *covering, const char *zone)
{
    for (size_t i = 0; i < covering->calendar_count; i++) {
        if (str_eq(covering->calendars[i].zone, zone)) {
            return &covering->calendars[i];
        }
    }
    void *items = covering->calendars;
    struct nights *nights =
        arena_push(&covering->arena, &items, &covering->calendar_count, sizeof(*nights));
    covering->calendars = items;
    if (nights == NULL ||
        nights_between(zone, covering->from_ms, covering->to_ms, &covering->arena, nights) != 0) {
        (void)err_memory(covering->err);
        return NULL;
    }
    return nights;
}

static struct coverage_night *night_total(struct covering *covering, const struct clock_day *day)
{
    struct coverage *coverage = covering->coverage;
    for (size_t i = coverage->night_count; i > 0; i--) {
        struct coverage_night *night = &coverage->nights[i - 1];
        if (night->day.day == day->day && night->day.month == day->month &&
            night->day.year == day->year) {
            return night;
        }
    }
    void *items = coverage->nights;
    struct coverage_night *night =
        arena_push(&coverage->arena, &items, &coverage->night_count, sizeof(*night));
    coverage->nights = items;
    if (night == NULL) {
        (void)err_memory(covering->err);
        return NULL;
    }
    night->day = *day;
    return night;
}

static int add_gap(struct covering *covering, const struct due_host *host,
                   const struct coverage_gap *gap)
{
    struct arena *arena = &covering->coverage->arena;
    void *items = covering->coverage->gaps;
    struct coverage_gap *place =
        arena_push(arena, &items, &covering->coverage->gap_count, sizeof(*place));
    covering->coverage->gaps = items;
    if (place == NULL) {
        return err_memory(covering->err);
    }
    *place = *gap;
    place->host = arena_strdup(arena, host->label);
    place->source = arena_strdup(arena, host->source);
    place->site = arena_strdup(arena, host->site);
    place->farm = arena_strdup(arena, host->farm);
    place->timezone = arena_strdup(arena, host->timezone);
    place->detail = arena_strdup(arena, gap->detail);
    return place->host == NULL ? err_memory(covering->err) : 0;
}

static enum host_state state_of(const struct scope_host *scope)
{
    return scope != NULL && str_eq(scope->state, host_state_name(HOST_MAINTENANCE))
               ? HOST_MAINTENANCE
               : HOST_ACTIVE;
}

/* Whether it was to be visited in that night; scanned: a scan of the whole fleet began in it. */
static bool is_due(const struct covering *covering, const struct due_host *host,
                   const struct night *night, enum host_state *ret_state, bool *ret_scanned)
{
    const struct past_scan *scan =
        scopes_scan_before(&covering->scopes, host->source_id, night->end_ms);
    *ret_state = HOST_ACTIVE;
    *ret_scanned = scan != NULL && scan->start_ms >= night->start_ms;
    if (scan == NULL) {
        return host->first_ms != 0 && host->first_ms < night->end_ms;
    }
    const struct scope_host *scope = scopes_find(&covering->scopes, scan, host->name);
    *ret_state = state_of(scope);
    return scope != NULL && !str_eq(scope->state, host_state_name(HOST_RETIRED));
}

static int cover_night(struct covering *covering, const struct due_host *host,
                       const struct night *night, const struct host_visits *visits, size_t *at)
{
    struct coverage_gap gap = {.night = *night};
    bool scanned = false;
    bool due = is_due(covering, host, night, &gap.host_state, &scanned);
    bool read = host_visits_sum(visits, at, night, &gap);
    bool over = night->end_ms <= covering->now_ms;
    if (!due || (!over && gap.visits == 0 && !scanned)) {
        return 0;
    }
    struct coverage_night *total = night_total(covering, &night->day);
    if (total == NULL) {
        return -1;
    }
    if (gap.host_state == HOST_ACTIVE) {
        total->hosts++;
        total->hosts_read += read;
        covering->coverage->due++;
        covering->coverage->read += read;
    }
    if (read) {
        return 0;
    }
    if (gap.visits == 0) {
        gap.detail = scanned ? "the scan of that night did not come to it"
                             : "nobody scanned the fleet that night";
    }
    return add_gap(covering, host, &gap);
}

static int cover_host(struct covering *covering, const struct due_host *host)
{
    struct arena arena = {.blocks = NULL};
    struct host_visits visits = {.count = 0};
    const struct nights *nights = calendar_of(covering, host->timezone);
    if (nights == NULL) {
        return -1;
    }
    if (nights->count == 0 || !query_wants(covering->frame, host->name, host->site, host->farm)) {
        return 0;
    }
    int64_t known_ms = query_time(covering->frame);
    int64_t end_ms = nights->items[nights->count - 1].end_ms;
    int rc = host->id == 0 ? 0
                           : host_visits_load(covering->query, host->id, nights->items[0].start_ms,
                                              end_ms < known_ms ? end_ms : known_ms, &arena,
                                              &visits, covering->err);
    size_t at = 0;
    for (size_t i = 0; i < nights->count && rc == 0; i++) {
        rc = cover_night(covering, host, &nights->items[i], &visits, &at);
    }
    arena_done(&arena);
    return rc;
}

static int first_visit(struct query *query, int64_t host_id, int64_t *ret, struct err *err)
{
    struct db *db = &query->db;
    sqlite3_stmt *statement = db_use(db, ASK_FIRST_TIME);
    db_bind_i64(db, statement, ":host", host_id);
    int rc = db_step(db, statement, err);
    *ret = rc > 0 ? db_i64(statement, 0) : 0;
    (void)sqlite3_reset(statement);
    return rc < 0 ? -1 : 0;
}

static int cover_fleet(struct covering *covering, const struct fleet *fleet)
{
    for (size_t i = 0; i < fleet->count; i++) {
        const struct fleet_host *from = &fleet->hosts[i];
        struct due_host host = {.id = from->id,
                                .source_id = from->source_id,
                                .name = from->name,
                                .label = from->label,
                                .source = from->source,
                                .site = from->site,
                                .farm = from->farm,
                                .timezone = from->declared.timezone};
        if ((host.id != 0 &&
             first_visit(covering->query, host.id, &host.first_ms, covering->err) != 0) ||
            cover_host(covering, &host) != 0) {
            return -1;
        }
    }
    return 0;
}

static bool is_in(const struct fleet *fleet, const struct due_host *host)
{
    size_t low = 0;
    size_t high = fleet->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct fleet_host *at = &fleet->hosts[middle];
        int order = strcmp(at->name, host->name);
        order = order != 0 ? order : strcmp(at->source, host->source);
        if (order == 0) {
            return true;
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return false;
}

static bool is_listed(const struct due_host *list, size_t count, const struct due_host *host)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i].source_id == host->source_id && str_eq(list[i].name, host->name)) {
            return true;
        }
    }
    return false;
}

/* Those of earlier scopes that nobody ever visited, and that the newest has no more. */
static int cover_never_visited(struct covering *covering, const struct fleet *fleet)
{
    struct due_host *list = NULL;
    size_t count = 0;
    for (size_t i = 0; i < covering->scopes.scope_count; i++) {
        const struct past_scope *scope = &covering->scopes.scopes[i];
        for (size_t k = 0; k < scope->count; k++) {
            const struct scope_host *of = &scope->hosts[k];
            const struct due_host host = {.source_id = scope->source_id,
                                          .name = of->name,
                                          .label = of->name,
                                          .source = scope->source,
                                          .site = of->site,
                                          .farm = of->farm};
            if (is_in(fleet, &host) || is_listed(list, count, &host)) {
                continue;
            }
            void *items = list;
            struct due_host *place = arena_push(&covering->arena, &items, &count, sizeof(*place));
            list = items;
            if (place == NULL) {
                return err_memory(covering->err);
            }
            *place = host;
            if (cover_host(covering, place) != 0) {
                return -1;
            }
        }
    }
    return 0;
}

static int compare_days(const struct clock_day *a, const struct clock_day *b)
{
    int left = (a->year * 100 + a->month) * 100 + a->day;
    int right = (b->year * 100 + b->month) * 100 + b->day;
    return left < right ? -1 : left > right;
}

static int by_day(const void *left, const void *right)
{
    return compare_days(&((const struct coverage_night *)left)->day,
                        &((const struct coverage_night *)right)->day);
}

static int compare_text(const char *a, const char *b)
{
    return strcmp(a == NULL ? "" : a, b == NULL ? "" : b);
}

static int by_night(const void *left, const void *right)
{
    const struct coverage_gap *a = left;
    const struct coverage_gap *b = right;
    int order = compare_days(&a->night.day, &b->night.day);
    order = order != 0 ? order : compare_text(a->site, b->site);
    return order != 0 ? order : compare_text(a->host, b->host);
}

static void sort(struct coverage *coverage)
{
    if (coverage->night_count > 0) {
        qsort(coverage->nights, coverage->night_count, sizeof(*coverage->nights), by_day);
    }
    if (coverage->gap_count > 0) {
        qsort(coverage->gaps, coverage->gap_count, sizeof(*coverage->gaps), by_night);
    }
}

static int cover(struct covering *covering)
{
    struct fleet fleet = {.count = 0};
    const struct query_frame everybody = {.as_of_ms = covering->frame->as_of_ms,
                                          .now_ms = covering->frame->now_ms,
                                          .stale_after_ms = covering->frame->stale_after_ms};
    int rc = scopes_load(covering->query, query_time(covering->frame), &covering->arena,
                         &covering->scopes, covering->err);
    if (rc == 0) {
        rc = fleet_load_all(covering->query, &everybody, &fleet, covering->err);
    }
    if (rc == 0) {
        rc = cover_fleet(covering, &fleet);
    }
    if (rc == 0) {
        rc = cover_never_visited(covering, &fleet);
    }
    fleet_done(&fleet);
    return rc;
}

int query_coverage(struct query *query, const struct query_frame *frame, int64_t from_ms,
                   int64_t to_ms, struct coverage *ret, struct err *err)
{
    struct coverage coverage = {.due = 0};
    struct covering covering = {
        .query = query,
        .frame = frame,
        .from_ms = from_ms,
        .to_ms = query_end_of(to_ms),
        .now_ms = frame->as_of_ms != 0 ? query_time(frame) : frame->now_ms,
        .coverage = &coverage,
        .err = err,
    };
    if (query_begin(query, err) != 0) {
        return -1;
    }
    int rc = cover(&covering);
    query_end(query);
    arena_done(&covering.arena);
    if (rc != 0) {
        coverage_done(&coverage);
        return -1;
    }
    sort(&coverage);
    *ret = coverage;
    return 0;
}
