/* tasklist: names and pids from Windows' `tasklist /fo csv /nh`. */
#ifndef PVSAUDIT_COLLECTOR_PROBE_WINDOWS_TASKLIST_H
#define PVSAUDIT_COLLECTOR_PROBE_WINDOWS_TASKLIST_H

#include "collector/probe/sections.h"
#include "core/str.h"
#include "model/snapshot.h"

/* "BNPXE.exe","2204","Services","0","9,876 K": the first two fields. No parents and no creation
 * times are to be had. -1: out of memory. */
int tasklist_parse(struct slice output, struct snapshot *snapshot, struct reading *ret);

#endif
