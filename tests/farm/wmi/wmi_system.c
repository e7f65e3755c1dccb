/* wmi_system: Win32_OperatingSystem and Win32_ComputerSystem. */
#include "farm/wmi/wmi.h"

static int list(struct wmi_list *list)
{
    return wmi_add_row(list) == NULL ? -1 : 0;
}

static const struct server *server_of(const struct wmi_row *row)
{
    return row->scope->server;
}

static struct wmi_value caption(const struct wmi_row *row)
{
    return wmi_text(
        arena_printf(row->scope->arena, "Microsoft %s", editions[server_of(row)->os].product));
}

static struct wmi_value name(const struct wmi_row *row)
{
    return wmi_text(arena_printf(
        row->scope->arena, "%s|C:\\Windows|\\Device\\Harddisk0\\Partition2", caption(row).text));
}

static struct wmi_value version(const struct wmi_row *row)
{
    const struct server *server = server_of(row);
    return wmi_text(
        arena_printf(row->scope->arena, "%s.%u", editions[server->os].kernel, server->build));
}

static struct wmi_value build_number(const struct wmi_row *row)
{
    return wmi_text(arena_printf(row->scope->arena, "%u", server_of(row)->build));
}

static struct wmi_value computer_name(const struct wmi_row *row)
{
    char hostname[FLEET_NAME];
    server_hostname(server_of(row), hostname);
    return wmi_text(row->scope->misbehaviour == MISBEHAVE_WRONG_HOSTNAME
                        ? "OTHERSERVER"
                        : arena_strdup(row->scope->arena, hostname));
}

static struct wmi_value boot_time(const struct wmi_row *row)
{
    return wmi_time(row->scope->moment.boot_ms, 0);
}

static struct wmi_value local_time(const struct wmi_row *row)
{
    return wmi_time(row->scope->moment.wall_ms, 0);
}

static struct wmi_value install_date(const struct wmi_row *row)
{
    uint64_t dice = server_dice(row->scope->fleet, server_of(row), 602, 0);
    return wmi_time(INT64_C(1650000000000) + (int64_t)(dice % 20000000) * 1000, 0);
}

static struct wmi_value time_zone(const struct wmi_row *row)
{
    return wmi_number(wmi_offset_min(server_of(row)));
}

static struct wmi_value os_language(const struct wmi_row *row)
{
    static const int64_t languages[] = {1033, 1031, 1041};
    return wmi_number(languages[server_of(row)->language]);
}

static struct wmi_value locale(const struct wmi_row *row)
{
    static const char *const locales[] = {"0409", "0407", "0411"};
    return wmi_text(locales[server_of(row)->language]);
}

static struct wmi_value code_set(const struct wmi_row *row)
{
    static const char *const sets[] = {"1252", "1252", "932"};
    return wmi_text(sets[server_of(row)->language]);
}

static struct wmi_value languages(const struct wmi_row *row)
{
    static const char *const tags[] = {"en-US", "de-DE", "ja-JP"};
    const char *const *tag = &tags[server_of(row)->language];
    return (struct wmi_value){.type = WMI_LIST, .items = tag, .count = 1};
}

static struct wmi_value process_count(const struct wmi_row *row)
{
    struct process rows[PROCESS_COUNT];
    const struct wmi_scope *scope = row->scope;
    return wmi_number((int64_t)process_list(scope->fleet, scope->server, &scope->moment, rows));
}

static struct wmi_value domain(const struct wmi_row *row)
{
    (void)row;
    return wmi_text("lab.example");
}

