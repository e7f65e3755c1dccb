/* migrate: the schema, replayed from its numbered files, forward only. */
#ifndef PVSAUDIT_DB_FILE_MIGRATE_H
#define PVSAUDIT_DB_FILE_MIGRATE_H

#include "core/embedded.h"
#include "core/err.h"
#include "db/file/db.h"

#include <stdint.h>

enum { MIGRATE_APPLICATION_ID = 0x50565341 }; /* "PVSA" */

/* What kind of file it is. */
enum migrate_state {
    MIGRATE_EMPTY, /* no table at all: it is to be made */
    MIGRATE_CURRENT,
    MIGRATE_OLDER,
};
/* ERR_HISTORY: foreign, damaged, or newer than files. */
int migrate_look(struct db *db, const struct embedded_file *files, enum migrate_state *ret,
                 struct err *err);

/* Brings the file to the newest number of files (NULL-ended, in order of name; views.sql last):
 * each file in a transaction of its own, a copy (VACUUM INTO) beside it before an older file is
 * touched, foreign keys off and checked afterwards. */
int migrate_run(struct db *db, const struct embedded_file *files, struct err *err);

int64_t migrate_newest(const struct embedded_file *files);

#endif
