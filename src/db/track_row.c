/* track_row: tracks between memory and the tables watch, span, gap and finding. */
#include "db/track_row.h"

#include "core/str.h"

static const char *const ends[] = {[END_OPEN] = NULL,
                                   [END_BY_RESTART] = "recovered-by-restart",
                                   [END_BY_REBOOT] = "recovered-by-reboot",
                                   [END_NOT_EXPECTED] = "not-expected",
                                   [END_REPLACED] = "replaced"};

const char *track_end_name(enum finding_end end)
{
    return ends[end];
}

bool track_end_parse(const char *name, enum finding_end *ret)
{
    for (unsigned i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        if (str_eq(ends[i], name)) {
            *ret = (enum finding_end)i;
            return true;
        }
    }
    return false;
}

/* Reads columns one after the other. */
struct columns {
    sqlite3_stmt *statement;
    struct arena *arena;
    int at;
    bool failed; /* a name that is none of its kind */
};

static int64_t take_i64(struct columns *columns)
{
    return db_i64(columns->statement, columns->at++);
}

static bool take_bool(struct columns *columns)
{
    return take_i64(columns) != 0;
}

static const char *take_text(struct columns *columns)
{
    return db_text(columns->statement, columns->at++, columns->arena);
}

static enum startup_type take_startup(struct columns *columns)
{
    enum startup_type startup = STARTUP_UNKNOWN;
    columns->failed = !startup_type_parse(take_text(columns), &startup) || columns->failed;
    return startup;
}

static enum verdict_code take_verdict(struct columns *columns)
{
    enum verdict_code code = VERDICT_UNKNOWN;
    columns->failed = !verdict_parse(take_text(columns), &code) || columns->failed;
    return code;
}

static enum expected_by take_expected_by(struct columns *columns)
{
    const char *name = take_text(columns);
    for (int i = EXPECTED_BY_NOBODY; i <= EXPECTED_BY_NONE; i++) {
        if (str_eq(expected_by_name((enum expected_by)i), name)) {
            return (enum expected_by)i;
        }
    }
    columns->failed = true;
    return EXPECTED_BY_NOBODY;
}

static enum finding take_finding(struct columns *columns)
{
    const char *name = take_text(columns);
    for (int i = FINDING_NONE; i < FINDING_COUNT; i++) {
        if (str_eq(finding_name((enum finding)i), name)) {
            return (enum finding)i;
        }
    }
    columns->failed = true;
    return FINDING_NONE;
}

static void take_watch(struct columns *columns, struct track *track)
{
    track->ever_bound = take_bool(columns);
    track->ever_installed = take_bool(columns);
    track->delayed_before = take_bool(columns);
    track->last_startup = take_startup(columns);
    track->pid = take_i64(columns);
    track->pid_boot = take_i64(columns);
    track->pid_since_ms = take_i64(columns);
    track->pending_boot = take_i64(columns);
    track->pending_since_ms = take_i64(columns);
    track->good_ms = take_i64(columns);
    track->good_boot = take_i64(columns);
    track->decided = take_verdict(columns);
    track->decided_ms = take_i64(columns);
    track->opened_boot = take_i64(columns);
    track->restarted_boot = take_i64(columns);
}

static void take_span(struct columns *columns, struct span *span)
{
    span->first_ms = take_i64(columns);
    span->last_ms = take_i64(columns);
    span->boot_no = take_i64(columns);
    span->machine_no = take_i64(columns);
    span->opening = take_bool(columns);
    span->restarted = take_bool(columns);
    span->reverted = take_bool(columns);
    span->conflict = take_bool(columns);
    span->verdict = take_verdict(columns);
    span->detail = take_text(columns);
    span->expected_by = take_expected_by(columns);
    span->port = (uint16_t)take_i64(columns);
    span->pid = take_i64(columns);
    span->process_created_ms = take_i64(columns);
    columns->failed =
        !service_state_parse(take_text(columns), &span->service_state) || columns->failed;
    span->startup = take_startup(columns);
    columns->failed = !presence_parse(take_text(columns), &span->canary) || columns->failed;
    span->exit_code = take_i64(columns);
    span->holder_address = take_text(columns);
    span->holder_port = (uint16_t)take_i64(columns);
    span->holder_pid = take_i64(columns);
    span->holder_created_ms = take_i64(columns);
    span->holder_image = take_text(columns);
}

