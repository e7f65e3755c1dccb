/* wmi_file: CIM_DataFile, for the files of Citrix Provisioning. */
#include "farm/wmi/wmi.h"

#include <string.h>

#define PROGRAMS "c:\\program files\\citrix\\provisioning services\\"
#define BOOT_FILES "c:\\programdata\\citrix\\provisioning services\\tftpboot\\"

static const struct file_row {
    const char *name;
    bool has_version; /* inside of it: the product's */
    int64_t bytes;
} files[] = {
    {PROGRAMS "bnpxe.exe", true, 301488},          {PROGRAMS "bntftp.exe", true, 268720},
    {PROGRAMS "pvstsb.exe", true, 252336},         {PROGRAMS "streamservice.exe", true, 1437104},
    {PROGRAMS "streamprocess.exe", true, 4216240}, {PROGRAMS "soapserver.exe", true, 5887408},
    {PROGRAMS "bnbootp.exe", true, 276912},        {BOOT_FILES "ardbp32.bin", false, 61344},
    {BOOT_FILES "pvsnbpx64.efi", false, 1153024},  {BOOT_FILES "tsbbdm.bin", false, 40448},
};

static int list(struct wmi_list *list)
{
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        if (wmi_add_row(list) == NULL) {
            return -1;
        }
    }
    return 0;
}

static struct wmi_value name(const struct wmi_row *row)
{
    return wmi_text(files[row->index].name);
}

static struct wmi_value file_name(const struct wmi_row *row)
{
    const char *base = strrchr(files[row->index].name, '\\') + 1;
    return wmi_text(arena_strndup(row->scope->arena, base, strcspn(base, ".")));
}

static struct wmi_value extension(const struct wmi_row *row)
{
    return wmi_text(strrchr(files[row->index].name, '.') + 1);
}

static struct wmi_value version(const struct wmi_row *row)
{
    return wmi_text(files[row->index].has_version ? row->scope->server->pvs : NULL);
}

static struct wmi_value manufacturer(const struct wmi_row *row)
{
    return wmi_text(files[row->index].has_version ? "Citrix Systems, Inc." : NULL);
}

static struct wmi_value size(const struct wmi_row *row)
{
    return wmi_number(files[row->index].bytes);
}

/* When the product was installed; all its files are of that day. */
static struct wmi_value modified(const struct wmi_row *row)
{
    uint64_t dice = server_dice(row->scope->fleet, row->scope->server, 605, 0);
    return wmi_time(
        INT64_C(1700000000000) + (int64_t)(dice % 10000000) * 1000 + (int64_t)row->index * 200, 0);
}

static const struct wmi_property properties[] = {
    {"Caption", WMI_TEXT, name, NULL, OS_2008R2},
    {"CreationDate", WMI_TIME, modified, NULL, OS_2008R2},
    {"Drive", WMI_TEXT, NULL, "c:", OS_2008R2},
    {"Extension", WMI_TEXT, extension, NULL, OS_2008R2},
    {"FileName", WMI_TEXT, file_name, NULL, OS_2008R2},
    {"FileSize", WMI_NUMBER, size, NULL, OS_2008R2},
    {"FSName", WMI_TEXT, NULL, "NTFS", OS_2008R2},
    {"InstallDate", WMI_TIME, modified, NULL, OS_2008R2},
    {"LastModified", WMI_TIME, modified, NULL, OS_2008R2},
    {"Manufacturer", WMI_TEXT, manufacturer, NULL, OS_2008R2},
    {"Name", WMI_TEXT, name, NULL, OS_2008R2},
    {"Readable", WMI_BOOL, NULL, "true", OS_2008R2},
    {"Status", WMI_TEXT, NULL, "OK", OS_2008R2},
    {"Version", WMI_TEXT, version, NULL, OS_2008R2},
};

const struct wmi_class wmi_data_file = {"CIM_DataFile",
                                        "root/cimv2",
                                        RIGHT_CIMV2,
                                        "Name",
                                        properties,
                                        sizeof(properties) / sizeof(properties[0]),
                                        list};
