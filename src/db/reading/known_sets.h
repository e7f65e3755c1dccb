/* known_sets: the expectations that scans went by, each set decoded once. */
#ifndef PVSAUDIT_DB_READING_KNOWN_SETS_H
#define PVSAUDIT_DB_READING_KNOWN_SETS_H

#include "core/arena.h"
#include "core/err.h"
#include "db/file/content.h"
#include "db/file/db.h"
#include "model/expectation.h"

#include <stddef.h>
#include <stdint.h>

/* The first three are the owner's to set. */
struct known_sets {
    struct db *db;
    struct content *content;
    unsigned scan_expectations; /* statement: (:scan) */
    struct arena arena;
    struct known_set **items;
    size_t count;
    int64_t scan_id; /* the scan asked for last, with its expectations */
    const struct expectation_set *scan_set;
};

void known_sets_done(struct known_sets *sets);

/* Borrowed until known_sets_done; id 0 is an empty set. ERR_HISTORY: it cannot be read. */
int known_sets_get(struct known_sets *sets, int64_t id, const struct expectation_set **ret,
                   struct err *err);
int known_sets_of_scan(struct known_sets *sets, int64_t scan_id, const struct expectation_set **ret,
                       struct err *err);

#endif
