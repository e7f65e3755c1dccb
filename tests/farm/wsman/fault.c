/* fault: the SOAP faults that Windows answers with, by their codes. */
#include "farm/wsman/fault.h"

#include "farm/wsman/envelope.h"
#include "farm/wsman/xml_write.h"

#define CANNOT "The WS-Management service cannot process the request. "
#define DETAIL "http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/"
#define ACTION_ENUMERATION NS_ENUMERATION "/fault"
#define ACTION_ADDRESSING NS_ADDRESSING "/fault"
#define NS_FAULT "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"
#define NS_WMI_ERROR "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/MSFT_WmiError"
#define NS_STATUS NS_WMI "root/cimv2/__ExtendedStatus"

static const struct fault_row {
    uint32_t code;
    const char *value, *subcode, *action, *reason;
    const char *detail; /* w:FaultDetail, or NULL */
    uint32_t cim_status; /* CIMStatusCode where WMI found it */
} rows[FAULT_COUNT] = {
    [FAULT_ACCESS_DENIED] = {5, "s:Sender", "w:AccessDenied", ACTION_FAULT, "Access is denied. ",
                             NULL, 2},
    [FAULT_WMI_DENIED] = {2150859012U, "s:Sender", "w:AccessDenied", ACTION_FAULT,
                          CANNOT "The WMI service returned an 'access denied' error. ", NULL, 2},
    [FAULT_FILTER] = {2150858778U, "s:Sender", "n:CannotProcessFilter", ACTION_ENUMERATION,
                      "The data source could not process the filter. The filter might be missing "
                      "or it might be invalid. Change the filter and try the request again.  ",
                      NULL, 15},
    [FAULT_DIALECT] = {2150858777U, "s:Sender", "n:FilterDialectRequestedUnavailable",
                       ACTION_ENUMERATION,
                       "The filter dialect (the type associated with the filter) was not supported "
                       "for this resource. Change the filter dialect or remove it from the request "
                       "and try the request again. ",
                       NULL, 14},
    [FAULT_FILTER_REQUIRED] = {2150858831U, "s:Sender", "w:UnsupportedFeature", ACTION_FAULT,
                               "The WS-Management service does not support the filter dialect in "
                               "the request. ",
                               DETAIL "FilteringRequired", 4},
    [FAULT_RESOURCE] = {2150858752U, "s:Sender", "a:DestinationUnreachable", ACTION_ADDRESSING,
                        CANNOT "The service cannot find the resource identified by the resource "
                               "URI and selectors. ",
                        DETAIL "InvalidResourceURI", 5},
    [FAULT_ACTION] = {2150858771U, "s:Sender", "a:ActionNotSupported", ACTION_ADDRESSING,
                      "The WS-Management service does not support the action specified in the "
                      "request. ",
                      NULL, 7},
    [FAULT_METHOD] = {2150858801U, "s:Sender", "w:ActionMismatch", ACTION_FAULT,
                      "The WS-Management service cannot process the request because the "
                      "WS-Addressing Action URI in the request is not compatible with the "
                      "resource. ",
                      NULL, 17},
    [FAULT_CONTEXT] = {2150858779U, "s:Receiver", "n:InvalidEnumerationContext", ACTION_ENUMERATION,
                       "The WS-Enumeration context in the enumeration is not valid. Enumeration "
                       "may have been completed or canceled. You cannot use this enumeration "
                       "context anymore. Start a new enumeration. ",
                       NULL, 21},
    [FAULT_TIMED_OUT] = {2150858793U, "s:Receiver", "w:TimedOut", ACTION_FAULT,
                         "The WS-Management service cannot complete the operation within the time "
                         "specified in OperationTimeout.  ",
                         NULL, 0},
    [FAULT_BATCH] = {2150858799U, "s:Sender", "w:InvalidBatchParameter", ACTION_FAULT,
                     "The WS-Management service cannot process the batch request. The request must "
                     "specify either MaxItems, MaxCharacters, or MaxTime. ",
                     NULL, 4},
    [FAULT_ENVELOPE_ASKED] = {2150858823U, "s:Sender", "w:EncodingLimit", ACTION_FAULT,
                              "The maximum envelope size in the request is too large. Change the "
                              "maximum envelope size and try the request again.  ",
                              DETAIL "MaxEnvelopeSize", 0},
    [FAULT_ENVELOPE_EXCEEDED] = {2150858824U, "s:Sender", "w:EncodingLimit", ACTION_FAULT,
                                 "The response that the WS-Management service computed exceeds the "
                                 "maximum envelope size in the request. ",
                                 DETAIL "MaxEnvelopeSizeExceeded", 0},
    [FAULT_OPERATIONS] = {2150859174U, "s:Receiver", "w:InternalError", ACTION_FAULT,
                          CANNOT "The maximum number of concurrent operations for this user has "
                                 "been exceeded. Close existing operations for this user, or raise "
                                 "the quota for this user. ",
                          NULL, 0},
    [FAULT_SHELLS] = {2150859173U, "s:Sender", "w:QuotaLimit", ACTION_FAULT,
                      CANNOT "The maximum number of concurrent shells for this user has been "
                             "exceeded. Close existing shells or raise the quota for this user. ",
                      NULL, 27},
    [FAULT_SELECTORS] = {2150858843U, "s:Sender", "w:InvalidSelectors", ACTION_FAULT,
                         "The WS-Management service cannot process the request because the request "
                         "contained invalid selectors for the resource. ",
                         DETAIL "UnexpectedSelectors", 4},
    [FAULT_PARAMETER] = {2150858810U, "s:Sender", "w:InvalidParameter", ACTION_FAULT,
                         "The WS-Management service cannot process the request because a parameter "
                         "for the operation is not valid. ",
                         NULL, 4},
    [FAULT_XML] = {2150858819U, "s:Sender", "w:SchemaValidationError", ACTION_FAULT,
                   "The WS-Management service cannot process the request because the XML is "
                   "invalid. ",
                   NULL, 0},
    [FAULT_HEADER] = {2150858769U, "s:Sender", "a:MessageInformationHeaderRequired",
                      ACTION_ADDRESSING,
                      "The WS-Management service cannot process the request. The request does not "
                      "have all the expected SOAP headers. ",
                      NULL, 0},
    [FAULT_BODY] = {2150858791U, "s:Sender", "w:InvalidBody", ACTION_FAULT,
                    "The WS-Management service cannot process the request because the request "
                    "packet does not have a valid SOAP body. ",
                    NULL, 0},
    [FAULT_UNENCRYPTED] = {5, "s:Sender", "w:AccessDenied", ACTION_FAULT,
                           "Unencrypted traffic is currently disabled in the service "
                           "configuration. ",
                           NULL, 0},
    [FAULT_FILE] = {2147942402U, "s:Receiver", "w:InternalError", ACTION_FAULT,
                    "The system cannot find the file specified. ", NULL, 0},
};

