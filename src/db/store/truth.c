/* truth: one visit written down: its row, its texts, its blob, its evidence. */
#include "db/store/truth.h"

#include "db/reading/observation.h"
#include "db/reading/prune.h"
#include "model/declaration.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* How far a host's clock may run off before the same reading is written anew. */
enum { REPEAT_TOLERANCE_MS = 20 * 1000 };

void truth_init(struct truth *truth, struct store_file *file)
{
    truth->file = file;
    coded_init(&truth->coded);
}

void truth_done(struct truth *truth)
{
    coded_done(&truth->coded);
}

/* Texts of the reading that is being added, as ids; -1 and err. */
static int put_texts(struct truth *truth, int64_t *ids, struct err *err)
{
    for (int i = 0; i < TEXT_COUNT; i++) {
        const struct buf *text = &truth->coded.texts[i];
        ids[i] = 0;
        if (text->len > 0 &&
            content_put(truth->file->content, text->data, text->len, &ids[i], err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int put_line(struct truth *truth, const char *text, int64_t *ret, struct err *err)
{
    return content_put(truth->file->content, text, text == NULL ? 0 : strlen(text), ret, err);
}

/* The blob of the host's reading of that kind before, where it is the same; else a new one. */
static int put_blob(struct truth *truth, const struct addition *addition, int64_t *ret,
                    struct err *err)
{
    struct db *db = &truth->file->db;
    const struct buf *blob = &truth->coded.blob;
    *ret = 0;
    if (blob->len == 0) {
        return 0;
    }
    sqlite3_stmt *statement = db_use(db, SQL_VOLATILE_BEFORE);
    db_bind_i64(db, statement, ":host", addition->host_id);
    db_bind_i64(db, statement, ":time", addition->snapshot->visit.time_ms);
    db_bind_i64(db, statement, ":kind", addition->snapshot->visit.kind == VISIT_FULL ? 0 : 1);
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
static int put_slots(struct truth *truth, int64_t host_id, const struct slots *slots, size_t known,
                     struct err *err)
{
    struct db *db = &truth->file->db;
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

/* What an unread visit says where its answer cannot be kept. */
static void forget_reading(struct snapshot *snapshot)
{
    snapshot->visit.read = false;
    snapshot->visit.reason = REASON_PARTIAL;
    snapshot->visit.code = 0;
    snapshot->visit.detail = "the reading is larger than the history takes";
    prune_snapshot(snapshot, NULL);
}

static int encode(struct truth *truth, const struct addition *addition, struct arena *arena,
                  struct err *err)
{
    struct observation_source source = {.db = &truth->file->db, .slots_of_host = SQL_SLOTS_OF_HOST};
    struct slots slots;
    struct err first = {.code = ERR_NONE};
    if (observation_slots(&source, addition->host_id, arena, &slots, err) != 0) {
        return -1;
    }
    size_t known = slots.count;
    int rc =
        codec_encode(addition->snapshot, addition->expectations, &slots, &truth->coded, &first);
    if (rc != 0 && first.code == ERR_LIMIT) {
        forget_reading(addition->snapshot);
        slots.count = known;
        rc =
            codec_encode(addition->snapshot, addition->expectations, &slots, &truth->coded, &first);
    }
    if (rc != 0) {
        return err_set(err, first.code, first.stage, "%s", first.text);
    }
    return put_slots(truth, addition->host_id, &slots, known, err);
}

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

/* What a visit says, but for its clocks. */
static void bind_words(struct db *db, sqlite3_stmt *statement, const struct addition *addition)
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
    const struct visit *visit = &addition->snapshot->visit;
    bind_key(db, statement, addition);
    db_bind_i64(db, statement, ":read", visit->read);
    db_bind_i64(db, statement, ":complete", complete_bits(addition->snapshot));
    db_bind_text(db, statement, ":reason",
                 visit->reason == REASON_NONE ? NULL : reason_name(visit->reason));
    db_bind_i64(db, statement, ":code", visit->code);
    db_bind_known(db, statement, ":detail", addition->detail_id, 0);
    db_bind_known(db, statement, ":declaration", addition->declaration_id, 0);
    for (int i = 0; i < TEXT_COUNT; i++) {
        db_bind_known(db, statement, names[i], addition->texts[i], 0);
    }
    db_bind_known(db, statement, ":extra", addition->extra_id, 0);
    db_bind_known(db, statement, ":volatile", addition->volatile_id, 0);
}

static int insert(struct truth *truth, const struct addition *addition, struct err *err)
{
    struct db *db = &truth->file->db;
    const struct snapshot *snapshot = addition->snapshot;
    sqlite3_stmt *statement = db_use(db, SQL_OBSERVATION_INSERT);
    bind_words(db, statement, addition);
    db_bind_i64(db, statement, ":scan", addition->scan_id);
    db_bind_i64(db, statement, ":duration", snapshot->visit.duration_ms);
    db_bind_known(db, statement, ":boot_time", snapshot->boot.boot_time_ms, 0);
    db_bind_known(db, statement, ":host_clock", snapshot->boot.host_clock_ms, 0);
    db_bind_known(db, statement, ":uptime", snapshot->boot.uptime_ms, -1);
    return db_run(db, statement, err);
}

static bool is_near(int64_t a, int64_t b)
{
    return a - b <= REPEAT_TOLERANCE_MS && b - a <= REPEAT_TOLERANCE_MS;
}

/* Both not known, or as far on as the collector's clock. */
static bool ran_on(int64_t before, int64_t now, int64_t elapsed_ms, int64_t unknown)
{
    return before == unknown || now == unknown ? before == now : is_near(before + elapsed_ms, now);
}

/* Whether the host's last light row says what this visit says; then its clocks are taken from
 * there, so that the row and how long it lasted tell all that is remembered of this visit. */
static int find_repeated(struct truth *truth, struct addition *addition, struct err *err)
{
    struct db *db = &truth->file->db;
    struct snapshot *snapshot = addition->snapshot;
    struct boot *boot = &snapshot->boot;
    sqlite3_stmt *statement = db_use(db, SQL_OBSERVATION_LIGHT);
    bind_words(db, statement, addition);
    db_bind_i64(db, statement, ":scan", addition->scan_id);
    int rc = db_step(db, statement, err);
    if (rc <= 0) {
        return rc;
    }
    int64_t row_ms = db_i64(statement, 0);
    int64_t elapsed_ms = snapshot->visit.time_ms - row_ms;
    const struct boot before = {.boot_time_ms = db_i64(statement, 2),
                                .host_clock_ms = db_i64(statement, 3),
                                .uptime_ms = db_known(statement, 4, -1)};
    int64_t until_ms = db_known(statement, 1, row_ms);
    bool same = db_i64(statement, 5) != 0 && elapsed_ms > 0 &&
                ran_on(before.boot_time_ms, boot->boot_time_ms, 0, 0) &&
                ran_on(before.host_clock_ms, boot->host_clock_ms, elapsed_ms, 0) &&
                ran_on(before.uptime_ms, boot->uptime_ms, elapsed_ms, -1);
    (void)sqlite3_reset(statement);
    if (same && snapshot->visit.time_ms > until_ms) {
        addition->repeats_ms = row_ms;
        addition->until_ms = until_ms;
        boot->boot_time_ms = before.boot_time_ms;
        boot->host_clock_ms = before.host_clock_ms == 0 ? 0 : before.host_clock_ms + elapsed_ms;
        boot->uptime_ms = before.uptime_ms < 0 ? -1 : before.uptime_ms + elapsed_ms;
    }
    return 0;
}

/* 1: the history has this visit already. */
int truth_has(struct truth *truth, const struct addition *addition, struct err *err)
{
    struct db *db = &truth->file->db;
    sqlite3_stmt *statement = db_use(db, SQL_OBSERVATION_EXISTS);
    bind_key(db, statement, addition);
    int rc = db_step(db, statement, err);
    (void)sqlite3_reset(statement);
    return rc;
}

int truth_code(struct truth *truth, struct addition *addition, struct arena *arena, struct err *err)
{
    const struct visit *visit = &addition->snapshot->visit;
    const char *declaration = NULL;
    if (addition->host != NULL) {
        declaration = declaration_encode(arena, addition->host);
        if (declaration == NULL) {
            return err_memory(err);
        }
    }
    if (encode(truth, addition, arena, err) != 0 || put_texts(truth, addition->texts, err) != 0 ||
        put_line(truth, visit->detail, &addition->detail_id, err) != 0 ||
        put_line(truth, declaration, &addition->declaration_id, err) != 0 ||
        put_line(truth, addition->snapshot->extra, &addition->extra_id, err) != 0 ||
        put_blob(truth, addition, &addition->volatile_id, err) != 0) {
        return -1;
    }
    return visit->kind == VISIT_LIGHT ? find_repeated(truth, addition, err) : 0;
}

/* The host's row is there: it was concluded from first. */
static int note_light(struct truth *truth, const struct addition *addition, struct err *err)
{
    struct db *db = &truth->file->db;
    if (addition->snapshot->visit.kind != VISIT_LIGHT) {
        return 0;
    }
    sqlite3_stmt *statement = db_use(db, SQL_HOST_STATE_NEW_LIGHT);
    db_bind_i64(db, statement, ":host", addition->host_id);
    db_bind_i64(db, statement, ":time", addition->snapshot->visit.time_ms);
    return db_run(db, statement, err);
}

int truth_write(struct truth *truth, const struct addition *addition, bool repeated,
                struct err *err)
{
    struct db *db = &truth->file->db;
    if (!repeated) {
        return insert(truth, addition, err) != 0 ? -1 : note_light(truth, addition, err);
    }
    sqlite3_stmt *statement = db_use(db, SQL_OBSERVATION_LONGER);
    db_bind_i64(db, statement, ":host", addition->host_id);
    db_bind_i64(db, statement, ":time", addition->repeats_ms);
    db_bind_i64(db, statement, ":source", addition->source_id);
    db_bind_i64(db, statement, ":until", addition->snapshot->visit.time_ms);
    return db_run(db, statement, err);
}

int truth_keep_evidence(struct truth *truth, const struct addition *addition, struct slice raw,
                        struct err *err)
{
    struct db *db = &truth->file->db;
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
