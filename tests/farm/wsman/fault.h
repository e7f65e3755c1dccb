/* fault: the SOAP faults that Windows answers with, by their codes. */
#ifndef PVSAUDIT_FARM_WSMAN_FAULT_H
#define PVSAUDIT_FARM_WSMAN_FAULT_H

#include "core/buf.h"

#include <stdbool.h>
#include <stdint.h>

enum fault_id {
    FAULT_NONE,
    FAULT_ACCESS_DENIED,
    FAULT_WMI_DENIED,
    FAULT_FILTER,
    FAULT_DIALECT,
    FAULT_FILTER_REQUIRED,
    FAULT_RESOURCE,
    FAULT_ACTION,
    FAULT_METHOD,
    FAULT_CONTEXT,
    FAULT_TIMED_OUT,
    FAULT_BATCH,
    FAULT_ENVELOPE_ASKED,
    FAULT_ENVELOPE_EXCEEDED,
    FAULT_OPERATIONS,
    FAULT_SHELLS,
    FAULT_SELECTORS,
    FAULT_PARAMETER,
    FAULT_XML,
    FAULT_HEADER,
    FAULT_BODY,
    FAULT_UNENCRYPTED,
    FAULT_FILE,
    FAULT_COUNT,
};

/* Who found it. WMI's faults come as MSFT_WmiError, from 2008 R2 inside of a WSManFault. */
enum fault_source { FAULT_OF_SERVICE, FAULT_OF_WMI, FAULT_OF_SHELL };

struct fault {
    enum fault_id id;
    enum fault_source source;
    const char *message; /* more exactly; NULL: the reason itself */
    const char *query; /* WMI: what was asked; "" for none */
    uint32_t limit; /* of a quota */
    uint32_t wmi_status; /* 0x80041003 ...; 0: none */
};

/* The whole envelope. old_form: as 2008 R2 does; machine: the server's own name. */
void fault_write(struct buf *to, const struct fault *fault, bool old_form, const char *machine,
                 const char *relates_to);
uint32_t fault_code(enum fault_id id);

#endif
