/* range: Ansible's ranges in names: pvs[01:12], db[a:f], n[01:20:2], several in one name. */
#ifndef PVSAUDIT_CONFIG_INVENTORY_RANGE_H
#define PVSAUDIT_CONFIG_INVENTORY_RANGE_H

#include "core/arena.h"
#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    RANGE_BRACKETS_MAX = 8,
    RANGE_NAME_MAX = 255, /* bytes of one name */
};

bool range_has(const char *pattern);
/* The names that a pattern stands for, in order; a name without brackets stands for itself. More
 * than max names, and every form that Ansible refuses, is ERR_CONFIG with a sentence that has no
 * place in front. */
int range_expand(struct arena *arena, const char *pattern, size_t max, const char *const **ret,
                 size_t *ret_count, struct err *err);

#endif
