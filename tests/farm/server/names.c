/* names: pvs[01:28] written out, and patterns of names. */
#include "farm/server/names.h"

#include "core/str.h"

#include <stdio.h>
#include <string.h>

enum { NAMES_MAX = 100000 };

int names_expand(const char *pattern, int (*each)(void *data, const char *name), void *data,
                 struct err *err)
{
    size_t open = strcspn(pattern, "["), first_len = 0;
    if (pattern[open] == '\0') {
        return each(data, pattern);
    }
    const char *first = pattern + open + 1;
    first_len = strcspn(first, ":");
    const char *last = first + first_len + (first[first_len] == ':' ? 1 : 0);
    size_t last_len = strcspn(last, "]");
    uint64_t from = 0, to = 0;
    if (first[first_len] != ':' || last[last_len] != ']' ||
        !str_u64((struct slice){first, first_len}, 1000000, &from) ||
        !str_u64((struct slice){last, last_len}, 1000000, &to) || to < from ||
        to - from >= NAMES_MAX || strlen(pattern) >= FLEET_NAME) {
        return err_set(err, ERR_USAGE, "", "'%s' is no name and no range such as pvs[01:28]",
                       pattern);
    }
    for (uint64_t n = from; n <= to; n++) {
        char name[FLEET_NAME * 2];
        (void)snprintf(name, sizeof(name), "%.*s%0*u%s", (int)open, pattern, (int)first_len,
                       (unsigned)n, last + last_len + 1);
        if (each(data, name) != 0) {
            return -1;
        }
    }
    return 0;
}