static const struct wmi_property os_properties[] = {
    {"BootDevice", WMI_TEXT, NULL, "\\Device\\HarddiskVolume1", OS_2008R2},
    {"BuildNumber", WMI_TEXT, build_number, NULL, OS_2008R2},
    {"BuildType", WMI_TEXT, NULL, "Multiprocessor Free", OS_2008R2},
    {"Caption", WMI_TEXT, caption, NULL, OS_2008R2},
    {"CodeSet", WMI_TEXT, code_set, NULL, OS_2008R2},
    {"CountryCode", WMI_TEXT, NULL, "1", OS_2008R2},
    {"CreationClassName", WMI_TEXT, NULL, "Win32_OperatingSystem", OS_2008R2},
    {"CSCreationClassName", WMI_TEXT, NULL, "Win32_ComputerSystem", OS_2008R2},
    {"CSDVersion", WMI_TEXT, NULL, NULL, OS_2008R2},
    {"CSName", WMI_TEXT, computer_name, NULL, OS_2008R2},
    {"CurrentTimeZone", WMI_NUMBER, time_zone, NULL, OS_2008R2},
    {"Debug", WMI_BOOL, NULL, "false", OS_2008R2},
    {"Description", WMI_TEXT, NULL, "", OS_2008R2},
    {"Distributed", WMI_BOOL, NULL, "false", OS_2008R2},
    {"EncryptionLevel", WMI_NUMBER, NULL, "256", OS_2008R2},
    {"FreePhysicalMemory", WMI_NUMBER, NULL, "5836044", OS_2008R2},
    {"InstallDate", WMI_TIME, install_date, NULL, OS_2008R2},
    {"LargeSystemCache", WMI_NUMBER, NULL, NULL, OS_2008R2},
    {"LastBootUpTime", WMI_TIME, boot_time, NULL, OS_2008R2},
    {"LocalDateTime", WMI_TIME, local_time, NULL, OS_2008R2},
    {"Locale", WMI_TEXT, locale, NULL, OS_2008R2},
    {"Manufacturer", WMI_TEXT, NULL, "Microsoft Corporation", OS_2008R2},
    {"MaxNumberOfProcesses", WMI_NUMBER, NULL, "4294967295", OS_2008R2},
    {"MUILanguages", WMI_LIST, languages, NULL, OS_2008R2},
    {"Name", WMI_TEXT, name, NULL, OS_2008R2},
    {"NumberOfProcesses", WMI_NUMBER, process_count, NULL, OS_2008R2},
    {"NumberOfUsers", WMI_NUMBER, NULL, "0", OS_2008R2},
    {"OperatingSystemSKU", WMI_NUMBER, NULL, "7", OS_2008R2},
    {"Organization", WMI_TEXT, NULL, "", OS_2008R2},
    {"OSArchitecture", WMI_TEXT, NULL, "64-bit", OS_2008R2},
    {"OSLanguage", WMI_NUMBER, os_language, NULL, OS_2008R2},
    {"OSType", WMI_NUMBER, NULL, "18", OS_2008R2},
    {"OtherTypeDescription", WMI_TEXT, NULL, NULL, OS_2008R2},
    {"PAEEnabled", WMI_BOOL, NULL, NULL, OS_2008R2},
    {"Primary", WMI_BOOL, NULL, "true", OS_2008R2},
    {"ProductType", WMI_NUMBER, NULL, "3", OS_2008R2},
    {"RegisteredUser", WMI_TEXT, NULL, "", OS_2008R2},
    {"SerialNumber", WMI_TEXT, NULL, "00429-00000-00001-AA120", OS_2008R2},
    {"Status", WMI_TEXT, NULL, "OK", OS_2008R2},
    {"SystemDirectory", WMI_TEXT, NULL, "C:\\Windows\\system32", OS_2008R2},
    {"SystemDrive", WMI_TEXT, NULL, "C:", OS_2008R2},
    {"Version", WMI_TEXT, version, NULL, OS_2008R2},
    {"WindowsDirectory", WMI_TEXT, NULL, "C:\\Windows", OS_2008R2},
};

static const struct wmi_property computer_properties[] = {
    {"BootupState", WMI_TEXT, NULL, "Normal boot", OS_2008R2},
    {"Caption", WMI_TEXT, computer_name, NULL, OS_2008R2},
    {"CreationClassName", WMI_TEXT, NULL, "Win32_ComputerSystem", OS_2008R2},
    {"CurrentTimeZone", WMI_NUMBER, time_zone, NULL, OS_2008R2},
    {"DNSHostName", WMI_TEXT, computer_name, NULL, OS_2008R2},
    {"Domain", WMI_TEXT, domain, NULL, OS_2008R2},
    {"DomainRole", WMI_NUMBER, NULL, "3", OS_2008R2},
    {"InstallDate", WMI_TIME, NULL, NULL, OS_2008R2},
    {"Manufacturer", WMI_TEXT, NULL, "VMware, Inc.", OS_2008R2},
    {"Model", WMI_TEXT, NULL, "VMware Virtual Platform", OS_2008R2},
    {"Name", WMI_TEXT, computer_name, NULL, OS_2008R2},
    {"NumberOfLogicalProcessors", WMI_NUMBER, NULL, "4", OS_2008R2},
    {"PartOfDomain", WMI_BOOL, NULL, "true", OS_2008R2},
    {"Status", WMI_TEXT, NULL, "OK", OS_2008R2},
    {"SystemType", WMI_TEXT, NULL, "x64-based PC", OS_2008R2},
    {"TotalPhysicalMemory", WMI_NUMBER, NULL, "17179332608", OS_2008R2},
    {"UserName", WMI_TEXT, NULL, NULL, OS_2008R2},
};

const struct wmi_class wmi_operating_system = {"Win32_OperatingSystem",
                                               "root/cimv2",
                                               RIGHT_CIMV2,
                                               "",
                                               os_properties,
                                               sizeof(os_properties) / sizeof(os_properties[0]),
                                               list};

const struct wmi_class wmi_computer_system = {"Win32_ComputerSystem",
                                              "root/cimv2",
                                              RIGHT_CIMV2,
                                              "Name",
                                              computer_properties,
                                              sizeof(computer_properties) /
                                                  sizeof(computer_properties[0]),
                                              list};
