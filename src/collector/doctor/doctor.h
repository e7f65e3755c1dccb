/* doctor: one host is visited and watched, and each step that failed is told with its cure. */
#ifndef PVSAUDIT_COLLECTOR_DOCTOR_DOCTOR_H
#define PVSAUDIT_COLLECTOR_DOCTOR_DOCTOR_H

#include "command/command_line.h"
#include "core/err.h"

#include <stdbool.h>

/* Visits line's HOST once, as a scan would, and prints what each step showed; nothing is written
 * to a history. The exit code, or -1 and err. *ret_stuck: see scan_result; the process must end
 * by _exit. */
int doctor_run(const struct command_line *line, bool *ret_stuck, struct err *err);

#endif
