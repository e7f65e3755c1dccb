/* decision: who was told what and on which readings, and which change holds which server. */
#ifndef PVSAUDIT_DB_STORE_DECISION_H
#define PVSAUDIT_DB_STORE_DECISION_H

#include "core/arena.h"
#include "db/store/store.h"

struct hold {
    int64_t id;
    const char *host, *change, *held_by;
    int64_t from_ms, until_ms;
};

struct hold_list {
    struct arena arena;
    struct hold *rows; /* in force: not released, and not over; the oldest first */
    size_t count;
};

/* One row of the decisions. */
struct decision {
    const char *kind; /* "gate", "verify", "hold", "release", "override" */
    const char *answer, *sentence;
    const char *hold_host; /* of "hold" and "release": whose, NULL = none */
    int64_t released_id; /* of "release": the hold that ends */
};

/* A reading that a decision went by. */
struct decision_reading {
    const char *host;
    int64_t time_ms;
    enum visit_kind kind;
};

/* What is decided, once the holds in force are known; memory is the decider's. */
struct ruling {
    const struct decision *decisions; /* written in this order */
    size_t decision_count;
    const struct decision_reading *readings; /* of each of them */
    size_t reading_count;
    const char *asked_by, *change;
    int64_t hold_until_ms; /* of the holds that are made */
    const char *reason; /* of the holds, NULL = none */
};

struct store_decider {
    const char *source; /* whose hosts are meant */
    int64_t now_ms;
    int (*decide)(void *data, const struct hold_list *holds, struct ruling *ret, struct err *err);
    void *data;
};

/* Looks at the holds, asks the decider and writes what it says in one transaction that nobody else
 * can write in between: two who decide at the same instant see each other's holds. */
int store_decide(struct store *store, const struct store_decider *decider, struct err *err);

/* The holds in force. */
int store_holds(struct store *store, const char *source, int64_t now_ms, struct hold_list *ret,
                struct err *err);
void hold_list_done(struct hold_list *list);

#endif
