/* shell: what sshd does with the command of an exec request. */
#ifndef PVSAUDIT_FARM_SSH_SHELL_H
#define PVSAUDIT_FARM_SSH_SHELL_H

#include "farm/cmd/console.h"

/* Runs it in the server's default shell; the bytes are in the console's out and err. Returns the
 * exit status. */
int shell_run(struct console *console, const char *command);

#endif
