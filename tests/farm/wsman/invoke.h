/* invoke: methods of WMI classes: StdRegProv, which reads the registry. */
#ifndef PVSAUDIT_FARM_WSMAN_INVOKE_H
#define PVSAUDIT_FARM_WSMAN_INVOKE_H

#include "farm/wsman/exchange.h"

/* Whether the action is the resource URI with a method's name behind it. */
bool invoke_is_meant(const struct exchange *x);
void invoke_method(struct exchange *x);

#endif
