/* main_verify: the command verify: the board after maintenance, and the wait for it. */
#ifndef PVSAUDIT_COLLECTOR_MAIN_VERIFY_H
#define PVSAUDIT_COLLECTOR_MAIN_VERIFY_H

#include "command/command_line.h"
#include "core/err.h"

#include <stdbool.h>

/* Prints the lines of src/out/gate_columns.h. The exit code, or -1. *ret_stuck: the process must
 * end by _exit. */
int main_verify(const struct command_line *line, bool *ret_stuck, struct err *err);

#endif
