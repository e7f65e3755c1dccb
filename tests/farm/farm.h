/* farm: a whole farm from its scenario until it is told to stop. */
#ifndef PVSAUDIT_FARM_FARM_H
#define PVSAUDIT_FARM_FARM_H

#include "farm/options.h"

/* Serves; returns the program's exit code. */
int farm_run(const struct options *options);

#endif
