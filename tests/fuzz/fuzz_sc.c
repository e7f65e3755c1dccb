/* fuzz_sc: any bytes as the output of sc queryex and of sc qc.
 * Covers: src/collector/probe/windows/sc.c
 * Seeds: tests/fixtures/sc */
#include "collector/probe/windows/sc.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice output = {(const char *)data, size};
    struct sc_query query;
    struct sc_config config;
    if (sc_parse_query(output, &query) == SC_FOUND &&
        (query.pid < 0 || query.state >= SERVICE_STATE_COUNT)) {
        abort();
    }
    if (sc_parse_config(output, &config) == SC_FOUND && config.account.len > size) {
        abort();
    }
    return 0;
}
