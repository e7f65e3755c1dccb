/* query_why: the rows behind the verdicts of one host. */
#include "db/query/query.h"

#include "core/str.h"
#include "db/query/query_status.h"
#include "db/query/standing.h"
#include "model/overlay.h"

#include <string.h>

void why_done(struct why *why)
{
    if (why != NULL) {
        snapshot_done(&why->snapshot);
        snapshot_done(&why->full);
        arena_done(&why->arena);
        *why = (struct why){.boots_seen = 0};
        snapshot_init(&why->snapshot);
        snapshot_init(&why->full);
    }
}

static struct endpoint holder_of(const struct expectation *expectation, const struct span *span)
{
    struct endpoint holder = {.pid = -1};
    const char *text = span->holder_address;
    if (text != NULL && ip_parse((struct slice){text, strlen(text)}, &holder.address)) {
        holder.proto = expectation->proto;
        holder.port = span->holder_port;
        holder.pid = span->holder_pid;
        holder.created_ms = span->holder_created_ms;
    }
    return holder;
}

/* A problem of another machine that had the name is not this one's: its span was not looked at. */
static struct why_recovery recovery_of(const struct standing *standing)
{
    const struct finding_run *run = &standing->finding;
    enum recovery by = standing_recovery(run);
    if (by == RECOVERY_NONE || standing->problem.first_ms == 0) {
        return (struct why_recovery){.at_ms = 0};
    }
    return (struct why_recovery){
        .at_ms = run->ended_ms,
        .by = by,
        .finding = run->finding,
        .verdict = standing->problem.verdict,
        .first_bad_ms = run->first_bad_ms,
        .last_bad_ms = run->last_bad_ms,
    };
}

/* What the inventory said last counts, also where no reading has come since it did. */
static void show_expected(const struct fleet_host *host, const struct expectation *expectation,
                          const struct span *span, struct why_service *row)
{
    enum declared declared =
        host->is_declared ? host_declared(&host->declared, expectation->id, NULL) : DECLARED_SILENT;
    row->expected_by = declared == DECLARED_SILENT ? span->expected_by : EXPECTED_BY_INVENTORY;
    row->not_expected = declared == DECLARED_SILENT
                            ? span->first_ms != 0 && span->verdict == VERDICT_NOT_EXPECTED
                            : declared == DECLARED_NOT_EXPECTED;
}

static void show_now(const struct expectation *expectation, const struct standing *standing,
                     struct arena *arena, struct why_service *row)
{
    const struct span *span = &standing->span;
    const struct finding_run *run = &standing->finding;
    row->holder = holder_of(expectation, span);
    row->holder_image = arena_strdup(arena, span->holder_image);
    row->process_created_ms = span->process_created_ms;
    row->not_installed =
        span->canary == PRESENCE_ABSENT && span->service_state == SERVICE_STATE_UNKNOWN;
    row->exit_code = span->first_ms != 0 ? span->exit_code : -1;
    if (run->first_bad_ms != 0 && run->ended_ms == 0) {
        row->finding = run->finding;
        row->first_bad_ms = run->first_bad_ms;
    }
    row->recovery = recovery_of(standing);
    row->remedy = arena_strdup(arena, expectation->remedy);
    row->prevention = arena_strdup(arena, expectation->prevention);
}

static int show_good(struct query *query, int64_t host_id, const struct expectation *expectation,
                     const struct span *good, struct why_service *row, struct err *err)
{
    struct query_boot boot = {.no = 0};
    row->good_pid = -1;
    if (good->first_ms == 0) {
        return 0;
    }
    if (query_boot(query, host_id, good->boot_no, &boot, err) < 0) {
        return -1;
    }
    row->good_ms = good->last_ms;
    row->good_boot_ms = boot.time_ms;
    row->good_pid = good->pid;
    row->good_process_created_ms = good->process_created_ms;
    row->good_holder = holder_of(expectation, good);
    row->good_startup = good->startup;
    return 0;
}

static int add_service(struct query *query, const struct query_frame *frame,
                       const struct fleet_host *host, const struct expectation *expectation,
                       struct why *why, struct err *err)
{
    struct standing standing;
    void *items = why->services;
    struct why_service *row = arena_push(&why->arena, &items, &why->service_count, sizeof(*row));
    why->services = items;
    if (row == NULL) {
        return err_memory(err);
    }
    if (standing_load(query, frame, host, expectation, &why->arena, &standing, err) != 0 ||
        query_status_fill(query, frame, host, expectation, &standing, &why->arena, &row->status,
                          err) != 0) {
        return -1;
    }
    show_expected(host, expectation, &standing.span, row);
    show_now(expectation, &standing, &why->arena, row);
    return show_good(query, host->id, expectation, &standing.good, row, err);
}

