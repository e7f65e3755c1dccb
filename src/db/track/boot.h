/* boot: whether two readings of a host are of one boot: uptime and a witness, never a difference of
 * times. */
#ifndef PVSAUDIT_DB_TRACK_BOOT_H
#define PVSAUDIT_DB_TRACK_BOOT_H

#include "core/arena.h"
#include "core/buf.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BOOT_TOLERANCE_MS = 30 * 1000, /* what uptime and the two clocks may be apart */
    BOOT_WITNESS_TOLERANCE_MS = 1000, /* one creation time, read in two ways */
    BOOT_WITNESS_LATE_MS = 2 * 60 * 1000, /* between the boot and its witnesses */
};

/* What a reading says of its boot. */
struct boot_mark {
    int64_t reading_ms; /* collector's clock */
    int64_t clock_ms; /* host's clock, 0 = not known */
    int64_t uptime_ms; /* -1 = not known */
    const char *boot_id;
    const struct boot_witness *witnesses;
    size_t witness_count;
    bool suspect; /* a reading spoke of a reboot, and no witness was there to confirm it */
};

enum boot_change {
    BOOT_FIRST, /* nothing to compare with */
    BOOT_SAME,
    BOOT_NEW, /* uptime says so, and a witness */
    BOOT_UNKNOWN, /* one of them only: nothing is closed by it */
};

/* false: the reading says nothing of its boot (the section is not complete, or is empty). Borrows
 * from the snapshot. */
bool boot_mark_of(const struct snapshot *snapshot, struct boot_mark *ret);

/* *ret_skewed: the host's clock and ours ran apart since then by more than the tolerance. */
enum boot_change boot_compare(const struct boot_mark *before, const struct boot_mark *now,
                              bool *ret_skewed);

/* now knows less of the boot than before, and cannot tell: later readings are compared with before.
 */
bool boot_keeps(const struct boot_mark *before, const struct boot_mark *now,
                enum boot_change change);
/* The mark that the next reading is compared with. */
struct boot_mark boot_advance(const struct boot_mark *before, const struct boot_mark *now,
                              enum boot_change change);

/* Our clock less the uptime; else what the host said; 0 = not known. */
int64_t boot_time_of(const struct snapshot *snapshot, const struct boot_mark *mark);

/* boot_id and witnesses as a text, and back (into arena; false: not such a text). */
void boot_facts_write(const struct boot_mark *mark, struct buf *to);
bool boot_facts_read(const char *text, struct arena *arena, struct boot_mark *ret);

#endif
