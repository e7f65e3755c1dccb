/* fleet: the hosts that count as of a time, each with its newest visit. */
#ifndef PVSAUDIT_DB_QUERY_FLEET_H
#define PVSAUDIT_DB_QUERY_FLEET_H

#include "db/query/query_file.h"

/* Those in the scope of their collector's newest scan of the whole fleet, those visited since, and,
 * where a collector never scanned the whole fleet, all that it ever brought. */
struct fleet_host {
    int64_t id; /* 0: never visited */
    int64_t source_id;
    const char *name, *source; /* the collector that has it under this name */
    const char *label; /* for people: the name, or SOURCE:NAME where several sources have it */
    const char *site, *farm, *os;
    enum host_state state;
    bool visited;
    /* fleet_machine_find: */
    const char *machine; /* what its machine is told apart by, where it has another name here */
    const char *same_machine_as; /* the label that stands for the machine, NULL on that one */
    bool left_out; /* while it is loaded: the frame does not want it */
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
    struct fleet_host *hosts; /* by name and source; those that the frame wants */
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
/* One host (NAME, or SOURCE:NAME), whether or not it counts any more; ret->count is 1. ERR_USAGE:
 * neither in the history nor in the scope of a scan (names the nearest), or in several sources. */
int fleet_load_one(struct query *query, const struct query_frame *frame, const char *name,
                   struct fleet *ret, struct err *err);

/* Whether the expectation is judged on the host, going by what was in force. */
bool fleet_applies(const struct fleet_host *host, const struct expectation *expectation);

#endif
