/* binding_at: an eponymous virtual table over the reading that `netstat --at` shows. */
#include "db/sql/binding_at.h"

#include "core/clock.h"
#include "core/str.h"

#include <stdio.h>
#include <string.h>

enum binding_column {
    COLUMN_PROTO,
    COLUMN_LOCAL_ADDRESS,
    COLUMN_LOCAL_PORT,
    COLUMN_PID,
    COLUMN_IMAGE,
    COLUMN_SERVICES,
    COLUMN_PROCESS_CREATED_MS,
    COLUMN_PROCESS_CREATED,
    COLUMN_CREATED_MS,
    COLUMN_CREATED,
    COLUMN_SECTION,
    COLUMN_VISIT_MS,
    COLUMN_VISIT,
    COLUMN_SOURCE,
    COLUMN_HOST, /* hidden: the arguments */
    COLUMN_TIME,
};

static const char declaration[] =
    "CREATE TABLE binding_at (proto TEXT, local_address TEXT, local_port INTEGER, pid INTEGER,"
    " image TEXT, services TEXT, process_created_ms INTEGER, process_created TEXT,"
    " created_ms INTEGER, created TEXT, section TEXT, visit_ms INTEGER, visit TEXT, source TEXT,"
    " host TEXT HIDDEN, time HIDDEN)";

static const char no_arguments[] = "binding_at needs a host and a time: binding_at(HOST, TIME)";

/* Both arguments are there; sqlite3_index_info's idxNum. */
enum { PLAN_BOTH = 1 };

struct binding_table {
    sqlite3_vtab base;
    struct query *query;
};

/* A row is an endpoint, or a section that was not read completely. */
struct binding_row {
    const struct endpoint *endpoint; /* NULL = the latter */
    enum section_id section;
};

struct binding_cursor {
    sqlite3_vtab_cursor base;
    struct snapshot snapshot;
    struct arena arena; /* of the rows and the arguments */
    struct binding_row *rows;
    size_t count, at;
    bool unread; /* one row that says so, and no snapshot */
    sqlite3_value *host, *time;
};

static int fail(sqlite3_vtab *table, const char *text)
{
    sqlite3_free(table->zErrMsg);
    table->zErrMsg = sqlite3_mprintf("%s", text);
    return table->zErrMsg == NULL ? SQLITE_NOMEM : SQLITE_ERROR;
}

static int connect(sqlite3 *handle, void *data, int count, const char *const *words,
                   sqlite3_vtab **ret, char **ret_text)
{
    (void)count;
    (void)words;
    (void)ret_text;
    int rc = sqlite3_declare_vtab(handle, declaration);
    if (rc != SQLITE_OK) {
        return rc;
    }
    struct binding_table *table = sqlite3_malloc64(sizeof(*table));
    if (table == NULL) {
        return SQLITE_NOMEM;
    }
    *table = (struct binding_table){.query = data};
    (void)sqlite3_vtab_config(handle, SQLITE_VTAB_DIRECTONLY);
    *ret = &table->base;
    return SQLITE_OK;
}

static int disconnect(sqlite3_vtab *table)
{
    sqlite3_free(table);
    return SQLITE_OK;
}

/* A plan that does not know both arguments is no plan: SQLite then looks for another order. */
static int best_index(sqlite3_vtab *table, sqlite3_index_info *info)
{
    int places[2] = {-1, -1};
    bool named[2] = {false, false};
    for (int i = 0; i < info->nConstraint; i++) {
        int which = info->aConstraint[i].iColumn - COLUMN_HOST;
        if ((which == 0 || which == 1) && info->aConstraint[i].op == SQLITE_INDEX_CONSTRAINT_EQ) {
            named[which] = true;
            places[which] = info->aConstraint[i].usable ? i : places[which];
        }
    }
    if (!named[0] || !named[1]) {
        return fail(table, no_arguments);
    }
    if (places[0] < 0 || places[1] < 0) {
        return SQLITE_CONSTRAINT;
    }
    for (int which = 0; which < 2; which++) {
        info->aConstraintUsage[places[which]].argvIndex = which + 1;
        info->aConstraintUsage[places[which]].omit = 1;
    }
    info->idxNum = PLAN_BOTH;
    info->estimatedCost = 10000;
    info->estimatedRows = 100;
    return SQLITE_OK;
}

static int cursor_open(sqlite3_vtab *table, sqlite3_vtab_cursor **ret)
{
    (void)table;
    struct binding_cursor *cursor = sqlite3_malloc64(sizeof(*cursor));
    if (cursor == NULL) {
        return SQLITE_NOMEM;
    }
    memset(cursor, 0, sizeof(*cursor));
    snapshot_init(&cursor->snapshot);
    *ret = &cursor->base;
    return SQLITE_OK;
}

