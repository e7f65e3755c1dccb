/* report: what a scan found, counted for its exit code and told at its end. */
#ifndef PVSAUDIT_COLLECTOR_REPORT_H
#define PVSAUDIT_COLLECTOR_REPORT_H

#include "core/err.h"
#include "model/expectation.h"
#include "model/host.h"
#include "model/snapshot.h"
#include "model/verdict.h"
#include "out/answer.h"
#include "out/summary.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct report;

struct report *report_new(void); /* NULL: out of memory */
void report_free(struct report *report);

/* The reading of a host, then what was judged from it, one call an expectation. A later reading of
 * the same host takes the place of the earlier one. host is borrowed as long as the report. */
int report_reading(struct report *report, const struct host *host, const struct snapshot *snapshot,
                   struct err *err);
int report_verdict(struct report *report, const struct expectation *expectation,
                   const struct verdict *verdict, const struct open_problem *open, struct err *err);

/* Time of the newest reading; 0 = there is none. */
int64_t report_newest_ms(const struct report *report);

/* After the last reading: warns of names that are one machine, which is counted once. */
int report_find_twins(struct report *report, struct err *err);

/* Counts of all readings, and of what is still open where a reading did not settle it; failure,
 * interrupted and unreachable are the caller's to set. */
void report_summary(const struct report *report, struct summary *ret);

/* A table of what needs a look (machine formats: of every host and expectation), then, in a table,
 * the remedies and one line of counts. */
int report_print(const struct report *report, FILE *to, enum output_format format, bool color,
                 const struct answer_meta *meta, const struct summary *summary, struct err *err);

#endif
