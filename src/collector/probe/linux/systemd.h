/* systemd: units as `systemctl show -p ...` prints them. */
#ifndef PVSAUDIT_COLLECTOR_PROBE_LINUX_SYSTEMD_H
#define PVSAUDIT_COLLECTOR_PROBE_LINUX_SYSTEMD_H

#include "core/str.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stdint.h>

#define SYSTEMD_PROPERTIES "Id,LoadState,ActiveState,SubState,UnitFileState,MainPID,ExecMainStatus"

struct systemd_unit {
    struct slice id; /* "kea-dhcp4-server.service"; another name where an alias was asked for */
    bool loaded; /* false: there is no such unit */
    enum service_state state;
    enum startup_type startup;
    int64_t main_pid; /* 0: none */
    int64_t exit_status;
};

enum systemd_block { SYSTEMD_END, SYSTEMD_UNIT, SYSTEMD_BAD };

/* Blocks of NAME=VALUE lines with a blank line between, in the order in which the units were
 * named. A block without one of the properties is bad. */
enum systemd_block systemd_next(struct slice *rest, struct systemd_unit *ret);

#endif
