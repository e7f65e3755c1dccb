/* resource: the WMI namespace and class that a resource URI names, and who may reach them. */
#ifndef PVSAUDIT_FARM_WSMAN_RESOURCE_H
#define PVSAUDIT_FARM_WSMAN_RESOURCE_H

#include "farm/wsman/exchange.h"

struct resource {
    const char *name_space; /* "root/cimv2", as given */
    const char *class_name; /* "*" for a query */
};

/* .../wsman/1/wmi/root/cimv2/Win32_Service, or DMTF's form with the selector __cimnamespace. False
 * for any other URI. */
bool resource_parse(const struct exchange *x, struct resource *ret);
/* The gates in their order: the plug-in's, the namespace, its rights. FAULT_NONE: open. */
struct fault resource_check(const struct exchange *x, const struct resource *resource);

#endif
