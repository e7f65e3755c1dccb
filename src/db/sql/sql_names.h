/* sql_names: the tables that can be asked and their columns. */
#ifndef PVSAUDIT_DB_SQL_SQL_NAMES_H
#define PVSAUDIT_DB_SQL_SQL_NAMES_H

#include "core/arena.h"
#include "db/sql/sql.h"

/* Statements for sql_start: (name, kind) of what can be asked, views first; and
 * (name, column, type) of every column, of all or of the one that the parameter :name names. */
extern const char sql_names_tables[];
extern const char sql_names_columns[];
extern const char sql_names_columns_of[];

struct sql_name {
    const char *table;
    const char *column;
};

/* Every column of everything; strings and rows in arena. */
int sql_names_load(struct sql *sql, struct arena *arena, struct sql_name **ret, size_t *ret_count,
                   struct err *err);

#endif
