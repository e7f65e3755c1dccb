/* host_join: the visits of two names of one machine become one host's. */
#ifndef PVSAUDIT_DB_STORE_HOST_JOIN_H
#define PVSAUDIT_DB_STORE_HOST_JOIN_H

#include "db/file/named_host.h"
#include "db/store/truth.h"

/* ERR_USAGE where the machine of `from` is not the one that `to` is now, where either has none that
 * is known, or where `from` was another machine before. */
int host_join_check(struct store_file *file, const struct host_name *to,
                    const struct host_name *from, struct err *err);
/* Moves everything that was seen of `from`, written anew as a host's addresses are numbered for
 * each host, then drops it and replays `to`. */
int host_join(struct store_file *file, struct truth *truth, const struct host_name *to,
              const struct host_name *from, int64_t *ret_moved, struct err *err);

#endif
