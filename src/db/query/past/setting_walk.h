/* setting_walk: the settings that a server's readings show, and where one is another. */
#ifndef PVSAUDIT_DB_QUERY_PAST_SETTING_WALK_H
#define PVSAUDIT_DB_QUERY_PAST_SETTING_WALK_H

#include "db/query/query_file.h"
#include "model/facts.h"

/* What was last known of one setting. */
struct known_setting {
    enum fact_kind kind;
    const char *item, *value;
    int64_t last_ms; /* last reading that showed it so */
    bool told; /* the newest reading that was decoded did */
};

/* The first six are the caller's to set. */
struct setting_walk {
    struct query *query;
    int64_t host_id;
    struct arena *arena; /* what is kept lives here */
    /* A setting that was known is another from after_ms on. */
    int (*changed)(void *data, const struct known_setting *before, const char *after,
                   int64_t after_ms);
    void *data;
    struct err *err;
    struct known_setting *known;
    size_t known_count;
    struct slots slots;
    int64_t texts[TEXT_COUNT]; /* of the reading before */
    int64_t reading_ms; /* its time; 0 = there was none */
    size_t readings;
};

/* The newest full reading before from_ms, and those of from_ms..to_ms, in order. What a reading
 * does not know changes nothing. Within query_begin. */
int setting_walk_run(struct setting_walk *walk, int64_t from_ms, int64_t to_ms);

#endif
