/* ledger: the scans that are open in a writer, and what they have brought so far. */
#include "db/store/ledger.h"

#include "core/clock.h"
#include "db/reading/in_force.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 64 * 1024 * 1024 };

static struct ledger_scan *add_scan(struct ledger *ledger)
{
    void *items = ledger->scans;
    struct ledger_scan *scan = calloc(1, sizeof(*scan));
    struct ledger_scan **place = scan == NULL ? NULL
                                              : arena_push(&ledger->arena, &items, &ledger->count,
                                                           sizeof(struct ledger_scan *));
    ledger->scans = items;
    if (place == NULL) {
        free(scan);
        return NULL;
    }
    *place = scan;
    return scan;
}

static void scan_free(struct ledger_scan *scan)
{
    free(scan->brought);
    free(scan);
}

void ledger_done(struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->count; i++) {
        scan_free(ledger->scans[i]);
    }
    arena_done(&ledger->arena);
    *ledger = (struct ledger){.count = 0};
}

/* The open batch has ended: its marks become `to`. */
static void settle_marks(struct ledger_scan *scan, enum ledger_mark to)
{
    for (size_t id = 0; id < scan->brought_size; id++) {
        if (scan->brought[id] == MARK_OPEN) {
            scan->brought[id] = (unsigned char)to;
        }
    }
}

void ledger_committed(struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->count; i++) {
        ledger->scans[i]->committed = ledger->scans[i]->now;
        ledger->scans[i]->is_committed = true;
        settle_marks(ledger->scans[i], MARK_COMMITTED);
    }
}

void ledger_rolled_back(struct ledger *ledger)
{
    size_t kept = 0;
    for (size_t i = 0; i < ledger->count; i++) {
        struct ledger_scan *scan = ledger->scans[i];
        scan->now = scan->committed;
        settle_marks(scan, MARK_NONE);
        if (scan->is_committed) {
            ledger->scans[kept++] = scan;
        } else {
            scan_free(scan);
        }
    }
    ledger->count = kept;
}

static int put_scope(struct store_file *file, const struct scope_host *hosts, size_t count,
                     int64_t *ret, struct err *err)
{
    struct buf text;
    buf_init(&text, TEXT_MAX);
    int rc = in_force_write_scope(hosts, count, &text) == 0
                 ? content_put(file->content, text.data, text.len, ret, err)
                 : err_memory(err);
    buf_done(&text);
    return rc;
}

static int put_expectations(struct store_file *file, const struct expectation_set *set,
                            int64_t *ret, struct err *err)
{
    struct buf text;
    buf_init(&text, TEXT_MAX);
    int rc = in_force_write_expectations(set, &text) == 0
                 ? content_put(file->content, text.data, text.len, ret, err)
                 : err_memory(err);
    buf_done(&text);
    return rc;
}

struct scan_row {
    int64_t source_id;
    const char *coverage;
    int64_t scope_id, expectations_id, boot_paths_id;
    const struct scan_begin *begin;
};

static int insert_scan(struct store_file *file, const struct scan_row *row, int64_t *ret,
                       struct err *err)
{
    struct db *db = &file->db;
    sqlite3_stmt *statement = db_use(db, SQL_SCAN_INSERT);
    db_bind_i64(db, statement, ":source", row->source_id);
    db_bind_i64(db, statement, ":kind", (int64_t)row->begin->kind);
    db_bind_text(db, statement, ":coverage", row->coverage);
    db_bind_i64(db, statement, ":start", row->begin->time_ms);
    db_bind_i64(db, statement, ":shift", row->begin->shift_ms);
    db_bind_text(db, statement, ":version", row->begin->version);
    db_bind_text(db, statement, ":limit", row->begin->limit);
    db_bind_text(db, statement, ":inventory", row->begin->inventory);
    db_bind_known(db, statement, ":scope", row->scope_id, 0);
    db_bind_known(db, statement, ":expectations", row->expectations_id, 0);
    db_bind_known(db, statement, ":boot_paths", row->boot_paths_id, 0);
    if (db_run(db, statement, err) != 0) {
        return -1;
    }
    *ret = sqlite3_last_insert_rowid(db->handle);
    return 0;
}

static int abort_dead(struct store_file *file, int64_t source_id, struct err *err)
{
    sqlite3_stmt *statement = db_use(&file->db, SQL_SCAN_ABORT_DEAD);
    db_bind_i64(&file->db, statement, ":source", source_id);
    return db_run(&file->db, statement, err);
}

