/* wmi_system: boot, clock, processes and addresses of a Windows server, from WMI. */
#include "collector/probe/field.h"
#include "collector/probe/windows/windows.h"
#include "collector/probe/wmi/wmi.h"
#include "collector/probe/wmi/wmi_item.h"
#include "collector/probe/wmi/wmi_rows.h"

static struct slice body_of(const struct wmi *wmi, const char *name)
{
    const struct answer_section *section = sections_find(wmi->sections, name);
    return section == NULL ? (struct slice){"", 0} : section->body;
}

int wmi_take_boot(const struct wmi *wmi)
{
    struct boot *boot = &wmi->snapshot->boot;
    struct reading reading = wmi_reading(wmi->sections, "os");
    struct slice rest = body_of(wmi, "os");
    struct wmi_item row;
    bool bad = false;
    int64_t boot_ms = 0;
    int64_t local_ms = 0;
    bool found = wmi_item_next(&rest, &row, &bad) && wmi_date(&row, "LastBootUpTime", &boot_ms) &&
                 wmi_date(&row, "LocalDateTime", &local_ms);
    if (reading.outcome == OUTCOME_COMPLETE && !found) {
        reading = (struct reading){OUTCOME_PARTIAL, 0, "the clock or the boot cannot be read"};
    } else if (reading.outcome == OUTCOME_COMPLETE && local_ms < boot_ms) {
        reading = (struct reading){OUTCOME_PARTIAL, 0, "the clock is before the boot"};
    } else if (reading.outcome == OUTCOME_COMPLETE) {
        boot->boot_time_ms = boot_ms;
        boot->host_clock_ms = local_ms;
        boot->uptime_ms = local_ms - boot_ms;
    }
    snapshot_set_section(wmi->snapshot, SECTION_BOOT, reading.outcome, "wmi", reading.code,
                         reading.detail);
    return 0;
}

static int add_process(const struct wmi *wmi, const struct wmi_item *row, bool *bad)
{
    struct slice name;
    uint64_t pid = 0;
    uint64_t parent = 0;
    if (!wmi_number(row, "ProcessId", UINT32_MAX, &pid) || !wmi_value(row, "Name", &name)) {
        *bad = true;
        return 0;
    }
    struct process *process = snapshot_add_process(wmi->snapshot);
    if (process == NULL) {
        return -1;
    }
    process->pid = (int64_t)pid;
    if (wmi_number(row, "ParentProcessId", UINT32_MAX, &parent)) {
        process->parent = (int64_t)parent;
    }
    (void)wmi_date(row, "CreationDate", &process->created_ms);
    process->name = wmi_text(&wmi->snapshot->arena, name);
    return process->name == NULL ? -1 : 0;
}

int wmi_take_processes(const struct wmi *wmi)
{
    struct reading reading = wmi_reading(wmi->sections, "processes");
    struct slice rest = body_of(wmi, "processes");
    struct wmi_item row;
    size_t rows = 0;
    bool bad = false;
    while (wmi_item_next(&rest, &row, &bad)) {
        if (rows++ >= FIELD_ROWS_MAX) {
            reading = (struct reading){OUTCOME_PARTIAL, 0, "too many rows"};
            break;
        }
        if (add_process(wmi, &row, &bad) != 0) {
            return -1;
        }
    }
    if (reading.outcome == OUTCOME_COMPLETE && (bad || rows == 0)) {
        reading = (struct reading){OUTCOME_PARTIAL, 0, "the list of processes cannot be read"};
    }
    snapshot_set_section(wmi->snapshot, SECTION_PROCESSES, reading.outcome, "wmi", reading.code,
                         reading.detail);
    return windows_take_witnesses(wmi->snapshot, -1);
}

/* Services that nobody restarts, by the processes that they live in. */
int wmi_take_service_witnesses(const struct wmi *wmi)
{
    static const struct {
        const char *service, *name;
    } witnesses[] = {{"SamSs", "lsass.exe"}, {"RpcSs", "RpcSs"}, {"EventLog", "EventLog"}};
    for (size_t i = 0; i < sizeof(witnesses) / sizeof(witnesses[0]); i++) {
        struct wmi_item row;
        uint64_t pid = 0;
        if (!wmi_service_row(wmi->sections, wmi_services_section(wmi->sections),
                             witnesses[i].service, &row) ||
            !wmi_number(&row, "ProcessId", UINT32_MAX, &pid) || pid == 0) {
            continue;
        }
        struct boot_witness *witness = snapshot_add_witness(wmi->snapshot);
        if (witness == NULL) {
            return -1;
        }
        *witness = (struct boot_witness){witnesses[i].name, (int64_t)pid, 0};
    }
    return 0;
}

/* 255.255.255.0 of IPv4, "64" of IPv6; 0 for anything else. */
static uint8_t prefix_of(struct slice text, const struct ip *ip)
{
    uint64_t number = 0;
    if (ip->family == 4) {
        return windows_prefix_of(text);
    }
    return str_u64(slice_trim(text), 128, &number) ? (uint8_t)number : 0;
}

static int add_addresses(const struct wmi *wmi, const struct wmi_item *row, struct reading *reading)
{
    struct slice text;
    for (size_t i = 0; wmi_value_at(row, "IPAddress", i, &text); i++) {
        struct slice mask = {"", 0};
        struct ip ip;
        if (wmi->snapshot->address_count >= FIELD_VALUES_MAX) {
            *reading = (struct reading){OUTCOME_PARTIAL, 0, "too many addresses"};
            return 0;
        }
        if (!ip_parse(slice_trim(text), &ip)) {
            *reading = (struct reading){OUTCOME_PARTIAL, 0, "an address cannot be read"};
            continue;
        }
        (void)wmi_value_at(row, "IPSubnet", i, &mask);
        if (ip_is_wildcard(&ip) || snapshot_has_address(wmi->snapshot, &ip)) {
            continue;
        }
        struct host_address *address = snapshot_add_address(wmi->snapshot);
        if (address == NULL) {
            return -1;
        }
        address->ip = ip;
        address->prefix = prefix_of(mask, &ip);
    }
    return 0;
}

int wmi_take_addresses(const struct wmi *wmi)
{
    struct reading reading = wmi_reading(wmi->sections, "addresses");
    struct slice rest = body_of(wmi, "addresses");
    struct wmi_item row;
    bool bad = false;
    while (wmi_item_next(&rest, &row, &bad)) {
        if (add_addresses(wmi, &row, &reading) != 0) {
            return -1;
        }
    }
    if (bad && reading.outcome == OUTCOME_COMPLETE) {
        reading = (struct reading){OUTCOME_PARTIAL, 0, "a row cannot be read"};
    }
    snapshot_set_section(wmi->snapshot, SECTION_ADDRESSES, reading.outcome, "wmi", reading.code,
                         reading.detail);
    return 0;
}
