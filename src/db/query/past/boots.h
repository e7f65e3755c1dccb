/* boots: what every boot of every server came to. */
#ifndef PVSAUDIT_DB_QUERY_PAST_BOOTS_H
#define PVSAUDIT_DB_QUERY_PAST_BOOTS_H

#include "db/query/query.h"
#include "model/boot_result.h"
#include "model/window.h"

struct boot_row {
    const char *host, *source, *site, *farm, *timezone, *expectation, *service;
    enum proto proto;
    uint16_t port;
    enum boot_result result;
    int64_t boot_time_ms; /* by the collector's clock; 0 = not known */
    int64_t first_read_ms; /* first reading of the boot, of whatever outcome */
    int64_t decided_ms; /* first decisive reading; 0 = none */
    enum verdict_code verdict; /* of that one; VERDICT_UNKNOWN = none */
    enum startup_type startup; /* as that one showed it */
    const char *os_name, *os_build, *pvs_build; /* as they were then */
    enum window_place
        window; /* where the boot lies: a hold in force, else the inventory's window */
    const char *change; /* of that hold */
    int64_t started_ms, bound_ms; /* process after boot, endpoint after process; -1 = not known.
                                     Only where the port was bound by its own process */
};

struct boots_question {
    int64_t from_ms, to_ms; /* boots that began, or where that is not known were first read, then;
                               0 = open */
    bool windows; /* look up where each boot lies; otherwise that is not known */
};

/* Every boot of the hosts that count, for each expectation that is a problem where it is missing. A
 * machine with two names counts by one; boots of before an expectation was first judged are not
 * told. The row and its strings are borrowed; a result other than 0 ends the walk and is returned.
 */
int query_boots(struct query *query, const struct query_frame *frame,
                const struct boots_question *question,
                int (*row)(void *data, const struct boot_row *row, struct err *err), void *data,
                struct err *err);

#endif
