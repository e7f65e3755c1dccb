/* registry: the part of a simulated server's registry that somebody may ask for. */
#ifndef PVSAUDIT_FARM_SERVER_REGISTRY_H
#define PVSAUDIT_FARM_SERVER_REGISTRY_H

#include "core/arena.h"
#include "farm/server/fleet.h"

struct registry_value {
    const char *key; /* below HKEY_LOCAL_MACHINE, in Windows' own spelling */
    const char *name; /* NULL: the key exists without values of its own */
    const char *type; /* "REG_DWORD" */
    const char *data; /* as reg.exe prints it: 0x2, text, a\0b */
};

struct registry {
    struct registry_value *values; /* grouped by key */
    size_t count;
};

/* Everything lives in the arena; -1 without memory. */
int registry_list(const struct fleet *fleet, const struct server *server, struct arena *arena,
                  struct registry *registry);

#endif
