/* rebuild: derived rows dropped and replayed from the truth. */
#ifndef PVSAUDIT_DB_STORE_REBUILD_H
#define PVSAUDIT_DB_STORE_REBUILD_H

#include "db/store/store_file.h"

/* Both within the open transaction. */
int rebuild_host(struct store_file *file, int64_t host_id, struct err *err);
int rebuild_all(struct store_file *file, struct err *err);
/* Only the hosts that older visits have come in for. */
int rebuild_marked(struct store_file *file, struct err *err);

#endif
