/* schedule: which host is visited when: so many at a time, and a password not too often. */
#ifndef PVSAUDIT_COLLECTOR_SCHEDULE_H
#define PVSAUDIT_COLLECTOR_SCHEDULE_H

#include "collector/credential.h"
#include "collector/visit.h"
#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>

struct schedule_entry {
    const struct host *host;
    struct credential *credential;
};

/* What becomes of a reading. */
enum schedule_next {
    SCHEDULE_NEXT_DONE,
    SCHEDULE_NEXT_AGAIN, /* visit the host again a little later, while there is time */
    SCHEDULE_NEXT_STOP, /* the reading could not be kept: end the run */
};

struct schedule_events {
    void (*began)(void *data, const struct host *host);
    enum schedule_next (*reading)(void *data, const struct host *host, struct snapshot *snapshot,
                                  struct slice raw);
    /* The host was not settled, and will be visited again. */
    void (*waiting)(void *data, const struct host *host);
    void (*tick)(void *data); /* every 250 ms */
    /* SIGINT or SIGTERM came: `running` hosts are being given up; what is done is kept. */
    void (*interrupted)(void *data, size_t running);
    void *data;
};

struct schedule_limits {
    size_t concurrency;
    int64_t again_after_ms; /* SCHEDULE_NEXT_AGAIN: how much later at most */
    int64_t again_until_ms; /* since the start of the run, and then for the last time; 0 = never */
};

struct schedule_result {
    bool interrupted;
    size_t visited;
};

/* Runs context->loop until every host was visited. A second signal ends the process at once. */
int schedule_run(const struct visit_context *context, const struct schedule_entry *entries,
                 size_t count, const struct schedule_limits *limits,
                 const struct schedule_events *events, struct schedule_result *ret,
                 struct err *err);

#endif
