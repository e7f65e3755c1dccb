/* wsman_rows: items of WMI as lines of text, which no value can break. */
#ifndef PVSAUDIT_COLLECTOR_TRANSPORT_WSMAN_WSMAN_ROWS_H
#define PVSAUDIT_COLLECTOR_TRANSPORT_WSMAN_WSMAN_ROWS_H

#include "core/buf.h"
#include "core/str.h"

#include <stdbool.h>
#include <stdint.h>

/* The forms are those of wsman_reply.h. Names that are not letters, digits and underscores are
 * dropped with their value. */
void wsman_rows_item(struct buf *to, const char *class_name); /* "" = of a projection */
void wsman_rows_value(struct buf *to, const char *name, struct slice value, bool cut);
void wsman_rows_nil(struct buf *to, const char *name);
/* kind: one word; text: a sentence of ours, or of the host's. */
void wsman_rows_fault(struct buf *to, int64_t code, const char *kind, const char *text);

#endif
