/* linux_shell: what a Linux host is asked through its shell, and how its answer is put together. */
#ifndef PVSAUDIT_COLLECTOR_PROBE_LINUX_LINUX_SHELL_H
#define PVSAUDIT_COLLECTOR_PROBE_LINUX_LINUX_SHELL_H

#include "collector/probe/probe.h"

extern const struct probe probe_linux;
extern const struct probe probe_linux_light;

#endif