static void take_gap(struct columns *columns, struct gap *gap)
{
    gap->first_ms = take_i64(columns);
    gap->last_ms = take_i64(columns);
    columns->failed = !reason_parse(take_text(columns), &gap->reason) || columns->failed;
    gap->detail = take_text(columns);
    gap->code = take_i64(columns);
}

static void take_run(struct columns *columns, struct finding_run *run)
{
    run->first_bad_ms = take_i64(columns);
    run->last_bad_ms = take_i64(columns);
    run->finding = take_finding(columns);
    run->boot_no = take_i64(columns);
    run->boot_known = take_bool(columns);
    run->bad_boot = take_i64(columns);
    run->last_good_ms = take_i64(columns);
    run->ended_ms = take_i64(columns);
    columns->failed = !track_end_parse(take_text(columns), &run->ended) || columns->failed;
}

/* watch is written when something else than a span's end changes; what the open span says since
 * then is read off it. */
static void catch_up(struct track *track)
{
    const struct span *span = &track->span;
    if (span->first_ms == 0) {
        return;
    }
    if (track_is_good(span->verdict)) {
        track->good_ms = span->last_ms;
        track->good_boot = span->boot_no;
    }
    if (verdict_is_decisive(span->verdict)) {
        track->decided = span->verdict;
        track->decided_ms = span->last_ms;
        track->opened_boot = span->boot_no;
    }
}

bool track_row_take_span(sqlite3_stmt *statement, int at, struct arena *arena, struct span *ret)
{
    struct columns columns = {.statement = statement, .arena = arena, .at = at};
    take_span(&columns, ret);
    return !columns.failed;
}

bool track_row_take_gap(sqlite3_stmt *statement, int at, struct arena *arena, struct gap *ret)
{
    struct columns columns = {.statement = statement, .arena = arena, .at = at};
    take_gap(&columns, ret);
    return !columns.failed;
}

bool track_row_take_finding(sqlite3_stmt *statement, int at, struct arena *arena,
                            struct finding_run *ret)
{
    struct columns columns = {.statement = statement, .arena = arena, .at = at};
    take_run(&columns, ret);
    return !columns.failed;
}

int track_row_damaged(const struct db *db, struct err *err)
{
    return err_set(err, ERR_HISTORY, "history",
                   "%s: a name in a derived row is not one of ours; the file is damaged, or of a "
                   "newer program",
                   db->path);
}

enum {
    SPAN_COLUMN = 17,
    GAP_COLUMN = SPAN_COLUMN + SPAN_COLUMN_COUNT,
    FINDING_COLUMN = GAP_COLUMN + GAP_COLUMN_COUNT,
};

static int take_track(struct db *db, sqlite3_stmt *statement, struct arena *arena,
                      struct track_row *row, struct err *err)
{
    struct columns columns = {.statement = statement, .arena = arena};
    struct track *track = &row->track;
    row->expectation = take_text(&columns);
    row->expectation_id = take_i64(&columns);
    track_init(track);
    take_watch(&columns, track);
    bool ok = !columns.failed;
    if (sqlite3_column_type(statement, SPAN_COLUMN) != SQLITE_NULL) {
        ok = track_row_take_span(statement, SPAN_COLUMN, arena, &track->span) && ok;
    }
    if (sqlite3_column_type(statement, GAP_COLUMN) != SQLITE_NULL) {
        ok = track_row_take_gap(statement, GAP_COLUMN, arena, &track->gap) && ok;
    }
    if (sqlite3_column_type(statement, FINDING_COLUMN) != SQLITE_NULL) {
        ok = track_row_take_finding(statement, FINDING_COLUMN, arena, &track->finding) && ok;
    }
    catch_up(track);
    return ok ? 0 : track_row_damaged(db, err);
}

