/* wsman_fault: what a fault of a WS-Management service means, by its number and subcode. */
#ifndef PVSAUDIT_COLLECTOR_TRANSPORT_WSMAN_WSMAN_FAULT_H
#define PVSAUDIT_COLLECTOR_TRANSPORT_WSMAN_WSMAN_FAULT_H

#include "collector/transport/wsman/wsman_reply.h"

enum wsman_fault_class {
    WSMAN_FAULT_OTHER,
    WSMAN_FAULT_DENIED, /* the account lacks a right */
    WSMAN_FAULT_NO_CLASS, /* this Windows has no such class or namespace */
    WSMAN_FAULT_FILTER, /* the filter was not understood: a property that this Windows lacks */
    WSMAN_FAULT_QUOTA, /* too much at once: worth asking again later */
    WSMAN_FAULT_TIMED_OUT, /* the time for one answer was over: the same request may be repeated */
    WSMAN_FAULT_TOO_LARGE, /* one item does not fit the envelope that was allowed */
    WSMAN_FAULT_GONE, /* an enumeration or a shell that the service does not know any more */
    WSMAN_FAULT_CLASS_COUNT
};

/* "denied", "no-class", "filter", "quota", "timed-out", "too-large", "gone", "other" */
const char *wsman_fault_class_name(enum wsman_fault_class class);

struct wsman_fault_meaning {
    enum wsman_fault_class class;
    const char
        *sentence; /* what it is and what to do; NULL: the host's own words are all we have */
};

/* The number decides, else the subcode; never the text, which is in the host's language. */
struct wsman_fault_meaning wsman_fault_meaning(const struct wsman_fault *fault);

/* The fault as the last line of a section, in our words where we have any (see wsman_rows.h). */
void wsman_fault_write(const struct wsman_fault *fault, struct buf *to);

#endif
