/* inventory_warning: what is allowed in an inventory and probably not meant. */
#include "config/inventory/inventory_internal.h"

#include "core/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int inventory_warn(struct inventory_internal *in, const struct tree_node *at, const char *format,
                   ...)
{
    struct inventory *inventory = in->inventory;
    char text[1024];
    if (inventory->warning_count >= INVENTORY_WARNINGS_MAX) {
        return 0;
    }
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    const char *sentence =
        arena_printf(in->arena, "%s:%u:%u: %s", at->file, at->line, at->column, text);
    for (size_t i = 0; sentence != NULL && i < inventory->warning_count; i++) {
        if (str_eq(inventory->warnings[i], sentence)) {
            return 0; /* of a group's variable, said for another of its hosts */
        }
    }
    const char **place = arena_push(in->arena, (void **)&inventory->warnings,
                                    &inventory->warning_count, sizeof(const char *));
    if (sentence == NULL || place == NULL) {
        return err_memory(in->err);
    }
    *place = sentence;
    return 0;
}

static int target_order(const void *a, const void *b)
{
    const struct host *x = *(const struct host *const *)a;
    const struct host *y = *(const struct host *const *)b;
    int order = strcasecmp(x->address, y->address);
    if (order == 0) {
        order = x->port < y->port ? -1 : x->port > y->port;
    }
    return order != 0 ? order : (x < y ? -1 : x > y);
}

static int shared_address_warn(struct inventory_internal *in, const struct host *first,
                               const struct host *second)
{
    const struct host *hosts = in->inventory->hosts;
    const struct tree_node *at = in->entries[second - hosts].at;
    const struct tree_node *before = in->entries[first - hosts].at;
    return inventory_warn(in, at,
                          "%s and %s (%u:%u) have one address, %s port %u; is one of them "
                          "the other under an old name?",
                          second->name, first->name, before->line, before->column, second->address,
                          (unsigned)second->port);
}

static int shared_addresses_find(struct inventory_internal *in)
{
    const struct inventory *inventory = in->inventory;
    const struct host **sorted =
        arena_array(in->arena, inventory->count, sizeof(const struct host *));
    size_t count = 0;
    if (sorted == NULL) {
        return err_memory(in->err);
    }
    for (size_t i = 0; i < inventory->count; i++) {
        if (inventory->hosts[i].state != HOST_RETIRED) {
            sorted[count++] = &inventory->hosts[i];
        }
    }
    qsort(sorted, count, sizeof(const struct host *), target_order);
    for (size_t i = 1; i < count; i++) {
        if (strcasecmp(sorted[i]->address, sorted[i - 1]->address) == 0 &&
            sorted[i]->port == sorted[i - 1]->port &&
            shared_address_warn(in, sorted[i - 1], sorted[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

int inventory_warnings_build(struct inventory_internal *in)
{
    for (size_t i = 0; i < in->group_count; i++) {
        size_t host = 0;
        if (name_table_find(&in->entry_names, in->groups[i].name, &host) &&
            inventory_warn(in, in->groups[i].at, "%s is a group and a host; rename one",
                           in->groups[i].name) != 0) {
            return -1;
        }
    }
    return shared_addresses_find(in);
}
