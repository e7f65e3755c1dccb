/* timeline: everything that happened to one server, in order. */
#include "db/query/past/timeline.h"

#include "core/str.h"
#include "db/query/fleet.h"
#include "db/query/past/host_past.h"
#include "db/query/standing.h"
#include "db/track/track_columns.h"

#include <stdlib.h>
#include <string.h>

struct name {
    int64_t id;
    const char *text;
};

struct loading {
    struct query *query;
    const struct fleet_host *host;
    int64_t time_ms; /* what was known then */
    int64_t from_ms, to_ms;
    struct timeline *timeline;
    struct name *expectations;
    size_t expectation_count;
    struct event *run; /* of unread visits, that the next one may lengthen */
    struct err *err;
};

const char *event_kind_name(enum event_kind kind)
{
    static const char *const names[EVENT_COUNT] = {
        [EVENT_MACHINE] = "machine", [EVENT_BUILD] = "build",
        [EVENT_BOOT] = "boot",       [EVENT_READING] = "reading",
        [EVENT_UNKNOWN] = "unknown", [EVENT_UNREAD] = "not read",
        [EVENT_FINDING] = "finding", [EVENT_FINDING_END] = "end of finding",
    };
    return names[kind];
}

void timeline_done(struct timeline *timeline)
{
    if (timeline != NULL) {
        arena_done(&timeline->arena);
        *timeline = (struct timeline){.count = 0};
    }
}

static struct event *add(struct loading *loading, enum event_kind kind, int64_t time_ms,
                         int64_t until_ms)
{
    struct timeline *timeline = loading->timeline;
    void *items = timeline->events;
    struct event *event = arena_push(&timeline->arena, &items, &timeline->count, sizeof(*event));
    timeline->events = items;
    if (event == NULL) {
        (void)err_memory(loading->err);
        return NULL;
    }
    bool later = until_ms > loading->time_ms;
    event->kind = kind;
    event->time_ms = time_ms;
    event->until_ms = later ? loading->host->read_ms : until_ms;
    return event;
}

static const char *expectation_of(const struct loading *loading, int64_t id)
{
    for (size_t i = 0; i < loading->expectation_count; i++) {
        if (loading->expectations[i].id == id) {
            return loading->expectations[i].text;
        }
    }
    return NULL;
}

static int load_expectations(struct loading *loading)
{
    struct db *db = &loading->query->db;
    struct arena *arena = &loading->timeline->arena;
    sqlite3_stmt *statement = db_use(db, ASK_EXPECTATIONS);
    int rc = db_step(db, statement, loading->err);
    while (rc > 0) {
        void *items = loading->expectations;
        struct name *name = arena_push(arena, &items, &loading->expectation_count, sizeof(*name));
        loading->expectations = items;
        if (name == NULL) {
            rc = err_memory(loading->err);
            break;
        }
        *name = (struct name){db_i64(statement, 0), db_text(statement, 1, arena)};
        rc = db_step(db, statement, loading->err);
    }
    (void)sqlite3_reset(statement);
    return rc;
}

static int take_machine(struct loading *loading, sqlite3_stmt *statement)
{
    struct arena *arena = &loading->timeline->arena;
    struct event *event = add(loading, EVENT_MACHINE, db_i64(statement, 0), 0);
    if (event == NULL) {
        return -1;
    }
    const char *name = db_text(statement, 2, arena);
    event->said = name == NULL ? "computer name not known" : name;
    event->detail = db_text(statement, 1, arena);
    return 0;
}

