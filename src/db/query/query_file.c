/* query_file: the open file of the reader, and what several questions need of it. */
#include "db/query/query_file.h"

#include "core/embedded.h"
#include "core/str.h"
#include "db/file/open.h"
#include "db/reading/in_force.h"

#include <stdlib.h>

/* What the clocks of a collector and of an asker may be apart. */
enum { CLOCK_TOLERANCE_MS = 5 * 60 * 1000 };

struct query_set {
    int64_t id;
    struct expectation_set set;
};

int query_open(const char *path, struct query **ret, struct err *err)
{
    static const struct content_statements statements = {
        .by_hash = ASK_CONTENT_BY_HASH, .insert = ASK_CONTENT_BY_ID, .by_id = ASK_CONTENT_BY_ID};
    struct query *query = calloc(1, sizeof(*query));
    if (query == NULL) {
        return err_memory(err);
    }
    if (open_reader(path, schema_embedded, &query->db, err) != 0 ||
        db_prepare(&query->db, query_sql, ASK_COUNT, err) != 0) {
        query_close(query);
        return -1;
    }
    query->content = content_new(&query->db, statements);
    if (query->content == NULL) {
        query_close(query);
        return err_memory(err);
    }
    query->source = (struct observation_source){.db = &query->db,
                                                .content = query->content,
                                                .slots_of_host = ASK_SLOTS_OF_HOST,
                                                .volatile_by_id = ASK_VOLATILE_BY_ID};
    *ret = query;
    return 0;
}

void query_close(struct query *query)
{
    if (query == NULL) {
        return;
    }
    for (size_t i = 0; i < query->set_count; i++) {
        expectation_set_done(&query->sets[i]->set);
    }
    arena_done(&query->arena);
    content_free(query->content);
    db_close(&query->db);
    free(query);
}

int query_begin(struct query *query, struct err *err)
{
    return db_exec(&query->db, "BEGIN", err);
}

void query_end(struct query *query)
{
    db_rollback(&query->db);
}

int64_t query_time(const struct query_frame *frame)
{
    return frame->as_of_ms == 0 ? INT64_MAX : frame->as_of_ms;
}

bool query_wants(const struct query_frame *frame, const char *host)
{
    return frame->wants == NULL || frame->wants(frame->data, host);
}

bool query_is_ahead(const struct query_frame *frame, int64_t then_ms)
{
    return frame->as_of_ms == 0 && frame->now_ms > 0 &&
           then_ms - frame->now_ms > CLOCK_TOLERANCE_MS;
}

bool query_is_older(const struct query_frame *frame, int64_t then_ms, int64_t age_ms)
{
    int64_t now_ms = frame->as_of_ms != 0 ? frame->as_of_ms : frame->now_ms;
    return now_ms - then_ms > age_ms;
}

bool query_is_stale(const struct query_frame *frame, int64_t then_ms)
{
    return frame->stale_after_ms > 0 && query_is_older(frame, then_ms, frame->stale_after_ms);
}

static int load_set(struct query *query, int64_t id, struct expectation_set *ret, struct err *err)
{
    struct arena arena = {.blocks = NULL};
    const char *text = NULL;
    int rc = content_get(query->content, id, &arena, &text, err);
    if (rc == 0 && !in_force_read_expectations(text, ret)) {
        rc = err_set(err, ERR_HISTORY, "history",
                     "%s: the expectations of a scan cannot be read: the file is damaged, or of a "
                     "newer program",
                     query->db.path);
    }
    arena_done(&arena);
    return rc;
}