int track_row_load(struct store_file *file, int64_t host_id, struct arena *arena,
                   struct track_row **ret, size_t *ret_count, struct err *err)
{
    struct db *db = &file->db;
    struct track_row *rows = NULL;
    size_t count = 0;
    sqlite3_stmt *statement = db_use(db, SQL_TRACKS_OF_HOST);
    db_bind_i64(db, statement, ":host", host_id);
    int rc = db_step(db, statement, err);
    while (rc > 0) {
        void *items = rows;
        struct track_row *row = arena_push(arena, &items, &count, sizeof(*row));
        rows = items;
        if (row == NULL) {
            rc = err_memory(err);
        } else if (take_track(db, statement, arena, row, err) != 0) {
            rc = -1;
        } else {
            rc = db_step(db, statement, err);
        }
    }
    (void)sqlite3_reset(statement);
    if (rc < 0) {
        return -1;
    }
    *ret = rows;
    *ret_count = count;
    return 0;
}

/* A statement with the key of the row bound. */
static sqlite3_stmt *keyed(struct db *db, unsigned id, int64_t host_id, const struct track_row *row)
{
    sqlite3_stmt *statement = db_use(db, id);
    db_bind_i64(db, statement, ":host", host_id);
    db_bind_i64(db, statement, ":expectation", row->expectation_id);
    return statement;
}

static int save_watch(struct db *db, int64_t host_id, const struct track_row *row, struct err *err)
{
    const struct track *track = &row->track;
    sqlite3_stmt *statement = keyed(db, SQL_TRACK_PUT, host_id, row);
    db_bind_i64(db, statement, ":ever_bound", track->ever_bound);
    db_bind_i64(db, statement, ":ever_installed", track->ever_installed);
    db_bind_i64(db, statement, ":delayed_before", track->delayed_before);
    db_bind_text(db, statement, ":last_startup", startup_type_name(track->last_startup));
    db_bind_i64(db, statement, ":pid", track->pid);
    db_bind_i64(db, statement, ":pid_boot", track->pid_boot);
    db_bind_i64(db, statement, ":pid_since", track->pid_since_ms);
    db_bind_i64(db, statement, ":pending_boot", track->pending_boot);
    db_bind_i64(db, statement, ":pending_since", track->pending_since_ms);
    db_bind_i64(db, statement, ":good", track->good_ms);
    db_bind_i64(db, statement, ":good_boot", track->good_boot);
    db_bind_text(db, statement, ":decided", verdict_name(track->decided));
    db_bind_i64(db, statement, ":decided_ms", track->decided_ms);
    db_bind_i64(db, statement, ":opened_boot", track->opened_boot);
    db_bind_i64(db, statement, ":restarted_boot", track->restarted_boot);
    db_bind_i64(db, statement, ":span", track->span.first_ms);
    db_bind_i64(db, statement, ":gap", track->gap.first_ms);
    db_bind_i64(db, statement, ":finding", track->finding.first_bad_ms);
    return db_run(db, statement, err);
}

static int save_span(struct db *db, int64_t host_id, const struct track_row *row, struct err *err)
{
    const struct span *span = &row->track.span;
    sqlite3_stmt *statement = keyed(db, SQL_SPAN_PUT, host_id, row);
    db_bind_i64(db, statement, ":first", span->first_ms);
    db_bind_i64(db, statement, ":last", span->last_ms);
    db_bind_i64(db, statement, ":boot_no", span->boot_no);
    db_bind_i64(db, statement, ":machine_no", span->machine_no);
    db_bind_i64(db, statement, ":opening", span->opening);
    db_bind_i64(db, statement, ":restarted", span->restarted);
    db_bind_i64(db, statement, ":reverted", span->reverted);
    db_bind_i64(db, statement, ":conflict", span->conflict);
    db_bind_text(db, statement, ":verdict", verdict_name(span->verdict));
    db_bind_text(db, statement, ":detail", span->detail);
    db_bind_text(db, statement, ":expected_by", expected_by_name(span->expected_by));
    db_bind_i64(db, statement, ":port", span->port);
    db_bind_i64(db, statement, ":pid", span->pid);
    db_bind_i64(db, statement, ":process_created", span->process_created_ms);
    db_bind_text(db, statement, ":service_state", service_state_name(span->service_state));
    db_bind_text(db, statement, ":startup", startup_type_name(span->startup));
    db_bind_text(db, statement, ":canary", presence_name(span->canary));
    db_bind_i64(db, statement, ":exit_code", span->exit_code);
    db_bind_text(db, statement, ":holder_address", span->holder_address);
    db_bind_i64(db, statement, ":holder_port", span->holder_port);
    db_bind_i64(db, statement, ":holder_pid", span->holder_pid);
    db_bind_i64(db, statement, ":holder_created", span->holder_created_ms);
    db_bind_text(db, statement, ":holder_image", span->holder_image);
    return db_run(db, statement, err);
}

