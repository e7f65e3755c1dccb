/* sql_guard: what a person's statement may do to the file: read it, and nothing else. */
#ifndef PVSAUDIT_DB_SQL_SQL_GUARD_H
#define PVSAUDIT_DB_SQL_SQL_GUARD_H

#include "core/err.h"
#include "db/file/db.h"

struct sql_guard {
    char refused[128]; /* what was refused last: "ATTACH", "PRAGMA journal_mode"; "" = nothing */
};

/* Closes db to writing, other files, extensions and large values, whatever is asked of it. The
 * guard lives as long as db. */
int sql_guard_close(struct db *db, struct sql_guard *guard, struct err *err);

#endif
