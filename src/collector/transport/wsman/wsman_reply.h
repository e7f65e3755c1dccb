/* wsman_reply: what a WS-Management service answered, read off its envelope. */
#ifndef PVSAUDIT_COLLECTOR_TRANSPORT_WSMAN_WSMAN_REPLY_H
#define PVSAUDIT_COLLECTOR_TRANSPORT_WSMAN_WSMAN_REPLY_H

#include "core/buf.h"
#include "core/err.h"
#include "core/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wsman_kind {
    WSMAN_OTHER, /* an envelope whose body is none of these */
    WSMAN_FAULT,
    WSMAN_IDENTIFIED,
    WSMAN_ENUMERATED, /* EnumerateResponse */
    WSMAN_PULLED, /* PullResponse */
    WSMAN_INVOKED, /* METHOD_OUTPUT */
    WSMAN_SHELL_CREATED,
    WSMAN_COMMAND_STARTED,
    WSMAN_RECEIVED,
    WSMAN_SIGNALLED,
    WSMAN_EMPTY, /* an empty body: Release, Delete */
};

enum {
    WSMAN_DEPTH_MAX = 32, /* elements within elements */
    WSMAN_TAG_MAX = 16 * 1024, /* bytes of one tag; libxml2's time for one grows with its square */
    WSMAN_NAMES_MAX = 4096, /* of elements, attributes and namespaces, each counted once */
    WSMAN_ATTRIBUTES_MAX = 64, /* of one element, and namespaces */
    WSMAN_VALUE_MAX = 4096, /* bytes of one property; the rest is cut and the line says so */
    WSMAN_ITEMS_MAX = 65536, /* of one envelope */
};

/* code is the number that says most: MSFT_WmiError's, else the innermost WSManFault's, else that of
 * the outermost. Its text is in the host's language and decides nothing. */
struct wsman_fault {
    int64_t code; /* 0: the fault has no number */
    char subcode[64]; /* "w:QuotaLimit" without what stands before the colon: "QuotaLimit" */
    char text[512];
};

struct wsman_reply {
    enum wsman_kind kind;
    char relates_to[128]; /* the message_id that this answers */
    struct wsman_fault fault;
    size_t items;
    char context[1024]; /* of the next Pull; "" = none */
    bool end_of_sequence;
    char shell_id[128];
    char command_id[128];
    bool streamed; /* some output came */
    bool command_done;
    int64_t exit_code; /* of a command that is done; -1: not told */
    char vendor[128], version[128]; /* Identify */
};

/* Items go to rows, as lines (a byte below 0x20, 0x7f and the backslash are escaped in values):
 *     item Win32_Service       an instance; "item" alone for one of a projection
 *     .Name BNPXE              a value; an array has the name several times
 *     ~Description ...         a value that was cut
 *     !InstallDate             a property without a value
 * Output of a shell goes to output and errors. Each may be NULL where none is wanted, and is left
 * as it was on failure.
 * -1: ERR_FORMAT (no XML, no envelope, a document type, an encoding that is not what it says),
 * ERR_PARTIAL (it ends too early) or ERR_LIMIT, with *ret untouched. Bytes are UTF-8 or UTF-16. */
int wsman_reply_parse(struct slice bytes, struct buf *rows, struct buf *output, struct buf *errors,
                      struct wsman_reply *ret, struct err *err);

#endif
