/* boots: what every boot of every server came to. */
#include "db/query/past/boots.h"

#include "db/query/fleet.h"
#include "db/query/past/host_past.h"

struct walk {
    struct query *query;
    const struct query_frame *frame;
    const struct boots_question *question;
    int (*row)(void *data, const struct boot_row *row, struct err *err);
    void *data;
    struct err *err;
};

/* What one host adds; its memory lives as long as the host is walked. */
struct host_walk {
    const struct walk *walk;
    const struct fleet_host *host;
    struct host_past past;
    enum window_place *windows; /* of each boot */
    const char **changes;
    struct arena arena;
};

static int64_t after(int64_t later_ms, int64_t earlier_ms)
{
    return later_ms > 0 && earlier_ms > 0 && later_ms >= earlier_ms ? later_ms - earlier_ms : -1;
}

static bool in_range(const struct walk *walk, const struct past_boot *boot)
{
    int64_t ms = boot->time_ms != 0 ? boot->time_ms : boot->first_ms;
    int64_t to_ms = query_end_of(walk->question->to_ms);
    return ms >= walk->question->from_ms && (to_ms == 0 || ms <= to_ms);
}

/* A hold stands above what the inventory says. */
static int place(struct host_walk *at, size_t boot)
{
    struct query *query = at->walk->query;
    struct db *db = &query->db;
    struct clock_day day;
    int64_t ms = at->past.boots[boot].time_ms;
    if (ms == 0) {
        return 0;
    }
    sqlite3_stmt *statement = db_use(db, ASK_HOLD_AT);
    db_bind_i64(db, statement, ":host", at->host->id);
    db_bind_i64(db, statement, ":time", ms);
    int rc = db_step(db, statement, at->walk->err);
    if (rc > 0) {
        at->windows[boot] = WINDOW_HELD;
        at->changes[boot] = db_text(statement, 0, &at->arena);
        (void)sqlite3_reset(statement);
        return 0;
    }
    const char *window = at->host->declared.maintenance;
    if (rc == 0 && window != NULL) {
        clock_day_in(ms, at->host->declared.timezone, &day);
        at->windows[boot] = window_of(window, &day);
    }
    return rc;
}

static int place_all(struct host_walk *at)
{
    at->windows = arena_array(&at->arena, at->past.boot_count + 1, sizeof(*at->windows));
    at->changes = arena_array(&at->arena, at->past.boot_count + 1, sizeof(*at->changes));
    if (at->windows == NULL || at->changes == NULL) {
        return err_memory(at->walk->err);
    }
    for (size_t i = 0; i < at->past.boot_count && at->walk->question->windows; i++) {
        if (in_range(at->walk, &at->past.boots[i]) && place(at, i) != 0) {
            return -1;
        }
    }
    return 0;
}

static const struct past_opening *opening_of(const struct host_past *past, int64_t expectation_id,
                                             int64_t boot_no)
{
    for (size_t i = 0; i < past->opening_count; i++) {
        const struct past_opening *opening = &past->openings[i];
        if (opening->expectation_id == expectation_id && opening->boot_no == boot_no) {
            return opening;
        }
    }
    return NULL;
}

