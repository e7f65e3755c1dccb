/* track_row: tracks between memory and the tables watch, span, gap and finding. */
#ifndef PVSAUDIT_DB_STORE_TRACK_ROW_H
#define PVSAUDIT_DB_STORE_TRACK_ROW_H

#include "core/arena.h"
#include "db/store/store_file.h"
#include "db/track/track.h"

/* One track of a host, with the expectation that it follows. */
struct track_row {
    const char *expectation;
    int64_t expectation_id;
    struct track track;
};

/* All tracks of a host, in arena. */
int track_row_load(struct store_file *file, int64_t host_id, struct arena *arena,
                   struct track_row **ret, size_t *ret_count, struct err *err);
/* Writes what change says; row is as track_apply or track_replace left it. */
int track_row_save(struct store_file *file, int64_t host_id, const struct track_row *row,
                   const struct track_change *change, struct err *err);

#endif
