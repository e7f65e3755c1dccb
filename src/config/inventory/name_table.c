/* name_table: open addressing, at most half full. */
#include "config/inventory/name_table.h"

#include "core/str.h"

#include <string.h>

struct name_slot {
    const char *name; /* NULL = free */
    size_t number;
};

static struct name_slot *slot_of(struct name_slot *slots, size_t size, const char *name)
{
    size_t at = (size_t)str_hash64(name, strlen(name)) & (size - 1);
    while (slots[at].name != NULL && strcmp(slots[at].name, name) != 0) {
        at = (at + 1) & (size - 1);
    }
    return &slots[at];
}

bool name_table_find(const struct name_table *table, const char *name, size_t *ret)
{
    if (table->size == 0) {
        return false;
    }
    const struct name_slot *slot = slot_of(table->slots, table->size, name);
    if (slot->name == NULL) {
        return false;
    }
    *ret = slot->number;
    return true;
}

static int table_grow(struct arena *arena, struct name_table *table)
{
    size_t size = table->size == 0 ? 16 : table->size * 2;
    struct name_slot *slots = arena_array(arena, size, sizeof(*slots));
    if (slots == NULL) {
        return -1;
    }
    for (size_t i = 0; i < table->size; i++) {
        if (table->slots[i].name != NULL) {
            *slot_of(slots, size, table->slots[i].name) = table->slots[i];
        }
    }
    table->slots = slots;
    table->size = size;
    return 0;
}

int name_table_add(struct arena *arena, struct name_table *table, const char *name, size_t number)
{
    if ((table->count + 1) * 2 > table->size && table_grow(arena, table) != 0) {
        return -1;
    }
    *slot_of(table->slots, table->size, name) = (struct name_slot){name, number};
    table->count++;
    return 0;
}
