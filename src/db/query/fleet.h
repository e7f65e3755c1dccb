/* fleet: the hosts that count as of a time, each with its newest visit. */
#ifndef PVSAUDIT_DB_QUERY_FLEET_H
#define PVSAUDIT_DB_QUERY_FLEET_H

#include "db/query/query_file.h"

/* Those in the scope of their collector's newest scan of the whole fleet, those visited since, and,
 * where a collector never scanned the whole fleet, all that it ever brought. */
struct fleet_host {
    int64_t id; /* 0: never visited */
    const char *name, *site, *farm, *os;
    enum host_state state;
    bool visited;
    /* fleet_machine_find: */
    const char *machine; /* what its machine is told apart by, where it has another name here */
    const char *same_machine_as; /* the name that stands for the machine, NULL on that one */
    bool counts; /* false: only fleet_load_all and fleet_load_one have it */
    struct observation newest; /* where it was visited */
    int64_t read_ms; /* time of the newest visit that was read; 0 = none */
    const char *transport; /* of the newest visit */
    const char *detail; /* of the newest visit, where it was not read */
    bool is_declared;
    struct host declared; /* as in force at the newest visit */
    const struct expectation_set *expectations; /* in force then */
};

struct fleet {
    struct arena arena;
    struct fleet_host *hosts; /* by name; those that the frame wants */
    size_t count;
    int64_t newest_ms; /* of all visits of all hosts, 0 = none */
};

/* Within query_begin. */
int fleet_load(struct query *query, const struct query_frame *frame, struct fleet *ret,
               struct err *err);
/* Also those that do not count any more. */
int fleet_load_all(struct query *query, const struct query_frame *frame, struct fleet *ret,
                   struct err *err);
void fleet_done(struct fleet *fleet);
/* One host, whether or not it counts any more; ret->count is 1. ERR_USAGE: neither in the history
 * nor in the scope of a scan; names the nearest. */
int fleet_load_one(struct query *query, const struct query_frame *frame, const char *name,
                   struct fleet *ret, struct err *err);

/* Whether the expectation is judged on the host, going by what was in force. */
bool fleet_applies(const struct fleet_host *host, const struct expectation *expectation);

/* Names of every host in the history, for the nearest one; in arena. */
int fleet_names(struct query *query, struct arena *arena, const char *const **ret,
                size_t *ret_count, struct err *err);
/* ERR_USAGE with the nearest name. */
int fleet_host_id(struct query *query, const char *name, int64_t *ret, struct err *err);

#endif
