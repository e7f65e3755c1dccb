/* service: the services of a simulated server, and what each is doing at a moment. */
#include "farm/server/service.h"

#include "core/str.h"

enum { SCM_PENDING_MS = 3000, DELAYED_PENDING_MS = 8000, DELAYED_DEFAULT_S = 120 };

#define PVS "C:\\Program Files\\Citrix\\Provisioning Services\\"
#define SVCHOST "C:\\Windows\\system32\\svchost.exe -k "
#define NETWORK_SERVICE "NT AUTHORITY\\NetworkService"

const struct service_row service_rows[SERVICE_COUNT] = {
    [SERVICE_BNPXE] = {"BNPXE", "Citrix PVS PXE Service", "\"" PVS "BNPXE.exe\"", NETWORK_SERVICE,
                       0x10, PROCESS_BNPXE, 11000},
    [SERVICE_BNTFTP] = {"BNTFTP", "Citrix PVS TFTP Service", "\"" PVS "BNTFTP.exe\"",
                        NETWORK_SERVICE, 0x10, PROCESS_BNTFTP, 11400},
    [SERVICE_PVSTSB] = {"PVSTSB", "Citrix PVS Two-Stage Boot Service", "\"" PVS "PVSTSB.exe\"",
                        NETWORK_SERVICE, 0x10, PROCESS_PVSTSB, 11700},
    [SERVICE_STREAM] = {"StreamService", "Citrix PVS Stream Service",
                        "\"" PVS "StreamService.exe\"", NETWORK_SERVICE, 0x10,
                        PROCESS_STREAMSERVICE, 12500},
    [SERVICE_SOAP] = {"soapserver", "Citrix PVS Soap Server", "\"" PVS "SoapServer.exe\"",
                      NETWORK_SERVICE, 0x10, PROCESS_SOAPSERVER, 13000},
    [SERVICE_BNBOOTP] = {"BNBOOTP", "Citrix PVS BOOTP Service", "\"" PVS "BNBOOTP.exe\"",
                         NETWORK_SERVICE, 0x10, PROCESS_BNBOOTP, 11500},
    [SERVICE_DHCP_SERVER] = {"DHCPServer", "DHCP Server", SVCHOST "DHCPServer", NETWORK_SERVICE,
                             0x20, PROCESS_DHCPSERVER, 9000},
    [SERVICE_SAMSS] = {"SamSs", "Security Accounts Manager", "C:\\Windows\\system32\\lsass.exe",
                       "LocalSystem", 0x20, PROCESS_LSASS, 2500},
    [SERVICE_RPCSS] = {"RpcSs", "Remote Procedure Call (RPC)", SVCHOST "rpcss", NETWORK_SERVICE,
                       0x20, PROCESS_SVCHOST_RPC, 3200},
    [SERVICE_EVENTLOG] = {"EventLog", "Windows Event Log", SVCHOST "LocalServiceNetworkRestricted",
                          "NT AUTHORITY\\LocalService", 0x20, PROCESS_SVCHOST_EVENTLOG, 3900},
    [SERVICE_SCHEDULE] = {"Schedule", "Task Scheduler", SVCHOST "netsvcs", "LocalSystem", 0x20,
                          PROCESS_SVCHOST_SCHEDULE, 4300},
    [SERVICE_LANMAN] = {"LanmanServer", "Server", SVCHOST "netsvcs", "LocalSystem", 0x20,
                        PROCESS_SVCHOST_LANMAN, 5200},
    [SERVICE_DNSCACHE] = {"Dnscache", "DNS Client", SVCHOST "NetworkService", NETWORK_SERVICE, 0x20,
                          PROCESS_SVCHOST_DNS, 5600},
    [SERVICE_W32TIME] = {"W32Time", "Windows Time", SVCHOST "LocalService",
                         "NT AUTHORITY\\LocalService", 0x20, PROCESS_SVCHOST_TIME, 6100},
    [SERVICE_TERM] = {"TermService", "Remote Desktop Services", SVCHOST "NetworkService",
                      NETWORK_SERVICE, 0x20, PROCESS_SVCHOST_TERM, 6400},
    [SERVICE_WINRM] = {"WinRM", "Windows Remote Management (WS-Management)",
                       SVCHOST "NetworkService", NETWORK_SERVICE, 0x20, PROCESS_SVCHOST_WINRM,
                       6900},
    [SERVICE_SSHD] = {"sshd", "OpenSSH SSH Server", "C:\\Windows\\System32\\OpenSSH\\sshd.exe",
                      "LocalSystem", 0x10, PROCESS_SSHD, 7300},
    [SERVICE_SPOOLER] = {"Spooler", "Print Spooler", "C:\\Windows\\System32\\spoolsv.exe",
                         "LocalSystem", 0x110, PROCESS_SPOOLSV, 7600},
    [SERVICE_IKEEXT] = {"IKEEXT", "IKE and AuthIP IPsec Keying Modules", SVCHOST "netsvcs",
                        "LocalSystem", 0x20, PROCESS_SVCHOST_IKE, 8100},
    [SERVICE_WINMGMT] = {"Winmgmt", "Windows Management Instrumentation", SVCHOST "netsvcs",
                         "LocalSystem", 0x20, PROCESS_SVCHOST_WINMGMT, 8400},
    [SERVICE_CDF] = {"CdfSvc", "Citrix Diagnostic Facility COM Server",
                     "\"C:\\Program Files\\Citrix\\System32\\CdfSvc.exe\"", NETWORK_SERVICE, 0x10,
                     PROCESS_CDFSVC, 9400},
};