/* A scan goes forward in time, or the answers of today would change those of yesterday. */
static int check_newest(struct store_file *file, const struct scan_begin *begin, struct err *err)
{
    struct db *db = &file->db;
    sqlite3_stmt *statement = db_use(db, SQL_NEWEST_VISIT);
    int rc = db_step(db, statement, err);
    int64_t newest = rc > 0 ? db_i64(statement, 0) : 0;
    (void)sqlite3_reset(statement);
    if (rc < 0) {
        return -1;
    }
    if (newest > begin->time_ms && begin->shift_ms == 0) {
        char then[CLOCK_TEXT];
        char now[CLOCK_TEXT];
        clock_rfc3339(newest, then);
        clock_rfc3339(begin->time_ms, now);
        return err_set(err, ERR_USAGE, "history",
                       "%s holds a visit of %s, and this clock says %s: set the clock right, or "
                       "say --as-of",
                       db->path, then, now);
    }
    return 0;
}

int ledger_begin(struct ledger *ledger, struct store_file *file, const struct scan_begin *begin,
                 struct err *err)
{
    bool ingest = begin->host_count == 0 && !begin->whole_fleet;
    struct scan_row row = {
        .begin = begin,
        .coverage = begin->whole_fleet ? "fleet"
                    : ingest           ? "ingest"
                                       : "limited",
    };
    struct arena arena = {.blocks = NULL};
    struct scope_host *scope = in_force_scope_of(begin->hosts, begin->host_count, &arena);
    const char *paths = begin->boot_paths;
    int rc = scope == NULL ? err_memory(err) : 0;
    if (rc == 0 && !ingest) {
        rc = check_newest(file, begin, err);
    }
    if (rc == 0 &&
        (store_file_source(file, begin->source, &row.source_id, err) != 0 ||
         abort_dead(file, row.source_id, err) != 0 ||
         (!ingest && put_scope(file, scope, begin->host_count, &row.scope_id, err) != 0) ||
         put_expectations(file, begin->expectations, &row.expectations_id, err) != 0 ||
         content_put(file->content, paths, paths == NULL ? 0 : strlen(paths), &row.boot_paths_id,
                     err) != 0)) {
        rc = -1;
    }
    int64_t id = 0;
    if (rc == 0) {
        rc = insert_scan(file, &row, &id, err);
    }
    arena_done(&arena);
    struct ledger_scan *scan = rc == 0 ? add_scan(ledger) : NULL;
    if (rc == 0 && scan == NULL) {
        rc = err_memory(err);
    }
    if (rc == 0) {
        scan->id = id;
        scan->source_id = row.source_id;
        scan->begun = true;
        scan->ingest = ingest;
        scan->start_ms = begin->time_ms;
    }
    return rc;
}

int ledger_scan_for(struct ledger *ledger, struct store_file *file, int64_t source_id,
                    const struct snapshot *snapshot, const struct expectation_set *expectations,
                    struct ledger_scan **ret, struct err *err)
{
    for (size_t i = 0; i < ledger->count; i++) {
        if (ledger->scans[i]->source_id == source_id) {
            *ret = ledger->scans[i];
            return 0;
        }
    }
    struct scan_begin begin = {.kind = snapshot->visit.kind, .time_ms = snapshot->visit.time_ms};
    struct scan_row row = {.source_id = source_id, .coverage = "ingest", .begin = &begin};
    int64_t id = 0;
    if (put_expectations(file, expectations, &row.expectations_id, err) != 0 ||
        insert_scan(file, &row, &id, err) != 0) {
        return -1;
    }
    struct ledger_scan *scan = add_scan(ledger);
    if (scan == NULL) {
        return err_memory(err);
    }
    scan->id = id;
    scan->source_id = source_id;
    scan->ingest = true;
    scan->start_ms = begin.time_ms;
    *ret = scan;
    return 0;
}

static int mark_brought(struct ledger_scan *scan, int64_t host_id, struct err *err)
{
    size_t place = (size_t)host_id;
    if (place >= scan->brought_size) {
        size_t size = scan->brought_size == 0 ? 1024 : scan->brought_size;
        while (size <= place) {
            size *= 2;
        }
        unsigned char *grown = realloc(scan->brought, size);
        if (grown == NULL) {
            return err_memory(err);
        }
        memset(grown + scan->brought_size, 0, size - scan->brought_size);
        scan->brought = grown;
        scan->brought_size = size;
    }
    if (scan->brought[place] == MARK_NONE) {
        scan->brought[place] = MARK_OPEN;
    }
    return 0;
}