static int close_span(struct db *db, int64_t host_id, const struct track_row *row,
                      const struct track_change *change, struct err *err)
{
    sqlite3_stmt *statement = keyed(db, SQL_SPAN_CLOSE, host_id, row);
    db_bind_i64(db, statement, ":first", change->closed_ms);
    db_bind_text(db, statement, ":closed", change->closed);
    return db_run(db, statement, err);
}

static int save_gap(struct db *db, int64_t host_id, const struct track_row *row, struct err *err)
{
    const struct gap *gap = &row->track.gap;
    sqlite3_stmt *statement = keyed(db, SQL_GAP_PUT, host_id, row);
    db_bind_i64(db, statement, ":first", gap->first_ms);
    db_bind_i64(db, statement, ":last", gap->last_ms);
    db_bind_text(db, statement, ":reason", reason_name(gap->reason));
    db_bind_text(db, statement, ":detail", gap->detail);
    db_bind_i64(db, statement, ":code", gap->code);
    return db_run(db, statement, err);
}

static int lengthen(struct db *db, unsigned id, int64_t host_id, const struct track_row *row,
                    int64_t first_ms, int64_t last_ms, struct err *err)
{
    sqlite3_stmt *statement = keyed(db, id, host_id, row);
    db_bind_i64(db, statement, ":first", first_ms);
    db_bind_i64(db, statement, ":last", last_ms);
    return db_run(db, statement, err);
}

static int save_finding(struct db *db, int64_t host_id, const struct track_row *row,
                        const struct finding_run *run, struct err *err)
{
    sqlite3_stmt *statement = keyed(db, SQL_FINDING_PUT, host_id, row);
    db_bind_i64(db, statement, ":first", run->first_bad_ms);
    db_bind_i64(db, statement, ":last", run->last_bad_ms);
    db_bind_text(db, statement, ":finding", finding_name(run->finding));
    db_bind_i64(db, statement, ":boot_no", run->boot_no);
    db_bind_i64(db, statement, ":boot_known", run->boot_known);
    db_bind_i64(db, statement, ":bad_boot", run->bad_boot);
    db_bind_i64(db, statement, ":last_good", run->last_good_ms);
    db_bind_known(db, statement, ":ended_ms", run->ended_ms, 0);
    db_bind_text(db, statement, ":ended", track_end_name(run->ended));
    return db_run(db, statement, err);
}

int track_row_save(struct store_file *file, int64_t host_id, const struct track_row *row,
                   const struct track_change *change, struct err *err)
{
    struct db *db = &file->db;
    const struct track *track = &row->track;
    unsigned effects = change->effects;
    int rc = 0;
    if ((effects & TRACK_SPAN_CLOSED) != 0) {
        rc = close_span(db, host_id, row, change, err);
    }
    if (rc == 0 && (effects & TRACK_SPAN_NEW) != 0) {
        rc = save_span(db, host_id, row, err);
    }
    if (rc == 0 && (effects & TRACK_SPAN_LONGER) != 0) {
        rc = lengthen(db, SQL_SPAN_LONGER, host_id, row, track->span.first_ms, track->span.last_ms,
                      err);
    }
    if (rc == 0 && (effects & TRACK_GAP_NEW) != 0) {
        rc = save_gap(db, host_id, row, err);
    }
    if (rc == 0 && (effects & TRACK_GAP_LONGER) != 0) {
        rc = lengthen(db, SQL_GAP_LONGER, host_id, row, track->gap.first_ms, track->gap.last_ms,
                      err);
    }
    if (rc == 0 && (effects & (TRACK_FINDING_NEW | TRACK_FINDING_CHANGED)) != 0) {
        rc = save_finding(db, host_id, row, &change->finding, err);
    }
    if (rc == 0 && (effects & TRACK_CHANGED) != 0) {
        rc = save_watch(db, host_id, row, err);
    }
    return rc;
}
