/* inventory_lineage: how deep a group lies, and which groups a host is in, in order of precedence.
 */
#include "config/inventory/inventory_internal.h"

#include "config/tree_read.h"
#include "core/str.h"

#include <stdlib.h>
#include <string.h>

/* ---- depth ---- */

static int orphans_adopt(struct inventory_internal *in)
{
    for (size_t i = 1; i < in->group_count; i++) {
        if (in->groups[i].parents.count == 0 &&
            (numbers_add(in, &in->groups[i].parents, INVENTORY_ALL) != 0 ||
             numbers_add(in, &in->groups[INVENTORY_ALL].children, i) != 0)) {
            return -1;
        }
    }
    return 0;
}

/* A group is done when all its parents are: what is never done is in a loop, or below one. */
static int depths_set(struct inventory_internal *in)
{
    size_t *waiting = arena_array(in->arena, in->group_count, sizeof(*waiting));
    size_t *queue = arena_array(in->arena, in->group_count, sizeof(*queue));
    size_t first = 0;
    size_t last = 0;
    if (waiting == NULL || queue == NULL) {
        return err_memory(in->err);
    }
    for (size_t i = 0; i < in->group_count; i++) {
        waiting[i] = in->groups[i].parents.count;
    }
    queue[last++] = INVENTORY_ALL;
    while (first < last) {
        const struct group *group = &in->groups[queue[first++]];
        for (size_t i = 0; i < group->children.count; i++) {
            size_t number = group->children.items[i];
            struct group *child = &in->groups[number];
            child->depth = child->depth > group->depth + 1 ? child->depth : group->depth + 1;
            if (--waiting[number] == 0) {
                queue[last++] = number;
            }
        }
    }
    for (size_t i = 0; i < in->group_count; i++) {
        const struct group *group = &in->groups[i];
        if (waiting[i] > 0 && i != INVENTORY_ALL) {
            return tree_fail(in->err, group->at,
                             "group %.64s is in a loop of children, or below one; break the loop",
                             group->name);
        }
        if (group->depth > INVENTORY_NESTING_MAX) {
            return tree_fail(in->err, group->at,
                             "group %.64s is nested deeper than %d; write it "
                             "flatter",
                             group->name, (int)INVENTORY_NESTING_MAX);
        }
    }
    return 0;
}

static void priorities_set(struct inventory_internal *in)
{
    for (size_t i = 0; i < in->group_count; i++) {
        const struct variables *vars = &in->groups[i].vars;
        for (size_t k = 0; k < vars->count; k++) {
            if (vars->items[k].key->field == FIELD_PRIORITY &&
                vars->items[k].value->kind == TREE_TEXT) {
                struct slice text = {vars->items[k].value->text,
                                     strlen(vars->items[k].value->text)};
                (void)str_u64(text, UINT64_MAX, &in->groups[i].priority);
            }
        }
    }
}

/* ---- lineage ---- */

/* Ansible's order: all < parent < child; of one depth by priority, then by name. */
static int group_order(const void *a, const void *b, void *data)
{
    const struct inventory_internal *in = data;
    const struct group *x = &in->groups[*(const size_t *)a];
    const struct group *y = &in->groups[*(const size_t *)b];
    if (x->depth != y->depth) {
        return x->depth < y->depth ? -1 : 1;
    }
    if (x->priority != y->priority) {
        return x->priority < y->priority ? -1 : 1;
    }
    return strcmp(x->name, y->name);
}

static bool same_numbers(const struct numbers *a, const struct numbers *b)
{
    return a->count == b->count &&
           (a->count == 0 || memcmp(a->items, b->items, a->count * sizeof(*a->items)) == 0);
}

/* The groups that name the host and all above them; seen[i] is the last entry that met group i. */
static int lineage_collect(struct inventory_internal *in, struct entry *entry, size_t stamp,
                           size_t *seen)
{
    struct numbers *lineage = &entry->lineage;
    for (size_t i = 0; i < entry->groups.count; i++) {
        if (seen[entry->groups.items[i]] != stamp) {
            seen[entry->groups.items[i]] = stamp;
            if (numbers_add(in, lineage, entry->groups.items[i]) != 0) {
                return -1;
            }
        }
    }
    for (size_t at = 0; at < lineage->count; at++) {
        const struct numbers *parents = &in->groups[lineage->items[at]].parents;
        for (size_t i = 0; i < parents->count; i++) {
            if (seen[parents->items[i]] != stamp) {
                seen[parents->items[i]] = stamp;
                if (numbers_add(in, lineage, parents->items[i]) != 0) {
                    return -1;
                }
            }
        }
    }
    qsort_r(lineage->items, lineage->count, sizeof(*lineage->items), group_order, in);
    return 0;
}

/* A host that no group but all names is "ungrouped", as Ansible calls it. */
static int ungrouped_adopt(struct inventory_internal *in)
{
    static const char name[] = "ungrouped";
    size_t ungrouped = SIZE_MAX;
    for (size_t i = 0; i < in->entry_count; i++) {
        struct entry *entry = &in->entries[i];
        bool is_grouped = false;
        for (size_t k = 0; k < entry->groups.count; k++) {
            is_grouped = is_grouped || entry->groups.items[k] != INVENTORY_ALL;
        }
        if (is_grouped) {
            continue;
        }
        if (ungrouped == SIZE_MAX && !name_table_find(&in->group_names, name, &ungrouped)) {
            struct group *group =
                arena_push(in->arena, (void **)&in->groups, &in->group_count, sizeof(*group));
            ungrouped = in->group_count - 1;
            if (group == NULL ||
                name_table_add(in->arena, &in->group_names, name, ungrouped) != 0) {
                return err_memory(in->err);
            }
            *group = (struct group){
                .name = name, .where = "group ungrouped", .at = entry->at, .priority = 1};
        }
        if (numbers_add(in, &entry->groups, ungrouped) != 0 ||
            numbers_add(in, &in->groups[ungrouped].members, i) != 0) {
            return -1;
        }
    }
    return 0;
}

int inventory_lineage_build(struct inventory_internal *in)
{
    size_t total = 0;
    if (ungrouped_adopt(in) != 0 || orphans_adopt(in) != 0 || depths_set(in) != 0) {
        return -1;
    }
    priorities_set(in);
    size_t *seen = arena_array(in->arena, in->group_count, sizeof(*seen));
    if (seen == NULL) {
        return err_memory(in->err);
    }
    for (size_t i = 0; i < in->entry_count; i++) {
        struct entry *entry = &in->entries[i];
        if (i > 0 && same_numbers(&entry->groups, &entry[-1].groups)) {
            entry->lineage = entry[-1].lineage;
            continue;
        }
        if (lineage_collect(in, entry, i + 1, seen) != 0) {
            return -1;
        }
        total += entry->lineage.count;
        if (total > INVENTORY_MEMBERSHIPS_MAX) {
            return tree_fail(in->err, entry->at,
                             "more than %d memberships of hosts in groups; use "
                             "fewer groups",
                             (int)INVENTORY_MEMBERSHIPS_MAX);
        }
    }
    return 0;
}
