/* runs: the scans, light and full, and what came in by ingest. */
#ifndef PVSAUDIT_DB_QUERY_PAST_RUNS_H
#define PVSAUDIT_DB_QUERY_PAST_RUNS_H

#include "db/query/query.h"

struct run_row {
    const char *source, *coverage, *outcome; /* as the table scan has them */
    enum visit_kind kind;
    int64_t start_ms, end_ms; /* end 0 = it has not ended, or nobody knows when */
    int64_t shift_ms; /* of the collector's clock, --as-of */
    int64_t visits, visits_read, skewed;
    bool clock_suspect; /* more than half of the hosts agree that the collector's clock is wrong */
    const char *version, *limit, *inventory;
};
struct run_list {
    struct arena arena;
    struct run_row *rows; /* by start */
    size_t count;
};
/* Those that started in from_ms..to_ms (to 0 = as known at the frame's time). */
int query_runs(struct query *query, const struct query_frame *frame, int64_t from_ms, int64_t to_ms,
               struct run_list *ret, struct err *err);
void run_list_done(struct run_list *list);

#endif
