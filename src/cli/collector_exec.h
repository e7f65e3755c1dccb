/* collector_exec: becomes pvsaudit-collect, found beside this program and never in PATH. */
#ifndef PVSAUDIT_CLI_COLLECTOR_EXEC_H
#define PVSAUDIT_CLI_COLLECTOR_EXEC_H

#include "core/err.h"

/* argv as main got it. Returns only on failure: ERR_IO names the places that were looked at. */
int collector_exec(int argc, char **argv, struct err *err);

#endif
