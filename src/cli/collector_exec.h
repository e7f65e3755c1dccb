/* collector_exec: becomes pvsaudit-collect, found beside this program and never in PATH. */
#ifndef PVSAUDIT_CLI_COLLECTOR_EXEC_H
#define PVSAUDIT_CLI_COLLECTOR_EXEC_H

#include "core/err.h"

enum { COLLECTOR_PATH = 4160 };

/* Where it is. ERR_IO names the places that were looked at. */
int collector_path(char to[COLLECTOR_PATH], struct err *err);

/* argv as main got it. Returns only on failure: ERR_IO names the places that were looked at. */
int collector_exec(int argc, char **argv, struct err *err);

#endif
