/* query_file: the open file of the reader, and what several questions need of it. */
#ifndef PVSAUDIT_DB_QUERY_QUERY_FILE_H
#define PVSAUDIT_DB_QUERY_QUERY_FILE_H

#include "core/arena.h"
#include "db/file/content.h"
#include "db/query/query.h"
#include "db/query/query_sql.h"
#include "db/reading/in_force.h"
#include "db/reading/known_sets.h"
#include "db/reading/observation.h"

struct query {
    struct db db;
    struct content *content;
    struct observation_source source;
    struct known_sets sets;
};

/* One view of the file for all statements of a question. query_end after query_begin, always. */
int query_begin(struct query *query, struct err *err);
void query_end(struct query *query);

/* T of the frame, a whole second to its end; the end of time where it asks for everything. */
int64_t query_time(const struct query_frame *frame);
bool query_wants(const struct query_frame *frame, const char *host, const char *site,
                 const char *farm);
/* then_ms is a time that the asker's clock has not reached: one of the two clocks is wrong, and how
 * old it is cannot be told. */
bool query_is_ahead(const struct query_frame *frame, int64_t then_ms);
/* Whether then_ms was longer ago than age_ms, by the asker's clock or by T. */
bool query_is_older(const struct query_frame *frame, int64_t then_ms, int64_t age_ms);
/* Whether what was last known at then_ms is too old. */
bool query_is_stale(const struct query_frame *frame, int64_t then_ms);

/* The scope that a scan had, by name, as of time_ms: hosts that a person has renamed since have
 * their names of today, those that one has retired by then are retired. In arena. */
struct scope_of {
    int64_t id, source_id, start_ms; /* of the scan */
    int64_t time_ms;
};
int query_scope(struct query *query, const struct scope_of *of, struct arena *arena,
                struct scope_host **ret, size_t *ret_count, struct err *err);
/* The row's number of an expectation; 0 = it was never judged. */
int query_expectation_id(struct query *query, const char *name, int64_t *ret, struct err *err);

/* 1: *ret is the newest row of statement ASK_NEWEST_OF_HOST and its kin at or before time_ms.
 * 0: none. Strings in arena. */
int query_observation(struct query *query, unsigned statement, int64_t host_id, int64_t time_ms,
                      struct arena *arena, struct observation *ret, struct err *err);

struct query_boot {
    int64_t no, time_ms, first_ms, machine_no;
};
/* 1, 0 (none; *ret is zeroed) or -1. */
int query_boot_at(struct query *query, int64_t host_id, int64_t time_ms, struct query_boot *ret,
                  struct err *err);
int query_boot(struct query *query, int64_t host_id, int64_t no, struct query_boot *ret,
               struct err *err);

#endif
