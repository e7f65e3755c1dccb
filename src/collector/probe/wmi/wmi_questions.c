/* wmi_questions: what a Windows server is asked over WinRM, one question after the other.
 *
 * Which question comes next is read off the answers so far. Where a class or a property is lacking
 * (before Server 2016, or for want of a right), a second way is asked for under a name of its own,
 * so that the answer tells how it was had. */
#include "collector/probe/wmi/wmi_questions.h"

#include "collector/probe/light.h"
#include "collector/probe/windows/windows.h"
#include "collector/probe/windows/windows_shell.h"
#include "collector/probe/wmi/wmi.h"
#include "collector/probe/wmi/wmi_item.h"

#include <stdio.h>
#include <string.h>

#define CIM "root/cimv2/*"
#define STANDARD "root/standardcimv2/"
#define REGISTRY "root/default/StdRegProv"
#define MACHINE_HIVE "2147483650" /* HKEY_LOCAL_MACHINE */
#define SERVICES_KEY "SYSTEM\\CurrentControlSet\\Services\\"
#define LIGHT_COLUMNS "Name,State,StartMode,ProcessId,ExitCode"
#define LIGHT_WITNESSES " or Name='SamSs' or Name='RpcSs' or Name='EventLog'"
#define SERVICE_COLUMNS "Name,DisplayName,State,StartMode,ProcessId,ExitCode,PathName,StartName"

/* Where the asking stands. */
struct asking {
    const struct sections *sections;
    const struct plan *plan;
    struct arena *arena;
    struct question *question;
    bool light;
    char name[WMI_NAME];
};

static bool always(const struct asking *asking)
{
    (void)asking;
    return true;
}

static bool services_lack(const struct asking *asking)
{
    return wmi_is_lacking(asking->sections, "services");
}

static bool udp_lacks(const struct asking *asking)
{
    return wmi_is_lacking(asking->sections, "udp");
}

static bool tcp_lacks(const struct asking *asking)
{
    return wmi_is_lacking(asking->sections, "tcp");
}

/* Else a service may have changed its process between the two looks. */
static bool ports_unheld(const struct asking *asking)
{
    return !wmi_ports_held(asking->sections, asking->plan);
}

struct enumeration {
    const char *section, *resource, *query;
    bool (*wanted)(const struct asking *asking);
};

/* The plain enumerations, in the order in which they must be asked: the endpoints between the two
 * looks at the services. %S stands for the condition that names the services, %P for that which
 * names the ports. */
static const struct enumeration enumerations[] = {
    {"os", CIM, "select CSName,Version,LastBootUpTime,LocalDateTime from Win32_OperatingSystem",
     always},
    {"services", CIM, "select " SERVICE_COLUMNS ",DelayedAutoStart from Win32_Service where %S",
     always},
    {"services-old", CIM, "select " SERVICE_COLUMNS " from Win32_Service where %S", services_lack},
    {"udp", STANDARD "*",
     "select LocalAddress,LocalPort,OwningProcess,CreationTime from MSFT_NetUDPEndpoint", always},
    {"udp-old", STANDARD "MSFT_NetUDPEndpoint", NULL, udp_lacks},
    {"tcp", STANDARD "*",
     "select LocalAddress,LocalPort,OwningProcess,CreationTime from MSFT_NetTCPConnection where "
     "State=2",
     always},
    {"tcp-old", STANDARD "*", "select * from MSFT_NetTCPConnection where State=2", tcp_lacks},
    {"services-after", CIM, "select Name,State,ProcessId from Win32_Service where %S", always},
    {"processes", CIM, "select ProcessId,ParentProcessId,Name,CreationDate from Win32_Process",
     always},
    {"addresses", CIM,
     "select IPAddress,IPSubnet from Win32_NetworkAdapterConfiguration where IPEnabled=TRUE",
     always},
    {"dynamic", STANDARD "*",
     "select DynamicPortRangeStartPort,DynamicPortRangeNumberOfPorts from MSFT_NetUDPSetting",
     always},
};

