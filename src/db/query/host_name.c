/* host_name: named_host over the reader's statements. */
#include "db/query/host_name.h"

#include "db/query/query_file.h"

int host_name_list(struct query *query, struct arena *arena, struct host_name **ret,
                   size_t *ret_count, struct err *err)
{
    return named_host_list(&query->db, ASK_HOSTS, arena, ret, ret_count, err);
}

int host_name_find(struct query *query, const char *text, int64_t *ret, struct err *err)
{
    return named_host_find(&query->db, ASK_HOSTS, text, ret, err);
}