int ledger_note(struct ledger_scan *scan, int64_t host_id, const struct snapshot *snapshot,
                bool skewed, struct err *err)
{
    struct ledger_count *now = &scan->now;
    int64_t time_ms = snapshot->visit.time_ms;
    now->first_ms = now->first_ms == 0 || time_ms < now->first_ms ? time_ms : now->first_ms;
    now->last_ms = time_ms > now->last_ms ? time_ms : now->last_ms;
    now->visits++;
    now->read += snapshot->visit.read ? 1 : 0;
    now->skewed += skewed ? 1 : 0;
    return scan->ingest ? mark_brought(scan, host_id, err) : 0;
}

int ledger_count(struct ledger *ledger, struct store_file *file, struct err *err)
{
    struct db *db = &file->db;
    for (size_t i = 0; i < ledger->count; i++) {
        const struct ledger_scan *scan = ledger->scans[i];
        if (scan->is_committed && scan->now.visits == scan->committed.visits) {
            continue;
        }
        sqlite3_stmt *statement = db_use(db, SQL_SCAN_COUNT);
        db_bind_i64(db, statement, ":scan", scan->id);
        db_bind_i64(db, statement, ":visits", scan->now.visits);
        db_bind_i64(db, statement, ":read", scan->now.read);
        db_bind_i64(db, statement, ":skewed", scan->now.skewed);
        if (db_run(db, statement, err) != 0) {
            return -1;
        }
    }
    return 0;
}

/* What an ingest run brought is its scope. */
static int put_brought(struct store_file *file, const struct ledger_scan *scan, int64_t *ret,
                       struct err *err)
{
    struct db *db = &file->db;
    struct arena arena = {.blocks = NULL};
    struct scope_host *hosts = NULL;
    size_t count = 0;
    int rc = 0;
    for (size_t id = 0; id < scan->brought_size && rc >= 0; id++) {
        if (scan->brought[id] == MARK_NONE) {
            continue;
        }
        sqlite3_stmt *statement = db_use(db, SQL_SCAN_HOST);
        db_bind_i64(db, statement, ":host", (int64_t)id);
        rc = db_step(db, statement, err);
        if (rc <= 0) {
            continue;
        }
        void *items = hosts;
        struct scope_host *host = arena_push(&arena, &items, &count, sizeof(*host));
        hosts = items;
        if (host == NULL) {
            rc = err_memory(err);
        } else {
            *host = (struct scope_host){
                .name = db_text(statement, 0, &arena),
                .os = db_text(statement, 1, &arena),
                .site = db_text(statement, 2, &arena),
                .farm = db_text(statement, 3, &arena),
                .state = db_text(statement, 4, &arena),
            };
        }
        (void)sqlite3_reset(statement);
    }
    if (rc >= 0) {
        rc = put_scope(file, hosts, count, ret, err);
    }
    arena_done(&arena);
    return rc < 0 ? -1 : 0;
}

static int end_scan(struct store_file *file, struct ledger_scan *scan, const char *outcome,
                    int64_t end_ms, struct err *err)
{
    struct db *db = &file->db;
    int64_t scope_id = 0;
    if (scan->ingest && scan->now.visits == 0) {
        sqlite3_stmt *drop = db_use(db, SQL_SCAN_DROP);
        db_bind_i64(db, drop, ":scan", scan->id);
        return db_run(db, drop, err);
    }
    if (scan->ingest && put_brought(file, scan, &scope_id, err) != 0) {
        return -1;
    }
    sqlite3_stmt *statement = db_use(db, SQL_SCAN_END);
    db_bind_i64(db, statement, ":scan", scan->id);
    db_bind_text(db, statement, ":outcome", outcome);
    db_bind_i64(db, statement, ":start", scan->ingest ? scan->now.first_ms : scan->start_ms);
    db_bind_i64(db, statement, ":end", scan->ingest ? scan->now.last_ms : end_ms);
    db_bind_known(db, statement, ":scope", scope_id, 0);
    db_bind_i64(db, statement, ":visits", scan->now.visits);
    db_bind_i64(db, statement, ":read", scan->now.read);
    db_bind_i64(db, statement, ":skewed", scan->now.skewed);
    return db_run(db, statement, err);
}

int ledger_end(struct ledger *ledger, struct store_file *file, const struct scan_end *end,
               struct err *err)
{
    for (size_t i = 0; i < ledger->count; i++) {
        struct ledger_scan *scan = ledger->scans[i];
        if (end == NULL && scan->begun) {
            continue;
        }
        const char *outcome = end != NULL && end->interrupted ? "interrupted" : "complete";
        if (end_scan(file, scan, outcome, end == NULL ? 0 : end->time_ms, err) != 0) {
            return -1;
        }
    }
    return 0;
}
