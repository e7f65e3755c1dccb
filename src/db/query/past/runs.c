/* runs: the scans, light and full, and what came in by ingest. */
#include "db/query/past/runs.h"

#include "db/query/query_file.h"

void run_list_done(struct run_list *list)
{
    if (list != NULL) {
        arena_done(&list->arena);
        *list = (struct run_list){.count = 0};
    }
}

static int take_run(struct run_list *list, sqlite3_stmt *statement, int64_t time_ms,
                    struct err *err)
{
    struct arena *arena = &list->arena;
    void *items = list->rows;
    struct run_row *run = arena_push(arena, &items, &list->count, sizeof(*run));
    list->rows = items;
    if (run == NULL) {
        return err_memory(err);
    }
    *run = (struct run_row){
        .source = db_text(statement, 0, arena),
        .kind = db_i64(statement, 1) == 0 ? VISIT_FULL : VISIT_LIGHT,
        .coverage = db_text(statement, 2, arena),
        .outcome = db_text(statement, 3, arena),
        .start_ms = db_i64(statement, 4),
        .end_ms = db_i64(statement, 5),
        .shift_ms = db_i64(statement, 6),
        .visits = db_i64(statement, 7),
        .visits_read = db_i64(statement, 8),
        .skewed = db_i64(statement, 9),
        .version = db_text(statement, 10, arena),
        .limit = db_text(statement, 11, arena),
        .inventory = db_text(statement, 12, arena),
    };
    run->clock_suspect = run->skewed * 2 > run->visits_read && run->visits_read > 1;
    if (run->end_ms > time_ms) {
        run->end_ms = 0;
        run->outcome = "running";
    }
    return 0;
}

int query_runs(struct query *query, const struct query_frame *frame, int64_t from_ms, int64_t to_ms,
               struct run_list *ret, struct err *err)
{
    struct run_list list = {.count = 0};
    struct db *db = &query->db;
    int64_t time_ms = query_time(frame);
    int64_t last_ms = to_ms != 0 && query_end_of(to_ms) < time_ms ? query_end_of(to_ms) : time_ms;
    sqlite3_stmt *statement = db_use(db, ASK_SCANS);
    db_bind_i64(db, statement, ":from", from_ms);
    db_bind_i64(db, statement, ":to", last_ms);
    int rc = db_step(db, statement, err);
    while (rc > 0) {
        rc = take_run(&list, statement, time_ms, err) == 0 ? db_step(db, statement, err) : -1;
    }
    (void)sqlite3_reset(statement);
    if (rc != 0) {
        run_list_done(&list);
        return -1;
    }
    *ret = list;
    return 0;
}
