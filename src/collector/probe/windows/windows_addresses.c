/* windows_addresses: a Windows host's IPv4 addresses, from its interfaces in the registry. */
#include "collector/probe/field.h"
#include "collector/probe/windows/windows.h"

/* What one interface's key says; slices are the data as reg prints it. */
struct interface {
    bool dhcp;
    struct slice address, mask, dhcp_address, dhcp_mask;
};

/* 255.255.255.0 -> 24; 0 for anything that is not a mask. */
uint8_t windows_prefix_of(struct slice text)
{
    struct ip mask;
    if (!ip_parse(slice_trim(text), &mask) || mask.family != 4) {
        return 0;
    }
    uint32_t bits = (uint32_t)mask.bytes[0] << 24 | (uint32_t)mask.bytes[1] << 16 |
                    (uint32_t)mask.bytes[2] << 8 | mask.bytes[3];
    uint8_t prefix = 0;
    while (prefix < 32 && (bits & 0x80000000U) != 0) {
        bits <<= 1;
        prefix++;
    }
    return bits == 0 ? prefix : 0;
}

/* texts counts what was looked at, so that many repetitions of many addresses stay cheap. */
struct harvest {
    struct snapshot *snapshot;
    struct reading reading;
    size_t texts;
};

static int add_address(struct harvest *harvest, struct slice text, struct slice mask)
{
    struct snapshot *snapshot = harvest->snapshot;
    struct ip ip;
    text = slice_trim(text);
    if (text.len == 0) {
        return 0;
    }
    if (harvest->texts++ >= FIELD_VALUES_MAX) {
        harvest->reading = (struct reading){OUTCOME_PARTIAL, 0, "too many addresses"};
        return 0;
    }
    if (!ip_parse(text, &ip) || ip.family != 4) {
        harvest->reading = (struct reading){OUTCOME_PARTIAL, 0, "an address cannot be read"};
        return 0;
    }
    if (ip_is_wildcard(&ip) || snapshot_has_address(snapshot, &ip)) {
        return 0;
    }
    struct host_address *address = snapshot_add_address(snapshot);
    if (address == NULL) {
        return -1;
    }
    address->ip = ip;
    address->prefix = windows_prefix_of(mask);
    return 0;
}

/* With DHCP on, IPAddress holds 0.0.0.0 or what was there before; with DHCP off, DhcpIPAddress. */
static int add_interface(struct harvest *harvest, const struct interface *interface)
{
    struct slice addresses = interface->dhcp ? interface->dhcp_address : interface->address;
    struct slice masks = interface->dhcp ? interface->dhcp_mask : interface->mask;
    struct slice address;
    while (reg_multi_next(&addresses, &address)) {
        struct slice mask = {0};
        (void)reg_multi_next(&masks, &mask);
        if (add_address(harvest, address, mask) != 0) {
            return -1;
        }
    }
    return 0;
}

static void take_value(const struct reg_row *row, struct interface *to)
{
    const struct {
        const char *name;
        struct slice *to;
    } texts[] = {{"IPAddress", &to->address},
                 {"SubnetMask", &to->mask},
                 {"DhcpIPAddress", &to->dhcp_address},
                 {"DhcpSubnetMask", &to->dhcp_mask}};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (slice_ieq(row->name, texts[i].name)) {
            *texts[i].to = row->data;
        }
    }
    if (slice_ieq(row->name, "EnableDHCP") && row->is_number) {
        to->dhcp = row->number != 0;
    }
}

static int take_interfaces(struct harvest *harvest, struct slice output)
{
    struct reg_row row = {0};
    struct interface interface = {0};
    enum reg_line line;
    while ((line = reg_next(&output, &row)) != REG_END) {
        if (line == REG_KEY) {
            if (add_interface(harvest, &interface) != 0) {
                return -1;
            }
            interface = (struct interface){0};
        } else if (line == REG_VALUE) {
            take_value(&row, &interface);
        } else if (line == REG_BAD) {
            harvest->reading = (struct reading){OUTCOME_PARTIAL, 0, "a value cannot be read"};
        }
    }
    return add_interface(harvest, &interface);
}

int windows_take_addresses(const struct windows *windows)
{
    struct snapshot *snapshot = windows->snapshot;
    const struct answer_section *section = sections_find(windows->sections, "interfaces");
    struct harvest harvest = {.snapshot = snapshot,
                              .reading = sections_reading(windows->sections, section)};
    struct reading *reading = &harvest.reading;
    if (reading->outcome == OUTCOME_FAILED && reading->code == 1) {
        *reading = (struct reading){OUTCOME_DENIED, 1, "the interfaces' key cannot be read"};
    }
    if (section != NULL && section->status == 0 && take_interfaces(&harvest, section->body) != 0) {
        return -1;
    }
    if (reading->outcome == OUTCOME_COMPLETE && snapshot->address_count == 0) {
        *reading = (struct reading){OUTCOME_PARTIAL, 0, "no address was found"};
    }
    snapshot_set_section(snapshot, SECTION_ADDRESSES, reading->outcome, "reg", reading->code,
                         reading->detail);
    return 0;
}
