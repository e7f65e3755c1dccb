/* sql_names: what sqlite_schema and SQLite's own pragmas say of tables and columns. */
#include "db/sql/sql_names.h"

#define ASKABLE                                                                        \
    "SELECT name, type, CASE type WHEN 'view' THEN 1 ELSE 3 END AS rank"               \
    " FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'" \
    " UNION ALL SELECT 'binding_at', 'function', 2"

#define COLUMNS                                                                            \
    "SELECT a.name AS name, c.name AS column, CASE WHEN c.hidden = 1 THEN 'argument' ELSE" \
    " lower(c.type) END AS type FROM (" ASKABLE ") a JOIN pragma_table_xinfo(a.name) c"

const char sql_names_tables[] = "SELECT name, type AS kind FROM (" ASKABLE ") ORDER BY rank, name";
const char sql_names_columns[] = COLUMNS " ORDER BY a.rank, a.name, c.cid";
const char sql_names_columns_of[] = COLUMNS " WHERE a.name = :name ORDER BY c.cid";

static int take(struct sql *sql, struct arena *arena, struct sql_name **rows, size_t *count,
                struct err *err)
{
    void *items = *rows;
    struct sql_name *row = arena_push(arena, &items, count, sizeof(*row));
    *rows = items;
    if (row == NULL) {
        return err_memory(err);
    }
    row->table = arena_strdup(arena, sql_value(sql, 0).bytes);
    row->column = arena_strdup(arena, sql_value(sql, 1).bytes);
    return row->table == NULL || row->column == NULL ? err_memory(err) : 0;
}

int sql_names_load(struct sql *sql, struct arena *arena, struct sql_name **ret, size_t *ret_count,
                   struct err *err)
{
    struct sql_name *rows = NULL;
    size_t count = 0;
    size_t used = 0;
    int rc = sql_start(sql, sql_names_columns, NULL, 0, &used, err);
    while (rc > 0) {
        rc = sql_next(sql, err);
        if (rc > 0 && take(sql, arena, &rows, &count, err) != 0) {
            rc = -1;
        }
    }
    sql_stop(sql);
    *ret = rows;
    *ret_count = count;
    return rc;
}
