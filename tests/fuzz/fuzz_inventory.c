/* fuzz_inventory: any bytes as an inventory, and every question that can be asked of one.
 * Covers: src/config/inventory/boot_path_text.c src/config/inventory/inventory.c
 * src/config/inventory/inventory_boot_paths.c src/config/inventory/inventory_expect.c
 * src/config/inventory/inventory_groups.c src/config/inventory/inventory_host.c
 * src/config/inventory/inventory_keys.c src/config/inventory/inventory_kinds.c
 * src/config/inventory/inventory_lineage.c src/config/inventory/inventory_origin.c
 * src/config/inventory/inventory_resolve.c src/config/inventory/inventory_secrets.c
 * src/config/inventory/inventory_select.c src/config/inventory/inventory_warning.c
 * src/config/inventory/inventory_winrm.c src/config/inventory/name_table.c
 * src/config/inventory/range.c src/config/tree.c src/config/tree_pairs.c Beside: inventory_load
 * Seeds: tests/fixtures/inventory */
#include "config/inventory/boot_path_text.h"
#include "config/inventory/inventory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct expectation items[] = {
    {.profile = "pvs", .id = "BNPXE", .os = "windows", .watch = WATCH_ALWAYS},
    {.profile = "pvs", .id = "PVSTSB", .os = "windows", .watch = WATCH_DECLARED},
    {.profile = "kea", .id = "kea-dhcp4", .os = "linux", .watch = WATCH_DECLARED},
};
static const struct expectation_set expectations = {.items = items, .count = 3};

/* Limits that fit most inventories, and some that fit none. */
static const char *const limits[] = {"all",        "*",      "all:!pvs01",     "pvs[01:03],&all",
                                     "pvs[1,3-5]", "a",      "~pvs.*",         ",",
                                     "zzz",        "a[3:1]", "pvs01:&emea:!a*"};

static void ask(const struct inventory *inventory)
{
    bool *selected = calloc(inventory->count, sizeof(*selected));
    const struct inventory_value *rows = NULL;
    size_t count = 0;
    for (size_t i = 0; selected != NULL && i < sizeof(limits) / sizeof(limits[0]); i++) {
        (void)inventory_select(inventory, limits[i], selected, NULL);
    }
    for (size_t i = 0; selected != NULL && i < inventory->count && i < 4; i++) {
        const struct host *host = &inventory->hosts[i];
        (void)inventory_select(inventory, host->name, selected, NULL);
        (void)inventory_origins(inventory, host, &rows, &count, NULL);
        if (inventory_find(inventory, host->name) != host || host->address == NULL) {
            abort();
        }
    }
    free(selected);
}

/* What an inventory says of boot paths can be read again. */
static void read_paths(const struct inventory *inventory)
{
    struct arena arena = {NULL};
    struct boot_path *paths = NULL;
    size_t count = 0;
    if (boot_path_text_read(inventory->boot_paths, &arena, &paths, &count, NULL) != 0) {
        abort();
    }
    arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct inventory inventory;
    struct err err = {.text = ""};
    if (inventory_parse("i", (const char *)data, size, &expectations, &inventory, &err) != 0) {
        if (strlen(err.text) == 0) {
            abort();
        }
        return 0;
    }
    ask(&inventory);
    read_paths(&inventory);
    inventory_done(&inventory);
    return 0;
}
