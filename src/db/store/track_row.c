/* track_row: tracks between memory and the tables watch, span, gap and finding. */
#include "db/store/track_row.h"

#include "db/track/track_columns.h"

/* watch is written when something else than a span's end changes; what the open span says since
 * then is read off it. */
static void catch_up(struct track *track)
{
    const struct span *span = &track->span;
    if (span->first_ms == 0) {
        return;
    }
    if (track_is_good(span->verdict) && span->last_ms > track->good_ms) {
        track->good_ms = span->last_ms;
        track->good_boot = span->boot_no;
    }
    if (verdict_is_decisive(span->verdict)) {
        track->decided = span->verdict;
        track->decided_ms = span->last_ms;
        track->opened_boot = span->boot_no;
    }
}

enum {
    WATCH_COLUMN = 2,
    SPAN_COLUMN = 24,
    GAP_COLUMN = SPAN_COLUMN + SPAN_COLUMN_COUNT,
    FINDING_COLUMN = GAP_COLUMN + GAP_COLUMN_COUNT,
};

static int take_track(struct db *db, sqlite3_stmt *statement, struct arena *arena,
                      struct track_row *row, struct err *err)
{
    struct track *track = &row->track;
    row->expectation = db_text(statement, 0, arena);
    row->expectation_id = db_i64(statement, 1);
    track_init(track);
    bool ok = track_columns_take_watch(statement, WATCH_COLUMN, arena, track);
    if (sqlite3_column_type(statement, SPAN_COLUMN) != SQLITE_NULL) {
        ok = track_columns_take_span(statement, SPAN_COLUMN, arena, &track->span) && ok;
    }
    if (sqlite3_column_type(statement, GAP_COLUMN) != SQLITE_NULL) {
        ok = track_columns_take_gap(statement, GAP_COLUMN, arena, &track->gap) && ok;
    }
    if (sqlite3_column_type(statement, FINDING_COLUMN) != SQLITE_NULL) {
        ok = track_columns_take_finding(statement, FINDING_COLUMN, arena, &track->finding) && ok;
    }
    catch_up(track);
    return ok ? 0 : track_columns_damaged(db, err);
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
    db_bind_text(db, statement, ":last_startup", startup_type_name(track->last_startup));
    db_bind_text(db, statement, ":startup_was", startup_type_name(track->startup_was));
    db_bind_i64(db, statement, ":startup_until", track->startup_until_ms);
    db_bind_text(db, statement, ":startup_kept", startup_type_name(track->startup_kept));
    db_bind_text(db, statement, ":startup_before", startup_type_name(track->startup_before));
    db_bind_i64(db, statement, ":reverted", track->reverted);
    db_bind_text(db, statement, ":owner", track->owner);
    db_bind_text(db, statement, ":owner_was", track->owner_was);
    db_bind_i64(db, statement, ":owner_boot", track->owner_boot);
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
    db_bind_text(db, statement, ":startup_was", startup_type_name(span->startup_was));
    db_bind_i64(db, statement, ":startup_until", span->startup_until_ms);
    db_bind_text(db, statement, ":canary", presence_name(span->canary));
    db_bind_i64(db, statement, ":exit_code", span->exit_code);
    db_bind_text(db, statement, ":holder_address", span->holder_address);
    db_bind_i64(db, statement, ":holder_port", span->holder_port);
    db_bind_i64(db, statement, ":holder_pid", span->holder_pid);
    db_bind_i64(db, statement, ":holder_created", span->holder_created_ms);
    db_bind_text(db, statement, ":holder_image", span->holder_image);
    db_bind_text(db, statement, ":owner_was", span->owner_was);
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
