/* windows_shell: what a Windows server is asked through its shell, as one command line. */
#ifndef PVSAUDIT_COLLECTOR_PROBE_WINDOWS_WINDOWS_SHELL_H
#define PVSAUDIT_COLLECTOR_PROBE_WINDOWS_WINDOWS_SHELL_H

#include "collector/probe/probe.h"

extern const struct probe probe_windows_shell;
extern const struct probe probe_windows_shell_light;

/* One command line that asks for the endpoints and, but in a light visit, the range of dynamic
 * ports. 0, or -1: to is full. */
int windows_shell_netstat(bool light, struct buf *to);

#endif
