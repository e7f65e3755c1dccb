/* fuzz_ss: any bytes as the output of ss.
 * Covers: src/collector/probe/linux/ss.c
 * Seeds: tests/fixtures/ss */
#include "collector/probe/linux/ss.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct snapshot snapshot;
    struct reading reading;
    snapshot_init(&snapshot);
    if (ss_parse((struct slice){(const char *)data, size}, PROTO_UDP, &snapshot, &reading) == 0) {
        for (size_t i = 0; i < snapshot.endpoint_count; i++) {
            if (snapshot.endpoints[i].port == 0 || snapshot.endpoints[i].pid < -1) {
                abort();
            }
        }
    }
    snapshot_done(&snapshot);
    return 0;
}