/* Of a light visit: three questions where nothing is amiss. */
static const struct enumeration light_enumerations[] = {
    {"os", CIM, "select CSName,LastBootUpTime,LocalDateTime from Win32_OperatingSystem", always},
    {"services", CIM,
     "select " LIGHT_COLUMNS ",DelayedAutoStart from Win32_Service where %S" LIGHT_WITNESSES,
     always},
    {"services-old", CIM, "select " LIGHT_COLUMNS " from Win32_Service where %S" LIGHT_WITNESSES,
     services_lack},
    {"udp", STANDARD "*",
     "select LocalAddress,LocalPort,OwningProcess,CreationTime from MSFT_NetUDPEndpoint where %P",
     always},
    {"udp-old", STANDARD "*", "select * from MSFT_NetUDPEndpoint where %P", udp_lacks},
    {"services-after", CIM, "select Name,State,ProcessId from Win32_Service where %S",
     ports_unheld},
};

/* "Name='BNPXE' or Name='BNTFTP'"; the names of a plan need no escaping. */
static void put_services(const struct plan *plan, struct buf *to)
{
    for (size_t i = 0; i < plan->service_count; i++) {
        (void)buf_printf(to, "%sName='%s'", i == 0 ? "" : " or ", plan->services[i]);
    }
}

static void put_ports(const struct plan *plan, struct buf *to)
{
    uint16_t ports[LIGHT_PORTS_MAX];
    size_t count = light_ports(plan, ports);
    for (size_t i = 0; i < count; i++) {
        (void)buf_printf(to, "%sLocalPort=%u", i == 0 ? "" : " or ", (unsigned)ports[i]);
    }
}

static void put_query(const struct plan *plan, const char *query, struct buf *to)
{
    const char *mark = strchr(query, '%');
    (void)buf_append(to, query, mark == NULL ? strlen(query) : (size_t)(mark - query));
    if (mark != NULL) {
        mark[1] == 'S' ? put_services(plan, to) : put_ports(plan, to);
        (void)buf_puts(to, mark + 2);
    }
}

static int ask_enumeration(struct asking *asking, const struct enumeration *enumeration)
{
    struct buf query;
    buf_init(&query, 16384);
    *asking->question = (struct question){.kind = QUESTION_ENUMERATE,
                                          .section = enumeration->section,
                                          .resource = enumeration->resource};
    if (enumeration->query != NULL) {
        put_query(asking->plan, enumeration->query, &query);
        asking->question->filter = arena_strdup(asking->arena, query.failed ? NULL : query.data);
    }
    bool failed = enumeration->query != NULL && asking->question->filter == NULL;
    buf_done(&query);
    return failed ? -1 : 1;
}

/* 0: each of them was asked that is wanted. */
static int next_enumeration(struct asking *asking, const struct enumeration *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!wmi_was_asked(asking->sections, list[i].section) && list[i].wanted(asking)) {
            return ask_enumeration(asking, &list[i]);
        }
    }
    return 0;
}

/* A method of StdRegProv on HKEY_LOCAL_MACHINE; value NULL: it takes none. */
static int ask_registry(struct asking *asking, const char *method, const char *key,
                        const char *value)
{
    struct question_argument *arguments = arena_array(asking->arena, 3, sizeof(*arguments));
    const char *section = arena_strdup(asking->arena, asking->name);
    if (arguments == NULL || section == NULL) {
        return -1;
    }
    arguments[0] = (struct question_argument){"hDefKey", MACHINE_HIVE};
    arguments[1] = (struct question_argument){"sSubKeyName", key};
    arguments[2] = (struct question_argument){"sValueName", value};
    *asking->question = (struct question){.kind = QUESTION_INVOKE,
                                          .section = section,
                                          .resource = REGISTRY,
                                          .method = method,
                                          .arguments = arguments,
                                          .argument_count = value == NULL ? 2 : 3};
    return 1;
}

static bool not_asked(const struct asking *asking)
{
    return !wmi_was_asked(asking->sections, asking->name);
}

/* "HKLM\SOFTWARE\..." without its hive. */
static const char *below_hive(const char *key)
{
    const char *backslash = strchr(key, '\\');
    return backslash == NULL ? key : backslash + 1;
}

static int next_machine(struct asking *asking)
{
    static const struct {
        const char *section, *method, *key, *value;
    } values[] = {
        {"reg-guid", "GetStringValue", "SOFTWARE\\Microsoft\\Cryptography", "MachineGuid"},
        {"reg-delay", "GetDWORDValue", "SYSTEM\\CurrentControlSet\\Control", "AutoStartDelay"},
    };
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        (void)snprintf(asking->name, sizeof(asking->name), "%s", values[i].section);
        if (not_asked(asking)) {
            return ask_registry(asking, values[i].method, values[i].key, values[i].value);
        }
    }
    return 0;
}

