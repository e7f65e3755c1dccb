/* registry: the part of a simulated server's registry that somebody may ask for. */
#include "farm/server/registry.h"

#include "farm/server/service.h"
#include "farm/server/socket.h"

#include <stdio.h>
#include <string.h>

#define PVS_KEY "SOFTWARE\\Citrix\\ProvisioningServices"
#define SERVICES_KEY "SYSTEM\\CurrentControlSet\\Services"
#define CONTROL_KEY "SYSTEM\\CurrentControlSet\\Control"

enum { ON_ANOTHER_COMPUTER = 0x40000000 };

struct writer {
    const struct fleet *fleet;
    const struct server *server;
    struct arena *arena;
    void *items;
    size_t count;
    bool failed;
};

static void put(struct writer *w, const char *key, const char *name, const char *type,
                const char *data)
{
    struct registry_value *value = arena_push(w->arena, &w->items, &w->count, sizeof(*value));
    if (value == NULL || data == NULL || key == NULL) {
        w->failed = true;
        return;
    }
    *value = (struct registry_value){key, name, type, data};
}

static void put_text(struct writer *w, const char *key, const char *name, const char *data)
{
    put(w, key, name, "REG_SZ", data);
}

static void put_number(struct writer *w, const char *key, const char *name, uint32_t number)
{
    put(w, key, name, "REG_DWORD", arena_printf(w->arena, "0x%x", number));
}

static void put_services(struct writer *w)
{
    for (int service = 0; service < SERVICE_COUNT; service++) {
        struct moment moment = server_moment(w->fleet, w->server);
        struct service_now now = service_look(w->fleet, w->server, &moment, service);
        if (!now.installed) {
            continue;
        }
        const struct service_row *row = &service_rows[service];
        const char *key = arena_printf(w->arena, SERVICES_KEY "\\%s", row->name);
        static const uint32_t starts[] = {2, 2, 3, 4};
        put_number(w, key, "Type", row->type);
        put_number(w, key, "Start", starts[now.start]);
        put_number(w, key, "ErrorControl", 1);
        put(w, key, "ImagePath", "REG_EXPAND_SZ", row->image_path);
        put_text(w, key, "DisplayName", row->display);
        put_text(w, key, "ObjectName", row->account);
        if (now.start == START_DELAYED) {
            put_number(w, key, "DelayedAutostart", 1);
        }
        if (service == SERVICE_BNTFTP || service == SERVICE_PVSTSB) {
            const char *parameters = arena_printf(w->arena, "%s\\Parameters", key);
            put_number(w, parameters, "InitTimeoutSec", 1);
            put_number(w, parameters, "MaxBindRetry", 5);
        }
    }
}

/* The numbers that the Configuration Wizard writes, as Citrix' health checks read them. */
static void put_wizard(struct writer *w)
{
    static const char key[] = PVS_KEY "\\Wizard";
    const struct server *server = w->server;
    struct moment moment = server_moment(w->fleet, server);
    bool dhcp = service_look(w->fleet, server, &moment, SERVICE_DHCP_SERVER).installed;
    if (server->wizard == WIZARD_ABSENT) {
        return;
    }
    uint32_t dhcp_type = dhcp ? 0 : ON_ANOTHER_COMPUTER;
    if (server->wizard == WIZARD_BOOTP) {
        dhcp_type = 1;
    }
    put_number(w, key, "DHCPType", dhcp_type);
    put_number(w, key, "PXEType", server->wizard == WIZARD_PXE ? 1 : ON_ANOTHER_COMPUTER);
    put_number(w, key, "TFTPSetting", server->tftp_used ? 1 : 0);
    put_text(w, key, "Account1", "");
    put_number(w, key, "Account3", 1);
}

