/* board: what became of a server in a maintenance window: rebooted or not, bound or not; pure. */
#ifndef PVSAUDIT_MODEL_BOARD_H
#define PVSAUDIT_MODEL_BOARD_H

#include "model/verdict.h"

/* From good to bad: the worst of a server's services is the server's. */
enum board_state {
    BOARD_PROVEN, /* rebooted since, and bound in that boot */
    BOARD_REPAIRED, /* the same, but only after somebody restarted the service or booted again */
    BOARD_PENDING, /* rebooted since, and not settled yet */
    BOARD_NOT_REBOOTED,
    BOARD_NOT_READ, /* not since then, not the last time, or not so that it can be judged */
    BOARD_NOT_BOUND_BEFORE, /* rebooted since and not bound, as it was before */
    BOARD_LOST, /* rebooted since and not bound: lost in the change */
    BOARD_STATE_COUNT
};
const char *board_state_name(enum board_state state); /* "not-rebooted" */

struct board_reading {
    bool read; /* the newest visit of the server was read */
    int64_t time_ms; /* of that visit */
    int64_t boot_ms; /* of the boot that it was in; 0 = not known */
};

struct board_service {
    enum verdict_code now; /* of the newest visit */
    enum verdict_code before; /* the last one that settled it before the change; VERDICT_UNKNOWN =
                                 none did */
    bool repaired; /* a problem since then has ended, or the service is younger than its siblings */
};

/* since_ms: when the change began. */
enum board_state board_judge(int64_t since_ms, const struct board_reading *reading,
                             const struct board_service *service);

/* A problem was found, whatever else is to be said of the server. */
bool board_is_problem(enum board_state state, enum verdict_code now);

#endif
