/* wmi_network: Win32_NetworkAdapterConfiguration. */
#include "farm/wmi/wmi.h"

#include <stdio.h>

enum { ADDRESSES_EACH = 2 }; /* IPv4, then the link-local one */

/* A cable that is not plugged in, then one adapter for each address of the server. */
static int list(struct wmi_list *list)
{
    for (size_t i = 0; i <= list->scope->server->address_count; i++) {
        if (wmi_add_row(list) == NULL) {
            return -1;
        }
    }
    return 0;
}

static bool connected(const struct wmi_row *row)
{
    return row->index > 0;
}

static struct wmi_value enabled(const struct wmi_row *row)
{
    return wmi_bool(connected(row));
}

static struct wmi_value uses_dhcp(const struct wmi_row *row)
{
    return wmi_bool(!connected(row));
}

static struct wmi_value index_number(const struct wmi_row *row)
{
    return wmi_number((int64_t)row->index);
}

static struct wmi_value interface_index(const struct wmi_row *row)
{
    return wmi_number(socket_scope(row->scope->fleet, row->scope->server) + (int64_t)row->index -
                      1);
}

static struct wmi_value caption(const struct wmi_row *row)
{
    return wmi_text(
        arena_printf(row->scope->arena, "[%08u] vmxnet3 Ethernet Adapter", (unsigned)row->index));
}

static struct wmi_value host_name(const struct wmi_row *row)
{
    char hostname[FLEET_NAME];
    server_hostname(row->scope->server, hostname);
    return connected(row) ? wmi_text(arena_strdup(row->scope->arena, hostname))
                          : wmi_none(WMI_TEXT);
}

static struct wmi_value mac_address(const struct wmi_row *row)
{
    uint64_t dice = server_dice(row->scope->fleet, row->scope->server, 603, row->index);
    return wmi_text(arena_printf(row->scope->arena, "00:50:56:%02X:%02X:%02X",
                                 (unsigned)dice & 0x3fU, (unsigned)(dice >> 8) & 0xffU,
                                 (unsigned)(dice >> 16) & 0xffU));
}

static struct wmi_value setting_id(const struct wmi_row *row)
{
    uint64_t dice = server_dice(row->scope->fleet, row->scope->server, 604, row->index);
    return wmi_text(arena_printf(row->scope->arena, "{%08X-%04X-4%03X-9%03X-%012llX}",
                                 (unsigned)dice, (unsigned)(dice >> 32) & 0xffffU,
                                 (unsigned)(dice >> 48) & 0xfffU, (unsigned)(dice >> 20) & 0xfffU,
                                 (unsigned long long)(dice & UINT64_C(0xffffffffffff))));
}

static struct wmi_value texts(const struct wmi_row *row, const char *first, const char *second)
{
    const char **items = arena_array(row->scope->arena, ADDRESSES_EACH, sizeof(*items));
    if (items == NULL || !connected(row)) {
        return wmi_none(WMI_LIST);
    }
    items[0] = arena_strdup(row->scope->arena, first);
    items[1] = arena_strdup(row->scope->arena, second);
    return (struct wmi_value){.type = WMI_LIST, .items = items, .count = second == NULL ? 1 : 2};
}

static struct wmi_value addresses(const struct wmi_row *row)
{
    char own[FLEET_ADDRESS] = "", local[FLEET_ADDRESS];
    uint64_t dice = server_dice(row->scope->fleet, row->scope->server, 401, 0);
    (void)socket_own_address(row->scope->server, row->index - 1, own);
    (void)snprintf(local, sizeof(local), "fe80::%x:%x:%x:%x", (unsigned)(dice >> 48) | 1U,
                   (unsigned)(dice >> 32) & 0xffffU, (unsigned)(dice >> 16) & 0xffffU,
                   ((unsigned)dice & 0xffffU) | 1U);
    return texts(row, own, row->index == 1 ? local : NULL);
}

static struct wmi_value subnets(const struct wmi_row *row)
{
    char mask[FLEET_ADDRESS] = "";
    if (connected(row)) {
        uint8_t prefix = row->scope->server->addresses[row->index - 1].prefix;
        uint32_t bits = prefix == 0 ? 0 : UINT32_MAX << (32 - prefix);
        (void)snprintf(mask, sizeof(mask), "%u.%u.%u.%u", bits >> 24, bits >> 16 & 255U,
                       bits >> 8 & 255U, bits & 255U);
    }
    return texts(row, mask, row->index == 1 ? "64" : NULL);
}

static struct wmi_value name_servers(const struct wmi_row *row)
{
    return texts(row, "10.0.0.53", NULL);
}

static const struct wmi_property properties[] = {
    {"ArpAlwaysSourceRoute", WMI_BOOL, NULL, NULL, OS_2008R2},
    {"Caption", WMI_TEXT, caption, NULL, OS_2008R2},
    {"DatabasePath", WMI_TEXT, NULL, "%SystemRoot%\\System32\\drivers\\etc", OS_2008R2},
    {"DefaultIPGateway", WMI_LIST, NULL, NULL, OS_2008R2},
    {"Description", WMI_TEXT, NULL, "vmxnet3 Ethernet Adapter", OS_2008R2},
    {"DHCPEnabled", WMI_BOOL, uses_dhcp, NULL, OS_2008R2},
    {"DHCPLeaseExpires", WMI_TIME, NULL, NULL, OS_2008R2},
    {"DHCPLeaseObtained", WMI_TIME, NULL, NULL, OS_2008R2},
    {"DHCPServer", WMI_TEXT, NULL, NULL, OS_2008R2},
    {"DNSDomain", WMI_TEXT, NULL, "lab.example", OS_2008R2},
    {"DNSHostName", WMI_TEXT, host_name, NULL, OS_2008R2},
    {"DNSServerSearchOrder", WMI_LIST, name_servers, NULL, OS_2008R2},
    {"Index", WMI_NUMBER, index_number, NULL, OS_2008R2},
    {"InterfaceIndex", WMI_NUMBER, interface_index, NULL, OS_2008R2},
    {"IPAddress", WMI_LIST, addresses, NULL, OS_2008R2},
    {"IPEnabled", WMI_BOOL, enabled, NULL, OS_2008R2},
    {"IPSubnet", WMI_LIST, subnets, NULL, OS_2008R2},
    {"MACAddress", WMI_TEXT, mac_address, NULL, OS_2008R2},
    {"MTU", WMI_NUMBER, NULL, NULL, OS_2008R2},
    {"ServiceName", WMI_TEXT, NULL, "vmxnet3ndis6", OS_2008R2},
    {"SettingID", WMI_TEXT, setting_id, NULL, OS_2008R2},
    {"TcpipNetbiosOptions", WMI_NUMBER, NULL, "0", OS_2008R2},
};

const struct wmi_class wmi_adapter_configuration = {
    "Win32_NetworkAdapterConfiguration",        "root/cimv2", RIGHT_CIMV2, "Index", properties,
    sizeof(properties) / sizeof(properties[0]), list};
