/* drifts: settings of servers that changed, and the first bad boot after each. */
#ifndef PVSAUDIT_DB_QUERY_PAST_DRIFTS_H
#define PVSAUDIT_DB_QUERY_PAST_DRIFTS_H

#include "db/query/query.h"
#include "model/facts.h"

struct drift_row {
    const char *host, *source, *site, *farm, *timezone;
    enum fact_kind kind;
    const char *item; /* "" where the kind has none */
    const char *before, *after; /* NULL: it was not there */
    int64_t before_ms, after_ms; /* last full reading of the one, first of the other */
    bool upgraded; /* the product's build is another one across the change */
    const char *build_before, *build_after; /* of the product; NULL = not known */
    const char *expectation; /* of that boot; NULL = there was none */
    int64_t bad_boot_ms; /* 0 = its time is not known */
    int64_t bad_ms; /* the first decisive reading of it; 0 = no boot after the change was bad */
    enum verdict_code verdict;
};
struct drift_list {
    struct arena arena;
    struct drift_row *rows; /* by host, time and setting */
    size_t count;
    size_t hosts; /* how many were looked at: those with two readings to compare */
};

struct drift_question {
    int64_t from_ms, to_ms; /* changes that were seen in between */
    const char *build_from, *build_to; /* of the product: only what changed from the last reading
                                          of the one to the first of the other; NULL = by time */
};
int query_drifts(struct query *query, const struct query_frame *frame,
                 const struct drift_question *question, struct drift_list *ret, struct err *err);
void drift_list_done(struct drift_list *list);

#endif