static int take_span(struct loading *loading, sqlite3_stmt *statement)
{
    struct arena *arena = &loading->timeline->arena;
    struct span span;
    if (!track_columns_take_span(statement, 1, arena, &span)) {
        return track_columns_damaged(&loading->query->db, loading->err);
    }
    int64_t expectation_id = db_i64(statement, 0);
    if (standing_clip(loading->query, loading->host, expectation_id, loading->time_ms, arena, &span,
                      loading->err) != 0) {
        return -1;
    }
    struct event *event = add(loading, EVENT_READING, span.first_ms, span.last_ms);
    if (event == NULL) {
        return -1;
    }
    event->expectation = expectation_of(loading, expectation_id);
    event->problem = verdict_is_problem(span.verdict);
    event->said =
        arena_printf(arena, "%s (%s, %s)", verdict_name(span.verdict),
                     service_state_name(span.service_state), startup_type_name(span.startup));
    event->detail = span.restarted  ? "restarted-after-boot"
                    : span.reverted ? "startup-type-reverted"
                    : span.conflict ? "expectation-conflict"
                                    : span.detail;
    return event->said == NULL ? err_memory(loading->err) : 0;
}

static int take_gap(struct loading *loading, sqlite3_stmt *statement)
{
    struct gap gap;
    if (!track_columns_take_gap(statement, 1, &loading->timeline->arena, &gap)) {
        return track_columns_damaged(&loading->query->db, loading->err);
    }
    struct event *event = add(loading, EVENT_UNKNOWN, gap.first_ms, gap.last_ms);
    if (event == NULL) {
        return -1;
    }
    event->expectation = expectation_of(loading, db_i64(statement, 0));
    event->said = reason_name(gap.reason);
    event->detail = gap.detail;
    return 0;
}

static const char *end_of(enum finding_end end)
{
    return end == END_OPEN ? NULL : track_end_name(end);
}

static int take_finding(struct loading *loading, sqlite3_stmt *statement)
{
    struct finding_run run;
    if (!track_columns_take_finding(statement, 1, &loading->timeline->arena, &run)) {
        return track_columns_damaged(&loading->query->db, loading->err);
    }
    const char *expectation = expectation_of(loading, db_i64(statement, 0));
    struct event *event = add(loading, EVENT_FINDING, run.first_bad_ms, run.last_bad_ms);
    if (event == NULL) {
        return -1;
    }
    event->expectation = expectation;
    event->said = finding_name(run.finding);
    event->problem = true;
    if (run.ended_ms == 0 || run.ended_ms > loading->time_ms) {
        return 0;
    }
    event = add(loading, EVENT_FINDING_END, run.ended_ms, 0);
    if (event == NULL) {
        return -1;
    }
    event->expectation = expectation;
    event->said = end_of(run.ended);
    return 0;
}

/* Visits that failed one after another for one reason are one event. */
static int take_visit(struct loading *loading, sqlite3_stmt *statement)
{
    struct arena *arena = &loading->timeline->arena;
    int64_t time_ms = db_i64(statement, 0);
    if (db_i64(statement, 1) != 0) {
        loading->run = NULL;
        return 0;
    }
    const char *reason = db_text(statement, 2, arena);
    if (loading->run == NULL || !str_eq(loading->run->said, reason)) {
        loading->run = add(loading, EVENT_UNREAD, time_ms, time_ms);
        if (loading->run == NULL) {
            return -1;
        }
        loading->run->said = reason == NULL ? reason_name(REASON_PARTIAL) : reason;
        loading->run->detail = db_text(statement, 3, arena);
    }
    loading->run->until_ms = time_ms;
    loading->run->visits++;
    return 0;
}

static int walk(struct loading *loading, unsigned ask,
                int (*take)(struct loading *loading, sqlite3_stmt *statement))
{
    struct db *db = &loading->query->db;
    sqlite3_stmt *statement = db_use(db, ask);
    db_bind_i64(db, statement, ":host", loading->host->id);
    db_bind_i64(db, statement, ":time", loading->time_ms);
    int rc = db_step(db, statement, loading->err);
    while (rc > 0) {
        rc = take(loading, statement) == 0 ? db_step(db, statement, loading->err) : -1;
    }
    (void)sqlite3_reset(statement);
    return rc;
}

static const char *build_text(struct arena *arena, const struct past_build *build)
{
    return arena_printf(
        arena, "%s%s%s%s%s", build->os_name == NULL ? "OS not known" : build->os_name,
        build->os_build == NULL ? "" : " ", build->os_build == NULL ? "" : build->os_build,
        build->pvs_build == NULL ? "" : ", PVS ", build->pvs_build == NULL ? "" : build->pvs_build);
}

