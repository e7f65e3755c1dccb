/* password_command: the command that prints a password, run as the user would, for a time. */
#ifndef PVSAUDIT_COLLECTOR_PASSWORD_COMMAND_H
#define PVSAUDIT_COLLECTOR_PASSWORD_COMMAND_H

#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

/* What the command line of /bin/sh writes to its standard output, at most size bytes. It has the
 * terminal, to ask for a PIN; Ctrl-C is for it then, and ends it: ERR_CANCELLED. After deadline_ms
 * it is killed with everything that it started. ERR_CONFIG: it failed, wrote too much or was late;
 * the sentence names it. The bytes of a failure are wiped. */
int password_command_run(const char *command, int64_t deadline_ms, char *bytes, size_t size,
                         size_t *ret_len, struct err *err);

#endif
