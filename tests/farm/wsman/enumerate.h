/* enumerate: WS-Enumeration of WMI classes: Enumerate, Pull, Release. */
#ifndef PVSAUDIT_FARM_WSMAN_ENUMERATE_H
#define PVSAUDIT_FARM_WSMAN_ENUMERATE_H

#include "farm/wsman/exchange.h"

void enumerate_start(struct exchange *x);
void enumerate_pull(struct exchange *x);
void enumerate_release(struct exchange *x);

#endif
