/* store: the writer of the history: visits in, truth and derived tables out. */
#include "db/store/store.h"

#include "core/clock.h"
#include "core/embedded.h"
#include "db/file/open.h"
#include "db/file/scan_lock.h"
#include "db/reading/prune.h"
#include "db/store/derive.h"
#include "db/store/host_change.h"
#include "db/store/ledger.h"
#include "db/store/rebuild.h"
#include "db/store/store_file.h"
#include "db/store/store_internal.h"
#include "db/store/truth.h"

#include <stdlib.h>
#include <time.h>

enum {
    BATCH_HOSTS = 50,
    BATCH_MS = 250,
    LOCK_AGAIN_NS = 20 * 1000 * 1000,
};

struct store {
    struct store_file file;
    struct ledger ledger;
    int lock; /* of store_scan_lock, -1 = none */
    struct truth truth;
    struct arena arena; /* of the visit that was added last */
    struct store_judgement *judgements;
    size_t judgement_count;
    const char *machine; /* of the host that was added last */
    int64_t batch_hosts;
    int64_t batch_since_ms; /* monotonic */
    int64_t kept;
    int64_t evidence_max, evidence_new; /* bytes: all there may be; raw ones since it was trimmed */
    int64_t trimmed; /* rows of evidence */
};

int store_open(const char *path, struct store **ret, struct err *err)
{
    struct store *store = calloc(1, sizeof(*store));
    if (store == NULL) {
        return err_memory(err);
    }
    store->lock = -1;
    store->evidence_max = INT64_MAX;
    truth_init(&store->truth, &store->file);
    if (open_writer(path, schema_embedded, &store->file.db, err) != 0 ||
        db_prepare(&store->file.db, store_sql, SQL_STORE_COUNT, err) != 0 ||
        store_file_init(&store->file, err) != 0) {
        store_close(store);
        return -1;
    }
    *ret = store;
    return 0;
}

void store_close(struct store *store)
{
    if (store == NULL) {
        return;
    }
    db_rollback(&store->file.db);
    store_file_done(&store->file);
    db_close(&store->file.db);
    ledger_done(&store->ledger);
    truth_done(&store->truth);
    arena_done(&store->arena);
    scan_lock_release(store->lock);
    free(store);
}

int store_scan_lock(struct store *store, struct err *err)
{
    /* As SQLite has it, without links: two names of one history are one history. */
    const char *path = sqlite3_db_filename(store->file.db.handle, "main");
    return store->lock >= 0 ? 0 : scan_lock_take(path, &store->lock, err);
}

int store_scan_wait(struct store *store, int64_t patience_ms, struct err *err)
{
    int64_t until_ms = clock_monotonic_ms() + patience_ms;
    while (store_scan_lock(store, err) != 0) {
        const struct timespec pause = {.tv_nsec = LOCK_AGAIN_NS};
        if (err->code != ERR_LOCKED || clock_monotonic_ms() >= until_ms) {
            return -1;
        }
        (void)nanosleep(&pause, NULL);
    }
    return 0;
}

void store_scan_unlock(struct store *store)
{
    scan_lock_release(store->lock);
    store->lock = -1;
}

/* The whole batch is gone: half of it would be a lie. */
static int give_up(struct store *store)
{
    db_rollback(&store->file.db);
    store_file_forget(&store->file);
    ledger_rolled_back(&store->ledger);
    store->batch_hosts = 0;
    store->judgement_count = 0;
    store->machine = NULL;
    return -1;
}

static int begin(struct store *store, struct err *err)
{
    if (store->file.db.in_transaction) {
        return 0;
    }
    store->batch_hosts = 0;
    store->batch_since_ms = clock_monotonic_ms();
    return db_begin(&store->file.db, err);
}

/* Within a scan only where more than the limit has come in: it looks at every row. */
static int trim_evidence(struct store *store, struct err *err)
{
    struct db *db = &store->file.db;
    sqlite3_stmt *statement = db_use(db, SQL_EVIDENCE_TRIM);
    db_bind_i64(db, statement, ":max", store->evidence_max);
    if (db_run(db, statement, err) != 0) {
        return -1;
    }
    store->trimmed += sqlite3_changes(db->handle);
    store->evidence_new = 0;
    return 0;
}

