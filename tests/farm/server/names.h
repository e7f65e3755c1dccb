/* names: pvs[01:28] written out, and patterns of names. */
#ifndef PVSAUDIT_FARM_SERVER_NAMES_H
#define PVSAUDIT_FARM_SERVER_NAMES_H

#include "core/err.h"
#include "farm/server/fleet.h"

/* Calls each with every name of "pvs[01:28]" or of a plain name; stops at the first -1. */
int names_expand(const char *pattern, int (*each)(void *data, const char *name), void *data,
                 struct err *err);

#endif
