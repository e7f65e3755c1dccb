/* linux: how the sections of a Linux host's answer become those of a snapshot. Private to the
 * linux*.c files. */
#ifndef PVSAUDIT_COLLECTOR_PROBE_LINUX_LINUX_H
#define PVSAUDIT_COLLECTOR_PROBE_LINUX_LINUX_H

#include "collector/probe/plan.h"
#include "collector/probe/sections.h"
#include "model/snapshot.h"

/* `linux` itself is a macro of GNU compilers. */
struct linux_host {
    const struct sections *sections;
    const struct plan *plan;
    struct snapshot *snapshot;
    uint64_t ticks_per_second;
};

/* Each fills rows of the snapshot and sets one or two of its sections; boot before processes,
 * processes before services. -1: out of memory. */
int linux_take_endpoints(struct linux_host *host);
int linux_take_boot(struct linux_host *host); /* and the ticks */
int linux_take_processes(struct linux_host *host);
int linux_take_services(struct linux_host *host);
int linux_take_addresses(struct linux_host *host);
int linux_take_machine(struct linux_host *host); /* and the ephemeral ports */

#endif
