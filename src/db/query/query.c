/* query: the first line of every answer: as of when, how old, how much of the fleet. */
#include "db/query/query.h"

#include "db/query/complete_scan.h"
#include "db/query/fleet.h"
#include "db/query/query_file.h"

static void count_hosts(const struct fleet *fleet, struct query_meta *meta)
{
    for (size_t i = 0; i < fleet->count; i++) {
        const struct fleet_host *host = &fleet->hosts[i];
        if (host->state != HOST_ACTIVE || host->same_machine_as != NULL) {
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
    struct complete_scan complete = {.start_ms = 0};
    if (query_begin(query, err) != 0) {
        return -1;
    }
    int rc = fleet_load(query, frame, &fleet, err);
    if (rc == 0) {
        rc = complete_scan_find(query, frame, &complete, err);
    }
    query_end(query);
    if (rc == 0) {
        meta.as_of_ms = frame->as_of_ms != 0 ? frame->as_of_ms : fleet.newest_ms;
        meta.last_complete_scan_ms = complete.start_ms;
        meta.last_complete_scan_end_ms = complete.end_ms;
        meta.stale = query_is_stale(frame, meta.last_complete_scan_ms);
        count_hosts(&fleet, &meta);
        *ret = meta;
    }
    fleet_done(&fleet);
    return rc;
}
