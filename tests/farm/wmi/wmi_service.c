/* wmi_service: Win32_Service. */
#include "farm/wmi/wmi.h"

/* Services without the right to query are silently not in the list. */
static int list(struct wmi_list *list)
{
    const struct wmi_scope *scope = list->scope;
    for (int service = 0; service < SERVICE_COUNT; service++) {
        struct service_now now = service_look(scope->fleet, scope->server, &scope->moment, service);
        if (!now.installed || (scope->rights & (unsigned)service_right(service)) == 0) {
            continue;
        }
        struct wmi_row *row = wmi_add_row(list);
        if (row == NULL) {
            return -1;
        }
        row->service = service;
        row->now = now;
    }
    return 0;
}

static struct wmi_value name(const struct wmi_row *row)
{
    return wmi_text(service_rows[row->service].name);
}

static struct wmi_value display_name(const struct wmi_row *row)
{
    return wmi_text(service_rows[row->service].display);
}

static struct wmi_value path_name(const struct wmi_row *row)
{
    return wmi_text(service_rows[row->service].image_path);
}

static struct wmi_value start_name(const struct wmi_row *row)
{
    return wmi_text(service_rows[row->service].account);
}

static struct wmi_value state(const struct wmi_row *row)
{
    return wmi_text(row->now.state == RUN_RUNNING   ? "Running"
                    : row->now.state == RUN_STOPPED ? "Stopped"
                                                    : "Start Pending");
}

static struct wmi_value start_mode(const struct wmi_row *row)
{
    static const char *const modes[] = {[START_AUTO] = "Auto",
                                        [START_DELAYED] = "Auto",
                                        [START_MANUAL] = "Manual",
                                        [START_DISABLED] = "Disabled"};
    return wmi_text(modes[row->now.start]);
}

static struct wmi_value delayed(const struct wmi_row *row)
{
    return wmi_bool(row->now.start == START_DELAYED);
}

static struct wmi_value started(const struct wmi_row *row)
{
    return wmi_bool(row->now.state != RUN_STOPPED);
}

static struct wmi_value accepts_stop(const struct wmi_row *row)
{
    return wmi_bool(row->now.state == RUN_RUNNING);
}

static struct wmi_value process_id(const struct wmi_row *row)
{
    return wmi_number(row->now.pid);
}

static struct wmi_value exit_code(const struct wmi_row *row)
{
    return wmi_number(row->now.exit_code);
}

static struct wmi_value service_type(const struct wmi_row *row)
{
    return wmi_text((service_rows[row->service].type & 0x20) != 0 ? "Share Process"
                                                                  : "Own Process");
}

static struct wmi_value system_name(const struct wmi_row *row)
{
    char hostname[FLEET_NAME];
    server_hostname(row->scope->server, hostname);
    return wmi_text(arena_strdup(row->scope->arena, hostname));
}

static const struct wmi_property properties[] = {
    {"AcceptPause", WMI_BOOL, NULL, "false", OS_2008R2},
    {"AcceptStop", WMI_BOOL, accepts_stop, NULL, OS_2008R2},
    {"Caption", WMI_TEXT, display_name, NULL, OS_2008R2},
    {"CheckPoint", WMI_NUMBER, NULL, "0", OS_2008R2},
    {"CreationClassName", WMI_TEXT, NULL, "Win32_Service", OS_2008R2},
    {"DelayedAutoStart", WMI_BOOL, delayed, NULL, OS_2016},
    {"Description", WMI_TEXT, display_name, NULL, OS_2008R2},
    {"DesktopInteract", WMI_BOOL, NULL, "false", OS_2008R2},
    {"DisplayName", WMI_TEXT, display_name, NULL, OS_2008R2},
    {"ErrorControl", WMI_TEXT, NULL, "Normal", OS_2008R2},
    {"ExitCode", WMI_NUMBER, exit_code, NULL, OS_2008R2},
    {"InstallDate", WMI_TIME, NULL, NULL, OS_2008R2},
    {"Name", WMI_TEXT, name, NULL, OS_2008R2},
    {"PathName", WMI_TEXT, path_name, NULL, OS_2008R2},
    {"ProcessId", WMI_NUMBER, process_id, NULL, OS_2008R2},
    {"ServiceSpecificExitCode", WMI_NUMBER, NULL, "0", OS_2008R2},
    {"ServiceType", WMI_TEXT, service_type, NULL, OS_2008R2},
    {"Started", WMI_BOOL, started, NULL, OS_2008R2},
    {"StartMode", WMI_TEXT, start_mode, NULL, OS_2008R2},
    {"StartName", WMI_TEXT, start_name, NULL, OS_2008R2},
    {"State", WMI_TEXT, state, NULL, OS_2008R2},
    {"Status", WMI_TEXT, NULL, "OK", OS_2008R2},
    {"SystemCreationClassName", WMI_TEXT, NULL, "Win32_ComputerSystem", OS_2008R2},
    {"SystemName", WMI_TEXT, system_name, NULL, OS_2008R2},
    {"TagId", WMI_NUMBER, NULL, "0", OS_2008R2},
    {"WaitHint", WMI_NUMBER, NULL, "0", OS_2008R2},
};

const struct wmi_class wmi_service = {"Win32_Service",
                                      "root/cimv2",
                                      RIGHT_CIMV2,
                                      "Name",
                                      properties,
                                      sizeof(properties) / sizeof(properties[0]),
                                      list};
