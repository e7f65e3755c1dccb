/* query_hosts: every host of the history, and two names of one machine. */
#include "db/query/query.h"

#include "core/str.h"
#include "db/query/fleet.h"

#include <string.h>

void host_list_done(struct host_list *list)
{
    if (list != NULL) {
        arena_done(&list->arena);
        *list = (struct host_list){.count = 0};
    }
}

static int show_machine(struct query *query, const struct query_frame *frame, int64_t host_id,
                        struct arena *arena, struct host_row *row, struct err *err)
{
    struct db *db = &query->db;
    sqlite3_stmt *statement = db_use(db, ASK_MACHINE_BEFORE);
    db_bind_i64(db, statement, ":host", host_id);
    db_bind_i64(db, statement, ":time", query_time(frame));
    int rc = db_step(db, statement, err);
    if (rc > 0) {
        row->machine_id = db_text(statement, 0, arena);
        row->computer_name = db_text(statement, 1, arena);
        (void)sqlite3_reset(statement);
    }
    return rc < 0 ? -1 : 0;
}

static int ask_time(struct query *query, unsigned id, int64_t host_id, int64_t time_ms,
                    int64_t *ret, struct err *err)
{
    struct db *db = &query->db;
    sqlite3_stmt *statement = db_use(db, id);
    db_bind_i64(db, statement, ":host", host_id);
    if (id == ASK_READ_TIME) {
        db_bind_i64(db, statement, ":time", time_ms);
    }
    int rc = db_step(db, statement, err);
    *ret = rc > 0 ? db_i64(statement, 0) : 0;
    (void)sqlite3_reset(statement);
    return rc < 0 ? -1 : 0;
}

static int add_row(struct query *query, const struct query_frame *frame,
                   const struct fleet_host *host, struct host_list *list, struct err *err)
{
    struct arena *arena = &list->arena;
    void *items = list->rows;
    struct host_row *row = arena_push(arena, &items, &list->count, sizeof(*row));
    list->rows = items;
    if (row == NULL) {
        return err_memory(err);
    }
    row->host = arena_strdup(arena, host->label);
    row->name = arena_strdup(arena, host->name);
    row->source = arena_strdup(arena, host->source);
    row->site = arena_strdup(arena, host->site);
    row->farm = arena_strdup(arena, host->farm);
    row->timezone = arena_strdup(arena, host->declared.timezone);
    row->os = arena_strdup(arena, host->os);
    row->transport = arena_strdup(arena, host->transport);
    row->state = host->state;
    row->counts = host->counts;
    if (!host->visited) {
        return 0;
    }
    row->last_seen_ms = host->newest.visit.time_ms;
    return ask_time(query, ASK_FIRST_TIME, host->id, 0, &row->first_seen_ms, err) != 0 ||
                   ask_time(query, ASK_READ_TIME, host->id, query_time(frame), &row->last_read_ms,
                            err) != 0 ||
                   show_machine(query, frame, host->id, arena, row, err) != 0
               ? -1
               : 0;
}

static void find_twins(struct host_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        for (size_t k = 0; k < list->count && list->rows[i].machine_id != NULL; k++) {
            if (k != i && str_eq(list->rows[i].machine_id, list->rows[k].machine_id)) {
                list->rows[i].same_machine_as = list->rows[k].host;
                break;
            }
        }
    }
}

static void find_former(struct host_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        struct host_row *row = &list->rows[i];
        for (size_t k = 0; k < list->count && row->counts && row->machine_id != NULL; k++) {
            const struct host_row *old = &list->rows[k];
            if (!old->counts && old->state != HOST_RETIRED && str_eq(old->source, row->source) &&
                str_ieq(old->machine_id, row->machine_id) &&
                old->last_seen_ms < row->first_seen_ms) {
                row->formerly = old->host;
            }
        }
    }
}

int query_hosts(struct query *query, const struct query_frame *frame, struct host_list *ret,
                struct err *err)
{
    struct host_list list = {.count = 0};
    struct fleet fleet = {.count = 0};
    if (query_begin(query, err) != 0) {
        return -1;
    }
    int rc = fleet_load_all(query, frame, &fleet, err);
    for (size_t i = 0; i < fleet.count && rc == 0; i++) {
        rc = add_row(query, frame, &fleet.hosts[i], &list, err);
    }
    query_end(query);
    fleet_done(&fleet);
    if (rc != 0) {
        host_list_done(&list);
        return -1;
    }
    find_twins(&list);
    find_former(&list);
    *ret = list;
    return 0;
}
