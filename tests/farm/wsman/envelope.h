/* envelope: the SOAP envelope of a WS-Management request, and the frame of an answer. */
#ifndef PVSAUDIT_FARM_WSMAN_ENVELOPE_H
#define PVSAUDIT_FARM_WSMAN_ENVELOPE_H

#include "core/buf.h"
#include "farm/wsman/xml_tree.h"

#include <stdint.h>

#define NS_SOAP "http://www.w3.org/2003/05/soap-envelope"
#define NS_ADDRESSING "http://schemas.xmlsoap.org/ws/2004/08/addressing"
#define NS_TRANSFER "http://schemas.xmlsoap.org/ws/2004/09/transfer"
#define NS_ENUMERATION "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
#define NS_WSMAN "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
#define NS_IDENTITY "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"
#define NS_SHELL "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
#define NS_XSI "http://www.w3.org/2001/XMLSchema-instance"
#define NS_CIM "http://schemas.dmtf.org/wbem/wscim/1/common"
#define NS_WMI "http://schemas.microsoft.com/wbem/wsman/1/wmi/"
#define ACTION_FAULT "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault"

enum { ENVELOPE_NAMES = 16, ENVELOPE_UUID = 40 };

struct envelope_name {
    const char *name;
    const char *value;
};

/* What the header says; texts that are not there are "". It all lives in the arena. */
struct envelope {
    const char *action, *resource, *message_id, *to;
    struct envelope_name selectors[ENVELOPE_NAMES], options[ENVELOPE_NAMES];
    size_t selector_count, option_count;
    uint64_t max_envelope; /* 0: not said */
    int64_t timeout_ms; /* OperationTimeout; 60 s where it is not said */
    const struct xml_node *body; /* what stands in the Body, or NULL */
};

enum envelope_problem { ENVELOPE_FINE, ENVELOPE_NO_XML, ENVELOPE_NO_SOAP, ENVELOPE_NO_HEADER };

/* ENVELOPE_NO_HEADER: a header that every request but Identify needs is missing. */
enum envelope_problem envelope_parse(struct arena *arena, const char *bytes, size_t len,
                                     struct envelope *envelope);
const char *envelope_selector(const struct envelope *envelope, const char *name); /* or NULL */
const char *envelope_option(const struct envelope *envelope, const char *name); /* or NULL */
/* "PT60.000S", "P0DT0H1M40S"; false for anything else. */
bool envelope_duration(struct slice text, int64_t *ret_ms);

/* Everything up to <s:Body>, and after it. Namespaces: s a x e n w p, as Windows names them. */
void envelope_begin(struct buf *to, const char *action, const char *relates_to);
void envelope_end(struct buf *to);
/* A new random one, in capitals, without "uuid:". */
void envelope_uuid(char to[ENVELOPE_UUID]);

#endif
