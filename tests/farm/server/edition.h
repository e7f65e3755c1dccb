/* edition: the versions of Windows Server, and what tells one from the next. */
#ifndef PVSAUDIT_FARM_SERVER_EDITION_H
#define PVSAUDIT_FARM_SERVER_EDITION_H

#include <stdbool.h>
#include <stdint.h>

/* Later ones have all that earlier ones have. */
enum os_version { OS_2008R2, OS_2012, OS_2012R2, OS_2016, OS_2019, OS_2022, OS_2025, OS_COUNT };

struct edition {
    const char *name; /* "2012 R2" */
    const char *product; /* "Windows Server 2012 R2 Standard" */
    const char *kernel; /* "6.3", before the build */
    uint32_t build, revision;
    bool ver_has_revision; /* `ver` shows the revision as well */
    const char *service_pack, *stack; /* of Identify: "0.0", "3.0" */
    uint32_t max_operations,
        max_envelope_kb; /* MaxConcurrentOperationsPerUser, MaxEnvelopeSizekb */
    const char *ssh_banner; /* before 2019 OpenSSH is a package that somebody has installed */
};

extern const struct edition editions[OS_COUNT];

#endif
