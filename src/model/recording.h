/* recording: what one visit asked and what was answered, in plain text and without secrets. */
#ifndef PVSAUDIT_MODEL_RECORDING_H
#define PVSAUDIT_MODEL_RECORDING_H

#include "core/arena.h"
#include "core/str.h"
#include "model/host.h"
#include "model/reason.h"
#include "model/snapshot.h"

/* One question and its answer. */
struct recording_exchange {
    struct slice asked; /* SSH: the command; WinRM: the envelope that was sent, unsealed */
    struct slice answer; /* standard output; the envelope that came */
    struct slice errors; /* standard error */
    int64_t status; /* exit status; HTTP's */
    bool played; /* of a replay: it was given as an answer already */
};

/* One connection to the host: a visit has a second one where the first failed for a passing reason,
 * or a service changed its process while it was looked at. */
struct recording_try {
    int64_t time_ms;
    enum reason reason; /* REASON_NONE: it came to its end */
    bool transient;
    int64_t code;
    const char *stage, *detail;
    const char *address, *mechanism, *principal, *host_key, *banner, *exit_signal;
    int64_t exit_status;
    struct recording_exchange *exchanges;
    size_t exchange_count;
};

/* Strings are in its arena. */
struct recording {
    struct arena arena;
    const char *program; /* version of the program that wrote it */
    const char *host;
    enum host_os os;
    enum host_transport transport;
    enum visit_kind kind;
    int64_t time_ms, duration_ms; /* of the visit */
    enum reason reason; /* of the visit, where no try was made: its name has no address */
    int64_t code;
    const char *detail;
    struct recording_try *tries;
    size_t try_count;
};

struct recording_try *recording_add_try(struct recording *recording); /* NULL: out of memory */
/* Copies the texts. -1: out of memory. */
int recording_add_exchange(struct recording *recording, const struct recording_exchange *exchange);
void recording_done(struct recording *recording); /* a zeroed one is fine */

#endif
