/* demo_process: the demo's own child processes: the programs beside this one, and the farm. */
#ifndef PVSAUDIT_COLLECTOR_DEMO_PROCESS_H
#define PVSAUDIT_COLLECTOR_DEMO_PROCESS_H

#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Run a program that lies beside this one (argv[0] = its name) and wait; *ret_status is its exit
 * code, 128 + n where signal n ended it. silent: what it prints on standard output is dropped. */
int demo_process_run(const char *const *argv, bool silent, int *ret_status, struct err *err);

/* Start the farm and wait until it says that it serves (20 s at most). It dies with this process.
 * argv gets "--ready-fd 3" appended by the caller. */
int demo_process_start_farm(const char *const *argv, pid_t *ret_pid, struct err *err);
void demo_process_stop(pid_t pid); /* SIGTERM, then SIGKILL after 5 s; waits */

#endif
