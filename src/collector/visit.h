/* visit: one host is resolved, asked and understood; the result is a snapshot, read or not. */
#ifndef PVSAUDIT_COLLECTOR_VISIT_H
#define PVSAUDIT_COLLECTOR_VISIT_H

#include "collector/credential.h"
#include "collector/recording/player.h"
#include "collector/recording/recorder.h"
#include "collector/resolve.h"
#include "collector/transport/transport.h"
#include "core/clock.h"
#include "core/err.h"
#include "core/str.h"
#include "model/expectation.h"
#include "model/host.h"
#include "model/snapshot.h"

#include <uv.h>

/* Looks on while a host is visited, step by step ("name" is the first one, then those of the
 * transport; "asking" comes before each question of WinRM). Such a visit is made once, whatever
 * comes of it. */
struct visit_observer {
    void (*step)(void *data, const struct transport_step *step);
    void *data;
};

/* What all visits of a run share; outlives them. */
struct visit_context {
    uv_loop_t *loop;
    struct clock *clock; /* shifted by --as-of */
    struct resolver *resolver;
    struct known_hosts *pins;
    struct known_hosts_files *known_hosts; /* of the hosts that name a file; NULL: none does */
    struct http *http; /* NULL where no host is visited over WinRM */
    const struct expectation_set *expectations;
    const struct host *hosts; /* the whole inventory: a name that answers as another is noticed */
    size_t host_count;
    const char *source;
    enum visit_kind kind;
    struct recorder *recorder; /* NULL: nothing is recorded */
    struct player *player; /* NULL: the hosts themselves are asked */
    bool accept_new;
    size_t output_max;
    int64_t resolve_ms; /* for one look-up of a name */
    int64_t retry_after_ms; /* of a failure that may pass */
    struct transport_deadlines deadlines;
    const struct visit_observer *observer; /* NULL: nobody looks on */
    void (*trace)(const struct host *host, const char *from, const char *to); /* NULL = silence */
};

struct visit_job;

/* The snapshot and raw (the bytes of the answer) are valid until done returns; done may take the
 * snapshot over by snapshot_init-ing the original. It is called exactly once, on the loop, never
 * from inside visit_start; the job is gone afterwards. */
typedef void visit_done(void *data, struct snapshot *snapshot, struct slice raw);

int visit_start(const struct visit_context *context, const struct host *host,
                const struct credential *credential, visit_done *done, void *data,
                struct visit_job **ret, struct err *err);
/* done follows, with REASON_SKIPPED and this detail unless the answer was there already. */
void visit_cancel(struct visit_job *job, const char *detail);

/* A snapshot of a host that nobody asked: unread for this reason. */
void visit_unread(const struct visit_context *context, const struct host *host, enum reason reason,
                  const char *detail, struct snapshot *ret);

#endif
