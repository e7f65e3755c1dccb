/* store: the writer of the history: visits in, truth and derived tables out. */
#ifndef PVSAUDIT_DB_STORE_STORE_H
#define PVSAUDIT_DB_STORE_STORE_H

#include "core/arena.h"
#include "core/err.h"
#include "core/str.h"
#include "model/expectation.h"
#include "model/host.h"
#include "model/snapshot.h"
#include "model/verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;

/* Open for writing; makes the file (mode 0640) and its folder where they do not exist, and migrates
 * an older one after a copy beside it. ERR_HISTORY: not ours, newer than we know, damaged;
 * ERR_LOCKED, ERR_FULL, ERR_IO (read-only ...): the sentence says what, where and what to do. */
int store_open(const char *path, struct store **ret, struct err *err);
void store_close(struct store *store); /* NULL is allowed; rolls back what was not flushed */

/* One scan at a time: flock on PATH.scan, not on the database. ERR_LOCKED names the holder's pid.
 */
int store_scan_lock(struct store *store, struct err *err);
/* The same, waiting for a scan that is running to end. */
int store_scan_wait(struct store *store, int64_t patience_ms, struct err *err);
void store_scan_unlock(struct store *store); /* store_close does it as well */

struct scan_begin {
    const char *source; /* which collector */
    enum visit_kind kind;
    int64_t time_ms; /* the collector's clock, shifted where --as-of shifts it */
    int64_t shift_ms; /* 0, or by how much --as-of shifts the clock */
    const char *version, *limit,
        *inventory; /* program's version, -l, -i: for people; may be NULL */
    bool whole_fleet; /* no limit: only such a scan can be the last complete scan */
    const struct host *hosts; /* the scope in force: who was to be visited */
    size_t host_count;
    const struct expectation_set *expectations;
    const char *boot_paths; /* canonical text, or NULL */
};

/* Marks a scan of this source that never ended as aborted, then begins one. A scan that would start
 * before the newest observation is refused (ERR_USAGE) unless shift_ms is not 0. */
int store_scan_begin(struct store *store, const struct scan_begin *begin, struct err *err);

/* One visit, read or not, of a host; normalises the snapshot. host gives what the inventory says
 * (NULL: an ingested line without a declaration). Judges every expectation that applies, decides
 * the boot, and writes truth and derived rows. The transaction is committed after 50 hosts or
 * 250 ms, whichever is first. raw: the bytes of the answer, kept (compressed) where a section did
 * not parse or the reading led to a finding; {NULL, 0} = none. A visit that the history has already
 * (source, host, time, kind) changes nothing. An older one than the host's newest marks the host
 * for rebuilding, done at the next flush. */
int store_add(struct store *store, struct snapshot *snapshot, const struct host *host,
              const struct expectation_set *expectations, struct slice raw, struct err *err);
/* Commits what is open. The 250 ms are looked at only by store_add: where visits come in slowly,
 * call this from a timer, so that other writers are not kept waiting. */
int store_flush(struct store *store, struct err *err);

/* Visits that were added, the history's own among them, and are committed. */
int64_t store_kept(const struct store *store);

/* What the last store_add judged, one row for each expectation that applies: for the collector's
 * summary and for --wait-pending. A visit older than the newest of its host is unknown: skipped.
 * Valid until the next call on the store. */
struct store_judgement {
    const struct expectation *expectation;
    struct verdict verdict;
    struct open_problem open; /* after this reading: its own, or one that it did not settle */
};
size_t store_judgements(const struct store *store, const struct store_judgement **ret);

/* What the machine behind the host of the last store_add is told apart by (machine_identity_text),
 * as last known; NULL = it is not. Valid until the next call on the store. */
const char *store_machine(const struct store *store);

struct scan_end {
    bool interrupted;
    int64_t time_ms;
};
int store_scan_end(struct store *store, const struct scan_end *end, struct err *err);

/* A host that a person has changed. */
struct store_change {
    const char *name, *source; /* in arena */
    int64_t time_ms; /* from then on; 0 = not retired any more */
    int64_t moved; /* visits that were joined with its own */
};
struct store_changes {
    struct arena arena;
    struct store_change *rows;
    size_t count;
};
/* Every host that the texts mean (NAME, SOURCE:NAME, or a pattern of either with * and ?) is
 * retired from time_ms, or from its newest visit where that is later, until it is visited again;
 * undo: no more. ERR_USAGE where one means none, or, without a pattern, several: then nothing
 * changes. */
int store_retire(struct store *store, const char *const *texts, size_t count, int64_t time_ms,
                 bool undo, struct store_changes *changes, struct err *err);
/* The host that old means is called name from now on, in the past as well. Where there is a host of
 * that name in its source, both must be one machine by its id, and their visits become one host's.
 * ERR_USAGE: they are not, or nobody knows. Wants store_scan_lock. */
int store_rename(struct store *store, const char *old, const char *name, int64_t time_ms,
                 struct store_changes *changes, struct err *err);
void store_changes_done(struct store_changes *changes);

/* Drop every derived table and replay the truth. */
int store_rebuild(struct store *store, struct err *err);

/* How many bytes all evidence of the history may take, as it is stored; no limit at first. */
void store_limit_evidence(struct store *store, int64_t max_bytes);
/* Purge raw evidence older than before_ms, then the oldest beyond the limit. *ret_trimmed (may be
 * NULL): of how many visits the limit took it since the store was opened, also within a scan. */
int store_drop_evidence(struct store *store, int64_t before_ms, int64_t *ret_trimmed,
                        struct err *err);

#endif
