/* reason: why a host was not read, and how that is told. */
#include "model/reason.h"

#include <string.h>

const char *reason_detail(enum reason reason, const char *detail)
{
    const char *name = reason_name(reason);
    size_t len = strlen(name);
    bool twice =
        detail != NULL && strncmp(detail, name, len) == 0 && strncmp(detail + len, ": ", 2) == 0;
    return twice ? detail + len + 2 : detail;
}
