/* timeline: everything that happened to one server, in order. */
#ifndef PVSAUDIT_DB_QUERY_PAST_TIMELINE_H
#define PVSAUDIT_DB_QUERY_PAST_TIMELINE_H

#include "db/query/query.h"

enum event_kind {
    EVENT_MACHINE, /* another machine has the name from now on, or it is the first */
    EVENT_BUILD, /* OS or product build as they were from now on */
    EVENT_BOOT,
    EVENT_READING, /* a run of readings that established one thing */
    EVENT_UNKNOWN, /* a run of readings that could not tell one expectation */
    EVENT_UNREAD, /* a run of visits that were not read */
    EVENT_FINDING,
    EVENT_FINDING_END,
    EVENT_COUNT
};
const char *event_kind_name(enum event_kind kind); /* "boot", "not read", "end of finding" */

struct event {
    int64_t time_ms; /* first seen */
    int64_t until_ms; /* last confirmed; 0 = it has no length */
    enum event_kind kind;
    const char *expectation; /* NULL = of the whole server */
    int64_t boot_time_ms; /* of a boot; 0 = not known */
    size_t visits; /* of EVENT_UNREAD */
    const char *said; /* "not-bound (Running, Automatic)", "timeout", "lost-at-boot" */
    const char *detail; /* NULL = none */
    bool problem; /* a verdict, or a finding, that is one */
};

struct timeline {
    struct arena arena;
    const char *host, *source, *site, *timezone;
    struct event *events; /* by time; at one time in the order of the kinds */
    size_t count;
};
/* What was going on in from_ms..to_ms (0 = open). ERR_USAGE as query_why. */
int query_timeline(struct query *query, const struct query_frame *frame, const char *host,
                   int64_t from_ms, int64_t to_ms, struct timeline *ret, struct err *err);
void timeline_done(struct timeline *timeline);

#endif
