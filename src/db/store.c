/* store: the writer of the history: visits in, truth and derived tables out. */
#include "db/store.h"

#include "core/clock.h"
#include "core/embedded.h"
#include "db/codec.h"
#include "db/derive.h"
#include "db/ledger.h"
#include "db/observation.h"
#include "db/open.h"
#include "db/prune.h"
#include "db/rebuild.h"
#include "db/scan_lock.h"
#include "db/store_file.h"
#include "model/declaration.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum {
    BATCH_HOSTS = 50,
    BATCH_MS = 250,
};

struct store {
    struct store_file file;
    struct ledger ledger;
    int lock; /* of store_scan_lock, -1 = none */
    struct coded coded;
    struct arena arena; /* of the visit that was added last */
    struct store_judgement *judgements;
    size_t judgement_count;
    int64_t batch_hosts;
    int64_t batch_since_ms; /* monotonic */
};

int store_open(const char *path, struct store **ret, struct err *err)
{
    struct store *store = calloc(1, sizeof(*store));
    if (store == NULL) {
        return err_memory(err);
    }
    store->lock = -1;
    coded_init(&store->coded);
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
    coded_done(&store->coded);
    arena_done(&store->arena);
    scan_lock_release(store->lock);
    free(store);
}

int store_scan_lock(struct store *store, struct err *err)
{
    return store->lock >= 0 ? 0 : scan_lock_take(store->file.db.path, &store->lock, err);
}

