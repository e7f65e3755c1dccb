/* standing: how one expectation of one host stands as of a time. */
#include "db/query/standing.h"

#include "core/str.h"
#include "db/track/track_columns.h"

/* No service has longer than this to start: what was pending then proves nothing now. */
static const int64_t PENDING_MAX_MS = INT64_C(30) * 60 * 1000;

/* Who asks: every statement of a standing has these bound. */
struct asking {
    struct query *query;
    const struct fleet_host *host;
    int64_t expectation_id, time_ms;
    struct arena *arena;
    struct err *err;
};

static sqlite3_stmt *ask(const struct asking *asking, unsigned id, int64_t time_ms)
{
    struct db *db = &asking->query->db;
    sqlite3_stmt *statement = db_use(db, id);
    db_bind_i64(db, statement, ":host", asking->host->id);
    db_bind_i64(db, statement, ":expectation", asking->expectation_id);
    db_bind_i64(db, statement, ":time", time_ms);
    return statement;
}

/* The newest gap that began at or before time_ms: 1, 0 or -1. */
static int gap_before(const struct asking *asking, int64_t time_ms, struct gap *ret)
{
    struct db *db = &asking->query->db;
    sqlite3_stmt *statement = ask(asking, ASK_GAP_BEFORE, time_ms);
    int rc = db_step(db, statement, asking->err);
    *ret = (struct gap){.first_ms = 0};
    if (rc > 0) {
        rc = track_columns_take_gap(statement, 0, asking->arena, ret)
                 ? 1
                 : track_columns_damaged(db, asking->err);
        (void)sqlite3_reset(statement);
    }
    return rc;
}

static int reading_before(const struct asking *asking, unsigned id, int64_t time_ms, int64_t *ret)
{
    struct db *db = &asking->query->db;
    sqlite3_stmt *statement = db_use(db, id);
    db_bind_i64(db, statement, ":host", asking->host->id);
    db_bind_i64(db, statement, ":time", time_ms);
    int rc = db_step(db, statement, asking->err);
    *ret = rc > 0 ? db_i64(statement, 0) : 0;
    (void)sqlite3_reset(statement);
    return rc < 0 ? -1 : 0;
}

/* The span's last confirmation as it was known then: the newest reading up to then that was not
 * in a gap. */
static int clip(const struct asking *asking, struct span *span)
{
    int64_t time_ms = asking->time_ms;
    if (span->last_ms <= time_ms) {
        return 0;
    }
    for (;;) {
        int64_t reading_ms = 0;
        struct gap gap;
        if (reading_before(asking, ASK_READ_TIME, time_ms, &reading_ms) != 0 ||
            gap_before(asking, reading_ms, &gap) < 0) {
            return -1;
        }
        bool in_gap = gap.first_ms != 0 && reading_ms <= gap.last_ms;
        if (!in_gap || gap.first_ms <= span->first_ms) {
            span->last_ms = reading_ms > span->first_ms ? reading_ms : span->first_ms;
            return 0;
        }
        time_ms = gap.first_ms - 1;
    }
}

int standing_clip(struct query *query, const struct fleet_host *host, int64_t expectation_id,
                  int64_t time_ms, struct arena *arena, struct span *span, struct err *err)
{
    const struct asking asking = {query, host, expectation_id, time_ms, arena, err};
    return clip(&asking, span);
}

static void sort_in(const struct span *span, struct standing *standing)
{
    if (standing->span.first_ms == 0) {
        standing->span = *span;
    }
    if (standing->decisive.first_ms == 0 && verdict_is_decisive(span->verdict)) {
        standing->decisive = *span;
    }
    if (standing->good.first_ms == 0 && track_is_good(span->verdict)) {
        standing->good = *span;
    }
    if (standing->problem.first_ms == 0 && verdict_is_problem(span->verdict)) {
        standing->problem = *span;
    }
}

/* Newest first, until each kind is found or another machine had the name. */
static int load_spans(const struct asking *asking, struct standing *standing)
{
    struct db *db = &asking->query->db;
    sqlite3_stmt *statement = ask(asking, ASK_SPANS_BEFORE, asking->time_ms);
    int rc = db_step(db, statement, asking->err);
    int64_t machine_no = 0;
    while (rc > 0) {
        struct span span;
        if (!track_columns_take_span(statement, 0, asking->arena, &span)) {
            rc = track_columns_damaged(db, asking->err);
            break;
        }
        machine_no = machine_no == 0 ? span.machine_no : machine_no;
        bool done = standing->good.first_ms != 0 && standing->decisive.first_ms != 0 &&
                    (standing->problem.first_ms != 0 || standing->finding.first_bad_ms == 0);
        if (span.machine_no != machine_no || done) {
            rc = 0;
            break;
        }
        sort_in(&span, standing);
        rc = db_step(db, statement, asking->err);
    }
    (void)sqlite3_reset(statement);
    return rc;
}

