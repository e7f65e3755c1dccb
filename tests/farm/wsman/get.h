/* get: WS-Transfer Get of one WMI instance. */
#ifndef PVSAUDIT_FARM_WSMAN_GET_H
#define PVSAUDIT_FARM_WSMAN_GET_H

#include "farm/wsman/exchange.h"

/* A singleton, or the instance whose key the selectors name. */
void get_instance(struct exchange *x);

#endif
