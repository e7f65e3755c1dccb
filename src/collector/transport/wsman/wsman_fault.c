/* wsman_fault: what a fault of a WS-Management service means, by its number and subcode.
 *
 * Numbers: MS-WSMV 2.2.4.43 and winerror.h (0x8033....), WBEM (0x8004....), Win32 (0x8007....). */
#include "collector/transport/wsman/wsman_fault.h"

#include "collector/transport/wsman/wsman_rows.h"

#define DENIED_REMEDY                                                                            \
    "; let it into Remote Management Users and give it Enable Account and Remote Enable on the " \
    "WMI namespace"
#define QUOTA_REMEDY "; ask again later, or raise the quota (winrm get winrm/config)"

static const char denied[] = "this account has no right to it" DENIED_REMEDY;
static const char operations[] = "the account has too many operations open there" QUOTA_REMEDY;
static const char shells[] = "the account has too many shells open there" QUOTA_REMEDY;
static const char no_class[] = "this Windows has no such class";
static const char no_namespace[] = "this Windows has no such WMI namespace";
static const char query[] = "the query names what this Windows does not have";
static const char timed_out[] = "the service was not ready in time";
static const char envelope[] =
    "one item is larger than the envelope may be; raise MaxEnvelopeSizekb";
static const char gone[] = "the service does not know what it gave out before";
static const char no_shell[] = "the command shell is switched off there (AllowRemoteShellAccess)";
static const char no_file[] = "the program does not exist there";

static const struct {
    int64_t code;
    enum wsman_fault_class class;
    const char *sentence;
} by_code[] = {
    {5, WSMAN_FAULT_DENIED, denied}, /* ERROR_ACCESS_DENIED */
    {0x80070005, WSMAN_FAULT_DENIED, denied}, /* E_ACCESSDENIED */
    {0x80041003, WSMAN_FAULT_DENIED, denied}, /* WBEM_E_ACCESS_DENIED */
    {0x803381ac, WSMAN_FAULT_DENIED, no_shell}, /* ERROR_WSMAN_REMOTESHELLS_NOT_ALLOWED */
    {0x80041002, WSMAN_FAULT_NO_CLASS, no_class}, /* WBEM_E_NOT_FOUND */
    {0x8004100e, WSMAN_FAULT_NO_CLASS, no_namespace}, /* WBEM_E_INVALID_NAMESPACE */
    {0x80041010, WSMAN_FAULT_NO_CLASS, no_class}, /* WBEM_E_INVALID_CLASS */
    {0x80338000, WSMAN_FAULT_NO_CLASS, no_class}, /* ERROR_WSMAN_RESOURCE_NOT_FOUND */
    {0x80338012, WSMAN_FAULT_NO_CLASS, no_class}, /* ERROR_WSMAN_DESTINATION_UNREACHABLE */
    {0x8033803b, WSMAN_FAULT_NO_CLASS, no_class}, /* ERROR_WSMAN_INVALID_RESOURCE_URI */
    {0x80041017, WSMAN_FAULT_FILTER, query}, /* WBEM_E_INVALID_QUERY */
    {0x80041031, WSMAN_FAULT_FILTER, query}, /* WBEM_E_INVALID_PROPERTY */
    {0x80338018, WSMAN_FAULT_FILTER, query}, /* ..._ENUMERATE_FILTERING_NOT_SUPPORTED */
    {0x8033801a, WSMAN_FAULT_FILTER, query}, /* ..._ENUMERATE_CANNOT_PROCESS_FILTER */
    {0x80338032, WSMAN_FAULT_QUOTA, operations}, /* ERROR_WSMAN_CONCURRENCY */
    {0x8033803f, WSMAN_FAULT_QUOTA, operations}, /* ERROR_WSMAN_QUOTA_LIMIT */
    {0x803381a5, WSMAN_FAULT_QUOTA, shells}, /* ERROR_WSMAN_QUOTA_MAX_SHELLS */
    {0x803381a6, WSMAN_FAULT_QUOTA, operations}, /* ERROR_WSMAN_QUOTA_MAX_OPERATIONS */
    {0x803381a7, WSMAN_FAULT_QUOTA, operations}, /* ERROR_WSMAN_QUOTA_USER */
    {0x803381a8, WSMAN_FAULT_QUOTA, operations}, /* ERROR_WSMAN_QUOTA_SYSTEM */
    {0x803381ab, WSMAN_FAULT_QUOTA, shells}, /* ERROR_WSMAN_QUOTA_MAX_SHELLUSERS */
    {0x803381e4, WSMAN_FAULT_QUOTA, shells}, /* ERROR_WSMAN_QUOTA_MAX_SHELLS_PPQ */
    {0x803381e5, WSMAN_FAULT_QUOTA, operations}, /* ERROR_WSMAN_QUOTA_MAX_USERS_PPQ */
    {0x803381e6, WSMAN_FAULT_QUOTA, shells}, /* ..._QUOTA_MAX_PLUGINSHELLS_PPQ */
    {0x803381e7, WSMAN_FAULT_QUOTA, operations}, /* ..._QUOTA_MAX_PLUGINOPERATIONS_PPQ */
    {0x803381e8, WSMAN_FAULT_QUOTA, operations}, /* ..._QUOTA_MAX_OPERATIONS_USER_PPQ */
    {0x8033801c, WSMAN_FAULT_TIMED_OUT, timed_out}, /* ERROR_WSMAN_ENUMERATE_TIMED_OUT */
    {0x80338029, WSMAN_FAULT_TIMED_OUT, timed_out}, /* ERROR_WSMAN_OPERATION_TIMEDOUT */
    {0x80338026, WSMAN_FAULT_TOO_LARGE, envelope}, /* ERROR_WSMAN_ENVELOPE_TOO_LARGE */
    {0x80338035, WSMAN_FAULT_TOO_LARGE, envelope}, /* ERROR_WSMAN_ENCODING_LIMIT */
    {0x80338047, WSMAN_FAULT_TOO_LARGE, envelope}, /* ERROR_WSMAN_MAX_ENVELOPE_SIZE */
    {0x80338048, WSMAN_FAULT_TOO_LARGE, envelope}, /* ..._MAX_ENVELOPE_SIZE_EXCEEDED */
    {0x80338049, WSMAN_FAULT_TOO_LARGE, envelope}, /* ERROR_WSMAN_SERVER_ENVELOPE_LIMIT */
    {0x8033801b, WSMAN_FAULT_GONE, gone}, /* ..._ENUMERATE_INVALID_ENUMERATION_CONTEXT */
    {0x8033805b, WSMAN_FAULT_GONE, gone}, /* ERROR_WSMAN_UNEXPECTED_SELECTORS */
    {0x80070002, WSMAN_FAULT_OTHER, no_file}, /* ERROR_FILE_NOT_FOUND */
};

