/* derive: what a reading means for its host: machine, boot, spans, gaps, findings. */
#ifndef PVSAUDIT_DB_STORE_DERIVE_H
#define PVSAUDIT_DB_STORE_DERIVE_H

#include "db/store/store.h"
#include "db/store/store_file.h"

/* One visit as it stands in the truth. */
struct derive_visit {
    int64_t host_id, source_id;
    int64_t machine_text_id; /* id of its machine text, 0 = none */
    const struct snapshot *snapshot; /* pruned */
    const struct host *declared; /* NULL = the inventory said nothing */
    const struct expectation_set *expectations;
};

enum derive_result {
    DERIVE_DONE,
    DERIVE_LATER, /* an older visit: the host waits for its rebuilding */
};

struct derive_outcome {
    enum derive_result result;
    struct store_judgement *judgements; /* in arena; unknown where it waits */
    size_t count;
    bool skewed; /* the host's clock and ours ran apart */
    bool opened_finding;
    bool changed; /* it did more than to confirm what was so */
    int64_t changed_before_ms; /* newest visit before it that did, 0 = none */
    const char *machine; /* what the host's machine is told apart by, as last known; NULL */
};

/* Reads the host's derived rows, judges, writes what changed. arena is for this call alone. */
int derive_visit(struct store_file *file, const struct derive_visit *visit, struct arena *arena,
                 struct derive_outcome *ret, struct err *err);

/* Drops the host's derived rows. */
int derive_wipe(struct store_file *file, int64_t host_id, struct err *err);

#endif
