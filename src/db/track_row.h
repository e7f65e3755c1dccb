/* track_row: tracks between memory and the tables watch, span, gap and finding. */
#ifndef PVSAUDIT_DB_TRACK_ROW_H
#define PVSAUDIT_DB_TRACK_ROW_H

#include "core/arena.h"
#include "db/store_file.h"
#include "db/track.h"

/* What a statement selects of a span as s, a gap as g, a finding as f, and how many columns. */
#define SPAN_COLUMNS                                                                        \
    " s.first_ms, s.last_ms, s.boot_no, s.machine_no, s.opening, s.restarted, s.reverted,"  \
    " s.conflict, s.verdict, s.detail, s.expected_by, s.port, s.pid, s.process_created_ms," \
    " s.service_state, s.startup, s.canary, s.exit_code, s.holder_address, s.holder_port,"  \
    " s.holder_pid, s.holder_created_ms, s.holder_image "
#define GAP_COLUMNS " g.first_ms, g.last_ms, g.reason, g.detail, g.code "
#define FINDING_COLUMNS                                                               \
    " f.first_bad_ms, f.last_bad_ms, f.finding, f.boot_no, f.boot_known, f.bad_boot," \
    " f.last_good_ms, f.ended_ms, f.ended "
enum { SPAN_COLUMN_COUNT = 23, GAP_COLUMN_COUNT = 5, FINDING_COLUMN_COUNT = 9 };

/* From the row that statement stands on, the first column at `at`; false: a name that is none of
 * its kind, which track_row_damaged puts into words. */
bool track_row_take_span(sqlite3_stmt *statement, int at, struct arena *arena, struct span *ret);
bool track_row_take_gap(sqlite3_stmt *statement, int at, struct arena *arena, struct gap *ret);
bool track_row_take_finding(sqlite3_stmt *statement, int at, struct arena *arena,
                            struct finding_run *ret);
int track_row_damaged(const struct db *db, struct err *err);

/* One track of a host, with the expectation that it follows. */
struct track_row {
    const char *expectation;
    int64_t expectation_id;
    struct track track;
};

/* All tracks of a host, in arena. */
int track_row_load(struct store_file *file, int64_t host_id, struct arena *arena,
                   struct track_row **ret, size_t *ret_count, struct err *err);
/* Writes what change says; row is as track_apply or track_replace left it. */
int track_row_save(struct store_file *file, int64_t host_id, const struct track_row *row,
                   const struct track_change *change, struct err *err);

const char *track_end_name(enum finding_end end); /* NULL while it is open */
bool track_end_parse(const char *name, enum finding_end *ret);

#endif
