/* boot_path: one way along which target devices boot, and the servers that serve each stage. */
#ifndef PVSAUDIT_MODEL_BOOT_PATH_H
#define PVSAUDIT_MODEL_BOOT_PATH_H

#include <stdbool.h>
#include <stddef.h>

enum boot_method {
    BOOT_BY_PXE,
    BOOT_BY_DHCP_OPTIONS, /* option 66 names the TFTP server, so each of its servers is pinned */
    BOOT_BY_BDM_ISO,
    BOOT_BY_BDM_PARTITION,
    BOOT_METHOD_COUNT
};

enum boot_stage { BOOT_STAGE_PXE, BOOT_STAGE_TFTP, BOOT_STAGE_LOGIN, BOOT_STAGE_COUNT };

enum { BOOT_PATH_MIN = 2 }; /* responders that a stage needs where nothing else is said */

struct boot_path {
    const char *name;
    enum boot_method method;
    bool assumed; /* nobody declared it: the servers of one site */
    size_t min;
    struct boot_servers {
        const char *const *names; /* hosts of the inventory; for TFTP also virtual addresses */
        size_t count; /* 0: the path has no such stage */
    } stages[BOOT_STAGE_COUNT];
};

const char *boot_method_name(enum boot_method method); /* "dhcp-options" */
bool boot_method_parse(const char *name, enum boot_method *ret);
const char *boot_stage_name(enum boot_stage stage); /* "PXE", "TFTP", "login" */
/* The expectation whose verdict tells whether a server serves the stage: "pvs/BNPXE". */
const char *boot_stage_expectation(enum boot_stage stage);

bool boot_path_names(const struct boot_path *path, enum boot_stage stage, const char *server);

#endif
