/* progress: one line on a terminal while hosts are visited: done, rate, failures, time left. */
#ifndef PVSAUDIT_OUT_PROGRESS_H
#define PVSAUDIT_OUT_PROGRESS_H

#include "core/arena.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Times are clock_monotonic_ms. Nothing is ever drawn where `to` is not a terminal or quiet is
 * true; the counting works all the same. Host names are borrowed while the host is running. */
struct progress;
struct progress *progress_new(FILE *to, bool quiet, size_t total,
                              int64_t now_ms); /* NULL: memory */
void progress_free(struct progress *progress); /* wipes its line; NULL is allowed */

void progress_begin(struct progress *progress, const char *host, int64_t now_ms);
/* REASON_NONE = read. A host that was never begun is counted as well. */
void progress_end(struct progress *progress, const char *host, enum reason reason, int64_t now_ms);
/* After progress_end: a service of the host is still starting, and it will be read again. */
void progress_wait(struct progress *progress, const char *host);

/* Draw the line, at most four times a second; call it from a timer of 250 ms. */
void progress_draw(struct progress *progress, int64_t now_ms);
/* Take the line away so that something else can be printed; the next draw brings it back. */
void progress_wipe(struct progress *progress);

/* The line's text, at most columns wide, without control bytes; for tests and for logs. */
void progress_text(const struct progress *progress, int64_t now_ms, size_t columns, char *to,
                   size_t size);
/* Who is still running, folded ("pvs[01-12]"); "" where nobody is. NULL: out of memory. */
const char *progress_running(const struct progress *progress, struct arena *arena);

#endif