static void cursor_clear(struct binding_cursor *cursor)
{
    snapshot_done(&cursor->snapshot);
    snapshot_init(&cursor->snapshot);
    arena_done(&cursor->arena);
    sqlite3_value_free(cursor->host);
    sqlite3_value_free(cursor->time);
    cursor->host = NULL;
    cursor->time = NULL;
    cursor->rows = NULL;
    cursor->count = 0;
    cursor->at = 0;
    cursor->unread = false;
}

static int cursor_close(sqlite3_vtab_cursor *base)
{
    struct binding_cursor *cursor = (struct binding_cursor *)base;
    cursor_clear(cursor);
    sqlite3_free(cursor);
    return SQLITE_OK;
}

/* A text without a zone is UTC: what SQLite's own date functions give has none and is. */
static bool parse_time(sqlite3_value *value, int64_t *ret_ms)
{
    static const char *const ends[] = {"Z", "T00:00:00Z", ""};
    char text[64];
    if (sqlite3_value_type(value) == SQLITE_INTEGER) {
        *ret_ms = sqlite3_value_int64(value);
        return *ret_ms > 0;
    }
    const unsigned char *given = sqlite3_value_text(value);
    if (sqlite3_value_type(value) != SQLITE_TEXT || given == NULL ||
        strlen((const char *)given) > 48) {
        return false;
    }
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        int len = snprintf(text, sizeof(text), "%s%s", (const char *)given, ends[i]);
        if (clock_parse_when((struct slice){text, (size_t)len}, clock_now_ms(&(struct clock){0}),
                             ret_ms)) {
            return *ret_ms > 0;
        }
    }
    return false;
}

static int add_row(struct binding_cursor *cursor, const struct endpoint *endpoint,
                   enum section_id section)
{
    void *items = cursor->rows;
    struct binding_row *row = arena_push(&cursor->arena, &items, &cursor->count, sizeof(*row));
    cursor->rows = items;
    if (row == NULL) {
        return SQLITE_NOMEM;
    }
    *row = (struct binding_row){endpoint, section};
    return SQLITE_OK;
}

static int list_rows(struct binding_cursor *cursor)
{
    const struct snapshot *snapshot = &cursor->snapshot;
    int rc = SQLITE_OK;
    for (int id = SECTION_UDP; id <= SECTION_TCP && rc == SQLITE_OK; id++) {
        if (snapshot->sections[id].outcome != OUTCOME_COMPLETE) {
            rc = add_row(cursor, NULL, (enum section_id)id);
        }
    }
    for (size_t i = 0; i < snapshot->endpoint_count && rc == SQLITE_OK; i++) {
        const struct endpoint *endpoint = &snapshot->endpoints[i];
        rc = add_row(cursor, endpoint, endpoint->proto == PROTO_UDP ? SECTION_UDP : SECTION_TCP);
    }
    return rc;
}

static int read_visit(struct binding_table *table, struct binding_cursor *cursor, int64_t at_ms)
{
    struct err err = {.code = ERR_NONE};
    struct snapshot snapshot;
    const char *zone = NULL;
    const char *host = (const char *)sqlite3_value_text(cursor->host);
    if (host == NULL) {
        return SQLITE_NOMEM;
    }
    if (query_snapshot(table->query, host, query_end_of(at_ms), &snapshot, &zone, &err) == 0) {
        cursor->snapshot = snapshot;
        return list_rows(cursor);
    }
    if (err.code == ERR_UNREAD) {
        cursor->unread = true;
        return add_row(cursor, NULL, SECTION_UDP);
    }
    return fail(&table->base, err.text);
}

static int filter(sqlite3_vtab_cursor *base, int plan, const char *text, int count,
                  sqlite3_value **values)
{
    struct binding_cursor *cursor = (struct binding_cursor *)base;
    struct binding_table *table = (struct binding_table *)base->pVtab;
    int64_t at_ms = 0;
    (void)text;
    cursor_clear(cursor);
    if (plan != PLAN_BOTH || count != 2) {
        return fail(&table->base, no_arguments);
    }
    if (sqlite3_value_type(values[0]) == SQLITE_NULL ||
        sqlite3_value_type(values[1]) == SQLITE_NULL) {
        return SQLITE_OK;
    }
    cursor->host = sqlite3_value_dup(values[0]);
    cursor->time = sqlite3_value_dup(values[1]);
    if (cursor->host == NULL || cursor->time == NULL) {
        return SQLITE_NOMEM;
    }
    if (!parse_time(cursor->time, &at_ms)) {
        return fail(&table->base, "binding_at: the time is neither milliseconds since 1970 nor a "
                                  "text such as 2026-11-22T22:00:00Z, now or 7d");
    }
    return read_visit(table, cursor, at_ms);
}