/* The whole batch is gone: half of it would be a lie. */
static int give_up(struct store *store)
{
    db_rollback(&store->file.db);
    store_file_forget(&store->file);
    ledger_rolled_back(&store->ledger);
    store->batch_hosts = 0;
    store->judgement_count = 0;
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

static int commit(struct store *store, struct err *err)
{
    if (!store->file.db.in_transaction) {
        return 0;
    }
    if (ledger_count(&store->ledger, &store->file, err) != 0 ||
        db_commit(&store->file.db, err) != 0) {
        return give_up(store);
    }
    ledger_committed(&store->ledger);
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

/* Texts of the reading that is being added, as ids; -1 and err. */
static int put_texts(struct store *store, int64_t *ids, struct err *err)
{
    for (int i = 0; i < TEXT_COUNT; i++) {
        const struct buf *text = &store->coded.texts[i];
        ids[i] = 0;
        if (text->len > 0 &&
            content_put(store->file.content, text->data, text->len, &ids[i], err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int put_line(struct store *store, const char *text, int64_t *ret, struct err *err)
{
    return content_put(store->file.content, text, text == NULL ? 0 : strlen(text), ret, err);
}

/* The blob of the host's reading before, where it is the same; else a new one. */
static int put_blob(struct store *store, int64_t host_id, int64_t time_ms, int64_t *ret,
                    struct err *err)
{
    struct db *db = &store->file.db;
    const struct buf *blob = &store->coded.blob;
    *ret = 0;
    if (blob->len == 0) {
        return 0;
    }
    sqlite3_stmt *statement = db_use(db, SQL_VOLATILE_BEFORE);
    db_bind_i64(db, statement, ":host", host_id);
    db_bind_i64(db, statement, ":time", time_ms);
    int rc = db_step(db, statement, err);
    if (rc < 0) {
        return -1;
    }
    if (rc > 0) {
        const void *bytes = sqlite3_column_blob(statement, 1);
        bool same = (size_t)sqlite3_column_bytes(statement, 1) == blob->len &&
                    memcmp(bytes, blob->data, blob->len) == 0;
        *ret = same ? db_i64(statement, 0) : 0;
        (void)sqlite3_reset(statement);
        if (same) {
            return 0;
        }
    }
    statement = db_use(db, SQL_VOLATILE_INSERT);
    db_bind_blob(db, statement, ":bytes", blob->data, blob->len);
    if (db_run(db, statement, err) != 0) {
        return -1;
    }
    *ret = sqlite3_last_insert_rowid(db->handle);
    return 0;
}

/* Addresses that the encoder met for the first time. */
static int put_slots(struct store *store, int64_t host_id, const struct slots *slots, size_t known,
                     struct err *err)
{
    struct db *db = &store->file.db;
    for (size_t i = known; i < slots->count; i++) {
        char text[IP_TEXT];
        ip_text(&slots->ips[i], text);
        sqlite3_stmt *statement = db_use(db, SQL_SLOT_INSERT);
        db_bind_i64(db, statement, ":host", host_id);
        db_bind_i64(db, statement, ":slot", (int64_t)i);
        db_bind_text(db, statement, ":address", text);
        if (db_run(db, statement, err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int encode(struct store *store, const struct snapshot *snapshot, int64_t host_id,
                  const struct expectation_set *expectations, struct err *err)
{
    struct observation_source source = {.db = &store->file.db, .slots_of_host = SQL_SLOTS_OF_HOST};
    struct slots slots;
    if (observation_slots(&source, host_id, &store->arena, &slots, err) != 0) {
        return -1;
    }
    size_t known = slots.count;
    return codec_encode(snapshot, expectations, &slots, &store->coded, err) != 0
               ? -1
               : put_slots(store, host_id, &slots, known, err);
}

/* One visit on its way in. */
struct addition {
    const struct snapshot *snapshot;
    const struct host *host;
    const struct expectation_set *expectations;
    int64_t host_id, source_id;
    struct ledger_scan *scan;
    int64_t texts[TEXT_COUNT];
    int64_t detail_id, declaration_id, volatile_id;
};

/* Bit n: section n was read to its end. */
static int64_t complete_bits(const struct snapshot *snapshot)
{
    int64_t bits = 0;
    for (unsigned i = 0; i < SECTION_COUNT; i++) {
        bits |= snapshot->sections[i].outcome == OUTCOME_COMPLETE ? INT64_C(1) << i : 0;
    }
    return bits;
}

static void bind_key(struct db *db, sqlite3_stmt *statement, const struct addition *addition)
{
    const struct visit *visit = &addition->snapshot->visit;
    db_bind_i64(db, statement, ":host", addition->host_id);
    db_bind_i64(db, statement, ":time", visit->time_ms);
    db_bind_i64(db, statement, ":kind", visit->kind == VISIT_FULL ? 0 : 1);
    db_bind_i64(db, statement, ":source", addition->source_id);
}

static int insert(struct store *store, const struct addition *addition, struct err *err)
{
    static const char *const names[TEXT_COUNT] = {[TEXT_ACCESS] = ":access",
                                                  [TEXT_SECTIONS] = ":sections",
                                                  [TEXT_MACHINE] = ":machine",
                                                  [TEXT_BOOT] = ":boot",
                                                  [TEXT_SERVICES] = ":services",
                                                  [TEXT_PROCESSES] = ":processes",
                                                  [TEXT_ADDRESSES] = ":addresses",
                                                  [TEXT_UDP] = ":udp",
                                                  [TEXT_TCP] = ":tcp",
                                                  [TEXT_REGISTRY] = ":registry"};
    struct db *db = &store->file.db;
    const struct snapshot *snapshot = addition->snapshot;
    const struct visit *visit = &snapshot->visit;
    sqlite3_stmt *statement = db_use(db, SQL_OBSERVATION_INSERT);
    bind_key(db, statement, addition);
    db_bind_i64(db, statement, ":scan", addition->scan->id);
    db_bind_i64(db, statement, ":duration", visit->duration_ms);
    db_bind_i64(db, statement, ":read", visit->read);
    db_bind_i64(db, statement, ":complete", complete_bits(snapshot));
    db_bind_text(db, statement, ":reason",
                 visit->reason == REASON_NONE ? NULL : reason_name(visit->reason));
    db_bind_i64(db, statement, ":code", visit->code);
    db_bind_known(db, statement, ":boot_time", snapshot->boot.boot_time_ms, 0);
    db_bind_known(db, statement, ":host_clock", snapshot->boot.host_clock_ms, 0);
    db_bind_known(db, statement, ":uptime", snapshot->boot.uptime_ms, -1);
    db_bind_known(db, statement, ":detail", addition->detail_id, 0);
    db_bind_known(db, statement, ":declaration", addition->declaration_id, 0);
    for (int i = 0; i < TEXT_COUNT; i++) {
        db_bind_known(db, statement, names[i], addition->texts[i], 0);
    }
    db_bind_known(db, statement, ":volatile", addition->volatile_id, 0);
    return db_run(db, statement, err);
}

/* 1: the history has this visit already. */
static int is_there(struct store *store, const struct addition *addition, struct err *err)
{
    struct db *db = &store->file.db;
    sqlite3_stmt *statement = db_use(db, SQL_OBSERVATION_EXISTS);
    bind_key(db, statement, addition);
    int rc = db_step(db, statement, err);
    (void)sqlite3_reset(statement);
    return rc;
}

static int write_truth(struct store *store, struct addition *addition, struct err *err)
{
    const struct visit *visit = &addition->snapshot->visit;
    const char *declaration = NULL;
    if (addition->host != NULL) {
        declaration = declaration_encode(&store->arena, addition->host);
        if (declaration == NULL) {
            return err_memory(err);
        }
    }
    if (encode(store, addition->snapshot, addition->host_id, addition->expectations, err) != 0 ||
        put_texts(store, addition->texts, err) != 0 ||
        put_line(store, visit->detail, &addition->detail_id, err) != 0 ||
        put_line(store, declaration, &addition->declaration_id, err) != 0 ||
        put_blob(store, addition->host_id, visit->time_ms, &addition->volatile_id, err) != 0) {
        return -1;
    }
    return insert(store, addition, err);
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
        if (how == OUTCOME_PARTIAL || how == OUTCOME_FAILED) {
            return true;
        }
    }
    return false;
}

static int keep_evidence(struct store *store, const struct addition *addition, struct slice raw,
                         struct err *err)
{
    struct db *db = &store->file.db;
    uLongf len = compressBound((uLong)raw.len);
    unsigned char *bytes = malloc(len);
    if (bytes == NULL) {
        return err_memory(err);
    }
    int rc = compress2(bytes, &len, (const unsigned char *)raw.data, (uLong)raw.len, 6);
    if (rc != Z_OK) {
        free(bytes);
        return err_memory(err);
    }
    sqlite3_stmt *statement = db_use(db, SQL_EVIDENCE_INSERT);
    bind_key(db, statement, addition);
    db_bind_i64(db, statement, ":raw_bytes", (int64_t)raw.len);
    db_bind_blob(db, statement, ":bytes", bytes, len);
    int result = db_run(db, statement, err);
    free(bytes);
    return result;
}

static int conclude(struct store *store, const struct addition *addition, struct slice raw,
                    struct err *err)
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
    if (raw.len > 0 && is_evidence(addition->snapshot, &outcome) &&
        keep_evidence(store, addition, raw, err) != 0) {
        return -1;
    }
    return ledger_note(addition->scan, addition->host_id, addition->snapshot, outcome.skewed, err);
}

static int add(struct store *store, struct addition *addition, struct slice raw, struct err *err)
{
    const struct visit *visit = &addition->snapshot->visit;
    if (store_file_source(&store->file, visit->source, &addition->source_id, err) != 0 ||
        store_file_host(&store->file, visit->host, &addition->host_id, err) != 0) {
        return -1;
    }
    int there = is_there(store, addition, err);
    if (there != 0) {
        return there < 0 ? -1 : 0;
    }
    if (ledger_scan_for(&store->ledger, &store->file, addition->source_id, addition->snapshot,
                        addition->expectations, &addition->scan, err) != 0 ||
        write_truth(store, addition, err) != 0) {
        return -1;
    }
    return conclude(store, addition, raw, err);
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

size_t store_judgements(const struct store *store, const struct store_judgement **ret)
{
    *ret = store->judgements;
    return store->judgement_count;
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

int store_drop_evidence(struct store *store, int64_t before_ms, struct err *err)
{
    if (begin(store, err) != 0) {
        return -1;
    }
    sqlite3_stmt *statement = db_use(&store->file.db, SQL_EVIDENCE_DROP);
    db_bind_i64(&store->file.db, statement, ":before", before_ms);
    return db_run(&store->file.db, statement, err) != 0 ? give_up(store) : commit(store, err);
}
