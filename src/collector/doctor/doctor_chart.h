/* doctor_chart: the steps of one visit, in order, and what became of each. */
#ifndef PVSAUDIT_COLLECTOR_DOCTOR_DOCTOR_CHART_H
#define PVSAUDIT_COLLECTOR_DOCTOR_DOCTOR_CHART_H

#include "collector/transport/transport.h"
#include "core/arena.h"
#include "model/host.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum doctor_outcome {
    DOCTOR_NOT_REACHED,
    DOCTOR_OK,
    DOCTOR_FAILED,
    DOCTOR_DENIED, /* a right is lacking: it says nothing of what would have been seen */
    DOCTOR_SKIPPED, /* this host or this way to it has no such step */
};

const char *doctor_outcome_name(enum doctor_outcome outcome); /* "not-reached" */

struct doctor_row {
    const char *step;
    enum doctor_outcome outcome;
    const char *seen; /* may quote the host; NULL = nothing */
    const char *advice; /* what the sentence of the failure itself says to do; NULL = nothing */
    enum reason reason; /* of a visit that ended at this step */
    const char *fault; /* the kind of the fault that refused it: "denied"; NULL = none */
    const char *resource; /* "root/cimv2" of a WMI class; else NULL */
    int64_t code;
    int64_t ms; /* that it took; -1 = not known */
};

struct doctor_chart {
    struct arena arena;
    const struct host *host;
    struct doctor_row *rows;
    size_t count;
    const char *asking; /* the row whose question waits for its answer; NULL = none */
    int64_t last_ms; /* monotonic: when the step before was over */
    size_t requests;
    bool failed; /* out of memory */
};

void doctor_chart_init(struct doctor_chart *chart, const struct host *host);
void doctor_chart_done(struct doctor_chart *chart);

struct doctor_row *doctor_chart_find(struct doctor_chart *chart, const char *step);
/* A visit_observer's step, data = the chart. */
void doctor_chart_step(void *data, const struct transport_step *step);
/* The visit is over: the step at which it ended, the rights behind what was read, the clock, and
 * what a visit saw. */
void doctor_chart_settle(struct doctor_chart *chart, const struct snapshot *snapshot);

/* Somebody has ended the visit before its time: the host did nothing wrong. */
void doctor_chart_interrupt(struct doctor_chart *chart);

/* doctor_rights.c: of a visit that was read, which rights were lacking, by its sections. */
void doctor_rights_settle(struct doctor_chart *chart, const struct snapshot *snapshot);
/* Everything that a verdict needs was read. */
bool doctor_rights_complete(const struct snapshot *snapshot);

#endif
