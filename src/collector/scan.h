/* scan: one run over the planned hosts, from the loop's start to its end, readings to a sink. */
#ifndef PVSAUDIT_COLLECTOR_SCAN_H
#define PVSAUDIT_COLLECTOR_SCAN_H

#include "collector/plan.h"
#include "collector/schedule.h"
#include "core/clock.h"
#include "core/err.h"

#include <stdbool.h>

/* Where the readings go; wired by main to the store. */
struct scan_sink {
    /* A snapshot, read or not. *ret_pending: some expectation is not settled yet. */
    int (*reading)(void *data, const struct host *host, struct snapshot *snapshot, struct slice raw,
                   bool *ret_pending, struct err *err);
    /* Four times a second: commit what is waiting. */
    int (*flush)(void *data, struct err *err);
    void *data;
};

struct scan_options {
    struct clock clock;
    const char *source;
    enum visit_kind kind;
    struct recorder *recorder; /* see visit_context */
    struct player *player;
    bool accept_new;
    bool quiet; /* no progress */
    bool trace; /* every state change to the log */
    int64_t wait_pending_ms;
    const struct visit_observer *observer; /* of the one host that is visited; NULL: nobody */
};

struct scan_result {
    bool interrupted;
    /* A library is still waiting for a silent KDC on a thread of the work queue. What it has been
     * given (the plan's credentials) must not be freed, and the process must end by _exit. */
    bool stuck;
};

/* -1: the run could not begin, or the sink failed (what it kept before stays). */
int scan_run(struct plan *plan, const struct scan_options *options, const struct scan_sink *sink,
             struct scan_result *ret, struct err *err);

#endif
