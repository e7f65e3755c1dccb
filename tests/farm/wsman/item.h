/* item: a WMI instance as XML, in the forms that WinRM gives it. */
#ifndef PVSAUDIT_FARM_WSMAN_ITEM_H
#define PVSAUDIT_FARM_WSMAN_ITEM_H

#include "core/buf.h"
#include "farm/wmi/wmi.h"

/* names: NULL for <p:Class xsi:type=...> with every property, else <w:XmlFragment> with those.
 * wire: of enum wire. */
void item_write(struct buf *to, const struct wmi_class *class, const struct wmi_row *row,
                const char *const *names, size_t name_count, uint32_t wire);
/* One value as <prefix:name>; a list as one element for each of its texts. */
void item_write_value(struct buf *to, const char *prefix, const char *name,
                      const struct wmi_value *value, uint32_t wire, int32_t offset_min);

#endif
