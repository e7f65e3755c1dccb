/* query_file: the open file of the reader, and what several questions need of it. */
#include "db/query/query_file.h"

#include "core/embedded.h"
#include "core/str.h"
#include "db/file/open.h"

#include <stdlib.h>
#include <string.h>

/* What the clocks of a collector and of an asker may be apart. */
enum { CLOCK_TOLERANCE_MS = 5 * 60 * 1000 };

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
    query->sets = (struct known_sets){
        .db = &query->db, .content = query->content, .scan_expectations = ASK_SCAN_EXPECTATIONS};
    *ret = query;
    return 0;
}

void query_close(struct query *query)
{
    if (query == NULL) {
        return;
    }
    known_sets_done(&query->sets);
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

int64_t query_end_of(int64_t ms)
{
    return ms != 0 && ms % 1000 == 0 ? ms + 999 : ms;
}

int64_t query_time(const struct query_frame *frame)
{
    return frame->as_of_ms == 0 ? INT64_MAX : query_end_of(frame->as_of_ms);
}

bool query_wants(const struct query_frame *frame, const char *host, const char *site,
                 const char *farm)
{
    return frame->wants == NULL || frame->wants(frame->data, host, site, farm);
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

static int by_scope_name(const void *left, const void *right)
{
    return strcmp(((const struct scope_host *)left)->name,
                  ((const struct scope_host *)right)->name);
}

static struct scope_host *scope_find(struct scope_host *hosts, size_t count, const char *name)
{
    const struct scope_host key = {.name = name};
    return count == 0 ? NULL : bsearch(&key, hosts, count, sizeof(*hosts), by_scope_name);
}

/* Each row of the statement, whose first column is a name in the scope: its second is the name of
 * today, and without one the host is retired. */
static int change_scope(struct query *query, unsigned ask, const struct scope_of *of,
                        struct arena *arena, struct scope_host *hosts, size_t count,
                        struct err *err)
{
    struct db *db = &query->db;
    sqlite3_stmt *statement = db_use(db, ask);
    db_bind_i64(db, statement, ":source", of->source_id);
    db_bind_i64(db, statement, ":from", of->start_ms);
    if (ask == ASK_RETIRED_SINCE) {
        db_bind_i64(db, statement, ":time", of->time_ms);
    }
    int rc = db_step(db, statement, err);
    while (rc > 0) {
        const char *name = (const char *)sqlite3_column_text(statement, 0);
        struct scope_host *host = name == NULL ? NULL : scope_find(hosts, count, name);
        if (host != NULL && ask == ASK_RETIRED_SINCE) {
            host->state = host_state_name(HOST_RETIRED);
        } else if (host != NULL) {
            host->name = db_text(statement, 1, arena);
            qsort(hosts, count, sizeof(*hosts), by_scope_name);
        }
        rc = host != NULL && host->name == NULL ? err_memory(err) : db_step(db, statement, err);
    }
    (void)sqlite3_reset(statement);
    return rc;
}

int query_scope(struct query *query, const struct scope_of *of, struct arena *arena,
                struct scope_host **ret, size_t *ret_count, struct err *err)
{
    const char *text = NULL;
    if (content_get(query->content, of->id, arena, &text, err) != 0) {
        return -1;
    }
    if (!in_force_read_scope(text, arena, ret, ret_count)) {
        return err_set(err, ERR_HISTORY, "history",
                       "%s: the scope of a scan cannot be read: the file is damaged",
                       query->db.path);
    }
    return change_scope(query, ASK_RENAMED_SINCE, of, arena, *ret, *ret_count, err) != 0
               ? -1
               : change_scope(query, ASK_RETIRED_SINCE, of, arena, *ret, *ret_count, err);
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