static int commit(struct store *store, struct err *err)
{
    if (!store->file.db.in_transaction) {
        return 0;
    }
    bool much = store->evidence_new > store->evidence_max;
    if (ledger_count(&store->ledger, &store->file, err) != 0 ||
        (much && trim_evidence(store, err) != 0) || db_commit(&store->file.db, err) != 0) {
        return give_up(store);
    }
    ledger_committed(&store->ledger);
    store->kept += store->batch_hosts;
    store->batch_hosts = 0;
    return 0;
}

int store_scan_begin(struct store *store, const struct scan_begin *scan, struct err *err)
{
    if (store_flush(store, err) != 0) {
        return -1;
    }
    ledger_done(&store->ledger);
    if (begin(store, err) != 0) {
        return -1;
    }
    if (rebuild_marked(&store->file, err) != 0 ||
        ledger_begin(&store->ledger, &store->file, scan, err) != 0) {
        return give_up(store);
    }
    return commit(store, err);
}

/* Kept where a person will want to see the bytes: a section did not parse, the visit failed on
 * them, or they led to a finding. */
static bool is_evidence(const struct snapshot *snapshot, const struct derive_outcome *outcome)
{
    if (!snapshot->visit.read || outcome->opened_finding || outcome->result == DERIVE_LATER) {
        return true;
    }
    for (int i = 0; i < SECTION_COUNT; i++) {
        enum outcome how = snapshot->sections[i].outcome;
        bool decides = !section_is_optional((enum section_id)i);
        if (decides && (how == OUTCOME_PARTIAL || how == OUTCOME_FAILED)) {
            return true;
        }
    }
    return false;
}

static int conclude(struct store *store, struct ledger_scan *scan, const struct addition *addition,
                    struct slice raw, struct err *err)
{
    struct derive_outcome outcome;
    struct derive_visit visit = {
        .host_id = addition->host_id,
        .source_id = addition->source_id,
        .machine_text_id = addition->texts[TEXT_MACHINE],
        .snapshot = addition->snapshot,
        .declared = addition->host,
        .expectations = addition->expectations,
    };
    if (derive_visit(&store->file, &visit, &store->arena, &outcome, err) != 0) {
        return -1;
    }
    store->judgements = outcome.judgements;
    store->judgement_count = outcome.count;
    store->machine = outcome.machine;
    bool repeated = addition->repeats_ms != 0 && !outcome.changed &&
                    addition->until_ms >= outcome.changed_before_ms;
    if (truth_write(&store->truth, addition, repeated, err) != 0) {
        return -1;
    }
    if (raw.len > 0 && !repeated && is_evidence(addition->snapshot, &outcome)) {
        if (truth_keep_evidence(&store->truth, addition, raw, err) != 0) {
            return -1;
        }
        store->evidence_new += (int64_t)raw.len;
    }
    return ledger_note(scan, addition->host_id, addition->snapshot, outcome.skewed, err);
}

static int add(struct store *store, struct addition *addition, struct slice raw, struct err *err)
{
    const struct visit *visit = &addition->snapshot->visit;
    if (store_file_source(&store->file, visit->source, &addition->source_id, err) != 0 ||
        store_file_host(&store->file, addition->source_id, visit->host, &addition->host_id, err) !=
            0) {
        return -1;
    }
    struct ledger_scan *scan = NULL;
    int there = truth_has(&store->truth, addition, err);
    if (there != 0) {
        return there < 0 ? -1 : 0;
    }
    if (ledger_scan_for(&store->ledger, &store->file, addition->source_id, addition->snapshot,
                        addition->expectations, &scan, err) != 0) {
        return -1;
    }
    addition->scan_id = scan->id;
    return truth_code(&store->truth, addition, &store->arena, err) != 0
               ? -1
               : conclude(store, scan, addition, raw, err);
}

static bool is_batch_full(const struct store *store)
{
    return store->batch_hosts >= BATCH_HOSTS ||
           clock_monotonic_ms() - store->batch_since_ms >= BATCH_MS;
}

