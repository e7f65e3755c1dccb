/* ps_shell: PowerShell as sshd's default shell: it reads the exec line by its own rules first. */
#ifndef PVSAUDIT_FARM_POWERSHELL_PS_SHELL_H
#define PVSAUDIT_FARM_POWERSHELL_PS_SHELL_H

#include "farm/cmd/console.h"

/* One native command with its arguments; what PowerShell would take for more is an error. Returns
 * the exit status. */
int ps_shell_run(struct console *console, const char *line);

#endif
