/* probes: which probe asks which host. */
#ifndef PVSAUDIT_COLLECTOR_PROBES_H
#define PVSAUDIT_COLLECTOR_PROBES_H

#include "collector/probe/probe.h"

/* NULL: there is none */
const struct probe *probes_find(enum host_os os, enum host_transport transport,
                                enum visit_kind kind);

#endif
