/* host_past: the boots that a host had, the builds it ran, and what its boots came to. */
#ifndef PVSAUDIT_DB_QUERY_PAST_HOST_PAST_H
#define PVSAUDIT_DB_QUERY_PAST_HOST_PAST_H

#include "core/arena.h"
#include "core/err.h"
#include "db/query/query_file.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct past_boot {
    int64_t no;
    int64_t time_ms; /* by the collector's clock; 0 = no reading could tell */
    int64_t first_ms, last_ms; /* readings in it */
    int64_t previous_ms; /* last reading before it, 0 = none */
};

struct past_build {
    int64_t first_ms;
    const char *os_name, *os_build, *pvs_build;
};

/* The first decisive reading of one boot, for one expectation. */
struct past_opening {
    int64_t expectation_id, boot_no, decided_ms;
    enum verdict_code verdict;
    enum startup_type startup;
    bool restarted;
    int64_t process_ms, holder_ms; /* creation of process and endpoint by the host's clock, 0 =
                                      not known */
    int64_t boot_ms; /* of the boot, by the same clock; 0 = not known */
};

struct host_past {
    struct past_boot *boots; /* by number */
    size_t boot_count;
    struct past_build *builds; /* by time */
    size_t build_count;
    struct past_opening *openings; /* by expectation and time */
    size_t opening_count;
};

/* As known at time_ms; in arena. Within query_begin. */
int host_past_load(struct query *query, int64_t host_id, int64_t time_ms, struct arena *arena,
                   struct host_past *ret, struct err *err);
const struct past_boot *host_past_boot(const struct host_past *past, int64_t no);
/* What it ran at that time; NULL = not known. */
const struct past_build *host_past_build(const struct host_past *past, int64_t time_ms);

#endif
