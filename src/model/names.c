/* names: the spelling of every enumerated value of the model, once. */
#include "model/expectation.h"
#include "model/host.h"
#include "model/snapshot.h"
#include "model/verdict.h"

#include "core/str.h"

static const char *const outcomes[] = {
    [OUTCOME_NOT_ASKED] = "not-asked",     [OUTCOME_COMPLETE] = "complete",
    [OUTCOME_PARTIAL] = "partial",         [OUTCOME_DENIED] = "denied",
    [OUTCOME_UNSUPPORTED] = "unsupported", [OUTCOME_FAILED] = "failed"};
static const char *const sections[] = {[SECTION_UDP] = "udp",
                                       [SECTION_TCP] = "tcp",
                                       [SECTION_SERVICES] = "services",
                                       [SECTION_BOOT] = "boot",
                                       [SECTION_PROCESSES] = "processes",
                                       [SECTION_ADDRESSES] = "addresses",
                                       [SECTION_REGISTRY] = "registry",
                                       [SECTION_MACHINE] = "machine",
                                       [SECTION_FILES] = "files",
                                       [SECTION_NETWORKS] = "networks"};
static const char *const reasons[] = {[REASON_NONE] = "none",
                                      [REASON_UNREACHABLE] = "unreachable",
                                      [REASON_REFUSED] = "refused",
                                      [REASON_DNS] = "dns",
                                      [REASON_TLS] = "tls",
                                      [REASON_HOST_KEY] = "host-key",
                                      [REASON_AUTH] = "auth",
                                      [REASON_DENIED] = "denied",
                                      [REASON_WRONG_HOST] = "wrong-host",
                                      [REASON_PARTIAL] = "partial",
                                      [REASON_TIMEOUT] = "timeout",
                                      [REASON_THROTTLED] = "throttled",
                                      [REASON_CLOCK] = "clock",
                                      [REASON_CREDENTIAL_STOPPED] = "credential-stopped",
                                      [REASON_SKIPPED] = "skipped",
                                      [REASON_STALE] = "stale"};
static const char *const kinds[] = {[VISIT_FULL] = "full", [VISIT_LIGHT] = "light"};
static const char *const protos[] = {[PROTO_UDP] = "udp", [PROTO_TCP] = "tcp"};
static const char *const states[] = {[SERVICE_STATE_UNKNOWN] = "Unknown",
                                     [SERVICE_STOPPED] = "Stopped",
                                     [SERVICE_START_PENDING] = "Start Pending",
                                     [SERVICE_STOP_PENDING] = "Stop Pending",
                                     [SERVICE_RUNNING] = "Running",
                                     [SERVICE_CONTINUE_PENDING] = "Continue Pending",
                                     [SERVICE_PAUSE_PENDING] = "Pause Pending",
                                     [SERVICE_PAUSED] = "Paused",
                                     [SERVICE_STATE_DENIED] = "denied"};
static const char *const startups[] = {[STARTUP_UNKNOWN] = "Unknown",
                                       [STARTUP_AUTOMATIC] = "Automatic",
                                       [STARTUP_AUTOMATIC_DELAYED] = "Automatic (Delayed Start)",
                                       [STARTUP_MANUAL] = "Manual",
                                       [STARTUP_DISABLED] = "Disabled"};
static const char *const presences[] = {
    [PRESENCE_UNREAD] = "unread", [PRESENCE_PRESENT] = "present", [PRESENCE_ABSENT] = "absent"};
static const char *const categories[] = {[CATEGORY_UNKNOWN] = "unknown",
                                         [CATEGORY_PUBLIC] = "public",
                                         [CATEGORY_PRIVATE] = "private",
                                         [CATEGORY_DOMAIN] = "domain"};
static const char *const verdicts[] = {[VERDICT_BOUND] = "bound",
                                       [VERDICT_BOUND_OWNER_UNKNOWN] = "bound-owner-unknown",
                                       [VERDICT_NOT_BOUND] = "not-bound",
                                       [VERDICT_PORT_IN_USE] = "port-in-use",
                                       [VERDICT_WRONG_ADDRESS] = "wrong-address",
                                       [VERDICT_STOPPED] = "stopped",
                                       [VERDICT_DISABLED] = "disabled",
                                       [VERDICT_SERVICE_REMOVED] = "service-removed",
                                       [VERDICT_RESTARTING] = "restarting",
                                       [VERDICT_PENDING] = "pending",
                                       [VERDICT_NOT_EXPECTED] = "not-expected",
                                       [VERDICT_NOT_INSTALLED] = "not-installed",
                                       [VERDICT_UNKNOWN] = "unknown"};
