/* eventlog: when Windows started, from the XML of its newest Kernel-General event 12. */
#ifndef PVSAUDIT_COLLECTOR_PROBE_WINDOWS_EVENTLOG_H
#define PVSAUDIT_COLLECTOR_PROBE_WINDOWS_EVENTLOG_H

#include "core/str.h"

#include <stdbool.h>
#include <stdint.h>

/* The SystemTime of the first event in `wevtutil qe ... /f:xml`, UTC. false: there is no event, it
 * is not event 12, or it was cut. */
bool eventlog_boot_parse(struct slice output, int64_t *ret_boot_ms);

#endif
