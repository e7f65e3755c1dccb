/* coverage: whether every server in scope was read on every night, and why not. */
#ifndef PVSAUDIT_DB_QUERY_PAST_COVERAGE_H
#define PVSAUDIT_DB_QUERY_PAST_COVERAGE_H

#include "db/query/past/nights.h"
#include "db/query/query.h"

struct coverage_gap {
    const char *host, *source, *site, *farm, *timezone;
    enum host_state host_state; /* as the scope of that night had it */
    struct night night;
    enum reason reason; /* skipped: nobody visited it */
    const char *detail;
    size_t visits; /* that were tried in that night */
};

struct coverage_night {
    struct clock_day day;
    size_t hosts; /* active and in scope */
    size_t hosts_read; /* of these, read with every UDP socket */
};

struct coverage {
    struct arena arena;
    struct coverage_gap *gaps; /* by night, site and host */
    size_t gap_count;
    struct coverage_night *nights; /* by day */
    size_t night_count;
    size_t due, read; /* server-nights, of active hosts */
};
/* The nights that began in from_ms..to_ms, by the zone of each host. In scope: of the newest scan
 * of the whole fleet that began before the night was over; where a collector never scanned a whole
 * fleet, what it had brought by then. A night that is not over is due where it was visited, or a
 * scan of the fleet has begun in it. */
int query_coverage(struct query *query, const struct query_frame *frame, int64_t from_ms,
                   int64_t to_ms, struct coverage *ret, struct err *err);
void coverage_done(struct coverage *coverage);

#endif