int query_expectations(struct query *query, int64_t id, const struct expectation_set **ret,
                       struct err *err)
{
    for (size_t i = 0; i < query->set_count; i++) {
        if (query->sets[i]->id == id) {
            *ret = &query->sets[i]->set;
            return 0;
        }
    }
    struct query_set *set = arena_alloc(&query->arena, sizeof(*set));
    if (set == NULL) {
        return err_memory(err);
    }
    if (load_set(query, id, &set->set, err) != 0) {
        return -1;
    }
    set->id = id;
    void *items = query->sets;
    struct query_set **place =
        arena_push(&query->arena, &items, &query->set_count, sizeof(struct query_set *));
    query->sets = items;
    if (place == NULL) {
        expectation_set_done(&set->set);
        return err_memory(err);
    }
    *place = set;
    *ret = &set->set;
    return 0;
}

int query_scan_expectations(struct query *query, int64_t scan_id,
                            const struct expectation_set **ret, struct err *err)
{
    if (query->scan_id == scan_id && query->scan_set != NULL) {
        *ret = query->scan_set;
        return 0;
    }
    sqlite3_stmt *statement = db_use(&query->db, ASK_SCAN_EXPECTATIONS);
    db_bind_i64(&query->db, statement, ":scan", scan_id);
    int rc = db_step(&query->db, statement, err);
    int64_t id = rc > 0 ? db_i64(statement, 0) : 0;
    (void)sqlite3_reset(statement);
    if (rc < 0 || query_expectations(query, id, &query->scan_set, err) != 0) {
        query->scan_set = NULL;
        return -1;
    }
    query->scan_id = scan_id;
    *ret = query->scan_set;
    return 0;
}

int query_expectation_id(struct query *query, const char *name, int64_t *ret, struct err *err)
{
    sqlite3_stmt *statement = db_use(&query->db, ASK_EXPECTATIONS);
    int rc = db_step(&query->db, statement, err);
    int64_t id = 0;
    while (rc > 0 && id == 0) {
        if (str_ieq((const char *)sqlite3_column_text(statement, 1), name)) {
            id = db_i64(statement, 0);
        }
        rc = db_step(&query->db, statement, err);
    }
    (void)sqlite3_reset(statement);
    if (rc < 0) {
        return -1;
    }
    *ret = id;
    return 0;
}

int query_observation(struct query *query, unsigned ask, int64_t host_id, int64_t time_ms,
                      struct arena *arena, struct observation *ret, struct err *err)
{
    sqlite3_stmt *statement = db_use(&query->db, ask);
    db_bind_i64(&query->db, statement, ":host", host_id);
    db_bind_i64(&query->db, statement, ":time", time_ms);
    int rc = db_step(&query->db, statement, err);
    if (rc > 0) {
        rc = observation_take(&query->source, statement, arena, ret, err) == 0 ? 1 : -1;
        (void)sqlite3_reset(statement);
    }
    return rc;
}

static int take_boot(struct query *query, sqlite3_stmt *statement, struct query_boot *ret,
                     struct err *err)
{
    int rc = db_step(&query->db, statement, err);
    *ret = (struct query_boot){.no = 0};
    if (rc > 0) {
        *ret = (struct query_boot){.no = db_i64(statement, 0),
                                   .time_ms = db_i64(statement, 1),
                                   .first_ms = db_i64(statement, 2),
                                   .machine_no = db_i64(statement, 3)};
        (void)sqlite3_reset(statement);
    }
    return rc;
}

int query_boot_at(struct query *query, int64_t host_id, int64_t time_ms, struct query_boot *ret,
                  struct err *err)
{
    sqlite3_stmt *statement = db_use(&query->db, ASK_BOOT_BEFORE);
    db_bind_i64(&query->db, statement, ":host", host_id);
    db_bind_i64(&query->db, statement, ":time", time_ms);
    return take_boot(query, statement, ret, err);
}

int query_boot(struct query *query, int64_t host_id, int64_t no, struct query_boot *ret,
               struct err *err)
{
    sqlite3_stmt *statement = db_use(&query->db, ASK_BOOT);
    db_bind_i64(&query->db, statement, ":host", host_id);
    db_bind_i64(&query->db, statement, ":no", no);
    return take_boot(query, statement, ret, err);
}
