/* process: the process list of a simulated server at a moment. */
#include "farm/server/process.h"

#include "core/str.h"
#include "farm/server/service.h"

enum { NO_SERVICE = -1 };

static const struct process_row {
    const char *image;
    enum process_slot parent;
    int service; /* lives while this one has a process */
    int64_t start_ms; /* after the boot, or after its service's start */
} process_rows[PROCESS_COUNT] = {
    [PROCESS_IDLE] = {"System Idle Process", PROCESS_IDLE, NO_SERVICE, 0},
    [PROCESS_SYSTEM] = {"System", PROCESS_IDLE, NO_SERVICE, 0},
    [PROCESS_SMSS] = {"smss.exe", PROCESS_SYSTEM, NO_SERVICE, 300},
    [PROCESS_CSRSS0] = {"csrss.exe", PROCESS_SMSS, NO_SERVICE, 1500},
    [PROCESS_WININIT] = {"wininit.exe", PROCESS_SMSS, NO_SERVICE, 1700},
    [PROCESS_CSRSS1] = {"csrss.exe", PROCESS_SMSS, NO_SERVICE, 1710},
    [PROCESS_WINLOGON] = {"winlogon.exe", PROCESS_SMSS, NO_SERVICE, 1800},
    [PROCESS_SERVICES] = {"services.exe", PROCESS_WININIT, NO_SERVICE, 1900},
    [PROCESS_LSASS] = {"lsass.exe", PROCESS_WININIT, NO_SERVICE, 2000},
    [PROCESS_SVCHOST_RPC] = {"svchost.exe", PROCESS_SERVICES, SERVICE_RPCSS, 0},
    [PROCESS_SVCHOST_DCOM] = {"svchost.exe", PROCESS_SERVICES, NO_SERVICE, 3000},
    [PROCESS_SVCHOST_EVENTLOG] = {"svchost.exe", PROCESS_SERVICES, SERVICE_EVENTLOG, 0},
    [PROCESS_SVCHOST_SCHEDULE] = {"svchost.exe", PROCESS_SERVICES, SERVICE_SCHEDULE, 0},
    [PROCESS_SVCHOST_LANMAN] = {"svchost.exe", PROCESS_SERVICES, SERVICE_LANMAN, 0},
    [PROCESS_SVCHOST_DNS] = {"svchost.exe", PROCESS_SERVICES, SERVICE_DNSCACHE, 0},
    [PROCESS_SVCHOST_TIME] = {"svchost.exe", PROCESS_SERVICES, SERVICE_W32TIME, 0},
    [PROCESS_SVCHOST_TERM] = {"svchost.exe", PROCESS_SERVICES, SERVICE_TERM, 0},
    [PROCESS_SVCHOST_WINRM] = {"svchost.exe", PROCESS_SERVICES, SERVICE_WINRM, 0},
    [PROCESS_SVCHOST_IKE] = {"svchost.exe", PROCESS_SERVICES, SERVICE_IKEEXT, 0},
    [PROCESS_SVCHOST_SSDP] = {"svchost.exe", PROCESS_SERVICES, NO_SERVICE, 8600},
    [PROCESS_SVCHOST_WINMGMT] = {"svchost.exe", PROCESS_SERVICES, SERVICE_WINMGMT, 0},
    [PROCESS_SVCHOST_POLICY] = {"svchost.exe", PROCESS_SERVICES, NO_SERVICE, 4400},
    [PROCESS_SVCHOST_PROFILE] = {"svchost.exe", PROCESS_SERVICES, NO_SERVICE, 4500},
    [PROCESS_SVCHOST_FIREWALL] = {"svchost.exe", PROCESS_SERVICES, NO_SERVICE, 4800},
    [PROCESS_SVCHOST_UPDATE] = {"svchost.exe", PROCESS_SERVICES, NO_SERVICE, 9000},
    [PROCESS_SVCHOST_NLA] = {"svchost.exe", PROCESS_SERVICES, NO_SERVICE, 5300},
    [PROCESS_DWM] = {"dwm.exe", PROCESS_WINLOGON, NO_SERVICE, 3500},
    [PROCESS_LOGONUI] = {"LogonUI.exe", PROCESS_WINLOGON, NO_SERVICE, 3400},
    [PROCESS_SPOOLSV] = {"spoolsv.exe", PROCESS_SERVICES, SERVICE_SPOOLER, 0},
    [PROCESS_SSHD] = {"sshd.exe", PROCESS_SERVICES, SERVICE_SSHD, 0},
    [PROCESS_SSHD_SESSION] = {"sshd.exe", PROCESS_SSHD, NO_SERVICE, 0},
    [PROCESS_DEFENDER] = {"MsMpEng.exe", PROCESS_SERVICES, NO_SERVICE, 9200},
    [PROCESS_SENSE] = {"MsSense.exe", PROCESS_SERVICES, NO_SERVICE, 9800},
    [PROCESS_TOOLS] = {"vmtoolsd.exe", PROCESS_SERVICES, NO_SERVICE, 8800},
    [PROCESS_WMIPRVSE] = {"WmiPrvSE.exe", PROCESS_SVCHOST_DCOM, NO_SERVICE, 14000},
    [PROCESS_MSDTC] = {"msdtc.exe", PROCESS_SERVICES, NO_SERVICE, 15000},
    [PROCESS_CDFSVC] = {"CdfSvc.exe", PROCESS_SERVICES, SERVICE_CDF, 0},
    [PROCESS_TELEMETRY] = {"TelemetryService.exe", PROCESS_SERVICES, NO_SERVICE, 10200},
    [PROCESS_ABS] = {"BNAbsService.exe", PROCESS_SERVICES, NO_SERVICE, 10600},
    [PROCESS_DHCPSERVER] = {"svchost.exe", PROCESS_SERVICES, SERVICE_DHCP_SERVER, 0},
    [PROCESS_BNPXE] = {"BNPXE.exe", PROCESS_SERVICES, SERVICE_BNPXE, 0},
    [PROCESS_BNTFTP] = {"BNTFTP.exe", PROCESS_SERVICES, SERVICE_BNTFTP, 0},
    [PROCESS_PVSTSB] = {"PVSTSB.exe", PROCESS_SERVICES, SERVICE_PVSTSB, 0},
    [PROCESS_BNBOOTP] = {"BNBOOTP.exe", PROCESS_SERVICES, SERVICE_BNBOOTP, 0},
    [PROCESS_SOAPSERVER] = {"SoapServer.exe", PROCESS_SERVICES, SERVICE_SOAP, 0},
    [PROCESS_STREAMSERVICE] = {"StreamService.exe", PROCESS_SERVICES, SERVICE_STREAM, 0},
    [PROCESS_STREAMPROCESS] = {"StreamProcess.exe", PROCESS_STREAMSERVICE, SERVICE_STREAM, 900},
    [PROCESS_INVENTORY] = {"Inventory.exe", PROCESS_STREAMSERVICE, SERVICE_STREAM, 1300},
    [PROCESS_NOTIFIER] = {"Notifier.exe", PROCESS_STREAMSERVICE, SERVICE_STREAM, 1400},
    [PROCESS_MGMTDAEMON] = {"MgmtDaemon.exe", PROCESS_STREAMSERVICE, SERVICE_STREAM, 1600},
    [PROCESS_RIVAL] = {"", PROCESS_SERVICES, NO_SERVICE, 10000},
};

