/* ps_command: PowerShell's commands on a simulated server, with their parameters. */
#ifndef PVSAUDIT_FARM_POWERSHELL_PS_COMMAND_H
#define PVSAUDIT_FARM_POWERSHELL_PS_COMMAND_H

#include "farm/powershell/ps_eval.h"

/* What the command of a PS_COMMAND gives back; one that is not simulated is thrown. */
struct ps_value ps_command(struct ps_run *run, const struct ps_node *node);

#endif
