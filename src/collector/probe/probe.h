/* probe: what to ask a host in one exec, and how its answer becomes a snapshot. */
#ifndef PVSAUDIT_COLLECTOR_PROBE_PROBE_H
#define PVSAUDIT_COLLECTOR_PROBE_PROBE_H

#include "collector/question.h"
#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"
#include "model/expectation.h"
#include "model/host.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stddef.h>

/* watched may hold expectations of any system and may name a service more than once: a probe takes
 * those of its own system, each service once. */
struct probe {
    const char *name;
    enum host_os os;
    enum host_transport transport;
    enum visit_kind kind;
    /* A probe has the one or the other of the next two.
     * command: the one command line to execute, appended to `to`. -1: a watched name cannot be put
     * on a command line safely (ERR_CONFIG), or there are too many of them for one line
     * (ERR_LIMIT). */
    int (*command)(const struct expectation *const *watched, size_t count, struct buf *to,
                   struct err *err);
    /* next: what to ask after the answers so far, its texts in arena. 1 and *ret; 0: enough; -1: an
     * error, as above. It depends on nothing but its arguments. */
    int (*next)(const struct expectation *const *watched, size_t count, struct slice so_far,
                struct arena *arena, struct question *ret, struct err *err);
    /* Fills every section of an initialised snapshot but the visit, and normalises it. Whatever
     * the bytes are, each section gets an outcome; -1 only where memory ran out. Linear in len. */
    int (*parse)(const char *bytes, size_t len, const struct expectation *const *watched,
                 size_t count, struct snapshot *ret_snapshot, struct err *err);
};

/* The answer's last line, `@@end all 0` with its line end, was received: nothing was cut. */
bool probe_complete(const char *bytes, size_t len);

/* The answer has a marker of ours in it; without one, something else ran than what was asked. */
bool probe_answered(const char *bytes, size_t len);

/* The section with which the optional ones begin: what comes before it decides. */
#define PROBE_OPTIONAL "files"

/* How many bytes of an answer that broke off decide: those before the optional sections; 0: it did
 * not come to them. */
size_t probe_decisive(const char *bytes, size_t len);

/* A service had another process after the endpoints were read than before: what the endpoints say
 * of its pid proves nothing, so the visit asks once more. */
bool probe_pids_changed(const struct snapshot *snapshot);

#endif