int service_find(const char *name)
{
    for (int i = 0; i < SERVICE_COUNT; i++) {
        if (str_ieq(service_rows[i].name, name)) {
            return i;
        }
    }
    return -1;
}

enum right service_right(int service)
{
    return service < SERVICE_DHCP_SERVER ? RIGHT_SC : RIGHT_SC_OTHERS;
}

/* Uptime at which the boot starts it, or -1. */
static int64_t boot_start_ms(const struct fleet *fleet, const struct server *server, int service,
                             enum start_type start)
{
    int64_t usual = service_rows[service].start_ms + server->servicing_ms +
                    (int64_t)(server_dice(fleet, server, 200, (uint64_t)service) % 900);
    if (start == START_AUTO) {
        return usual;
    }
    if (start == START_DELAYED) {
        int64_t delay =
            server->autostart_delay_s < 0 ? DELAYED_DEFAULT_S : server->autostart_delay_s;
        uint64_t turn = 2000 + server_dice(fleet, server, 201, (uint64_t)service) % 20000;
        return server->servicing_ms + delay * 1000 + (int64_t)turn;
    }
    return -1;
}

static struct service_now look_at_boot(const struct fleet *fleet, const struct server *server,
                                       const struct moment *moment, int service,
                                       enum start_type boot_start)
{
    struct service_now now = {.installed = true, .state = RUN_STOPPED, .exit_code = 1077};
    int64_t start = boot_start_ms(fleet, server, service, boot_start);
    if (start < 0 || moment->uptime_ms < start) {
        return now;
    }
    int64_t pending = boot_start == START_DELAYED ? DELAYED_PENDING_MS : SCM_PENDING_MS;
    now.state = moment->uptime_ms < start + pending ? RUN_START_PENDING : RUN_RUNNING;
    now.exit_code = 0;
    now.created_wall_ms = server->boot_wall_ms + start;
    now.started_up_ms = start;
    now.pid = process_pid(fleet, server, service_rows[service].slot, 0);
    return now;
}

static struct service_now look_settable(const struct fleet *fleet, const struct server *server,
                                        const struct moment *moment, int service)
{
    const struct service_settings *settings = &server->services[service];
    struct service_now now =
        look_at_boot(fleet, server, moment, service, (enum start_type)settings->boot_start);
    now.installed = !settings->removed;
    now.start = (enum start_type)settings->start;
    switch ((enum service_course)settings->course) {
    case COURSE_BOOT:
        return now;
    case COURSE_STOPPED:
        now.state = RUN_STOPPED;
        now.exit_code = 0;
        now.pid = 0;
        return now;
    case COURSE_HUNG:
    case COURSE_STARTED:
        now.state = settings->course == COURSE_HUNG ? RUN_START_PENDING : RUN_RUNNING;
        now.exit_code = 0;
        now.created_wall_ms = settings->created_wall_ms;
        now.started_up_ms = settings->since_up_ms;
        now.pid = process_pid(fleet, server, service_rows[service].slot, settings->generation);
        return now;
    }
    return now;
}

struct service_now service_look(const struct fleet *fleet, const struct server *server,
                                const struct moment *moment, int service)
{
    if (service >= SERVICE_SETTABLE) {
        struct service_now now = look_at_boot(fleet, server, moment, service, START_AUTO);
        now.start = START_AUTO;
        if (service == SERVICE_SSHD && server->transport != TRANSPORT_SSH) {
            return (struct service_now){.state = RUN_STOPPED, .exit_code = 1077};
        }
        return now;
    }
    struct service_now now = look_settable(fleet, server, moment, service);
    if (!now.installed) {
        now.state = RUN_STOPPED;
        now.pid = 0;
    }
    if (service == SERVICE_BNPXE && server->flapping && now.pid != 0) {
        now.pid = process_pid(fleet, server, PROCESS_BNPXE, server->looks + 1);
        now.created_wall_ms = moment->wall_ms - 400;
    }
    return now;
}

bool service_restart(const struct fleet *fleet, struct server *server, int service)
{
    struct service_settings *settings = &server->services[service];
    if (settings->removed || settings->start == START_DISABLED) {
        return false;
    }
    struct moment moment = server_moment(fleet, server);
    settings->generation++;
    settings->course = COURSE_STARTED;
    settings->lost = false;
    settings->since_up_ms = moment.uptime_ms;
    settings->created_wall_ms = moment.wall_ms;
    return true;
}