static int next(sqlite3_vtab_cursor *base)
{
    ((struct binding_cursor *)base)->at++;
    return SQLITE_OK;
}

static int eof(sqlite3_vtab_cursor *base)
{
    const struct binding_cursor *cursor = (const struct binding_cursor *)base;
    return cursor->at >= cursor->count;
}

static void put_text(sqlite3_context *context, const char *text)
{
    if (text != NULL) {
        sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
    }
}

/* Times and pids: what is not known is NULL. */
static void put_positive(sqlite3_context *context, int64_t number)
{
    if (number > 0) {
        sqlite3_result_int64(context, number);
    }
}

static void put_time(sqlite3_context *context, int64_t ms)
{
    char text[CLOCK_TEXT];
    if (ms > 0) {
        clock_rfc3339(ms - ms % 1000, text); /* whole seconds, as the views have them */
        put_text(context, text);
    }
}

static void put_endpoint(sqlite3_context *context, const struct snapshot *snapshot,
                         const struct endpoint *endpoint, enum binding_column column)
{
    char address[IP_TEXT];
    const struct process *process =
        endpoint->pid > 0 ? snapshot_process(snapshot, endpoint->pid) : NULL;
    switch (column) {
    case COLUMN_LOCAL_ADDRESS:
        ip_text(&endpoint->address, address);
        put_text(context, address);
        break;
    case COLUMN_LOCAL_PORT:
        sqlite3_result_int64(context, endpoint->port);
        break;
    case COLUMN_PID:
        put_positive(context, endpoint->pid);
        break;
    case COLUMN_IMAGE:
        put_text(context, process == NULL ? NULL : process->name);
        break;
    case COLUMN_PROCESS_CREATED_MS:
        put_positive(context, process == NULL ? 0 : process->created_ms);
        break;
    case COLUMN_PROCESS_CREATED:
        put_time(context, process == NULL ? 0 : process->created_ms);
        break;
    case COLUMN_CREATED_MS:
        put_positive(context, endpoint->created_ms);
        break;
    case COLUMN_CREATED:
        put_time(context, endpoint->created_ms);
        break;
    default:
        break;
    }
}

static void put_services(sqlite3_context *context, const struct snapshot *snapshot, int64_t pid)
{
    struct arena arena = {.blocks = NULL};
    put_text(context, snapshot_services_of(snapshot, pid, &arena));
    arena_done(&arena);
}

static int column(sqlite3_vtab_cursor *base, sqlite3_context *context, int number)
{
    const struct binding_cursor *cursor = (const struct binding_cursor *)base;
    const struct snapshot *snapshot = &cursor->snapshot;
    const struct binding_row *row = &cursor->rows[cursor->at];
    switch ((enum binding_column)number) {
    case COLUMN_HOST:
        sqlite3_result_value(context, cursor->host);
        break;
    case COLUMN_TIME:
        sqlite3_result_value(context, cursor->time);
        break;
    case COLUMN_SECTION:
        put_text(context, cursor->unread ? "unread"
                                         : outcome_name(snapshot->sections[row->section].outcome));
        break;
    case COLUMN_PROTO:
        put_text(context, cursor->unread ? NULL : section_name(row->section));
        break;
    case COLUMN_VISIT_MS:
        put_positive(context, snapshot->visit.time_ms);
        break;
    case COLUMN_VISIT:
        put_time(context, snapshot->visit.time_ms);
        break;
    case COLUMN_SOURCE:
        put_text(context, snapshot->visit.source);
        break;
    case COLUMN_SERVICES:
        put_services(context, snapshot, row->endpoint == NULL ? -1 : row->endpoint->pid);
        break;
    default:
        if (row->endpoint != NULL) {
            put_endpoint(context, snapshot, row->endpoint, (enum binding_column)number);
        }
        break;
    }
    return SQLITE_OK;
}

static int row_id(sqlite3_vtab_cursor *base, sqlite3_int64 *ret)
{
    *ret = (sqlite3_int64)((const struct binding_cursor *)base)->at;
    return SQLITE_OK;
}

/* No xCreate: it is there by its name and nowhere else. */
static const sqlite3_module module = {
    .xConnect = connect,
    .xBestIndex = best_index,
    .xDisconnect = disconnect,
    .xOpen = cursor_open,
    .xClose = cursor_close,
    .xFilter = filter,
    .xNext = next,
    .xEof = eof,
    .xColumn = column,
    .xRowid = row_id,
};

int binding_at_register(struct db *db, struct query *query, struct err *err)
{
    int rc = sqlite3_create_module_v2(db->handle, "binding_at", &module, query, NULL);
    return rc == SQLITE_OK ? 0 : db_error(db, rc, "binding_at", err);
}
