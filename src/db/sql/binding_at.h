/* binding_at: the table-valued function binding_at(host, time): the endpoints as they were. */
#ifndef PVSAUDIT_DB_SQL_BINDING_AT_H
#define PVSAUDIT_DB_SQL_BINDING_AT_H

#include "core/err.h"
#include "db/file/db.h"
#include "db/query/query.h"

/* host is NAME or SOURCE:NAME, as everywhere. time is milliseconds since 1970, or a text: RFC 3339
 * (UTC where it names no zone, as SQLite's own functions have it), "now", or an age such as "7d".
 * The rows are those of the newest full visit that was read by then. A section that was not read
 * completely has one row more, without an address and a port, whose `section` tells its outcome;
 * where there is no visit at all, that is the only row and its outcome is "unread". NULL as host or
 * time: no rows. query is borrowed for as long as db is open. */
int binding_at_register(struct db *db, struct query *query, struct err *err);

#endif
