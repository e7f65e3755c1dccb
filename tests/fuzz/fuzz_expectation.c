/* fuzz_expectation: any bytes as an expectation file; what is taken survives encode and decode.
 * Covers: src/config/expectation_file.c
 * Beside: expectation_file_load expectation_file_load_shipped load_each expectation_file_load_all
 * Seeds: expectations */
#include "config/expectation_file.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct expectation_set set = {.count = 0};
    struct err err = {.text = ""};
    int rc = expectation_file_parse("e", (const char *)data, size, &set, &err);
    rc = rc == 0 ? expectation_file_parse("again", (const char *)data, size, &set, &err) : rc;
    if (rc != 0 && strlen(err.text) == 0) {
        abort();
    }
    for (size_t i = 0; rc == 0 && i < set.count; i++) {
        struct expectation again;
        const char *line = expectation_encode(&set.arena, &set.items[i]);
        if (line == NULL || !expectation_decode(&set.arena, line, &again)) {
            abort();
        }
    }
    expectation_set_done(&set);
    return 0;
}
