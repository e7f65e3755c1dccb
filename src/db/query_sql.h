/* query_sql: every statement of the reader, in one table. */
#ifndef PVSAUDIT_DB_QUERY_SQL_H
#define PVSAUDIT_DB_QUERY_SQL_H

#include "db/db.h"

enum query_sql {
    ASK_CONTENT_BY_HASH,
    ASK_CONTENT_BY_ID,
    ASK_SLOTS_OF_HOST,
    ASK_VOLATILE_BY_ID,
    ASK_HOSTS,
    ASK_NEWEST_OF_HOST,
    ASK_READ_OF_HOST,
    ASK_FULL_OF_HOST,
    ASK_READ_TIME,
    ASK_FIRST_TIME,
    ASK_VISITS_OF_HOST,
    ASK_VISITS_OF_ALL,
    ASK_FLEET_SCANS,
    ASK_COMPLETE_SCANS,
    ASK_SCAN_EXPECTATIONS,
    ASK_OS_OF_HOST,
    ASK_EXPECTATIONS,
    ASK_SPANS_BEFORE,
    ASK_GAP_BEFORE,
    ASK_FINDING_BEFORE,
    ASK_BOOT_BEFORE,
    ASK_BOOT,
    ASK_MACHINE_BEFORE,
    ASK_COUNT
};

extern const struct statement_text query_sql[ASK_COUNT];

#endif