static void put_product(struct writer *w)
{
    char own[FLEET_ADDRESS] = "";
    (void)socket_own_address(w->server, 0, own);
    const char *address = arena_printf(w->arena, "%s", own);
    put_text(w, PVS_KEY, "ProductVersion", w->server->pvs);
    put_text(w, PVS_KEY "\\Admin", "Bootstrap",
             "C:\\ProgramData\\Citrix\\Provisioning Services\\Tftpboot\\ARDBP32.BIN");
    put_number(w, PVS_KEY "\\IPC", "PortBase", 6890);
    put_number(w, PVS_KEY "\\IPC", "PortCount", 20);
    put_text(w, PVS_KEY "\\IPC", "IPv4Address", address);
    put_text(w, PVS_KEY "\\Manager", "GeneralInetAddr", address);
    put_number(w, PVS_KEY "\\MgmtDaemon", "PortOffset", 8);
    put_number(w, PVS_KEY "\\Notifier", "PortOffset", 3);
    put_number(w, PVS_KEY "\\SoapServer", "PortOffset", 5);
    put_number(w, PVS_KEY "\\StreamProcess", "PortOffset", 0);
    put_wizard(w);
}

static void put_system(struct writer *w)
{
    static const char version[] = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion";
    char guid[40];
    server_guid(w->fleet, w->server, guid);
    put_text(w, "SOFTWARE\\Microsoft\\Cryptography", "MachineGuid", arena_strdup(w->arena, guid));
    put_text(w, version, "CurrentBuildNumber", arena_printf(w->arena, "%u", w->server->build));
    put_number(w, version, "UBR", w->server->revision);
    put_text(w, version, "ProductName", editions[w->server->os].product);
    put_text(w, CONTROL_KEY, "CurrentUser", "USERNAME");
    put_number(w, CONTROL_KEY, "BootDriverFlags", 0x14);
    if (w->server->autostart_delay_s >= 0) {
        put_number(w, CONTROL_KEY, "AutoStartDelay", (uint32_t)w->server->autostart_delay_s);
    }
}

static const char *mask_text(struct arena *arena, uint8_t prefix)
{
    uint32_t mask = prefix == 0 ? 0 : UINT32_MAX << (32 - prefix);
    return arena_printf(arena, "%u.%u.%u.%u", mask >> 24, mask >> 16 & 255U, mask >> 8 & 255U,
                        mask & 255U);
}

static void put_interfaces(struct writer *w)
{
    static const char base[] = SERVICES_KEY "\\Tcpip\\Parameters\\Interfaces";
    put(w, base, NULL, "", "");
    for (size_t n = 0; n < w->server->address_count; n++) {
        char address[FLEET_ADDRESS];
        uint64_t dice = server_dice(w->fleet, w->server, 93, n);
        (void)socket_own_address(w->server, n, address);
        const char *key = arena_printf(w->arena, "%s\\{%08x-%04x-%04x-9%03x-%012llx}", base,
                                       (unsigned)dice, (unsigned)(dice >> 32) & 0xffffU,
                                       (unsigned)(dice >> 48), (unsigned)(dice >> 20) & 0xfffU,
                                       (unsigned long long)(dice & UINT64_C(0xffffffffffff)));
        put_number(w, key, "EnableDHCP", 0);
        put_text(w, key, "Domain", "");
        put_text(w, key, "NameServer", "10.0.0.53");
        put(w, key, "IPAddress", "REG_MULTI_SZ", arena_strdup(w->arena, address));
        put(w, key, "SubnetMask", "REG_MULTI_SZ",
            mask_text(w->arena, w->server->addresses[n].prefix));
        put(w, key, "DefaultGateway", "REG_MULTI_SZ", "");
    }
    /* An adapter without a cable: DHCP, and no address. */
    static const char idle[] =
        SERVICES_KEY "\\Tcpip\\Parameters\\Interfaces\\{5a1c6be0-0000-4c52-9d11-2f0d5c3b7e01}";
    put_number(w, idle, "EnableDHCP", 1);
    put_text(w, idle, "Domain", "");
    put_text(w, idle, "DhcpIPAddress", "0.0.0.0");
    put_text(w, idle, "DhcpSubnetMask", "255.0.0.0");
}

int registry_list(const struct fleet *fleet, const struct server *server, struct arena *arena,
                  struct registry *registry)
{
    struct writer w = {.fleet = fleet, .server = server, .arena = arena};
    put_system(&w);
    put_product(&w);
    put_services(&w);
    put_interfaces(&w);
    registry->values = w.items;
    registry->count = w.count;
    return w.failed ? -1 : 0;
}
