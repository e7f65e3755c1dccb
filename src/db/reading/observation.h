/* observation: rows of the truth back into snapshots, for the replay and for every question. */
#ifndef PVSAUDIT_DB_READING_OBSERVATION_H
#define PVSAUDIT_DB_READING_OBSERVATION_H

#include "core/arena.h"
#include "core/err.h"
#include "db/file/content.h"
#include "db/file/db.h"
#include "db/reading/codec.h"
#include "db/reading/slots.h"
#include "model/host.h"

#include <stdint.h>

/* What a statement must select for observation_take: host as h, source as s, observation as o. */
#define OBSERVATION_COLUMNS                                                                     \
    " o.host_id, h.name, s.name, o.kind, o.time_ms, o.source_id, o.scan_id, o.duration_ms,"     \
    " o.was_read, o.reason, o.code, o.boot_time_ms, o.host_clock_ms, o.uptime_ms, o.detail_id," \
    " o.declaration_id, o.volatile_id, o.extra_id, o.access_id, o.sections_id, o.machine_id, "  \
    "o.boot_id,"                                                                                \
    " o.services_id, o.processes_id, o.addresses_id, o.udp_id, o.tcp_id, o.registry_id "

/* The same of a light visit that was repeated: when it was last seen so, by clocks that ran on. */
#define OBSERVATION_REPEATED                                                                  \
    " o.host_id, h.name, s.name, o.kind, o.until_ms, o.source_id, o.scan_id, o.duration_ms,"  \
    " o.was_read, o.reason, o.code, o.boot_time_ms,"                                          \
    " o.host_clock_ms + o.until_ms - o.time_ms, o.uptime_ms + o.until_ms - o.time_ms,"        \
    " o.detail_id,"                                                                           \
    " o.declaration_id, o.volatile_id, o.extra_id, o.access_id, o.sections_id, o.machine_id," \
    " o.boot_id,"                                                                             \
    " o.services_id, o.processes_id, o.addresses_id, o.udp_id, o.tcp_id, o.registry_id "
/* Of both: by time, kind and source. */
#define OBSERVATION_ORDER " ORDER BY 5, 4, 6"
#define OBSERVATION_NEWEST " ORDER BY 5 DESC, 4 DESC, 6 DESC LIMIT 1"

struct observation {
    int64_t host_id, source_id, scan_id;
    struct visit visit; /* without what the access text holds */
    int64_t boot_time_ms, host_clock_ms, uptime_ms;
    int64_t detail_id, declaration_id, volatile_id, extra_id;
    int64_t texts[TEXT_COUNT];
};

/* How to look the rest up in this file. */
struct observation_source {
    struct db *db;
    struct content *content;
    unsigned slots_of_host, volatile_by_id; /* statements: (:host) and (:id) */
};

/* The row that the statement stands on; texts are copied into arena. ERR_HISTORY: a reason that we
 * do not know. */
int observation_take(const struct observation_source *source, sqlite3_stmt *statement,
                     struct arena *arena, struct observation *ret, struct err *err);
/* A host's addresses in order of their slots. */
int observation_slots(const struct observation_source *source, int64_t host_id, struct arena *arena,
                      struct slots *ret, struct err *err);
/* *ret is initialised by it; snapshot_done frees it, also after an error. */
int observation_decode(const struct observation_source *source, const struct observation *row,
                       const struct slots *slots, struct snapshot *ret, struct err *err);
/* Only who was visited how and what came of it: no section is decoded. */
int observation_visit(const struct observation_source *source, const struct observation *row,
                      struct arena *arena, struct visit *ret, struct err *err);
/* What the inventory said then; *ret_known false: nothing. Strings in arena. */
int observation_declared(const struct observation_source *source, const struct observation *row,
                         struct arena *arena, struct host *ret, bool *ret_known, struct err *err);

#endif