int store_add(struct store *store, struct snapshot *snapshot, const struct host *host,
              const struct expectation_set *expectations, struct slice raw, struct err *err)
{
    static const struct expectation_set none = {.count = 0};
    arena_done(&store->arena);
    store->judgement_count = 0;
    store->machine = NULL;
    if (snapshot->visit.host == NULL || snapshot->visit.time_ms <= 0) {
        return err_set(err, ERR_FORMAT, "history", "a visit without %s cannot be stored",
                       snapshot->visit.host == NULL ? "a host" : "a time");
    }
    struct addition addition = {
        .snapshot = snapshot,
        .host = host,
        .expectations = expectations == NULL ? &none : expectations,
    };
    prune_snapshot(snapshot, addition.expectations);
    if (begin(store, err) != 0) {
        return -1;
    }
    if (add(store, &addition, raw, err) != 0) {
        return give_up(store);
    }
    store->batch_hosts++;
    return is_batch_full(store) ? commit(store, err) : 0;
}

int store_flush(struct store *store, struct err *err)
{
    if (store->file.db.in_transaction || store->ledger.count > 0) {
        if (begin(store, err) != 0) {
            return -1;
        }
        if (rebuild_marked(&store->file, err) != 0 ||
            ledger_end(&store->ledger, &store->file, NULL, err) != 0) {
            return give_up(store);
        }
    }
    return commit(store, err);
}

struct store_file *store_flushed_file(struct store *store, struct err *err)
{
    return store_flush(store, err) != 0 ? NULL : &store->file;
}

void store_roll_back(struct store *store)
{
    (void)give_up(store);
}

int64_t store_kept(const struct store *store)
{
    return store->kept;
}

size_t store_judgements(const struct store *store, const struct store_judgement **ret)
{
    *ret = store->judgements;
    return store->judgement_count;
}

const char *store_machine(const struct store *store)
{
    return store->machine;
}

int store_scan_end(struct store *store, const struct scan_end *end, struct err *err)
{
    if (begin(store, err) != 0) {
        return -1;
    }
    if (rebuild_marked(&store->file, err) != 0 ||
        ledger_end(&store->ledger, &store->file, end, err) != 0) {
        return give_up(store);
    }
    if (commit(store, err) != 0) {
        return -1;
    }
    ledger_done(&store->ledger);
    /* A reader that is in the way only leaves the -wal longer. */
    (void)sqlite3_wal_checkpoint_v2(store->file.db.handle, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL,
                                    NULL);
    return 0;
}

int store_rebuild(struct store *store, struct err *err)
{
    if (store_flush(store, err) != 0 || begin(store, err) != 0) {
        return -1;
    }
    if (rebuild_all(&store->file, err) != 0) {
        return give_up(store);
    }
    return commit(store, err);
}

int store_retire(struct store *store, const char *const *texts, size_t count, int64_t time_ms,
                 bool undo, struct store_changes *changes, struct err *err)
{
    if (store_flush(store, err) != 0 || begin(store, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (host_change_retire(&store->file, texts[i], time_ms, undo, changes, err) != 0) {
            return give_up(store);
        }
    }
    return commit(store, err);
}

int store_rename(struct store *store, const char *old, const char *name, int64_t time_ms,
                 struct store_changes *changes, struct err *err)
{
    if (store_flush(store, err) != 0 || begin(store, err) != 0) {
        return -1;
    }
    if (rebuild_marked(&store->file, err) != 0 ||
        host_change_rename(&store->file, &store->truth, old, name, time_ms, changes, err) != 0) {
        return give_up(store);
    }
    return commit(store, err);
}

void store_changes_done(struct store_changes *changes)
{
    if (changes != NULL) {
        arena_done(&changes->arena);
        *changes = (struct store_changes){.count = 0};
    }
}

void store_limit_evidence(struct store *store, int64_t max_bytes)
{
    store->evidence_max = max_bytes;
}

int store_drop_evidence(struct store *store, int64_t before_ms, int64_t *ret_trimmed,
                        struct err *err)
{
    if (begin(store, err) != 0) {
        return -1;
    }
    sqlite3_stmt *statement = db_use(&store->file.db, SQL_EVIDENCE_DROP);
    db_bind_i64(&store->file.db, statement, ":before", before_ms);
    if (db_run(&store->file.db, statement, err) != 0 || trim_evidence(store, err) != 0) {
        return give_up(store);
    }
    if (commit(store, err) != 0) {
        return -1;
    }
    if (ret_trimmed != NULL) {
        *ret_trimmed = store->trimmed;
    }
    return 0;
}