static int load_finding(const struct asking *asking, struct standing *standing)
{
    struct db *db = &asking->query->db;
    sqlite3_stmt *statement = ask(asking, ASK_FINDING_BEFORE, asking->time_ms);
    int rc = db_step(db, statement, asking->err);
    if (rc > 0) {
        rc = track_columns_take_finding(statement, 0, asking->arena, &standing->finding)
                 ? 0
                 : track_columns_damaged(db, asking->err);
        (void)sqlite3_reset(statement);
    }
    if (standing->finding.ended_ms > asking->time_ms) {
        standing->finding.ended_ms = 0;
        standing->finding.ended = END_OPEN;
    }
    return rc;
}

/* Only the first span of a kind can reach beyond T; the same span may stand for several kinds. */
static int clip_all(const struct asking *asking, struct standing *standing)
{
    struct span *const spans[] = {&standing->span, &standing->decisive, &standing->good,
                                  &standing->problem};
    for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
        if (spans[i]->first_ms != 0 && clip(asking, spans[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

enum recovery standing_recovery(const struct finding_run *run)
{
    return run->ended == END_BY_RESTART  ? RECOVERY_BY_RESTART
           : run->ended == END_BY_REBOOT ? RECOVERY_BY_REBOOT
           : run->ended == END_RECOVERED ? RECOVERY_UNKNOWN
                                         : RECOVERY_NONE;
}

static void set_unknown(struct standing *standing, enum reason reason, const char *detail,
                        int64_t code)
{
    standing->verdict = VERDICT_UNKNOWN;
    standing->reason = reason;
    standing->detail = detail;
    standing->code = code;
}

/* What a reading at that time says of this expectation; false in *ret_told: nothing. */
static int read_at(const struct asking *asking, int64_t time_ms, struct standing *standing,
                   bool *ret_told)
{
    struct gap gap = {.first_ms = 0};
    if (gap_before(asking, time_ms, &gap) < 0) {
        return -1;
    }
    standing->as_of_ms = time_ms;
    *ret_told = true;
    if (gap.first_ms != 0 && time_ms <= gap.last_ms) {
        set_unknown(standing, gap.reason, gap.detail, gap.code);
    } else if (standing->span.first_ms != 0 && standing->span.last_ms >= time_ms) {
        standing->verdict = standing->span.verdict;
        standing->detail = standing->span.detail;
    } else {
        *ret_told = false;
    }
    return 0;
}

/* What the newest visit says of this expectation, or the newest full one behind it. */
static int read_newest(const struct asking *asking, struct standing *standing)
{
    const struct fleet_host *host = asking->host;
    const struct visit *visit = &host->newest.visit;
    bool told = false;
    standing->as_of_ms = visit->time_ms;
    if (!visit->read) {
        enum reason reason = visit->reason == REASON_NONE ? REASON_PARTIAL : visit->reason;
        set_unknown(standing, reason, host->detail, visit->code);
        return 0;
    }
    if (read_at(asking, visit->time_ms, standing, &told) != 0) {
        return -1;
    }
    if (!told && visit->kind == VISIT_LIGHT) {
        int64_t full_ms = 0;
        if (reading_before(asking, ASK_FULL_TIME, visit->time_ms, &full_ms) != 0 ||
            (full_ms != 0 && read_at(asking, full_ms, standing, &told) != 0)) {
            return -1;
        }
    }
    if (!told) {
        set_unknown(standing, REASON_SKIPPED, "not judged", 0);
    }
    return 0;
}

struct changes standing_changes(const struct standing *standing, struct arena *arena)
{
    const struct span *span = &standing->span;
    return (struct changes){
        .startup_reverted = span->reverted,
        .startup_was = span->startup_was,
        .startup_until_ms = span->startup_until_ms,
        .owner_was = arena_strdup(arena, span->owner_was),
    };
}

int standing_load(struct query *query, const struct query_frame *frame,
                  const struct fleet_host *host, const struct expectation *expectation,
                  struct arena *arena, struct standing *ret, struct err *err)
{
    struct standing standing = {.verdict = VERDICT_UNKNOWN};
    struct asking asking = {
        .query = query, .host = host, .time_ms = query_time(frame), .arena = arena, .err = err};
    set_unknown(&standing, REASON_SKIPPED, "never visited", 0);
    standing.span.pid = -1;
    if (!host->visited) {
        *ret = standing;
        return 0;
    }
    if (query_expectation_id(query, expectation->id, &asking.expectation_id, err) != 0) {
        return -1;
    }
    standing.expectation_id = asking.expectation_id;
    if (load_finding(&asking, &standing) != 0 || load_spans(&asking, &standing) != 0 ||
        clip_all(&asking, &standing) != 0 || read_newest(&asking, &standing) != 0) {
        return -1;
    }
    int64_t newest_ms = standing.as_of_ms;
    bool expired =
        standing.verdict == VERDICT_PENDING && query_is_older(frame, newest_ms, PENDING_MAX_MS);
    if (query_is_stale(frame, newest_ms)) {
        set_unknown(&standing, REASON_STALE, NULL, 0);
    } else if (expired) {
        set_unknown(&standing, REASON_STALE, "was pending", 0);
    } else if (query_is_ahead(frame, newest_ms)) {
        set_unknown(&standing, REASON_CLOCK, "visit of the future", 0);
    }
    *ret = standing;
    return 0;
}
