/* windows_system: endpoints, boot, clock and processes of a Windows host, with the degraded ways.
 */
#include "collector/probe/windows/cim.h"
#include "collector/probe/windows/eventlog.h"
#include "collector/probe/windows/netstat.h"
#include "collector/probe/windows/sc.h"
#include "collector/probe/windows/tasklist.h"
#include "collector/probe/windows/windows.h"

const struct reading windows_implausible = {
    OUTCOME_PARTIAL, 0, "implausible: none of the ports 123, 137, 500, 5353, 6910"};

/* NTP, NetBIOS, IKE, mDNS, PVS streaming. */
bool windows_is_plausible(const struct snapshot *snapshot)
{
    static const uint16_t ports[] = {123, 137, 500, 5353, 6910};
    for (size_t i = 0; i < snapshot->endpoint_count; i++) {
        const struct endpoint *endpoint = &snapshot->endpoints[i];
        for (size_t k = 0; k < sizeof(ports) / sizeof(ports[0]); k++) {
            if (endpoint->proto == PROTO_UDP && endpoint->port == ports[k]) {
                return true;
            }
        }
    }
    return false;
}

int windows_take_endpoints(const struct windows *windows)
{
    struct snapshot *snapshot = windows->snapshot;
    const struct answer_section *section = sections_find(windows->sections, "netstat");
    struct reading udp = sections_reading(windows->sections, section);
    struct reading tcp = udp;
    if (section != NULL && section->status == 0) {
        struct reading rows_udp;
        struct reading rows_tcp;
        if (netstat_parse(section->body, snapshot, &rows_udp, &rows_tcp) != 0) {
            return -1;
        }
        udp = udp.outcome == OUTCOME_COMPLETE ? rows_udp : udp;
        tcp = tcp.outcome == OUTCOME_COMPLETE ? rows_tcp : tcp;
    }
    if (udp.outcome == OUTCOME_COMPLETE && !windows_is_plausible(snapshot)) {
        udp = windows_implausible;
    }
    snapshot_set_section(snapshot, SECTION_UDP, udp.outcome, "netstat", udp.code, udp.detail);
    snapshot_set_section(snapshot, SECTION_TCP, tcp.outcome, "netstat", tcp.code, tcp.detail);
    return 0;
}

/* A section that was only run where CIM failed, and then ended well. */
static const struct answer_section *fallback(const struct windows *windows, const char *name)
{
    const struct answer_section *section = sections_find(windows->sections, name);
    return section != NULL && section->ended && section->status == 0 ? section : NULL;
}

/* The pid of lsass.exe: the service SamSs lives in it. -1: not known. */
static int64_t lsass_pid(const struct windows *windows)
{
    const struct answer_section *section = fallback(windows, "samss");
    struct sc_query query;
    return section != NULL && sc_parse_query(section->body, &query) == SC_FOUND && query.pid > 0
               ? query.pid
               : -1;
}

/* The oldest process of that name: a later one that calls itself so is somebody else. */
static const struct process *oldest(const struct snapshot *snapshot, const char *name)
{
    const struct process *found = NULL;
    for (size_t i = 0; i < snapshot->process_count; i++) {
        const struct process *process = &snapshot->processes[i];
        if (str_ieq(process->name, name) && process->created_ms != 0 &&
            (found == NULL || process->created_ms < found->created_ms)) {
            found = process;
        }
    }
    return found;
}

/* The process of that name where there is exactly one. */
static const struct process *only(const struct snapshot *snapshot, const char *name)
{
    const struct process *found = NULL;
    for (size_t i = 0; i < snapshot->process_count; i++) {
        if (str_ieq(snapshot->processes[i].name, name)) {
            if (found != NULL) {
                return NULL;
            }
            found = &snapshot->processes[i];
        }
    }
    return found;
}

static int add_witness(struct snapshot *snapshot, const char *name, int64_t pid, int64_t created_ms)
{
    struct boot_witness *witness = snapshot_add_witness(snapshot);
    if (witness == NULL) {
        return -1;
    }
    *witness = (struct boot_witness){name, pid, created_ms};
    return 0;
}

/* Processes that live as long as the boot. Without CIM their creation times are not known, and a
 * name proves a process only where no other one has it. */
int windows_take_witnesses(struct snapshot *snapshot, int64_t lsass)
{
    static const char *const names[] = {"wininit.exe", "services.exe", "lsass.exe"};
    const struct section *list = &snapshot->sections[SECTION_PROCESSES];
    bool by_cim = !str_eq(list->source, "tasklist");
    bool read = list->outcome == OUTCOME_COMPLETE;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        bool is_lsass = str_eq(names[i], "lsass.exe") && lsass > 0;
        const struct process *process = !read      ? NULL
                                        : is_lsass ? snapshot_process(snapshot, lsass)
                                        : by_cim   ? oldest(snapshot, names[i])
                                                   : only(snapshot, names[i]);
        int64_t pid = process != NULL ? process->pid : is_lsass ? lsass : -1;
        if (pid > 0 &&
            add_witness(snapshot, names[i], pid, process == NULL ? 0 : process->created_ms) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ret_source stays what it is where the event log does not help either. */
static struct reading take_boot(const struct windows *windows, const struct cim_answer *cim,
                                const char **ret_source)
{
    struct boot *boot = &windows->snapshot->boot;
    const struct answer_section *event = fallback(windows, "bootevent");
    int64_t boot_ms = 0;
    if (cim->boot.outcome == OUTCOME_COMPLETE) {
        boot->boot_time_ms = cim->clock.boot_ms;
        boot->host_clock_ms = cim->clock.local_ms;
        boot->uptime_ms = cim->clock.local_ms - cim->clock.boot_ms;
        if (boot->uptime_ms < 0) {
            boot->uptime_ms = -1;
            return (struct reading){OUTCOME_PARTIAL, 0, "the clock is before the boot"};
        }
        return cim->boot;
    }
    if (event != NULL && eventlog_boot_parse(event->body, &boot_ms)) {
        boot->boot_time_ms = boot_ms;
        boot->weak = true;
        *ret_source = "eventlog";
        return reading_complete;
    }
    return cim->boot;
}

static int take_processes(const struct windows *windows, struct reading cim)
{
    struct snapshot *snapshot = windows->snapshot;
    const struct answer_section *list = fallback(windows, "tasklist");
    struct reading reading = cim;
    const char *source = "cim";
    if (cim.outcome != OUTCOME_COMPLETE && list != NULL && slice_trim(list->body).len > 0) {
        snapshot->process_count = 0;
        if (tasklist_parse(list->body, snapshot, &reading) != 0) {
            return -1;
        }
        source = "tasklist";
    }
    snapshot_set_section(snapshot, SECTION_PROCESSES, reading.outcome, source, reading.code,
                         reading.detail);
    return 0;
}

int windows_take_boot_and_processes(const struct windows *windows)
{
    const struct answer_section *section = sections_find(windows->sections, "cim");
    struct reading reading = sections_reading(windows->sections, section);
    struct cim_answer cim = {.boot = reading, .processes = reading};
    const char *source = "cim";
    if (section != NULL && reading.outcome != OUTCOME_UNSUPPORTED &&
        cim_parse(section, windows->snapshot, &cim) != 0) {
        return -1;
    }
    if (take_processes(windows, cim.processes) != 0 ||
        windows_take_witnesses(windows->snapshot, lsass_pid(windows)) != 0) {
        return -1;
    }
    struct reading boot = take_boot(windows, &cim, &source);
    snapshot_set_section(windows->snapshot, SECTION_BOOT, boot.outcome, source, boot.code,
                         boot.detail);
    return 0;
}
