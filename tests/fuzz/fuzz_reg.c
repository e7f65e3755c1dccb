/* fuzz_reg: any bytes as the output of reg query.
 * Covers: src/collector/probe/windows/reg.c
 * Seeds: tests/fixtures/reg */
#include "collector/probe/windows/reg.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = {(const char *)data, size};
    struct reg_row row = {0};
    enum reg_line line;
    while ((line = reg_next(&rest, &row)) != REG_END) {
        struct slice texts = row.data;
        struct slice text;
        size_t total = 0;
        while (line == REG_VALUE && reg_multi_next(&texts, &text)) {
            total += text.len;
        }
        if (total > size) {
            abort();
        }
    }
    (void)reg_find((struct slice){(const char *)data, size}, "Start", &row);
    return 0;
}
