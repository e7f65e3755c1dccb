/* ss: the rows of Linux' `ss -H -uanp` and `ss -H -tlnp`. */
#ifndef PVSAUDIT_COLLECTOR_PROBE_LINUX_SS_H
#define PVSAUDIT_COLLECTOR_PROBE_LINUX_SS_H

#include "collector/probe/sections.h"
#include "core/ip.h"
#include "core/str.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One socket. Slices point into the output; addresses without brackets and %scope, "*" is the
 * dual-stack wildcard. owners is what stands in users:((...)), empty where ss may not see it. */
struct ss_row {
    struct slice state;
    struct slice local_address, local_port;
    struct slice foreign_address, foreign_port;
    struct slice owners;
    struct ip ip;
    uint16_t port;
};

/* One process that holds the socket; a name may hold any byte but NUL. */
struct ss_owner {
    struct slice name;
    int64_t pid;
};

enum ss_line { SS_END, SS_ROW, SS_BAD };

/* A last line without its line end is bad: it was cut. */
enum ss_line ss_next(struct slice *rest, struct ss_row *ret);

/* Cut the next owner off *owners; false at the end. What cannot be read ends it with *ret_bad. */
bool ss_owner_next(struct slice *owners, struct ss_owner *ret, bool *ret_bad);

/* Every socket of proto into the snapshot, once for each process that holds it (pid -1: not
 * visible). An empty list is a complete one. -1: out of memory. */
int ss_parse(struct slice output, enum proto proto, struct snapshot *snapshot, struct reading *ret);

#endif
