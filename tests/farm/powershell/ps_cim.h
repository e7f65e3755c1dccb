/* ps_cim: Get-CimInstance: the WMI classes that a simulated server has. */
#ifndef PVSAUDIT_FARM_POWERSHELL_PS_CIM_H
#define PVSAUDIT_FARM_POWERSHELL_PS_CIM_H

#include "farm/cmd/console.h"
#include "farm/powershell/ps_value.h"

enum {
    CIM_DENIED = -2147217405,
    CIM_INVALID_CLASS = -2147217392,
    CIM_INVALID_NAMESPACE = -2147217394
};

/* 0 and the rows (one object, or a list), or a WMI error number. */
int64_t ps_cim_list(struct console *console, const char *name_space, const char *class_name,
                    struct ps_value *ret);
/* Minutes east of UTC where the server stands. */
int32_t ps_cim_offset_min(const struct console *console);

#endif
