/* track_columns: rows of the tables watch, span, gap and finding as tracks in memory. */
#include "db/track/track_columns.h"

#include "core/str.h"

static const char *const ends[] = {[END_OPEN] = NULL,
                                   [END_BY_RESTART] = "recovered-by-restart",
                                   [END_BY_REBOOT] = "recovered-by-reboot",
                                   [END_RECOVERED] = "recovered",
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
    track->last_startup = take_startup(columns);
    track->startup_was = take_startup(columns);
    track->startup_until_ms = take_i64(columns);
    track->startup_kept = take_startup(columns);
    track->startup_before = take_startup(columns);
    track->reverted = take_bool(columns);
    track->owner = take_text(columns);
    track->owner_was = take_text(columns);
    track->owner_boot = take_i64(columns);
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
    span->startup_was = take_startup(columns);
    span->startup_until_ms = take_i64(columns);
    columns->failed = !presence_parse(take_text(columns), &span->canary) || columns->failed;
    span->exit_code = take_i64(columns);
    span->holder_address = take_text(columns);
    span->holder_port = (uint16_t)take_i64(columns);
    span->holder_pid = take_i64(columns);
    span->holder_created_ms = take_i64(columns);
    span->holder_image = take_text(columns);
    span->owner_was = take_text(columns);
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

bool track_columns_take_watch(sqlite3_stmt *statement, int at, struct arena *arena,
                              struct track *ret)
{
    struct columns columns = {.statement = statement, .arena = arena, .at = at};
    take_watch(&columns, ret);
    return !columns.failed;
}

bool track_columns_take_span(sqlite3_stmt *statement, int at, struct arena *arena, struct span *ret)
{
    struct columns columns = {.statement = statement, .arena = arena, .at = at};
    take_span(&columns, ret);
    return !columns.failed;
}

bool track_columns_take_gap(sqlite3_stmt *statement, int at, struct arena *arena, struct gap *ret)
{
    struct columns columns = {.statement = statement, .arena = arena, .at = at};
    take_gap(&columns, ret);
    return !columns.failed;
}

bool track_columns_take_finding(sqlite3_stmt *statement, int at, struct arena *arena,
                                struct finding_run *ret)
{
    struct columns columns = {.statement = statement, .arena = arena, .at = at};
    take_run(&columns, ret);
    return !columns.failed;
}

int track_columns_damaged(const struct db *db, struct err *err)
{
    return err_set(err, ERR_HISTORY, "history",
                   "%s: a name in a derived row is not one of ours; the file is damaged, or of a "
                   "newer program",
                   db->path);
}
