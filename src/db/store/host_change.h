/* host_change: hosts that a person retires or gives another name. */
#ifndef PVSAUDIT_DB_STORE_HOST_CHANGE_H
#define PVSAUDIT_DB_STORE_HOST_CHANGE_H

#include "db/store/store.h"
#include "db/store/truth.h"

/* As store_retire and store_rename say, within a transaction. */
int host_change_retire(struct store_file *file, const char *text, int64_t time_ms, bool undo,
                       struct store_changes *changes, struct err *err);
int host_change_rename(struct store_file *file, struct truth *truth, const char *old,
                       const char *name, int64_t time_ms, struct store_changes *changes,
                       struct err *err);

#endif