static struct boot_row row_of(const struct host_walk *at, const struct expectation *expectation,
                              size_t boot, const struct past_opening *opening)
{
    const struct past_boot *of = &at->past.boots[boot];
    const struct fleet_host *host = at->host;
    const struct past_build *build =
        host_past_build(&at->past, opening != NULL ? opening->decided_ms : of->first_ms);
    bool bound = opening != NULL && opening->verdict == VERDICT_BOUND;
    struct boot_row row = {
        .host = host->label,
        .source = host->source,
        .site = host->site,
        .farm = host->farm,
        .timezone = host->declared.timezone,
        .expectation = expectation->id,
        .service = expectation->service,
        .proto = expectation->proto,
        .port = expectation->port,
        .result = BOOT_RESULT_UNDECIDED,
        .boot_time_ms = of->time_ms,
        .first_read_ms = of->first_ms,
        .verdict = VERDICT_UNKNOWN,
        .window = at->windows[boot],
        .change = at->changes[boot],
        .started_ms = bound ? after(opening->process_ms, opening->boot_ms) : -1,
        .bound_ms = bound ? after(opening->holder_ms, opening->process_ms) : -1,
    };
    if (build != NULL) {
        row.os_name = build->os_name;
        row.os_build = build->os_build;
        row.pvs_build = build->pvs_build;
    }
    if (opening != NULL) {
        row.result = boot_result_of(opening->verdict, opening->restarted, of->time_ms != 0);
        row.decided_ms = opening->decided_ms;
        row.verdict = opening->verdict;
        row.startup = opening->startup;
    }
    return row;
}

/* When the expectation was first judged here; later than anything where it never was. */
static int first_judged(const struct host_walk *at, int64_t expectation_id, int64_t *ret)
{
    struct db *db = &at->walk->query->db;
    sqlite3_stmt *statement = db_use(db, ASK_FIRST_JUDGED);
    db_bind_i64(db, statement, ":host", at->host->id);
    db_bind_i64(db, statement, ":expectation", expectation_id);
    db_bind_i64(db, statement, ":time", INT64_MAX - 1);
    int rc = db_step(db, statement, at->walk->err);
    *ret = rc > 0 ? db_i64(statement, 0) : INT64_MAX;
    (void)sqlite3_reset(statement);
    return rc < 0 ? -1 : 0;
}

static int tell_expectation(const struct host_walk *at, const struct expectation *expectation)
{
    const struct walk *walk = at->walk;
    int64_t id = 0;
    int64_t first_ms = INT64_MAX;
    if (query_expectation_id(walk->query, expectation->id, &id, walk->err) != 0 ||
        first_judged(at, id, &first_ms) != 0) {
        return -1;
    }
    for (size_t i = 0; i < at->past.boot_count; i++) {
        if (at->past.boots[i].last_ms < first_ms || !in_range(walk, &at->past.boots[i])) {
            continue;
        }
        const struct past_opening *opening = opening_of(&at->past, id, at->past.boots[i].no);
        struct boot_row row = row_of(at, expectation, i, opening);
        int rc = row.result == BOOT_RESULT_UNEXPECTED ? 0 : walk->row(walk->data, &row, walk->err);
        if (rc != 0) {
            return rc;
        }
    }
    return 0;
}

static int tell_host(const struct walk *walk, const struct fleet_host *host)
{
    struct host_walk at = {.walk = walk, .host = host};
    int rc = host_past_load(walk->query, host->id, query_time(walk->frame), &at.arena, &at.past,
                            walk->err);
    if (rc == 0) {
        rc = place_all(&at);
    }
    for (size_t i = 0; i < host->expectations->count && rc == 0; i++) {
        const struct expectation *expectation = &host->expectations->items[i];
        if (expectation->watch != WATCH_INFORM && fleet_applies(host, expectation)) {
            rc = tell_expectation(&at, expectation);
        }
    }
    arena_done(&at.arena);
    return rc;
}

int query_boots(struct query *query, const struct query_frame *frame,
                const struct boots_question *question,
                int (*row)(void *data, const struct boot_row *row, struct err *err), void *data,
                struct err *err)
{
    const struct walk walk = {query, frame, question, row, data, err};
    struct fleet fleet = {.count = 0};
    if (query_begin(query, err) != 0) {
        return -1;
    }
    int rc = fleet_load(query, frame, &fleet, err);
    for (size_t i = 0; i < fleet.count && rc == 0; i++) {
        const struct fleet_host *host = &fleet.hosts[i];
        if (host->visited && host->same_machine_as == NULL) {
            rc = tell_host(&walk, host);
        }
    }
    query_end(query);
    fleet_done(&fleet);
    return rc;
}