static int add_boots(struct loading *loading)
{
    struct arena *arena = &loading->timeline->arena;
    struct host_past past;
    if (host_past_load(loading->query, loading->host->id, loading->time_ms, arena, &past,
                       loading->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < past.boot_count; i++) {
        struct event *event =
            add(loading, EVENT_BOOT, past.boots[i].first_ms, past.boots[i].last_ms);
        if (event == NULL) {
            return -1;
        }
        event->boot_time_ms = past.boots[i].time_ms;
    }
    for (size_t i = 0; i < past.build_count; i++) {
        struct event *event = add(loading, EVENT_BUILD, past.builds[i].first_ms, 0);
        if (event == NULL) {
            return -1;
        }
        event->said = build_text(arena, &past.builds[i]);
    }
    return 0;
}

static int by_time(const void *left, const void *right)
{
    const struct event *a = left;
    const struct event *b = right;
    if (a->time_ms != b->time_ms) {
        return a->time_ms < b->time_ms ? -1 : 1;
    }
    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }
    return strcmp(a->expectation == NULL ? "" : a->expectation,
                  b->expectation == NULL ? "" : b->expectation);
}

static void sort_and_cut(const struct loading *loading)
{
    struct timeline *timeline = loading->timeline;
    size_t kept = 0;
    for (size_t i = 0; i < timeline->count; i++) {
        const struct event *event = &timeline->events[i];
        int64_t end_ms = event->until_ms > event->time_ms ? event->until_ms : event->time_ms;
        if (end_ms >= loading->from_ms &&
            (loading->to_ms == 0 || event->time_ms <= loading->to_ms)) {
            timeline->events[kept++] = *event;
        }
    }
    timeline->count = kept;
    if (kept > 0) {
        qsort(timeline->events, kept, sizeof(*timeline->events), by_time);
    }
}

static int load(struct loading *loading)
{
    struct timeline *timeline = loading->timeline;
    const struct fleet_host *host = loading->host;
    timeline->host = arena_strdup(&timeline->arena, host->label);
    timeline->source = arena_strdup(&timeline->arena, host->source);
    timeline->site = arena_strdup(&timeline->arena, host->site);
    timeline->timezone = arena_strdup(&timeline->arena, host->declared.timezone);
    if (host->visited && (load_expectations(loading) != 0 || add_boots(loading) != 0 ||
                          walk(loading, ASK_MACHINES_BETWEEN, take_machine) != 0 ||
                          walk(loading, ASK_SPANS_OF_HOST, take_span) != 0 ||
                          walk(loading, ASK_GAPS_OF_HOST, take_gap) != 0 ||
                          walk(loading, ASK_FINDINGS_OF_HOST, take_finding) != 0 ||
                          walk(loading, ASK_VISIT_OUTCOMES, take_visit) != 0)) {
        return -1;
    }
    sort_and_cut(loading);
    return timeline->host == NULL ? err_memory(loading->err) : 0;
}

int query_timeline(struct query *query, const struct query_frame *frame, const char *host,
                   int64_t from_ms, int64_t to_ms, struct timeline *ret, struct err *err)
{
    struct timeline timeline = {.count = 0};
    struct fleet fleet = {.count = 0};
    if (query_begin(query, err) != 0) {
        return -1;
    }
    int rc = fleet_load_one(query, frame, host, &fleet, err);
    if (rc == 0) {
        struct loading loading = {.query = query,
                                  .host = &fleet.hosts[0],
                                  .time_ms = query_time(frame),
                                  .from_ms = from_ms,
                                  .to_ms = query_end_of(to_ms),
                                  .timeline = &timeline,
                                  .err = err};
        rc = load(&loading);
    }
    query_end(query);
    fleet_done(&fleet);
    if (rc != 0) {
        timeline_done(&timeline);
        return -1;
    }
    *ret = timeline;
    return 0;
}