static int next_key(struct asking *asking)
{
    for (size_t i = 0; i < asking->plan->key_count; i++) {
        const char *key = below_hive(asking->plan->keys[i]);
        const char *name = NULL;
        (void)wmi_key_section(asking->name, i);
        if (not_asked(asking)) {
            return ask_registry(asking, "EnumKey", key, NULL);
        }
        bool present = wmi_returned(asking->sections, asking->name, NULL) == 0;
        for (size_t k = 0; present && (name = wmi_rule_value(asking->plan, i, k)) != NULL; k++) {
            (void)wmi_value_section(asking->name, i, k);
            if (not_asked(asking)) {
                return ask_registry(asking, "GetDWORDValue", key, name);
            }
        }
    }
    return 0;
}

/* The canary of a service that the list leaves out, and what its key says; the delay of one whose
 * row has none. */
static int next_service_value(struct asking *asking, const char *service)
{
    static const struct {
        const char *prefix, *method, *value;
        bool for_listed; /* also where the service was listed by an old Windows */
    } values[] = {
        {"reg-service", "EnumKey", NULL, false},
        {"reg-start", "GetDWORDValue", "Start", false},
        {"reg-delayed", "GetDWORDValue", "DelayedAutostart", true},
        {"reg-image", "GetExpandedStringValue", "ImagePath", false},
    };
    struct wmi_item row;
    const char *section = wmi_services_section(asking->sections);
    bool listed = wmi_service_row(asking->sections, section, service, &row);
    bool complete = listed && wmi_has(&row, "DelayedAutoStart");
    const char *key = arena_printf(asking->arena, SERVICES_KEY "%s", service);
    if (key == NULL) {
        return -1;
    }
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        bool wanted = listed ? values[i].for_listed && !complete : true;
        (void)wmi_section(asking->name, values[i].prefix, service);
        if (wanted && not_asked(asking)) {
            return ask_registry(asking, values[i].method, key, values[i].value);
        }
        if (i == 0 && !listed && wmi_returned(asking->sections, asking->name, NULL) != 0) {
            return 0; /* there is no such key, or no right to it */
        }
    }
    return 0;
}

/* WMI is closed for the account as a whole: then the shell, where it may use that, is asked what it
 * is asked over SSH. Only the endpoints, or whose they are, are lacking: then netstat. */
static int next_command(struct asking *asking, const struct expectation *const *watched,
                        size_t count, struct err *err)
{
    const struct sections *sections = asking->sections;
    bool udp = wmi_is_complete(sections, "udp") || wmi_is_complete(sections, "udp-old");
    bool closed = !udp && !wmi_is_complete(sections, "os") &&
                  !wmi_is_complete(sections, wmi_services_section(sections));
    if (wmi_was_asked(sections, "netstat") || wmi_was_asked(sections, "shell") ||
        (udp && wmi_owners_known(sections, asking->plan))) {
        return 0;
    }
    struct buf line;
    buf_init(&line, 16384);
    const struct probe *shell = asking->light ? &probe_windows_shell_light : &probe_windows_shell;
    int rc = closed ? shell->command(watched, count, &line, err)
                    : windows_shell_netstat(asking->light, &line);
    const char *command = rc == 0 ? arena_strndup(asking->arena, line.data, line.len) : NULL;
    buf_done(&line);
    *asking->question = (struct question){.kind = QUESTION_COMMAND, .command = command};
    return command == NULL ? -1 : 1;
}

/* What decides nothing, last: a hang there costs a visit none of its verdicts. */
static int next_around(struct asking *asking)
{
    static const char networks[] =
        "select InterfaceAlias,NetworkCategory from MSFT_NetConnectionProfile";
    const struct sections *sections = asking->sections;
    bool files = wmi_was_asked(sections, PROBE_OPTIONAL);
    if (wmi_was_asked(sections, "ver") || (files && wmi_was_asked(sections, "networks"))) {
        return 0; /* the shell was asked for everything */
    }
    *asking->question = (struct question){
        .kind = QUESTION_ENUMERATE,
        .section = files ? "networks" : PROBE_OPTIONAL,
        .resource = files ? STANDARD "*" : CIM,
        .filter = files ? networks : wmi_files_query(sections, asking->arena),
        .optional = true,
    };
    return asking->question->filter == NULL ? -1 : 1;
}

