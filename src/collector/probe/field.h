/* field: one piece of text from a host on its way into the snapshot, and how large things may be.
 */
#ifndef PVSAUDIT_COLLECTOR_PROBE_FIELD_H
#define PVSAUDIT_COLLECTOR_PROBE_FIELD_H

#include "core/arena.h"
#include "core/str.h"

#include <stdbool.h>

enum {
    FIELD_LINE_MAX = 8 * 1024, /* a longer line is not a row of anything */
    FIELD_TEXT_MAX = 256, /* bytes of one text; the rest is dropped */
    FIELD_ROWS_MAX = 65536, /* endpoints, processes */
    FIELD_VALUES_MAX = 4096, /* registry values, addresses */
};

/* A copy of at most FIELD_TEXT_MAX bytes with every NUL as '?'; other bytes as they came (they are
 * escaped where they are shown). NULL: out of memory. */
char *field_copy(struct arena *arena, struct slice text);

/* The run of decimal digits at the end of text, after a blank or a colon: what follows a localised
 * label. false: text does not end so. */
bool field_last_number(struct slice text, uint64_t max, uint64_t *ret);

/* What follows the first colon, trimmed; false: there is no colon. */
bool field_after_colon(struct slice line, struct slice *ret);

/* The decimal number at the start of text, up to a blank or the end. */
bool field_first_number(struct slice text, uint64_t max, uint64_t *ret);

#endif
