/* store_internal: what the files of the store share of it. */
#ifndef PVSAUDIT_DB_STORE_STORE_INTERNAL_H
#define PVSAUDIT_DB_STORE_STORE_INTERNAL_H

#include "db/store/store_file.h"

struct store;

/* The open file; what was added is flushed before. NULL and err: that failed. */
struct store_file *store_flushed_file(struct store *store, struct err *err);
/* Rolls back, and forgets what may be gone. */
void store_roll_back(struct store *store);

#endif
