/* doctor_cure: the table of what can be wrong at a step and what to do about it. */
#ifndef PVSAUDIT_COLLECTOR_DOCTOR_DOCTOR_CURE_H
#define PVSAUDIT_COLLECTOR_DOCTOR_DOCTOR_CURE_H

#include "collector/doctor/doctor_chart.h"
#include "core/arena.h"
#include "model/host.h"

/* Of the way to a host, and of the account. */
enum doctor_way {
    DOCTOR_SSH = 1,
    DOCTOR_WINRM = 2,
    DOCTOR_HTTP = 4, /* WinRM over the one or the other */
    DOCTOR_HTTPS = 8,
    DOCTOR_WINDOWS = 16,
    DOCTOR_LINUX = 32,
    DOCTOR_TICKET = 64, /* it logs in by Kerberos */
    DOCTOR_LOCAL = 128, /* by a password, and its name has no domain */
    DOCTOR_APART = 256, /* its clock is more than five minutes from ours */
    DOCTOR_MUTE = 512, /* the sentence of the failure says nothing to do */
};

struct doctor_cure {
    const char *id; /* "winrm-firewall" */
    /* When: all of these that are set must hold; the first row that does is taken. */
    const char *step;
    enum reason reason;
    int64_t code;
    const char *says; /* stands in what was seen, in our own words; with | one of several */
    const char *fault;
    unsigned ways; /* bits of doctor_way, all of them */
    /* What to do, with {host}, {address}, {port}, {user}, {namespace} and {step} replaced; NULL:
     * what the sentence of the failure itself says to do. */
    const char *remedy;
};

extern const struct doctor_cure doctor_cures[];
extern const size_t doctor_cure_count;

/* Of a row of the chart that failed or was denied; NULL: there is none. */
const struct doctor_cure *doctor_cure_find(struct doctor_chart *chart,
                                           const struct doctor_row *row);
/* The sentence for this row; cure NULL: its own advice. NULL: there is nothing to say. */
const char *doctor_cure_text(struct arena *arena, const struct doctor_cure *cure,
                             const struct doctor_row *row, const struct host *host);

#endif
