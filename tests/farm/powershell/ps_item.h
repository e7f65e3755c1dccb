/* ps_item: Get-Item and Get-ItemProperty: files and registry keys of a simulated server. */
#ifndef PVSAUDIT_FARM_POWERSHELL_PS_ITEM_H
#define PVSAUDIT_FARM_POWERSHELL_PS_ITEM_H

#include "farm/cmd/console.h"
#include "farm/powershell/ps_value.h"

#include <stdbool.h>

/* One file, or with an asterisk at the end all whose paths begin so; letter case does not count.
 * False: there is no such file. */
bool ps_item_list(struct console *console, const char *path, struct ps_value *ret);
/* The values of a key below HKLM:\, as members. False: there is no such key. */
bool ps_item_key(struct console *console, const char *path, struct ps_value *ret);

#endif