uint32_t fault_code(enum fault_id id)
{
    return rows[id].code;
}

static void put_message(struct buf *to, const struct fault *fault)
{
    const struct fault_row *row = &rows[fault->id];
    if (fault->limit > 0) {
        const char *what = fault->id == FAULT_SHELLS ? "shells" : "operations";
        (void)buf_printf(to,
                         CANNOT "This user is allowed a maximum number of %u concurrent %s, which "
                                "has been exceeded. Close existing %s or raise the quota for this "
                                "user. ",
                         fault->limit, what, what);
        return;
    }
    xml_put(to, fault->message == NULL ? row->reason : fault->message);
}

static void open_wsman_fault(struct buf *to, uint32_t code, const char *machine)
{
    (void)buf_printf(to, "<f:WSManFault xmlns:f=\"" NS_FAULT "\" Code=\"%u\" Machine=\"%s\">", code,
                     machine);
    (void)buf_puts(to, "<f:Message>");
}

static void close_wsman_fault(struct buf *to)
{
    (void)buf_puts(to, "</f:Message></f:WSManFault>");
}

static void put_extended_status(struct buf *to, const struct fault *fault)
{
    (void)buf_puts(to, "<f:ExtendedError><p:__ExtendedStatus xmlns:p=\"" NS_STATUS
                       "\" xmlns:cim=\"" NS_CIM "\" xmlns:xsi=\"" NS_XSI
                       "\" xsi:type=\"p:__ExtendedStatus_Type\">"
                       "<p:Description xsi:nil=\"true\"/><p:Operation>ExecQuery</p:Operation>");
    xml_leaf(to, "p:ParameterInfo", fault->query == NULL ? "" : fault->query);
    (void)buf_puts(to, "<p:ProviderName>WinMgmt</p:ProviderName>");
    if (fault->wmi_status == 0) {
        (void)buf_puts(to, "<p:StatusCode xsi:nil=\"true\"/>");
    } else {
        (void)buf_printf(to, "<p:StatusCode>%u</p:StatusCode>", fault->wmi_status);
    }
    (void)buf_puts(to, "</p:__ExtendedStatus></f:ExtendedError>");
}

