/* ps_run: runs a parsed PowerShell script on a simulated server. */
#ifndef PVSAUDIT_FARM_POWERSHELL_PS_RUN_H
#define PVSAUDIT_FARM_POWERSHELL_PS_RUN_H

#include "farm/cmd/console.h"
#include "farm/powershell/ps_parse.h"

/* encoded: -EncodedCommand was used, which makes progress records visible on stderr. Returns the
 * exit code. */
int ps_run(struct console *console, const struct ps_node *script, struct buf *out, struct buf *err,
           bool encoded);

#endif
