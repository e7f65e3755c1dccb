/* ledger: the scans that are open in a writer, and what they have brought so far. */
#ifndef PVSAUDIT_DB_STORE_LEDGER_H
#define PVSAUDIT_DB_STORE_LEDGER_H

#include "db/store/store.h"
#include "db/store/store_file.h"

/* Whether a visit of a host came: what came with the open batch may be rolled back. */
enum ledger_mark { MARK_NONE, MARK_OPEN, MARK_COMMITTED };

/* A scan row that is being filled. */
struct ledger_scan {
    int64_t id, source_id;
    bool begun; /* by store_scan_begin; else a row of our own for lines that came outside one */
    bool ingest; /* its scope is what it brings */
    int64_t start_ms;
    struct ledger_count {
        int64_t first_ms, last_ms; /* of its visits, 0 = none */
        int64_t visits, read, skewed;
    } now, committed;
    bool is_committed; /* its row is */
    unsigned char *brought; /* by host id: an enum ledger_mark */
    size_t brought_size;
};

struct ledger {
    struct arena arena;
    struct ledger_scan **scans;
    size_t count;
};

/* The scan that begin describes, with its texts; marks dead ones of its source as aborted. */
int ledger_begin(struct ledger *ledger, struct store_file *file, const struct scan_begin *begin,
                 struct err *err);
/* The scan for a visit of this source: the begun one, else one that is made for it. */
int ledger_scan_for(struct ledger *ledger, struct store_file *file, int64_t source_id,
                    const struct snapshot *snapshot, const struct expectation_set *expectations,
                    struct ledger_scan **ret, struct err *err);
int ledger_note(struct ledger_scan *scan, int64_t host_id, const struct snapshot *snapshot,
                bool skewed, struct err *err);
/* Writes the counts of every scan. */
int ledger_count(struct ledger *ledger, struct store_file *file, struct err *err);
/* Writes the ends: of the scans that were not begun (end NULL), or of all. */
int ledger_end(struct ledger *ledger, struct store_file *file, const struct scan_end *end,
               struct err *err);
void ledger_committed(struct ledger *ledger);
void ledger_rolled_back(struct ledger *ledger); /* forgets what was not committed */
void ledger_done(struct ledger *ledger);

#endif