static const char *const expected_bys[] = {
    [EXPECTED_BY_NOBODY] = "undecided",  [EXPECTED_BY_INVENTORY] = "inventory",
    [EXPECTED_BY_REGISTRY] = "registry", [EXPECTED_BY_STARTUP] = "startup type",
    [EXPECTED_BY_HISTORY] = "history",   [EXPECTED_BY_NONE] = "no source"};
static const char *const findings[] = {[FINDING_NONE] = "none",
                                       [FINDING_LOST_AT_BOOT] = "lost-at-boot",
                                       [FINDING_LOST_MID_BOOT] = "lost-mid-boot",
                                       [FINDING_LOST] = "lost",
                                       [FINDING_NEVER_BOUND] = "never-bound",
                                       [FINDING_SERVICE_REMOVED] = "service-removed"};
static const char *const recoveries[] = {[RECOVERY_NONE] = "none",
                                         [RECOVERY_BY_RESTART] = "recovered-by-restart",
                                         [RECOVERY_BY_REBOOT] = "recovered-by-reboot",
                                         [RECOVERY_UNKNOWN] = "recovered"};
static const char *const oses[] = {[HOST_WINDOWS] = "windows", [HOST_LINUX] = "linux"};
static const char *const transports[] = {[HOST_SSH] = "ssh", [HOST_WINRM] = "winrm"};
static const char *const host_states[] = {
    [HOST_ACTIVE] = "active", [HOST_MAINTENANCE] = "maintenance", [HOST_RETIRED] = "retired"};
static const char *const auths[] = {
    [AUTH_DEFAULT] = "default",   [AUTH_KEY] = "key",           [AUTH_AGENT] = "agent",
    [AUTH_PASSWORD] = "password", [AUTH_KERBEROS] = "kerberos", [AUTH_NEGOTIATE] = "negotiate",
    [AUTH_NTLM] = "ntlm",         [AUTH_BASIC] = "basic",       [AUTH_CERTIFICATE] = "certificate"};

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static const char *name_of(const char *const *table, size_t rows, unsigned value)
{
    return value < rows ? table[value] : "?";
}

static bool value_of(const char *const *table, size_t rows, const char *name, unsigned *ret)
{
    for (unsigned i = 0; i < rows; i++) {
        if (str_eq(table[i], name)) {
            *ret = i;
            return true;
        }
    }
    return false;
}

/* NAMED(function, enum type, table): the two directions of one table. */
#define NAME_OF(function, type, table)                       \
    const char *function(type value)                         \
    {                                                        \
        return name_of(table, ROWS(table), (unsigned)value); \
    }
#define VALUE_OF(function, type, table)                          \
    bool function(const char *name, type *ret)                   \
    {                                                            \
        unsigned value = 0;                                      \
        bool found = value_of(table, ROWS(table), name, &value); \
        if (found) {                                             \
            *ret = (type)value;                                  \
        }                                                        \
        return found;                                            \
    }

NAME_OF(outcome_name, enum outcome, outcomes)
VALUE_OF(outcome_parse, enum outcome, outcomes)
NAME_OF(section_name, enum section_id, sections)
VALUE_OF(section_parse, enum section_id, sections)
NAME_OF(reason_name, enum reason, reasons)
VALUE_OF(reason_parse, enum reason, reasons)
NAME_OF(visit_kind_name, enum visit_kind, kinds)
VALUE_OF(visit_kind_parse, enum visit_kind, kinds)
NAME_OF(proto_name, enum proto, protos)
VALUE_OF(proto_parse, enum proto, protos)
NAME_OF(service_state_name, enum service_state, states)
VALUE_OF(service_state_parse, enum service_state, states)
NAME_OF(startup_type_name, enum startup_type, startups)
VALUE_OF(startup_type_parse, enum startup_type, startups)
NAME_OF(presence_name, enum presence, presences)
VALUE_OF(presence_parse, enum presence, presences)
NAME_OF(network_category_name, enum network_category, categories)
VALUE_OF(network_category_parse, enum network_category, categories)
NAME_OF(verdict_name, enum verdict_code, verdicts)
VALUE_OF(verdict_parse, enum verdict_code, verdicts)
NAME_OF(expected_by_name, enum expected_by, expected_bys)
NAME_OF(finding_name, enum finding, findings)
NAME_OF(recovery_name, enum recovery, recoveries)
NAME_OF(host_os_name, enum host_os, oses)
NAME_OF(host_transport_name, enum host_transport, transports)
NAME_OF(host_state_name, enum host_state, host_states)
NAME_OF(host_auth_name, enum host_auth, auths)
