/* scan_lock: one scan at a time, by a lock on a file beside the history. */
#ifndef PVSAUDIT_DB_FILE_SCAN_LOCK_H
#define PVSAUDIT_DB_FILE_SCAN_LOCK_H

#include "core/err.h"

/* flock on PATH.scan, which holds the holder's pid; never on the database: closing that descriptor
 * would drop SQLite's own locks. ERR_LOCKED names the holder. */
int scan_lock_take(const char *history_path, int *ret_fd, struct err *err);
void scan_lock_release(int fd); /* -1 is allowed */

#endif
