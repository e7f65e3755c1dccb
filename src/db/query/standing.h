/* standing: how one expectation of one host stands as of a time. */
#ifndef PVSAUDIT_DB_QUERY_STANDING_H
#define PVSAUDIT_DB_QUERY_STANDING_H

#include "db/query/fleet.h"
#include "db/track/track.h"

struct standing {
    int64_t expectation_id; /* 0: never judged */
    /* What the newest visit says; where that was a light one, which did not look or could not tell,
     * the newest full reading. as_of_ms: its time; 0 = never visited. */
    int64_t as_of_ms;
    enum verdict_code verdict;
    enum reason reason;
    const char *detail;
    int64_t code;
    /* The newest spans of each kind up to then; first_ms 0 = there is none. last_ms is the last
     * confirmation that was known then. */
    struct span span, decisive, good, problem;
    struct finding_run finding; /* the newest; ended_ms 0 where it was open then */
};

/* Strings in arena. Within query_begin. */
int standing_load(struct query *query, const struct query_frame *frame,
                  const struct fleet_host *host, const struct expectation *expectation,
                  struct arena *arena, struct standing *ret, struct err *err);

/* Cuts the span's last confirmation to what was known at time_ms. Within query_begin. */
int standing_clip(struct query *query, const struct fleet_host *host, int64_t expectation_id,
                  int64_t time_ms, struct arena *arena, struct span *span, struct err *err);

/* Of the newest span. Strings in arena. */
struct changes standing_changes(const struct standing *standing, struct arena *arena);

/* How the port came back; RECOVERY_NONE where the problem is open or ended in another way. */
enum recovery standing_recovery(const struct finding_run *run);

#endif
