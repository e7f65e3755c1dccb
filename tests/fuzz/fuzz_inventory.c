/* fuzz_inventory: any bytes as an inventory, and every question that can be asked of one. */
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

static void ask(const struct inventory *inventory)
{
    bool *selected = calloc(inventory->count, sizeof(*selected));
    const struct inventory_value *rows = NULL;
    size_t count = 0;
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
    inventory_done(&inventory);
    return 0;
}