static void put_provider_fault(struct buf *to, const struct fault *fault, const char *machine)
{
    bool wmi = fault->source == FAULT_OF_WMI;
    uint32_t code = fault->id == FAULT_WMI_DENIED ? 5 : rows[fault->id].code;
    open_wsman_fault(to, code, machine);
    (void)buf_printf(to, "<f:ProviderFault provider=\"%s\" path=\"%%systemroot%%\\system32\\%s\">",
                     wmi ? "WMI Provider" : "Shell provider", wmi ? "WsmWmiPl.dll" : "WsmSvc.dll");
    open_wsman_fault(to, code, machine);
    put_message(to, fault);
    close_wsman_fault(to);
    if (wmi) {
        put_extended_status(to, fault);
    }
    (void)buf_puts(to, "</f:ProviderFault>");
    close_wsman_fault(to);
}

static void put_nil(struct buf *to, const char *name)
{
    (void)buf_printf(to, "<p:%s xsi:type=\"cim:cimString\" xsi:nil=\"true\"/>", name);
}

static void put_number(struct buf *to, const char *name, const char *type, uint32_t number)
{
    (void)buf_printf(to, "<p:%s xsi:type=\"cim:%s\">%u</p:%s>", name, type, number, name);
}

static void put_wmi_error(struct buf *to, const struct fault *fault)
{
    const struct fault_row *row = &rows[fault->id];
    (void)buf_puts(to, "<p:MSFT_WmiError b:IsCIM_Error=\"true\" "
                       "xmlns:b=\"http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd\" "
                       "xmlns:p=\"" NS_WMI_ERROR "\" xmlns:cim=\"" NS_CIM "\" xmlns:xsi=\"" NS_XSI
                       "\" xsi:type=\"p:MSFT_WmiError_Type\">");
    put_number(to, "CIMStatusCode", "cimUnsignedInt", row->cim_status);
    put_nil(to, "CIMStatusCodeDescription");
    put_nil(to, "ErrorSource");
    put_number(to, "ErrorSourceFormat", "cimUnsignedShort", 0);
    put_number(to, "ErrorType", "cimUnsignedShort", 0);
    (void)buf_puts(to, "<p:Message xsi:type=\"cim:cimString\">");
    put_message(to, fault);
    (void)buf_printf(to,
                     "</p:Message><p:MessageID xsi:type=\"cim:cimString\">HRESULT 0x%08x"
                     "</p:MessageID>",
                     row->code);
    put_nil(to, "OtherErrorSourceFormat");
    put_nil(to, "OtherErrorType");
    put_nil(to, "OwningEntity");
    put_number(to, "PerceivedSeverity", "cimUnsignedShort", 0);
    put_number(to, "ProbableCause", "cimUnsignedShort", 0);
    put_nil(to, "ProbableCauseDescription");
    put_number(to, "error_Category", "cimUnsignedInt", fault->id == FAULT_WMI_DENIED ? 18 : 30);
    put_number(to, "error_Code", "cimUnsignedInt", row->code);
    (void)buf_puts(to, "<p:error_Type xsi:type=\"cim:cimString\">HRESULT</p:error_Type>"
                       "<p:error_WindowsErrorMessage xsi:type=\"cim:cimString\">");
    put_message(to, fault);
    (void)buf_puts(to, "</p:error_WindowsErrorMessage></p:MSFT_WmiError>");
}

void fault_write(struct buf *to, const struct fault *fault, bool old_form, const char *machine,
                 const char *relates_to)
{
    const struct fault_row *row = &rows[fault->id];
    bool quota = fault->id == FAULT_OPERATIONS || fault->id == FAULT_SHELLS;
    enum fault_source source = quota && old_form ? FAULT_OF_SERVICE : fault->source;
    envelope_begin(to, row->action, relates_to);
    (void)buf_printf(to,
                     "<s:Fault><s:Code><s:Value>%s</s:Value><s:Subcode><s:Value>%s</s:Value>"
                     "</s:Subcode></s:Code><s:Reason><s:Text xml:lang=\"en-US\">",
                     row->value, row->subcode);
    xml_put(to, row->reason);
    (void)buf_puts(to, "</s:Text></s:Reason><s:Detail>");
    if (row->detail != NULL) {
        xml_leaf(to, "w:FaultDetail", row->detail);
    }
    if (source == FAULT_OF_WMI && !old_form) {
        put_wmi_error(to, fault);
    } else if (source != FAULT_OF_SERVICE) {
        put_provider_fault(to, fault, machine);
    } else {
        open_wsman_fault(to, row->code, machine);
        put_message(to, fault);
        close_wsman_fault(to);
    }
    (void)buf_puts(to, "</s:Detail></s:Fault>");
    envelope_end(to);
}