/* Each slot has a range of pids of its own, so no two processes ever share one: 17 for the boot,
 * 97 for later starts. */
uint32_t process_pid(const struct fleet *fleet, const struct server *server, enum process_slot slot,
                     uint32_t generation)
{
    if (slot == PROCESS_IDLE || slot == PROCESS_SYSTEM) {
        return slot == PROCESS_IDLE ? 0 : 4;
    }
    uint64_t dice = server_dice(fleet, server, 300, slot);
    if (generation == 0) {
        return (uint32_t)(4 * (90 + slot * 17 + (dice + server->boot_number * UINT64_C(5)) % 17));
    }
    uint64_t later = (dice + server->boot_number * UINT64_C(29) + generation * UINT64_C(31)) % 97;
    return (uint32_t)(8000 + 4 * (slot * 97 + later));
}

static uint32_t slot_generation(const struct server *server, enum process_slot slot)
{
    int service = process_rows[slot].service;
    if (service < 0 || service >= SERVICE_SETTABLE ||
        server->services[service].course == COURSE_BOOT) {
        return 0;
    }
    return server->services[service].generation;
}

/* False where it does not live at that moment. */
static bool process_look(const struct fleet *fleet, const struct server *server,
                         const struct moment *moment, enum process_slot slot,
                         struct process *process)
{
    const struct process_row *row = &process_rows[slot];
    *process = (struct process){.slot = slot};
    (void)str_copy(process->image, sizeof(process->image), row->image);
    process->pid = process_pid(fleet, server, slot, slot_generation(server, slot));
    process->parent = process_pid(fleet, server, row->parent, slot_generation(server, row->parent));
    process->created_wall_ms = slot == PROCESS_IDLE ? 0 : server->boot_wall_ms + row->start_ms;
    if (row->service != NO_SERVICE) {
        struct service_now now = service_look(fleet, server, moment, row->service);
        process->created_wall_ms = now.created_wall_ms + row->start_ms;
        if (slot == service_rows[row->service].slot) {
            process->pid = now.pid;
        }
        return now.pid != 0 && moment->uptime_ms >= now.started_up_ms + row->start_ms;
    }
    return moment->uptime_ms >= row->start_ms;
}

size_t process_list(const struct fleet *fleet, const struct server *server,
                    const struct moment *moment, struct process rows[PROCESS_COUNT])
{
    size_t count = 0;
    for (unsigned slot = 0; slot < PROCESS_COUNT; slot++) {
        struct process *process = &rows[count];
        if (!process_look(fleet, server, moment, (enum process_slot)slot, process)) {
            continue;
        }
        if (slot == PROCESS_RIVAL) {
            if (server->rival[0] == '\0' || server->rival_ended) {
                continue;
            }
            (void)str_copy(process->image, sizeof(process->image), server->rival);
        }
        if (slot == PROCESS_SSHD_SESSION) {
            if (server->transport != TRANSPORT_SSH) {
                continue;
            }
            process->created_wall_ms = moment->wall_ms - 300;
        }
        count++;
    }
    return count;
}

const struct process *process_find(const struct process *rows, size_t count, enum process_slot slot)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].slot == slot) {
            return &rows[i];
        }
    }
    return NULL;
}
