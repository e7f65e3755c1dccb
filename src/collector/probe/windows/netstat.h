/* netstat: the rows of Windows' `netstat -ano`, by structure and never by words. */
#ifndef PVSAUDIT_COLLECTOR_PROBE_WINDOWS_NETSTAT_H
#define PVSAUDIT_COLLECTOR_PROBE_WINDOWS_NETSTAT_H

#include "collector/probe/sections.h"
#include "core/ip.h"
#include "core/str.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One row. Slices point into the output; addresses without brackets and %scope, ports as printed
 * (a number or "*"). A row starts with TCP or UDP; UDP has four words and no state; the pid is the
 * last word, and what stands between the foreign address and the pid is the state (localised, may
 * hold a blank); the port follows the last colon. */
struct netstat_row {
    struct slice word; /* "TCP", "UDP", also "TCPv6" */
    enum proto proto;
    struct slice local_address, local_port;
    struct slice foreign_address, foreign_port;
    struct slice state; /* empty for UDP */
    uint64_t pid;
    struct ip ip; /* of the local address */
    uint16_t port;
    bool listener; /* TCP whose foreign address is 0.0.0.0:0 or [::]:0 */
};

enum netstat_line {
    NETSTAT_END,
    NETSTAT_ROW,
    NETSTAT_TITLE, /* text before the first row; blank lines are skipped */
    NETSTAT_BAD, /* a line that should have been a row */
};

/* Zeroed but for rest. */
struct netstat {
    struct slice rest;
    bool rows; /* a row was seen: whatever is not one from now on is bad */
};

/* A last line without its line end is bad: it was cut. Where it is cut exactly after a line end
 * nobody can tell from the output alone; in a visit the section's end marker does. */
enum netstat_line netstat_next(struct netstat *netstat, struct netstat_row *ret);

/* All UDP sockets and TCP listeners into the snapshot, repeated rows once, with what became of
 * either protocol: partial where a line is bad, the title and header lines or every row of the
 * protocol are lacking, or there are more rows than FIELD_ROWS_MAX. -1: out of memory. */
int netstat_parse(struct slice output, struct snapshot *snapshot, struct reading *ret_udp,
                  struct reading *ret_tcp);

#endif