static const struct {
    const char *subcode;
    enum wsman_fault_class class;
    const char *sentence;
} by_subcode[] = {
    {"AccessDenied", WSMAN_FAULT_DENIED, denied},
    {"CannotProcessFilter", WSMAN_FAULT_FILTER, query},
    {"FilteringNotSupported", WSMAN_FAULT_FILTER, query},
    {"FilterDialectRequestedUnavailable", WSMAN_FAULT_FILTER, query},
    {"DestinationUnreachable", WSMAN_FAULT_NO_CLASS, no_class},
    {"QuotaLimit", WSMAN_FAULT_QUOTA, operations},
    {"Concurrency", WSMAN_FAULT_QUOTA, operations},
    {"TimedOut", WSMAN_FAULT_TIMED_OUT, timed_out},
    {"EncodingLimit", WSMAN_FAULT_TOO_LARGE, envelope},
    {"InvalidEnumerationContext", WSMAN_FAULT_GONE, gone},
    {"InvalidSelectors", WSMAN_FAULT_GONE, gone},
};

struct wsman_fault_meaning wsman_fault_meaning(const struct wsman_fault *fault)
{
    for (size_t i = 0; i < sizeof(by_code) / sizeof(by_code[0]); i++) {
        if (by_code[i].code == fault->code) {
            return (struct wsman_fault_meaning){by_code[i].class, by_code[i].sentence};
        }
    }
    for (size_t i = 0; i < sizeof(by_subcode) / sizeof(by_subcode[0]); i++) {
        if (str_eq(by_subcode[i].subcode, fault->subcode)) {
            return (struct wsman_fault_meaning){by_subcode[i].class, by_subcode[i].sentence};
        }
    }
    return (struct wsman_fault_meaning){WSMAN_FAULT_OTHER, NULL};
}

const char *wsman_fault_class_name(enum wsman_fault_class class)
{
    static const char *const names[WSMAN_FAULT_CLASS_COUNT] = {
        [WSMAN_FAULT_OTHER] = "other",         [WSMAN_FAULT_DENIED] = "denied",
        [WSMAN_FAULT_NO_CLASS] = "no-class",   [WSMAN_FAULT_FILTER] = "filter",
        [WSMAN_FAULT_QUOTA] = "quota",         [WSMAN_FAULT_TIMED_OUT] = "timed-out",
        [WSMAN_FAULT_TOO_LARGE] = "too-large", [WSMAN_FAULT_GONE] = "gone"};
    return names[class];
}

void wsman_fault_write(const struct wsman_fault *fault, struct buf *to)
{
    struct wsman_fault_meaning meaning = wsman_fault_meaning(fault);
    wsman_rows_fault(to, fault->code, wsman_fault_class_name(meaning.class),
                     meaning.sentence != NULL ? meaning.sentence : fault->text);
}
