/* name_table: from a name to a number, for names by the ten thousand. */
#ifndef PVSAUDIT_CONFIG_INVENTORY_NAME_TABLE_H
#define PVSAUDIT_CONFIG_INVENTORY_NAME_TABLE_H

#include "core/arena.h"

#include <stdbool.h>
#include <stddef.h>

/* A zeroed one is empty; its memory is the arena's. Names are borrowed and case-sensitive. */
struct name_table {
    struct name_slot *slots;
    size_t size; /* a power of two, or 0 */
    size_t count;
};

bool name_table_find(const struct name_table *table, const char *name, size_t *ret);
/* The name must not be in it yet. 0, or -1: no memory. */
int name_table_add(struct arena *arena, struct name_table *table, const char *name, size_t number);

#endif
