/* complete_scan: when the whole fleet was last visited. */
#ifndef PVSAUDIT_DB_QUERY_COMPLETE_SCAN_H
#define PVSAUDIT_DB_QUERY_COMPLETE_SCAN_H

#include "db/query/query_file.h"

struct complete_scan {
    int64_t start_ms, end_ms; /* 0 = there was none */
};

/* As known at the frame's time: the newest scan of the whole fleet that ended and was not
 * interrupted, or a later ingest run that brought a visit of every host of the fleet. Such a run
 * is as old as the oldest of the hosts' newest visits in it. Where no whole fleet was ever scanned,
 * each collector's hosts are a fleet, and the oldest answer counts. Within query_begin. */
int complete_scan_find(struct query *query, const struct query_frame *frame,
                       struct complete_scan *ret, struct err *err);

#endif
