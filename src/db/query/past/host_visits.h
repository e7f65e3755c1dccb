/* host_visits: what the visits of one host came to, night by night. */
#ifndef PVSAUDIT_DB_QUERY_PAST_HOST_VISITS_H
#define PVSAUDIT_DB_QUERY_PAST_HOST_VISITS_H

#include "db/query/past/coverage.h"
#include "db/query/query_file.h"

struct visit_outcome {
    int64_t time_ms;
    bool read; /* with every UDP socket */
    const char *reason, *detail; /* where it was not */
};

struct host_visits {
    struct visit_outcome *items; /* by time */
    size_t count;
};

/* Those of from_ms..to_ms; in arena. Within query_begin. */
int host_visits_load(struct query *query, int64_t host_id, int64_t from_ms, int64_t to_ms,
                     struct arena *arena, struct host_visits *ret, struct err *err);
/* Those of one night, from *at on, which is moved behind them: how many, and why the last one was
 * not read. true: one of them was read. */
bool host_visits_sum(const struct host_visits *visits, size_t *at, const struct night *night,
                     struct coverage_gap *gap);

#endif
