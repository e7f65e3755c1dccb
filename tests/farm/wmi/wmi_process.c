/* wmi_process: Win32_Process. */
#include "farm/wmi/wmi.h"

static int list(struct wmi_list *list)
{
    struct process processes[PROCESS_COUNT];
    const struct wmi_scope *scope = list->scope;
    size_t count = process_list(scope->fleet, scope->server, &scope->moment, processes);
    for (size_t i = 0; i < count; i++) {
        struct wmi_row *row = wmi_add_row(list);
        if (row == NULL) {
            return -1;
        }
        row->process = processes[i];
    }
    return 0;
}

static struct wmi_value name(const struct wmi_row *row)
{
    return wmi_text(arena_strdup(row->scope->arena, row->process.image));
}

static struct wmi_value process_id(const struct wmi_row *row)
{
    return wmi_number(row->process.pid);
}

static struct wmi_value parent(const struct wmi_row *row)
{
    return wmi_number(row->process.parent);
}

static struct wmi_value handle(const struct wmi_row *row)
{
    return wmi_text(arena_printf(row->scope->arena, "%u", row->process.pid));
}

static struct wmi_value creation_date(const struct wmi_row *row)
{
    const struct wmi_scope *scope = row->scope;
    uint64_t dice = server_dice(scope->fleet, scope->server, 600, row->process.pid);
    return row->process.created_wall_ms == 0
               ? wmi_none(WMI_TIME)
               : wmi_time(row->process.created_wall_ms, (int32_t)(dice % 1000));
}

static struct wmi_value system_name(const struct wmi_row *row)
{
    char hostname[FLEET_NAME];
    server_hostname(row->scope->server, hostname);
    return wmi_text(arena_strdup(row->scope->arena, hostname));
}

/* What belongs to other users' processes is NULL without more rights than reading WMI takes. */
static const struct wmi_property properties[] = {
    {"Caption", WMI_TEXT, name, NULL, OS_2008R2},
    {"CommandLine", WMI_TEXT, NULL, NULL, OS_2008R2},
    {"CreationClassName", WMI_TEXT, NULL, "Win32_Process", OS_2008R2},
    {"CreationDate", WMI_TIME, creation_date, NULL, OS_2008R2},
    {"CSName", WMI_TEXT, system_name, NULL, OS_2008R2},
    {"Description", WMI_TEXT, name, NULL, OS_2008R2},
    {"ExecutablePath", WMI_TEXT, NULL, NULL, OS_2008R2},
    {"ExecutionState", WMI_NUMBER, NULL, NULL, OS_2008R2},
    {"Handle", WMI_TEXT, handle, NULL, OS_2008R2},
    {"HandleCount", WMI_NUMBER, NULL, "211", OS_2008R2},
    {"InstallDate", WMI_TIME, NULL, NULL, OS_2008R2},
    {"KernelModeTime", WMI_NUMBER, NULL, "156250", OS_2008R2},
    {"Name", WMI_TEXT, name, NULL, OS_2008R2},
    {"ParentProcessId", WMI_NUMBER, parent, NULL, OS_2008R2},
    {"Priority", WMI_NUMBER, NULL, "8", OS_2008R2},
    {"ProcessId", WMI_NUMBER, process_id, NULL, OS_2008R2},
    {"SessionId", WMI_NUMBER, NULL, "0", OS_2008R2},
    {"Status", WMI_TEXT, NULL, NULL, OS_2008R2},
    {"TerminationDate", WMI_TIME, NULL, NULL, OS_2008R2},
    {"ThreadCount", WMI_NUMBER, NULL, "9", OS_2008R2},
    {"UserModeTime", WMI_NUMBER, NULL, "312500", OS_2008R2},
    {"WorkingSetSize", WMI_NUMBER, NULL, "11935744", OS_2008R2},
};

const struct wmi_class wmi_process = {"Win32_Process",
                                      "root/cimv2",
                                      RIGHT_CIMV2,
                                      "Handle",
                                      properties,
                                      sizeof(properties) / sizeof(properties[0]),
                                      list};
