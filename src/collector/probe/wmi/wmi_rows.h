/* wmi_rows: the items of a WMI class as lines, as the WinRM transport writes them into an answer.
 */
#ifndef PVSAUDIT_COLLECTOR_PROBE_WINDOWS_WMI_ROWS_H
#define PVSAUDIT_COLLECTOR_PROBE_WINDOWS_WMI_ROWS_H

#include "core/arena.h"
#include "core/str.h"

#include <stdbool.h>
#include <stdint.h>

/*     item Win32_Service           an instance begins; "item" alone: one of a projection
 *     .PathName C:\\x.exe          a value; an array has its name several times; in it a backslash
 *                                  is \\ and a byte below 0x20 or 0x7f is \xNN
 *     ~Description A long ...      a value of which only the beginning is there
 *     !InstallDate                 a property without a value
 *     fault 5 denied this account has no right to it
 *                                  why there is nothing more: its number, its kind, a sentence */
enum wmi_line { WMI_END, WMI_ITEM, WMI_VALUE, WMI_CUT_VALUE, WMI_NIL, WMI_FAULT, WMI_BAD };

struct wmi_row {
    struct slice name; /* the class, the property, or the fault's kind */
    struct slice value; /* escaped; see wmi_text. Of a fault: its sentence */
    int64_t code; /* of a fault */
};

/* The next line of *rest. */
enum wmi_line wmi_next(struct slice *rest, struct wmi_row *ret);

/* A value with its escapes taken back, at most FIELD_TEXT_MAX bytes; NULL: out of memory. */
char *wmi_text(struct arena *arena, struct slice value);

#endif
