/* observation: rows of the truth back into snapshots, for the replay and for every question. */
#include "db/reading/observation.h"

#include "model/declaration.h"

#include <string.h>

enum column {
    COLUMN_HOST_ID,
    COLUMN_HOST,
    COLUMN_SOURCE,
    COLUMN_KIND,
    COLUMN_TIME,
    COLUMN_SOURCE_ID,
    COLUMN_SCAN_ID,
    COLUMN_DURATION,
    COLUMN_READ,
    COLUMN_REASON,
    COLUMN_CODE,
    COLUMN_BOOT_TIME,
    COLUMN_HOST_CLOCK,
    COLUMN_UPTIME,
    COLUMN_DETAIL_ID,
    COLUMN_DECLARATION_ID,
    COLUMN_VOLATILE_ID,
    COLUMN_EXTRA_ID,
    COLUMN_TEXTS /* in the order of enum codec_text */
};

int observation_take(const struct observation_source *source, sqlite3_stmt *statement,
                     struct arena *arena, struct observation *ret, struct err *err)
{
    struct observation row = {
        .host_id = db_i64(statement, COLUMN_HOST_ID),
        .source_id = db_i64(statement, COLUMN_SOURCE_ID),
        .scan_id = db_i64(statement, COLUMN_SCAN_ID),
        .boot_time_ms = db_i64(statement, COLUMN_BOOT_TIME),
        .host_clock_ms = db_i64(statement, COLUMN_HOST_CLOCK),
        .uptime_ms = db_known(statement, COLUMN_UPTIME, -1),
        .detail_id = db_i64(statement, COLUMN_DETAIL_ID),
        .declaration_id = db_i64(statement, COLUMN_DECLARATION_ID),
        .volatile_id = db_i64(statement, COLUMN_VOLATILE_ID),
        .extra_id = db_i64(statement, COLUMN_EXTRA_ID),
        .visit = {
            .host = db_text(statement, COLUMN_HOST, arena),
            .source = db_text(statement, COLUMN_SOURCE, arena),
            .kind = db_i64(statement, COLUMN_KIND) == 0 ? VISIT_FULL : VISIT_LIGHT,
            .time_ms = db_i64(statement, COLUMN_TIME),
            .duration_ms = db_i64(statement, COLUMN_DURATION),
            .read = db_i64(statement, COLUMN_READ) != 0,
            .code = db_i64(statement, COLUMN_CODE),
        }};
    for (int i = 0; i < TEXT_COUNT; i++) {
        row.texts[i] = db_i64(statement, COLUMN_TEXTS + i);
    }
    const char *reason = db_text(statement, COLUMN_REASON, arena);
    if (reason != NULL && !reason_parse(reason, &row.visit.reason)) {
        return err_set(err, ERR_HISTORY, "history",
                       "%s: a visit failed for a reason that this program does not know (%s); use "
                       "a newer one",
                       source->db->path, reason);
    }
    *ret = row;
    return 0;
}

int observation_slots(const struct observation_source *source, int64_t host_id, struct arena *arena,
                      struct slots *ret, struct err *err)
{
    struct db *db = source->db;
    struct slots slots = {.arena = arena};
    sqlite3_stmt *statement = db_use(db, source->slots_of_host);
    db_bind_i64(db, statement, ":host", host_id);
    int rc = db_step(db, statement, err);
    while (rc > 0) {
        void *items = slots.ips;
        struct ip *ip = arena_push(arena, &items, &slots.count, sizeof(*ip));
        slots.ips = items;
        const char *text = (const char *)sqlite3_column_text(statement, 0);
        if (ip == NULL || text == NULL || !ip_parse((struct slice){text, strlen(text)}, ip)) {
            rc = err_set(err, ERR_HISTORY, "history",
                         "%s: an address of a host is not one: the file is damaged", db->path);
        } else {
            rc = db_step(db, statement, err);
        }
    }
    (void)sqlite3_reset(statement);
    if (rc == 0) {
        *ret = slots;
    }
    return rc;
}

static int get_blob(const struct observation_source *source, int64_t id, struct arena *arena,
                    struct coded_view *view, struct err *err)
{
    struct db *db = source->db;
    if (id == 0) {
        return 0;
    }
    sqlite3_stmt *statement = db_use(db, source->volatile_by_id);
    db_bind_i64(db, statement, ":id", id);
    int rc = db_step(db, statement, err);
    if (rc > 0) {
        const void *bytes = sqlite3_column_blob(statement, 0);
        view->blob_len = (size_t)sqlite3_column_bytes(statement, 0);
        view->blob = arena_strndup(arena, bytes, view->blob_len);
        (void)sqlite3_reset(statement);
    }
    return rc < 0 ? -1 : 0;
}

int observation_decode(const struct observation_source *source, const struct observation *row,
                       const struct slots *slots, struct snapshot *ret, struct err *err)
{
    struct coded_view view = {.blob = NULL};
    struct arena *arena = &ret->arena;
    snapshot_init(ret);
    for (int i = 0; i < TEXT_COUNT; i++) {
        if (content_get(source->content, row->texts[i], arena, &view.texts[i], err) != 0) {
            return -1;
        }
    }
    ret->visit = row->visit;
    ret->visit.host = arena_strdup(arena, row->visit.host);
    ret->visit.source = arena_strdup(arena, row->visit.source);
    ret->boot.boot_time_ms = row->boot_time_ms;
    ret->boot.host_clock_ms = row->host_clock_ms;
    ret->boot.uptime_ms = row->uptime_ms;
    if (content_get(source->content, row->detail_id, arena, &ret->visit.detail, err) != 0 ||
        content_get(source->content, row->extra_id, arena, &ret->extra, err) != 0 ||
        get_blob(source, row->volatile_id, arena, &view, err) != 0) {
        return -1;
    }
    return codec_decode(&view, slots, ret, err);
}

int observation_visit(const struct observation_source *source, const struct observation *row,
                      struct arena *arena, struct visit *ret, struct err *err)
{
    struct snapshot snapshot;
    struct coded_view view = {.blob = NULL};
    struct slots none = {.arena = arena};
    snapshot_init(&snapshot);
    snapshot.arena = *arena;
    snapshot.visit = row->visit;
    int rc = content_get(source->content, row->texts[TEXT_ACCESS], &snapshot.arena,
                         &view.texts[TEXT_ACCESS], err);
    if (rc == 0) {
        rc = content_get(source->content, row->detail_id, &snapshot.arena, &snapshot.visit.detail,
                         err);
    }
    if (rc == 0) {
        rc = codec_decode(&view, &none, &snapshot, err);
    }
    *arena = snapshot.arena;
    if (rc == 0) {
        *ret = snapshot.visit;
    }
    return rc;
}

int observation_declared(const struct observation_source *source, const struct observation *row,
                         struct arena *arena, struct host *ret, bool *ret_known, struct err *err)
{
    const char *text = NULL;
    if (content_get(source->content, row->declaration_id, arena, &text, err) != 0) {
        return -1;
    }
    *ret_known = text != NULL;
    if (text == NULL) {
        return 0;
    }
    if (!declaration_decode(arena, text, ret)) {
        return err_set(err, ERR_HISTORY, "history",
                       "%s: what the inventory said of %s cannot be read: the file is damaged",
                       source->db->path, row->visit.host);
    }
    ret->name = row->visit.host;
    return 0;
}
