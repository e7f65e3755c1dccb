/* open: the file of the history, opened for writing or for reading, or a sentence that says why
 * not. */
#ifndef PVSAUDIT_DB_FILE_OPEN_H
#define PVSAUDIT_DB_FILE_OPEN_H

#include "core/embedded.h"
#include "core/err.h"
#include "db/file/db.h"

/* Made with its folder (0750) and mode 0640 where it does not exist, migrated, with the writer's
 * pragmas. *ret is untouched by a failure; db_close gives it back. */
int open_writer(const char *path, const struct embedded_file *files, struct db *ret,
                struct err *err);
/* mode=ro and query_only; immutable only where no -wal holds anything and the folder is closed to
 * us. ERR_HISTORY: absent, empty, foreign, damaged, newer, older, or a -wal that cannot be used. */
int open_reader(const char *path, const struct embedded_file *files, struct db *ret,
                struct err *err);

#endif
