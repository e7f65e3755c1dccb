/* boot_path: names of methods and stages, and who serves a stage. */
#include "model/boot_path.h"

#include "core/str.h"

static const char *const methods[BOOT_METHOD_COUNT] = {
    [BOOT_BY_PXE] = "pxe",
    [BOOT_BY_DHCP_OPTIONS] = "dhcp-options",
    [BOOT_BY_BDM_ISO] = "bdm-iso",
    [BOOT_BY_BDM_PARTITION] = "bdm-partition",
};

static const struct {
    const char *name, *expectation;
} stages[BOOT_STAGE_COUNT] = {
    [BOOT_STAGE_PXE] = {"PXE", "pvs/BNPXE"},
    [BOOT_STAGE_TFTP] = {"TFTP", "pvs/BNTFTP"},
    [BOOT_STAGE_LOGIN] = {"login", "pvs/StreamService"},
};

const char *boot_method_name(enum boot_method method)
{
    return methods[method];
}

bool boot_method_parse(const char *name, enum boot_method *ret)
{
    for (int i = 0; i < BOOT_METHOD_COUNT; i++) {
        if (str_eq(methods[i], name)) {
            *ret = (enum boot_method)i;
            return true;
        }
    }
    return false;
}

const char *boot_stage_name(enum boot_stage stage)
{
    return stages[stage].name;
}

const char *boot_stage_expectation(enum boot_stage stage)
{
    return stages[stage].expectation;
}

bool boot_path_names(const struct boot_path *path, enum boot_stage stage, const char *server)
{
    for (size_t i = 0; i < path->stages[stage].count; i++) {
        if (str_eq(path->stages[stage].names[i], server)) {
            return true;
        }
    }
    return false;
}
