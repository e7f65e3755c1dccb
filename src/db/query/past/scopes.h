/* scopes: what each collector's scans of the whole fleet were to visit, over time. */
#ifndef PVSAUDIT_DB_QUERY_PAST_SCOPES_H
#define PVSAUDIT_DB_QUERY_PAST_SCOPES_H

#include "db/query/query_file.h"

struct past_scope {
    int64_t id, source_id;
    int64_t start_ms; /* of the newest scan that had it: who was retired since was in it then */
    const char *source;
    struct scope_host *hosts; /* by name */
    size_t count;
};

struct past_scan {
    int64_t source_id, start_ms;
    const char *source;
    size_t scope; /* place among the scopes */
};

/* A scope that two collectors share is two. */

struct scopes {
    struct past_scan *scans; /* by start */
    size_t scan_count;
    struct past_scope *scopes; /* each once */
    size_t scope_count;
};

/* As known at time_ms; in arena. Within query_begin. */
int scopes_load(struct query *query, int64_t time_ms, struct arena *arena, struct scopes *ret,
                struct err *err);
/* The newest scan of that source that began before end_ms; NULL = there was none. */
const struct past_scan *scopes_scan_before(const struct scopes *scopes, int64_t source_id,
                                           int64_t end_ms);
/* NULL: it was not in the scope of that scan. */
const struct scope_host *scopes_find(const struct scopes *scopes, const struct past_scan *scan,
                                     const char *host);

#endif
