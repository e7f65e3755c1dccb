/* track: what the readings of one host and expectation amount to over time, by pure rules. */
#ifndef PVSAUDIT_DB_TRACK_TRACK_H
#define PVSAUDIT_DB_TRACK_TRACK_H

#include "model/verdict.h"

#include <stdbool.h>
#include <stdint.h>

/* A run of readings of one boot that established the same thing. */
struct span {
    int64_t first_ms, last_ms; /* first and last confirmation; first 0 = there is none */
    int64_t boot_no, machine_no;
    bool opening; /* begins with the first decisive reading of its boot */
    bool
        restarted; /* bound, by a process that started well after the boot, before anybody looked */
    bool reverted; /* startup type was delayed before, and is plain Automatic */
    bool conflict;
    enum verdict_code verdict;
    const char *detail;
    enum expected_by expected_by;
    uint16_t port;
    int64_t pid, process_created_ms;
    enum service_state service_state;
    enum startup_type startup;
    enum presence canary;
    int64_t exit_code;
    const char *holder_address; /* NULL: nothing holds the port */
    uint16_t holder_port;
    int64_t holder_pid, holder_created_ms;
    const char *holder_image;
};

/* A run of readings that could not tell, for one reason. */
struct gap {
    int64_t first_ms, last_ms; /* first 0 = there is none */
    enum reason reason;
    const char *detail;
    int64_t code;
};

/* A problem from its first reading to its end. */
enum finding_end { END_OPEN, END_BY_RESTART, END_BY_REBOOT, END_NOT_EXPECTED, END_REPLACED };
struct finding_run {
    int64_t first_bad_ms, last_bad_ms; /* first 0 = there is none */
    enum finding finding;
    int64_t boot_no; /* in which it was lost */
    bool boot_known;
    int64_t bad_boot; /* of the last reading that showed it */
    int64_t last_good_ms;
    int64_t ended_ms;
    enum finding_end ended;
};

struct track {
    bool ever_bound, ever_installed, delayed_before;
    enum startup_type last_startup;
    int64_t pid, pid_boot, pid_since_ms; /* the service's process, and since when it is that one */
    int64_t pending_boot, pending_since_ms;
    int64_t good_ms, good_boot;
    enum verdict_code decided; /* last decisive verdict, where decided_ms is not 0 */
    int64_t decided_ms;
    int64_t opened_boot; /* a decisive reading of this boot is there */
    int64_t restarted_boot; /* its first decisive reading looked repaired by hand */
    struct span span; /* the newest */
    struct gap gap; /* the newest */
    struct finding_run finding; /* the open one */
};

/* The reading that the track is told. */
struct track_reading {
    int64_t time_ms;
    int64_t boot_no, machine_no;
    bool boot_known;
    const struct snapshot *snapshot;
    const struct expectation *expectation;
};

/* What a reading changed: rows to be written. */
enum track_effect {
    TRACK_SPAN_CLOSED = 1, /* `closed` holds the span that ended */
    TRACK_SPAN_NEW = 2,
    TRACK_SPAN_LONGER = 4,
    TRACK_GAP_NEW = 8,
    TRACK_GAP_LONGER = 16,
    TRACK_FINDING_NEW = 32,
    TRACK_FINDING_CHANGED = 64, /* also one that ended: `ended` holds it */
    TRACK_CHANGED = 128, /* anything of the track's own columns */
};
struct track_change {
    unsigned effects;
    int64_t closed_ms; /* first_ms of the span that ended */
    const char *closed; /* "changed", "reboot", "replaced" */
    struct finding_run finding; /* as it is to be written */
};

void track_init(struct track *track);
/* As track_apply left it, seen from a reading of boot_no: what verdict_judge is told. pid: the
 * service's in this reading. */
struct verdict_history track_history(const struct track *track, int64_t boot_no, int64_t pid);
/* question without history; judges with what the track knows of the earlier readings. */
void track_judge(const struct track *track, int64_t boot_no, struct verdict_question *question,
                 struct verdict *ret);
/* Strings of the span and gap borrow from the verdict, the snapshot and arena. */
void track_apply(struct track *track, const struct track_reading *reading,
                 const struct verdict *verdict, struct arena *arena, struct track_change *ret);
/* The problem that is open after what track_apply was told last. */
struct open_problem track_open(const struct track *track);
/* Another machine has the name: everything ends, and nothing is remembered. */
void track_replace(struct track *track, int64_t time_ms, struct track_change *ret);

bool track_is_good(enum verdict_code code); /* the port is there */

#endif
