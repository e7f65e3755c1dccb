/* host_name: the hosts of the history by name, as the reader asks for them. */
#ifndef PVSAUDIT_DB_QUERY_HOST_NAME_H
#define PVSAUDIT_DB_QUERY_HOST_NAME_H

#include "db/file/named_host.h"
#include "db/query/query.h"

/* named_host_list and named_host_find, within query_begin. */
int host_name_list(struct query *query, struct arena *arena, struct host_name **ret,
                   size_t *ret_count, struct err *err);
int host_name_find(struct query *query, const char *text, int64_t *ret, struct err *err);

#endif
