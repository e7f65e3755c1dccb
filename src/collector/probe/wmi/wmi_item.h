/* wmi_item: the instances in one section of an answer, one after the other, and their properties.
 */
#ifndef PVSAUDIT_COLLECTOR_PROBE_WMI_WMI_ITEM_H
#define PVSAUDIT_COLLECTOR_PROBE_WMI_WMI_ITEM_H

#include "collector/probe/sections.h"
#include "core/str.h"

#include <stdbool.h>
#include <stdint.h>

/* Before its rows are looked at: complete where the section ended without a fault; denied,
 * unsupported (no such class, or a property that is lacking) or failed by the fault's kind;
 * partial where it was cut. */
struct reading wmi_reading(const struct sections *sections, const char *name);
bool wmi_is_complete(const struct sections *sections, const char *name);
bool wmi_was_asked(const struct sections *sections, const char *name);
/* The section ended, and its fault says that a property or class is not there. */
bool wmi_is_lacking(const struct sections *sections, const char *name);

/* The lines of one instance. */
struct wmi_item {
    struct slice lines;
};

/* Cut the next instance off *rest (a section's body). *bad is set where a line is none of ours. */
bool wmi_item_next(struct slice *rest, struct wmi_item *ret, bool *bad);

/* The first value of a property; false: it has none, or the instance has no such property. */
bool wmi_value(const struct wmi_item *item, const char *name, struct slice *ret);
/* The n-th value of an array. */
bool wmi_value_at(const struct wmi_item *item, const char *name, size_t n, struct slice *ret);
bool wmi_has(const struct wmi_item *item, const char *name); /* with or without a value */
bool wmi_number(const struct wmi_item *item, const char *name, uint64_t max, uint64_t *ret);
/* A date with its zone; false also for one without. */
bool wmi_date(const struct wmi_item *item, const char *name, int64_t *ret_ms);

/* What a method call of StdRegProv returned: 0 done, 2 not there, 5 no right; -1: not answered.
 * Windows returns 1 for a value that is not there in a key that is. */
int64_t wmi_returned(const struct sections *sections, const char *name, struct wmi_item *ret);

#endif
