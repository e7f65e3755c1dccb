/* truth: one visit written down: its row, its texts, its blob, its evidence. */
#ifndef PVSAUDIT_DB_STORE_TRUTH_H
#define PVSAUDIT_DB_STORE_TRUTH_H

#include "core/str.h"
#include "db/reading/codec.h"
#include "db/store/store_file.h"
#include "model/host.h"

/* One visit on its way in. snapshot is pruned; host NULL: the inventory said nothing. */
struct addition {
    struct snapshot *snapshot;
    const struct host *host;
    const struct expectation_set *expectations;
    int64_t host_id, source_id, scan_id;
    int64_t texts[TEXT_COUNT]; /* of its row, once it is coded; 0 = none */
    int64_t detail_id, declaration_id, extra_id, volatile_id; /* likewise */
    int64_t repeats_ms, until_ms; /* of the light row that says the same; repeats_ms 0 = none */
};

struct truth {
    struct store_file *file; /* borrowed */
    struct coded coded; /* kept for its memory */
};

void truth_init(struct truth *truth, struct store_file *file);
void truth_done(struct truth *truth);

/* 1: the history has this visit already; 0; -1. */
int truth_has(struct truth *truth, const struct addition *addition, struct err *err);
/* Everything of the visit but its row. A reading that is larger than the history takes becomes an
 * unread visit that says so: one host never costs the others their rows. A light visit that says
 * what the last light one said is noted as its repetition, and takes its clocks from that. arena is
 * for this visit alone. */
int truth_code(struct truth *truth, struct addition *addition, struct arena *arena,
               struct err *err);
/* Its row: a new one, or the last light one becomes longer. */
int truth_write(struct truth *truth, const struct addition *addition, bool repeated,
                struct err *err);
int truth_keep_evidence(struct truth *truth, const struct addition *addition, struct slice raw,
                        struct err *err);

#endif
