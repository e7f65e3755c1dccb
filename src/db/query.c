/* query: the first line of every answer: as of when, how old, how much of the fleet. */
#include "db/query.h"

#include "db/fleet.h"
#include "db/query_file.h"

static int find_complete_scan(struct query *query, const struct query_frame *frame,
                              int64_t newest_ms, struct query_meta *meta, struct err *err)
{
    struct db *db = &query->db;
    sqlite3_stmt *statement = db_use(db, ASK_COMPLETE_SCANS);
    int64_t time_ms = query_time(frame);
    db_bind_i64(db, statement, ":time", time_ms);
    int rc = db_step(db, statement, err);
    while (rc > 0) {
        bool is_ingest = sqlite3_column_text(statement, 0)[0] == 'i';
        int64_t start_ms = db_i64(statement, 1);
        int64_t end_ms = db_i64(statement, 2);
        if (is_ingest) {
            /* What was ingested is complete at each moment that it brought. */
            end_ms = end_ms < newest_ms ? end_ms : newest_ms;
            start_ms = end_ms;
        }
        if (end_ms <= time_ms && start_ms >= meta->last_complete_scan_ms) {
            meta->last_complete_scan_ms = start_ms;
            meta->last_complete_scan_end_ms = end_ms;
        }
        rc = db_step(db, statement, err);
    }
    (void)sqlite3_reset(statement);
    return rc;
}

static void count_hosts(const struct fleet *fleet, struct query_meta *meta)
{
    for (size_t i = 0; i < fleet->count; i++) {
        const struct fleet_host *host = &fleet->hosts[i];
        if (host->state != HOST_ACTIVE) {
            continue;
        }
        meta->hosts++;
        if (host->visited && host->newest.visit.read) {
            meta->hosts_read++;
        } else {
            meta->hosts_unread++;
        }
    }
}

int query_meta(struct query *query, const struct query_frame *frame, struct query_meta *ret,
               struct err *err)
{
    struct query_meta meta = {.hosts = 0};
    struct fleet fleet = {.count = 0};
    if (query_begin(query, err) != 0) {
        return -1;
    }
    int rc = fleet_load(query, frame, &fleet, err);
    if (rc == 0) {
        rc = find_complete_scan(query, frame, fleet.newest_ms, &meta, err);
    }
    query_end(query);
    if (rc == 0) {
        meta.as_of_ms = frame->as_of_ms != 0 ? frame->as_of_ms : fleet.newest_ms;
        meta.stale = query_is_stale(frame, meta.last_complete_scan_ms);
        count_hosts(&fleet, &meta);
        *ret = meta;
    }
    fleet_done(&fleet);
    return rc;
}
