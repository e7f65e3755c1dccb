/* fuzz_server_list: any bytes as a CSV file of servers.
 * Covers: src/config/csv.c src/config/server_list.c
 * Beside: server_list_load */
#include "config/server_list.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct server_list list;
    struct err err = {.text = ""};
    if (server_list_parse("s", (const char *)data, size, &list, &err) != 0) {
        if (strlen(err.text) == 0) {
            abort();
        }
        return 0;
    }
    for (size_t i = 0; i < list.count; i++) {
        if (list.rows[i].name == NULL || list.rows[i].name[0] == '\0' || list.rows[i].line == 0) {
            abort();
        }
    }
    server_list_done(&list);
    return 0;
}
