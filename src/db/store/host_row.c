/* host_row: where a host stands: its row in host_state. */
#include "db/store/host_row.h"

#include "db/store/store_sql.h"

enum { FACTS_MAX = 16 * 1024 * 1024 };

int host_row_load(struct db *db, int64_t host_id, struct arena *arena, struct host_row *ret,
                  struct err *err)
{
    struct host_row row = {.mark = {.uptime_ms = -1}};
    sqlite3_stmt *statement = db_use(db, SQL_HOST_STATE);
    db_bind_i64(db, statement, ":host", host_id);
    int rc = db_step(db, statement, err);
    if (rc <= 0) {
        *ret = rc == 0 ? row : *ret;
        return rc;
    }
    row.there = true;
    row.rebuild = db_i64(statement, 0) != 0;
    row.newest_ms = db_i64(statement, 1);
    row.newest_kind = db_i64(statement, 2);
    row.newest_source_id = db_i64(statement, 3);
    row.first_ms = db_i64(statement, 4);
    row.read_ms = db_i64(statement, 5);
    row.os = db_text(statement, 6, arena);
    row.site = db_text(statement, 7, arena);
    row.farm = db_text(statement, 8, arena);
    row.state = db_text(statement, 9, arena);
    row.transport = db_text(statement, 10, arena);
    row.machine_no = db_i64(statement, 11);
    row.build_ms = db_i64(statement, 12);
    row.machine_text_id = db_i64(statement, 13);
    row.boot_no = db_i64(statement, 14);
    row.mark.reading_ms = db_i64(statement, 15);
    row.mark.clock_ms = db_i64(statement, 16);
    row.mark.uptime_ms = db_i64(statement, 17);
    bool facts = boot_facts_read(db_text(statement, 18, arena), arena, &row.mark);
    row.mark.suspect = db_i64(statement, 19) != 0;
    row.full_ms = db_i64(statement, 20);
    row.changed_ms = db_i64(statement, 21);
    row.light_ms = db_i64(statement, 22);
    (void)sqlite3_reset(statement);
    if (!facts) {
        return err_set(err, ERR_HISTORY, "history",
                       "%s: a boot's facts cannot be read: the file is damaged", db->path);
    }
    *ret = row;
    return 0;
}

int host_row_save(struct db *db, int64_t host_id, const struct host_row *row, struct err *err)
{
    struct buf facts;
    buf_init(&facts, FACTS_MAX);
    if (row->mark.reading_ms != 0) {
        boot_facts_write(&row->mark, &facts);
    }
    sqlite3_stmt *statement = db_use(db, SQL_HOST_STATE_PUT);
    db_bind_i64(db, statement, ":host", host_id);
    db_bind_i64(db, statement, ":rebuild", row->rebuild);
    db_bind_i64(db, statement, ":newest", row->newest_ms);
    db_bind_i64(db, statement, ":newest_kind", row->newest_kind);
    db_bind_i64(db, statement, ":newest_source", row->newest_source_id);
    db_bind_i64(db, statement, ":first", row->first_ms);
    db_bind_i64(db, statement, ":read", row->read_ms);
    db_bind_i64(db, statement, ":full", row->full_ms);
    db_bind_i64(db, statement, ":changed", row->changed_ms);
    db_bind_i64(db, statement, ":light", row->light_ms);
    db_bind_text(db, statement, ":os", row->os);
    db_bind_text(db, statement, ":site", row->site);
    db_bind_text(db, statement, ":farm", row->farm);
    db_bind_text(db, statement, ":state", row->state);
    db_bind_text(db, statement, ":transport", row->transport);
    db_bind_i64(db, statement, ":machine_no", row->machine_no);
    db_bind_i64(db, statement, ":build", row->build_ms);
    db_bind_i64(db, statement, ":machine_text", row->machine_text_id);
    db_bind_i64(db, statement, ":boot_no", row->boot_no);
    db_bind_i64(db, statement, ":boot_reading", row->mark.reading_ms);
    db_bind_i64(db, statement, ":boot_clock", row->mark.clock_ms);
    db_bind_i64(db, statement, ":boot_uptime", row->mark.uptime_ms);
    db_bind_text(db, statement, ":boot_facts", facts.data);
    db_bind_i64(db, statement, ":boot_suspect", row->mark.suspect);
    int rc = facts.failed ? err_memory(err) : db_run(db, statement, err);
    buf_done(&facts);
    return rc;
}