static int show_boots(struct query *query, const struct query_frame *frame, int64_t host_id,
                      struct why *why, struct err *err)
{
    struct query_boot boot;
    struct query_boot before;
    int rc = query_boot_at(query, host_id, query_time(frame), &boot, err);
    if (rc <= 0) {
        return rc;
    }
    why->boot_time_ms = boot.time_ms;
    why->boot_first_seen_ms = boot.first_ms;
    why->boots_seen = boot.no;
    rc = query_boot(query, host_id, boot.no - 1, &before, err);
    why->previous_boot_ms = rc > 0 ? before.time_ms : 0;
    return rc < 0 ? -1 : 0;
}

static int show_machines(struct query *query, const struct query_frame *frame, int64_t host_id,
                         struct why *why, struct err *err)
{
    struct db *db = &query->db;
    sqlite3_stmt *statement = db_use(db, ASK_MACHINES_OF_HOST);
    db_bind_i64(db, statement, ":host", host_id);
    db_bind_i64(db, statement, ":time", query_time(frame));
    int rc = db_step(db, statement, err);
    int64_t since_ms = rc > 0 ? db_i64(statement, 0) : 0;
    rc = rc > 0 ? db_step(db, statement, err) : rc;
    if (rc > 0) {
        why->replaced_ms = since_ms;
        why->replaced_id = db_text(statement, 1, &why->arena);
        why->replaced_name = db_text(statement, 2, &why->arena);
    }
    (void)sqlite3_reset(statement);
    return rc < 0 ? -1 : 0;
}

/* What a light visit did not ask for, as the last full one had it. */
static int lay_over_full(struct query *query, const struct fleet_host *host,
                         const struct slots *slots, struct why *why, struct err *err)
{
    struct observation row;
    struct query_boot then = {.no = 0};
    struct query_boot now = {.no = 0};
    struct snapshot over;
    int64_t time_ms = why->snapshot.visit.time_ms;
    int rc = query_observation(query, ASK_FULL_OF_HOST, host->id, time_ms, &why->arena, &row, err);
    if (rc <= 0) {
        return rc;
    }
    if (observation_decode(&query->source, &row, slots, &why->full, err) != 0 ||
        query_boot_at(query, host->id, row.visit.time_ms, &then, err) < 0 ||
        query_boot_at(query, host->id, time_ms, &now, err) < 0) {
        return -1;
    }
    if (overlay_make(&why->snapshot, &why->full, then.no == now.no, &why->arena, &over) != 0) {
        return err_memory(err);
    }
    over.arena = why->snapshot.arena;
    why->snapshot = over;
    return 0;
}

/* The newest visit that was read, and the newest of all. */
static int show_visits(struct query *query, const struct query_frame *frame,
                       const struct fleet_host *host, struct why *why, struct err *err)
{
    struct observation row;
    struct slots slots;
    if (observation_visit(&query->source, &host->newest, &why->arena, &why->newest, err) != 0) {
        return -1;
    }
    why->newest.host = arena_strdup(&why->arena, why->newest.host);
    why->newest.source = arena_strdup(&why->arena, why->newest.source);
    int rc = query_observation(query, ASK_READ_OF_HOST, host->id, query_time(frame), &why->arena,
                               &row, err);
    if (rc <= 0) {
        return rc;
    }
    if (observation_slots(&query->source, host->id, &why->arena, &slots, err) != 0 ||
        observation_decode(&query->source, &row, &slots, &why->snapshot, err) != 0) {
        return -1;
    }
    return why->snapshot.visit.kind == VISIT_FULL ? 0
                                                  : lay_over_full(query, host, &slots, why, err);
}

static int fill(struct query *query, const struct query_frame *frame, const struct fleet_host *host,
                struct why *why, struct err *err)
{
    why->host = arena_strdup(&why->arena, host->label);
    why->source = arena_strdup(&why->arena, host->source);
    why->site = arena_strdup(&why->arena, host->site);
    why->farm = arena_strdup(&why->arena, host->farm);
    why->timezone = arena_strdup(&why->arena, host->declared.timezone);
    why->dropped = !host->counts;
    if (host->visited && (show_visits(query, frame, host, why, err) != 0 ||
                          show_boots(query, frame, host->id, why, err) != 0 ||
                          show_machines(query, frame, host->id, why, err) != 0)) {
        return -1;
    }
    for (size_t i = 0; i < host->expectations->count; i++) {
        const struct expectation *expectation = &host->expectations->items[i];
        if (fleet_applies(host, expectation) &&
            add_service(query, frame, host, expectation, why, err) != 0) {
            return -1;
        }
    }
    return why->host == NULL ? err_memory(err) : 0;
}

int query_why(struct query *query, const struct query_frame *frame, const char *host,
              struct why *ret, struct err *err)
{
    struct why why = {.boots_seen = 0};
    struct fleet fleet = {.count = 0};
    snapshot_init(&why.snapshot);
    snapshot_init(&why.full);
    if (query_begin(query, err) != 0) {
        return -1;
    }
    int rc = fleet_load_one(query, frame, host, &fleet, err);
    if (rc == 0) {
        rc = fill(query, frame, &fleet.hosts[0], &why, err);
    }
    query_end(query);
    fleet_done(&fleet);
    if (rc != 0) {
        why_done(&why);
        return -1;
    }
    *ret = why;
    return 0;
}
