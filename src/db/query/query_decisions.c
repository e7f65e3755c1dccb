/* query_decisions: who was told what by gate and verify, when, and on which readings. */
#include "db/query/query.h"

#include "core/clock.h"
#include "db/query/query_file.h"

void decision_list_done(struct decision_list *list)
{
    if (list != NULL) {
        arena_done(&list->arena);
        *list = (struct decision_list){.count = 0};
    }
}

static int add_row(sqlite3_stmt *statement, struct decision_list *list, struct err *err)
{
    struct arena *arena = &list->arena;
    void *items = list->rows;
    struct decision_row *row = arena_push(arena, &items, &list->count, sizeof(*row));
    list->rows = items;
    if (row == NULL) {
        return err_memory(err);
    }
    *row = (struct decision_row){
        .id = db_i64(statement, 0),
        .time_ms = db_i64(statement, 1),
        .kind = db_text(statement, 2, arena),
        .asked_by = db_text(statement, 3, arena),
        .change = db_text(statement, 4, arena),
        .answer = db_text(statement, 5, arena),
        .sentence = db_text(statement, 6, arena),
        .hold_host = db_text(statement, 7, arena),
        .hold_until_ms = db_known(statement, 8, 0),
        .released_ms = db_known(statement, 9, 0),
        .released_by = db_text(statement, 10, arena),
    };
    return 0;
}

static int add_readings(struct query *query, struct decision_row *row, struct arena *arena,
                        struct err *err)
{
    struct db *db = &query->db;
    sqlite3_stmt *statement = db_use(db, ASK_READINGS_OF_DECISION);
    struct buf text;
    int rc = 0;
    buf_init(&text, 1 << 24);
    db_bind_i64(db, statement, ":decision", row->id);
    while ((rc = db_step(db, statement, err)) > 0) {
        char when[CLOCK_TEXT];
        clock_rfc3339(db_i64(statement, 1), when);
        (void)buf_printf(&text, "%s%s@%s", row->reading_count == 0 ? "" : ", ",
                         (const char *)sqlite3_column_text(statement, 0), when);
        row->reading_count++;
    }
    if (rc == 0 && row->reading_count > 0) {
        row->readings = text.failed ? NULL : arena_strdup(arena, text.data);
        rc = row->readings == NULL ? err_memory(err) : 0;
    }
    buf_done(&text);
    return rc;
}

static int load(struct query *query, int64_t from_ms, int64_t to_ms, const char *change,
                struct decision_list *list, struct err *err)
{
    struct db *db = &query->db;
    sqlite3_stmt *statement = db_use(db, ASK_DECISIONS);
    int rc = 0;
    db_bind_i64(db, statement, ":from", from_ms);
    db_bind_i64(db, statement, ":to", to_ms == 0 ? INT64_MAX : query_end_of(to_ms));
    db_bind_text(db, statement, ":change", change);
    while ((rc = db_step(db, statement, err)) > 0) {
        if (add_row(statement, list, err) != 0) {
            (void)sqlite3_reset(statement);
            return -1;
        }
    }
    for (size_t i = 0; i < list->count && rc == 0; i++) {
        rc = add_readings(query, &list->rows[i], &list->arena, err);
    }
    return rc;
}

int query_decisions(struct query *query, int64_t from_ms, int64_t to_ms, const char *change,
                    struct decision_list *ret, struct err *err)
{
    struct decision_list list = {.count = 0};
    if (query_begin(query, err) != 0) {
        return -1;
    }
    int rc = load(query, from_ms, to_ms, change, &list, err);
    query_end(query);
    if (rc != 0) {
        decision_list_done(&list);
        return -1;
    }
    *ret = list;
    return 0;
}
