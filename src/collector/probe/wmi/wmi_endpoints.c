/* wmi_endpoints: the UDP endpoints and TCP listeners of a Windows server, from WMI or netstat. */
#include "collector/probe/field.h"
#include "collector/probe/windows/netstat.h"
#include "collector/probe/windows/windows.h"
#include "collector/probe/wmi/wmi.h"
#include "collector/probe/wmi/wmi_item.h"

/* The section that has the rows: the full one, or that for an old Windows. */
static const char *rows_of(const struct sections *sections, const char *full, const char *old)
{
    return !wmi_is_complete(sections, full) && wmi_was_asked(sections, old) ? old : full;
}

static bool parse_row(const struct wmi_item *item, enum proto proto, struct endpoint *ret)
{
    struct slice address;
    uint64_t port = 0;
    uint64_t pid = 0;
    *ret = (struct endpoint){.proto = proto, .pid = -1};
    if (!wmi_value(item, "LocalAddress", &address) ||
        !ip_parse(slice_trim(address), &ret->address) ||
        !wmi_number(item, "LocalPort", UINT16_MAX, &port) || port == 0) {
        return false;
    }
    ret->port = (uint16_t)port;
    if (wmi_number(item, "OwningProcess", UINT32_MAX, &pid)) {
        ret->pid = (int64_t)pid;
    }
    (void)wmi_date(item, "CreationTime", &ret->created_ms);
    return true;
}

static int take_rows(const struct wmi *wmi, const char *name, enum proto proto,
                     struct reading *reading)
{
    const struct answer_section *section = sections_find(wmi->sections, name);
    struct slice rest = section == NULL ? (struct slice){"", 0} : section->body;
    struct wmi_item item;
    size_t rows = 0;
    bool bad = false;
    while (wmi_item_next(&rest, &item, &bad)) {
        struct endpoint row;
        if (!parse_row(&item, proto, &row)) {
            bad = true;
            continue;
        }
        if (rows++ >= FIELD_ROWS_MAX) {
            *reading = (struct reading){OUTCOME_PARTIAL, 0, "too many rows"};
            return 0;
        }
        struct endpoint *endpoint = snapshot_add_endpoint(wmi->snapshot);
        if (endpoint == NULL) {
            return -1;
        }
        *endpoint = row;
    }
    if (bad && reading->outcome == OUTCOME_COMPLETE) {
        *reading = (struct reading){OUTCOME_PARTIAL, 0, "a row cannot be read"};
    }
    return 0;
}

static bool is_watched(const struct plan *plan, uint64_t port)
{
    for (size_t i = 0; i < plan->service_count; i++) {
        const struct expectation *expectation = plan->expectations[i];
        if (expectation == NULL || expectation->proto != PROTO_UDP) {
            continue;
        }
        if (expectation->port == port) {
            return true;
        }
        for (size_t k = 0; k < expectation->rule_count; k++) {
            if (expectation->rules[k].port == port) {
                return true;
            }
        }
    }
    return false;
}

static bool is_port_of(const struct expectation *expectation, uint16_t port)
{
    bool is = expectation->port == port;
    for (size_t i = 0; i < expectation->rule_count && !is; i++) {
        is = expectation->rules[i].port == port && port != 0;
    }
    return is;
}

static bool is_held(const struct sections *sections, const struct expectation *expectation,
                    uint64_t pid)
{
    const struct answer_section *section =
        sections_find(sections, rows_of(sections, "udp", "udp-old"));
    struct slice rest = section == NULL ? (struct slice){"", 0} : section->body;
    struct wmi_item item;
    bool bad = false;
    while (wmi_item_next(&rest, &item, &bad)) {
        struct endpoint row;
        if (parse_row(&item, PROTO_UDP, &row) && row.pid == (int64_t)pid &&
            is_port_of(expectation, row.port)) {
            return true;
        }
    }
    return false;
}

bool wmi_ports_held(const struct sections *sections, const struct plan *plan)
{
    const char *section = wmi_services_section(sections);
    for (size_t i = 0; i < plan->service_count; i++) {
        struct wmi_item row;
        uint64_t pid = 0;
        if (wmi_service_row(sections, section, plan->services[i], &row) &&
            wmi_number(&row, "ProcessId", UINT32_MAX, &pid) && pid != 0 &&
            !is_held(sections, plan->expectations[i], pid)) {
            return false;
        }
    }
    return true;
}

bool wmi_owners_known(const struct sections *sections, const struct plan *plan)
{
    const struct answer_section *section =
        sections_find(sections, rows_of(sections, "udp", "udp-old"));
    struct slice rest = section == NULL ? (struct slice){"", 0} : section->body;
    struct wmi_item item;
    bool bad = false;
    while (wmi_item_next(&rest, &item, &bad)) {
        struct endpoint row;
        if (parse_row(&item, PROTO_UDP, &row) && row.pid <= 0 && is_watched(plan, row.port)) {
            return false;
        }
    }
    return true;
}

static int take(const struct wmi *wmi, enum section_id id, const char *full, const char *old)
{
    const char *name = rows_of(wmi->sections, full, old);
    struct reading reading = wmi_reading(wmi->sections, name);
    enum proto proto = id == SECTION_UDP ? PROTO_UDP : PROTO_TCP;
    if (take_rows(wmi, name, proto, &reading) != 0) {
        return -1;
    }
    if (id == SECTION_UDP && reading.outcome == OUTCOME_COMPLETE &&
        !windows_is_plausible(wmi->snapshot)) {
        reading = windows_implausible;
    }
    snapshot_set_section(wmi->snapshot, id, reading.outcome, "wmi", reading.code, reading.detail);
    return 0;
}

/* netstat was asked where WMI could not tell, and then tells everything. */
int wmi_take_endpoints(const struct wmi *wmi)
{
    const struct windows windows = {wmi->sections, wmi->plan, wmi->snapshot, wmi->light};
    const struct answer_section *netstat = sections_find(wmi->sections, "netstat");
    if (netstat != NULL && netstat->ended && netstat->status == 0) {
        return windows_take_endpoints(&windows);
    }
    if (take(wmi, SECTION_UDP, "udp", "udp-old") != 0) {
        return -1;
    }
    return take(wmi, SECTION_TCP, "tcp", "tcp-old");
}
