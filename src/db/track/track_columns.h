/* track_columns: rows of the tables watch, span, gap and finding as tracks in memory. */
#ifndef PVSAUDIT_DB_TRACK_TRACK_COLUMNS_H
#define PVSAUDIT_DB_TRACK_TRACK_COLUMNS_H

#include "core/arena.h"
#include "db/file/db.h"
#include "db/track/track.h"

/* What a statement selects of a span as s, a gap as g, a finding as f, and how many columns. */
#define SPAN_COLUMNS                                                                         \
    " s.first_ms, s.last_ms, s.boot_no, s.machine_no, s.opening, s.restarted, s.reverted,"   \
    " s.conflict, s.verdict, s.detail, s.expected_by, s.port, s.pid, s.process_created_ms,"  \
    " s.service_state, s.startup, s.startup_was, s.startup_until_ms, s.canary, s.exit_code," \
    " s.holder_address, s.holder_port, s.holder_pid, s.holder_created_ms, s.holder_image,"   \
    " s.owner_was "
#define GAP_COLUMNS " g.first_ms, g.last_ms, g.reason, g.detail, g.code "
#define FINDING_COLUMNS                                                               \
    " f.first_bad_ms, f.last_bad_ms, f.finding, f.boot_no, f.boot_known, f.bad_boot," \
    " f.last_good_ms, f.ended_ms, f.ended "
enum { SPAN_COLUMN_COUNT = 26, GAP_COLUMN_COUNT = 5, FINDING_COLUMN_COUNT = 9 };

/* From the row that statement stands on, the first column at `at`; false: a name that is none of
 * its kind, which track_columns_damaged puts into words. */
bool track_columns_take_watch(sqlite3_stmt *statement, int at, struct arena *arena,
                              struct track *ret);
bool track_columns_take_span(sqlite3_stmt *statement, int at, struct arena *arena,
                             struct span *ret);
bool track_columns_take_gap(sqlite3_stmt *statement, int at, struct arena *arena, struct gap *ret);
bool track_columns_take_finding(sqlite3_stmt *statement, int at, struct arena *arena,
                                struct finding_run *ret);
int track_columns_damaged(const struct db *db, struct err *err);

const char *track_end_name(enum finding_end end); /* NULL while it is open */
bool track_end_parse(const char *name, enum finding_end *ret);

#endif
