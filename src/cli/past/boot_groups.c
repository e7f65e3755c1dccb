/* boot_groups: boots counted by what they have in common. */
#include "cli/past/boot_groups.h"

#include "core/str.h"

#include <stdlib.h>
#include <string.h>

static const char *os_of(struct arena *arena, const struct boot_row *row)
{
    if (row->os_build == NULL || row->os_name == NULL) {
        return row->os_name != NULL ? row->os_name : row->os_build;
    }
    return arena_printf(arena, "%s (%s)", row->os_name, row->os_build);
}

static const char *value_of(struct arena *arena, enum answer_by by, const struct boot_row *row)
{
    switch (by) {
    case BY_SITE:
        return row->site;
    case BY_OS:
        return os_of(arena, row);
    case BY_BUILD:
        return row->pvs_build;
    case BY_WINDOW:
        return window_place_name(row->window);
    default:
        return row->startup == STARTUP_UNKNOWN ? NULL : startup_type_name(row->startup);
    }
}

int boot_groups_add(struct boot_groups *groups, struct arena *arena, const struct boot_row *row)
{
    const char *value = value_of(arena, groups->by, row);
    for (size_t i = groups->count; i > 0; i--) {
        struct counted_boots *group = &groups->items[i - 1];
        if (str_eq(group->value, value) && str_eq(group->expectation, row->expectation)) {
            group->tally.counts[row->result]++;
            return 0;
        }
    }
    void *items = groups->items;
    struct counted_boots *group = arena_push(arena, &items, &groups->count, sizeof(*group));
    groups->items = items;
    if (group == NULL) {
        return -1;
    }
    *group = (struct counted_boots){.expectation = arena_strdup(arena, row->expectation),
                                    .service = arena_strdup(arena, row->service),
                                    .proto = row->proto,
                                    .port = row->port,
                                    .value = arena_strdup(arena, value)};
    group->tally.counts[row->result] = 1;
    return group->expectation == NULL || (value != NULL && group->value == NULL) ? -1 : 0;
}

/* What is not known comes last. */
static int by_value(const void *left, const void *right)
{
    const struct counted_boots *a = left;
    const struct counted_boots *b = right;
    int order = strcmp(a->expectation, b->expectation);
    if (order != 0) {
        return order;
    }
    if (a->value == NULL || b->value == NULL) {
        return (a->value == NULL) - (b->value == NULL);
    }
    /* The longer name of a startup type says what was done about the other. */
    bool delayed = str_starts(a->value, b->value) || str_starts(b->value, a->value);
    order = strcmp(a->value, b->value);
    return delayed ? -order : order;
}

void boot_groups_sort(struct boot_groups *groups)
{
    if (groups->count > 0) {
        qsort(groups->items, groups->count, sizeof(*groups->items), by_value);
    }
}

const char *boot_groups_title(enum answer_by by)
{
    static const char *const titles[] = {[BY_NOTHING] = "STARTUP TYPE",
                                         [BY_SITE] = "SITE",
                                         [BY_STARTUP] = "STARTUP TYPE",
                                         [BY_OS] = "OS",
                                         [BY_BUILD] = "PVS BUILD",
                                         [BY_WINDOW] = "WINDOW",
                                         [BY_BOOT] = "BOOT"};
    return titles[by];
}

const char *boot_groups_name(enum answer_by by)
{
    static const char *const names[] = {
        [BY_NOTHING] = "startup", [BY_SITE] = "site",     [BY_STARTUP] = "startup", [BY_OS] = "os",
        [BY_BUILD] = "build",     [BY_WINDOW] = "window", [BY_BOOT] = "boot"};
    return names[by];
}
