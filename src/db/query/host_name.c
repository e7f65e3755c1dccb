/* host_name: named_host over the reader's statements. */
#include "db/query/host_name.h"

#include "db/query/query_file.h"

#include <string.h>

int host_name_list(struct query *query, struct arena *arena, struct host_name **ret,
                   size_t *ret_count, struct err *err)
{
    return named_host_list(&query->db, ASK_HOSTS, arena, ret, ret_count, err);
}

/* 1: there is one host of this name, found by its index; a list of all takes milliseconds. */
static int find_single(struct query *query, const char *name, int64_t *ret, struct err *err)
{
    struct db *db = &query->db;
    sqlite3_stmt *statement = db_use(db, ASK_HOSTS_BY_NAME);
    db_bind_text(db, statement, ":name", name);
    int rc = db_step(db, statement, err);
    int64_t id = rc > 0 ? db_i64(statement, 0) : 0;
    int more = rc > 0 ? db_step(db, statement, err) : 0;
    (void)sqlite3_reset(statement);
    if (rc < 0 || more < 0) {
        return -1;
    }
    if (rc == 0 || more > 0) {
        return 0;
    }
    *ret = id;
    return 1;
}

int host_name_find(struct query *query, const char *text, int64_t *ret, struct err *err)
{
    int rc = strchr(text, ':') == NULL ? find_single(query, text, ret, err) : 0;
    if (rc != 0) {
        return rc < 0 ? -1 : 0;
    }
    return named_host_find(&query->db, ASK_HOSTS, text, ret, err);
}
