/* proc_stat: the processes of a Linux host, from the lines of its /proc/PID/stat files. */
#ifndef PVSAUDIT_COLLECTOR_PROBE_LINUX_PROC_STAT_H
#define PVSAUDIT_COLLECTOR_PROBE_LINUX_PROC_STAT_H

#include "collector/probe/sections.h"
#include "core/str.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stdint.h>

struct proc_stat {
    int64_t pid;
    int64_t parent; /* -1: not in the line */
    struct slice name; /* at most 15 bytes, any but NUL */
    char state; /* 'Z' for one that has ended and waits for its parent; 0: not known */
    uint64_t start_tick; /* since boot; 0: not known */
};

/* "PID (NAME) STATE PARENT ... STARTTIME ...": the name ends at the last bracket. Of a name with a
 * line break in it only the first line was printed: then only the pid is known. */
bool proc_stat_parse(struct slice line, struct proc_stat *ret);

/* Every process into the snapshot, zombies left out. boot_ms 0: no creation times. -1: out of
 * memory. */
int proc_stat_take(struct slice output, int64_t boot_ms, uint64_t ticks_per_second,
                   struct snapshot *snapshot, struct reading *ret);

#endif
