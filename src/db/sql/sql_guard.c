/* sql_guard: an authorizer that knows what reading is, and limits of SQLite's own behind it. */
#include "db/sql/sql_guard.h"

#include "core/str.h"
#include "db/sql/sql.h"

#include <stdio.h>

enum { CACHE_KIB = 16 * 1024 };

/* How a refusal is called; what is not here has a number alone. */
static const struct {
    int action;
    const char *name;
    bool named; /* the object's name follows */
} actions[] = {
    {SQLITE_ATTACH, "ATTACH", false},
    {SQLITE_DETACH, "DETACH", false},
    {SQLITE_INSERT, "INSERT INTO", true},
    {SQLITE_UPDATE, "UPDATE", true},
    {SQLITE_DELETE, "DELETE FROM", true},
    {SQLITE_TRANSACTION, "", true},
    {SQLITE_SAVEPOINT, "SAVEPOINT", false},
    {SQLITE_PRAGMA, "PRAGMA", true},
    {SQLITE_FUNCTION, "the function", true},
    {SQLITE_CREATE_TRIGGER, "CREATE TRIGGER", true},
    {SQLITE_CREATE_TEMP_TRIGGER, "CREATE TEMP TRIGGER", true},
    {SQLITE_ALTER_TABLE, "ALTER TABLE", false},
    {SQLITE_REINDEX, "REINDEX", true},
    {SQLITE_ANALYZE, "ANALYZE", true},
};

/* Pragmas that tell and change nothing, whatever their argument. */
static const char *const telling[] = {
    "table_info",      "table_xinfo",       "table_list",       "index_list",
    "index_info",      "index_xinfo",       "database_list",    "function_list",
    "module_list",     "pragma_list",       "foreign_key_list", "collation_list",
    "compile_options", "foreign_key_check", "integrity_check",  "quick_check",
};

/* Pragmas that tell where they have no argument. */
static const char *const asking[] = {
    "user_version", "application_id", "schema_version", "page_count",
    "page_size",    "freelist_count", "encoding",       "journal_mode",
};

/* The file system, other libraries, and what only a table's own code may call. */
static const char *const closed_functions[] = {
    "load_extension", "fts3_tokenizer", "readfile", "writefile", "edit", "sqlite_log",
};

static bool has(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_ieq(names[i], name)) {
            return true;
        }
    }
    return false;
}
#define HAS(names, name) has(names, sizeof(names) / sizeof((names)[0]), name)

static bool is_reading(int action, const char *first, const char *second)
{
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
        return true;
    case SQLITE_FUNCTION:
        return !HAS(closed_functions, second);
    case SQLITE_UPDATE:
        /* It is asked when SQLite connects a virtual table; a person's own it refuses by itself. */
        return str_eq(first, "sqlite_master");
    case SQLITE_PRAGMA:
        return HAS(telling, first) || (second == NULL && HAS(asking, first));
    default:
        return false;
    }
}

static int authorize(void *data, int action, const char *first, const char *second,
                     const char *database, const char *trigger)
{
    struct sql_guard *guard = data;
    (void)database;
    (void)trigger;
    if (is_reading(action, first, second)) {
        return SQLITE_OK;
    }
    const char *object = action == SQLITE_FUNCTION ? second : first;
    if (str_eq(object, "sqlite_master") || str_eq(object, "sqlite_temp_master")) {
        (void)snprintf(guard->refused, sizeof(guard->refused), "%s",
                       action == SQLITE_DELETE ? "DROP" : "CREATE");
        return SQLITE_DENY;
    }
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (actions[i].action == action) {
            bool named = actions[i].named && object != NULL;
            (void)snprintf(guard->refused, sizeof(guard->refused), "%s%s%.80s", actions[i].name,
                           named && actions[i].name[0] != '\0' ? " " : "", named ? object : "");
            return SQLITE_DENY;
        }
    }
    (void)snprintf(guard->refused, sizeof(guard->refused), "what it does (%d)", action);
    return SQLITE_DENY;
}

static int set_limits(sqlite3 *handle)
{
    static const struct {
        int limit, value;
    } limits[] = {
        {SQLITE_LIMIT_LENGTH, SQL_VALUE_MAX},  {SQLITE_LIMIT_SQL_LENGTH, SQL_TEXT_MAX},
        {SQLITE_LIMIT_COLUMN, SQL_COLUMN_MAX}, {SQLITE_LIMIT_ATTACHED, 0},
        {SQLITE_LIMIT_WORKER_THREADS, 0},
    };
    static const struct {
        int option, value;
    } switches[] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},

        {SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0},
        {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
        {SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0},
        {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
        {SQLITE_DBCONFIG_DQS_DML, 0},
        {SQLITE_DBCONFIG_DQS_DDL, 0},
    };
    int rc = SQLITE_OK;
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        (void)sqlite3_limit(handle, limits[i].limit, limits[i].value);
    }
    for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]) && rc == SQLITE_OK; i++) {
        rc = sqlite3_db_config(handle, switches[i].option, switches[i].value, NULL);
    }
    return rc;
}

int sql_guard_close(struct db *db, struct sql_guard *guard, struct err *err)
{
    char cache[64];
    (void)snprintf(cache, sizeof(cache), "PRAGMA cell_size_check = ON; PRAGMA cache_size = -%d",
                   CACHE_KIB);
    (void)sqlite3_hard_heap_limit64(SQL_MEMORY_MAX);
    if (db_exec(db, cache, err) != 0) {
        return -1;
    }
    int rc = set_limits(db->handle);
    if (rc == SQLITE_OK) {
        rc = sqlite3_set_authorizer(db->handle, authorize, guard);
    }
    return rc == SQLITE_OK ? 0 : db_error(db, rc, "closing the file to writing", err);
}
