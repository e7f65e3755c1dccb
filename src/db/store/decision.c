/* decision: rows of decisions and holds, written in one transaction with the look at the holds. */
#include "db/store/decision.h"

#include "db/store/store_internal.h"

void hold_list_done(struct hold_list *list)
{
    if (list != NULL) {
        arena_done(&list->arena);
        *list = (struct hold_list){.count = 0};
    }
}

static int load_holds(struct store_file *file, int64_t source_id, int64_t now_ms,
                      struct hold_list *list, struct err *err)
{
    struct db *db = &file->db;
    sqlite3_stmt *statement = db_use(db, SQL_HOLDS_IN_FORCE);
    db_bind_i64(db, statement, ":source", source_id);
    db_bind_i64(db, statement, ":now", now_ms);
    int rc = 0;
    while ((rc = db_step(db, statement, err)) > 0) {
        void *items = list->rows;
        struct hold *hold = arena_push(&list->arena, &items, &list->count, sizeof(*hold));
        list->rows = items;
        if (hold == NULL) {
            (void)sqlite3_reset(statement);
            return err_memory(err);
        }
        *hold = (struct hold){
            .id = db_i64(statement, 0),
            .host = db_text(statement, 1, &list->arena),
            .change = db_text(statement, 2, &list->arena),
            .held_by = db_text(statement, 3, &list->arena),
            .from_ms = db_i64(statement, 4),
            .until_ms = db_i64(statement, 5),
        };
    }
    return rc;
}

struct writing {
    struct store_file *file;
    const struct ruling *ruling;
    int64_t source_id, now_ms;
    struct err *err;
};

static int put_hold(const struct writing *writing, const char *host, int64_t *ret)
{
    struct db *db = &writing->file->db;
    int64_t host_id = 0;
    if (store_file_host(writing->file, writing->source_id, host, &host_id, writing->err) != 0) {
        return -1;
    }
    sqlite3_stmt *statement = db_use(db, SQL_HOLD_INSERT);
    db_bind_i64(db, statement, ":host", host_id);
    db_bind_text(db, statement, ":change", writing->ruling->change);
    db_bind_i64(db, statement, ":from", writing->now_ms);
    db_bind_i64(db, statement, ":until", writing->ruling->hold_until_ms);
    db_bind_text(db, statement, ":by", writing->ruling->asked_by);
    db_bind_text(db, statement, ":reason", writing->ruling->reason);
    if (db_run(db, statement, writing->err) != 0) {
        return -1;
    }
    *ret = sqlite3_last_insert_rowid(db->handle);
    return 0;
}

static int end_hold(const struct writing *writing, int64_t id)
{
    struct db *db = &writing->file->db;
    sqlite3_stmt *statement = db_use(db, SQL_HOLD_RELEASE);
    db_bind_i64(db, statement, ":hold", id);
    db_bind_i64(db, statement, ":now", writing->now_ms);
    db_bind_text(db, statement, ":by", writing->ruling->asked_by);
    return db_run(db, statement, writing->err);
}

static int put_readings(const struct writing *writing, int64_t decision_id)
{
    struct db *db = &writing->file->db;
    for (size_t i = 0; i < writing->ruling->reading_count; i++) {
        const struct decision_reading *reading = &writing->ruling->readings[i];
        int64_t host_id = 0;
        if (store_file_host(writing->file, writing->source_id, reading->host, &host_id,
                            writing->err) != 0) {
            return -1;
        }
        sqlite3_stmt *statement = db_use(db, SQL_DECISION_READING);
        db_bind_i64(db, statement, ":decision", decision_id);
        db_bind_i64(db, statement, ":host", host_id);
        db_bind_i64(db, statement, ":time", reading->time_ms);
        db_bind_i64(db, statement, ":kind", (int64_t)reading->kind);
        db_bind_i64(db, statement, ":source", writing->source_id);
        if (db_run(db, statement, writing->err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int put_decision(const struct writing *writing, const struct decision *decision)
{
    struct db *db = &writing->file->db;
    int64_t hold_id = decision->released_id;
    if (decision->released_id != 0) {
        if (end_hold(writing, decision->released_id) != 0) {
            return -1;
        }
    } else if (decision->hold_host != NULL &&
               put_hold(writing, decision->hold_host, &hold_id) != 0) {
        return -1;
    }
    sqlite3_stmt *statement = db_use(db, SQL_DECISION_INSERT);
    db_bind_i64(db, statement, ":time", writing->now_ms);
    db_bind_text(db, statement, ":kind", decision->kind);
    db_bind_text(db, statement, ":by", writing->ruling->asked_by);
    db_bind_text(db, statement, ":change", writing->ruling->change);
    db_bind_text(db, statement, ":answer", decision->answer);
    db_bind_text(db, statement, ":sentence", decision->sentence);
    db_bind_known(db, statement, ":hold", hold_id, 0);
    if (db_run(db, statement, writing->err) != 0) {
        return -1;
    }
    return put_readings(writing, sqlite3_last_insert_rowid(db->handle));
}

static int decide(struct store_file *file, const struct store_decider *decider,
                  struct hold_list *holds, struct err *err)
{
    struct ruling ruling = {.decision_count = 0};
    struct writing writing = {
        .file = file, .ruling = &ruling, .now_ms = decider->now_ms, .err = err};
    if (store_file_source(file, decider->source, &writing.source_id, err) != 0 ||
        load_holds(file, writing.source_id, decider->now_ms, holds, err) != 0 ||
        decider->decide(decider->data, holds, &ruling, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < ruling.decision_count; i++) {
        if (put_decision(&writing, &ruling.decisions[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

int store_decide(struct store *store, const struct store_decider *decider, struct err *err)
{
    struct hold_list holds = {.count = 0};
    struct store_file *file = store_flushed_file(store, err);
    if (file == NULL || db_begin(&file->db, err) != 0) {
        return -1;
    }
    int rc = decide(file, decider, &holds, err);
    hold_list_done(&holds);
    if (rc != 0 || db_commit(&file->db, err) != 0) {
        store_roll_back(store);
        return -1;
    }
    return 0;
}

int store_holds(struct store *store, const char *source, int64_t now_ms, struct hold_list *ret,
                struct err *err)
{
    struct hold_list list = {.count = 0};
    int64_t source_id = 0;
    struct store_file *file = store_flushed_file(store, err);
    if (file == NULL || db_begin(&file->db, err) != 0) {
        return -1;
    }
    if (store_file_source(file, source, &source_id, err) != 0 ||
        load_holds(file, source_id, now_ms, &list, err) != 0 || db_commit(&file->db, err) != 0) {
        hold_list_done(&list);
        store_roll_back(store);
        return -1;
    }
    *ret = list;
    return 0;
}