static int next_of(struct asking *asking, const struct expectation *const *watched, size_t count,
                   struct err *err)
{
    int rc = asking->light
                 ? next_enumeration(asking, light_enumerations,
                                    sizeof(light_enumerations) / sizeof(light_enumerations[0]))
                 : next_enumeration(asking, enumerations,
                                    sizeof(enumerations) / sizeof(enumerations[0]));
    if (rc == 0 && !asking->light) {
        rc = next_machine(asking);
        rc = rc == 0 ? next_key(asking) : rc;
        for (size_t i = 0; rc == 0 && i < asking->plan->service_count; i++) {
            rc = next_service_value(asking, asking->plan->services[i]);
        }
    }
    rc = rc == 0 ? next_command(asking, watched, count, err) : rc;
    return rc == 0 && !asking->light ? next_around(asking) : rc;
}

static int next_question(struct asking *asking, const struct expectation *const *watched,
                         size_t count, struct slice so_far, struct err *err)
{
    struct sections sections;
    struct plan plan;
    int rc = asking->light ? windows_light_plan(&plan, watched, count, err)
                           : windows_plan(&plan, watched, count, err);
    if (rc != 0) {
        return -1;
    }
    sections_parse(so_far, &sections);
    asking->sections = &sections;
    asking->plan = &plan;
    rc = next_of(asking, watched, count, err);
    return rc < 0 ? err_memory(err) : rc;
}

static int wmi_next_question(const struct expectation *const *watched, size_t count,
                             struct slice so_far, struct arena *arena, struct question *ret,
                             struct err *err)
{
    struct asking asking = {.arena = arena, .question = ret};
    return next_question(&asking, watched, count, so_far, err);
}

static int light_next_question(const struct expectation *const *watched, size_t count,
                               struct slice so_far, struct arena *arena, struct question *ret,
                               struct err *err)
{
    struct asking asking = {.arena = arena, .question = ret, .light = true};
    return next_question(&asking, watched, count, so_far, err);
}

static int wmi_parse(const char *bytes, size_t len, const struct expectation *const *watched,
                     size_t count, struct snapshot *ret_snapshot, struct err *err)
{
    static int (*const takers[])(const struct wmi *) = {
        wmi_take_endpoints, wmi_take_boot,     wmi_take_processes, wmi_take_services,
        wmi_take_addresses, wmi_take_registry, wmi_take_machine,   wmi_take_around};
    struct sections sections;
    struct plan plan;
    if (windows_plan(&plan, watched, count, err) != 0) {
        return -1;
    }
    sections_parse((struct slice){bytes, len}, &sections);
    if (wmi_was_asked(&sections, "ver")) {
        return probe_windows_shell.parse(bytes, len, watched, count, ret_snapshot, err);
    }
    const struct wmi wmi = {&sections, &plan, ret_snapshot, false};
    for (size_t i = 0; i < sizeof(takers) / sizeof(takers[0]); i++) {
        if (takers[i](&wmi) != 0) {
            return err_memory(err);
        }
    }
    snapshot_normalise(ret_snapshot);
    return 0;
}

static int light_parse(const char *bytes, size_t len, const struct expectation *const *watched,
                       size_t count, struct snapshot *ret_snapshot, struct err *err)
{
    static int (*const takers[])(const struct wmi *) = {wmi_take_endpoints, wmi_take_boot,
                                                        wmi_take_service_witnesses,
                                                        wmi_take_services, wmi_take_machine};
    struct sections sections;
    struct plan plan;
    if (windows_light_plan(&plan, watched, count, err) != 0) {
        return -1;
    }
    sections_parse((struct slice){bytes, len}, &sections);
    if (wmi_was_asked(&sections, "hostname")) {
        return probe_windows_shell_light.parse(bytes, len, watched, count, ret_snapshot, err);
    }
    const struct wmi wmi = {&sections, &plan, ret_snapshot, true};
    for (size_t i = 0; i < sizeof(takers) / sizeof(takers[0]); i++) {
        if (takers[i](&wmi) != 0) {
            return err_memory(err);
        }
    }
    light_keep(ret_snapshot, &plan);
    snapshot_normalise(ret_snapshot);
    return 0;
}

const struct probe probe_windows_wmi_light = {
    .name = "windows-wmi-light",
    .os = HOST_WINDOWS,
    .transport = HOST_WINRM,
    .kind = VISIT_LIGHT,
    .next = light_next_question,
    .parse = light_parse,
};

const struct probe probe_windows_wmi = {
    .name = "windows-wmi",
    .os = HOST_WINDOWS,
    .transport = HOST_WINRM,
    .next = wmi_next_question,
    .parse = wmi_parse,
};
