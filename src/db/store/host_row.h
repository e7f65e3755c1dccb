/* host_row: where a host stands: its row in host_state. */
#ifndef PVSAUDIT_DB_STORE_HOST_ROW_H
#define PVSAUDIT_DB_STORE_HOST_ROW_H

#include "core/arena.h"
#include "db/file/db.h"
#include "db/track/boot.h"

#include <stdbool.h>
#include <stdint.h>

struct host_row {
    bool there; /* it has a row yet */
    bool rebuild; /* an older visit came in: its derived rows are to be replayed */
    int64_t newest_ms, newest_kind, newest_source_id;
    int64_t first_ms, read_ms; /* first visit; newest that was read, 0 = none */
    int64_t full_ms; /* newest full visit that was read, 0 = none */
    int64_t light_ms; /* of its newest light row, 0 = none */
    int64_t changed_ms; /* newest visit that did more than to confirm what was so, 0 = none */
    const char *os, *site, *farm, *state, *transport;
    int64_t machine_no, build_ms, machine_text_id;
    int64_t boot_no;
    struct boot_mark mark; /* what the next reading is compared with; reading_ms 0 = nothing */
};

/* Strings in arena. A host without a row is all zeroes, and no error. */
int host_row_load(struct db *db, int64_t host_id, struct arena *arena, struct host_row *ret,
                  struct err *err);
int host_row_save(struct db *db, int64_t host_id, const struct host_row *row, struct err *err);

#endif
