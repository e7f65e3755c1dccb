/* wmi_network_setting: MSFT_NetUDPSetting and MSFT_NetConnectionProfile. */
#include "farm/wmi/wmi.h"

static int list_setting(struct wmi_list *list)
{
    return wmi_add_row(list) == NULL ? -1 : 0;
}

static const struct wmi_property setting_properties[] = {
    {"Caption", WMI_TEXT, NULL, NULL, OS_2012},
    {"Description", WMI_TEXT, NULL, NULL, OS_2012},
    {"DynamicPortRangeNumberOfPorts", WMI_NUMBER, NULL, "16384", OS_2012},
    {"DynamicPortRangeStartPort", WMI_NUMBER, NULL, "49152", OS_2012},
    {"ElementName", WMI_TEXT, NULL, NULL, OS_2012},
    {"InstanceID", WMI_TEXT, NULL, "", OS_2012},
};

/* One for each adapter with an address. */
static int list_profiles(struct wmi_list *list)
{
    for (size_t i = 0; i < list->scope->server->address_count; i++) {
        if (wmi_add_row(list) == NULL) {
            return -1;
        }
    }
    return 0;
}

/* The first adapter is "Ethernet0", as a virtual machine names it. */
static struct wmi_value alias(const struct wmi_row *row)
{
    return wmi_text(arena_printf(row->scope->arena, "Ethernet%zu", row->index));
}

static struct wmi_value interface_index(const struct wmi_row *row)
{
    return wmi_number(socket_scope(row->scope->fleet, row->scope->server) + (int64_t)row->index);
}

static struct wmi_value network(const struct wmi_row *row)
{
    return wmi_text(row->scope->server->category == CATEGORY_DOMAIN ? "lab.example" : "Network");
}

static struct wmi_value category(const struct wmi_row *row)
{
    return wmi_number(row->scope->server->category);
}

static const struct wmi_property profile_properties[] = {
    {"Caption", WMI_TEXT, NULL, NULL, OS_2012},
    {"Description", WMI_TEXT, NULL, NULL, OS_2012},
    {"ElementName", WMI_TEXT, NULL, NULL, OS_2012},
    {"InstanceID", WMI_TEXT, alias, NULL, OS_2012},
    {"InterfaceAlias", WMI_TEXT, alias, NULL, OS_2012},
    {"InterfaceIndex", WMI_NUMBER, interface_index, NULL, OS_2012},
    {"IPv4Connectivity", WMI_NUMBER, NULL, "4", OS_2012},
    {"IPv6Connectivity", WMI_NUMBER, NULL, "1", OS_2012},
    {"Name", WMI_TEXT, network, NULL, OS_2012},
    {"NetworkCategory", WMI_NUMBER, category, NULL, OS_2012},
};

const struct wmi_class wmi_udp_setting = {
    "MSFT_NetUDPSetting", "root/standardcimv2",
    RIGHT_STANDARDCIMV2,  "",
    setting_properties,   sizeof(setting_properties) / sizeof(setting_properties[0]),
    list_setting};

const struct wmi_class wmi_connection_profile = {"MSFT_NetConnectionProfile",
                                                 "root/standardcimv2",
                                                 RIGHT_STANDARDCIMV2,
                                                 "InstanceID",
                                                 profile_properties,
                                                 sizeof(profile_properties) /
                                                     sizeof(profile_properties[0]),
                                                 list_profiles};
