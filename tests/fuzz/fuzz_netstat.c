/* fuzz_netstat: any bytes as the output of netstat -ano.
 * Covers: src/collector/probe/windows/netstat.c
 * Seeds: tests/fixtures/netstat */
#include "collector/probe/field.h"
#include "collector/probe/windows/netstat.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct snapshot snapshot;
    struct reading udp;
    struct reading tcp;
    snapshot_init(&snapshot);
    if (netstat_parse((struct slice){(const char *)data, size}, &snapshot, &udp, &tcp) == 0 &&
        udp.outcome == OUTCOME_COMPLETE && (snapshot.endpoint_count == 0 || data[size - 1] > ' ')) {
        abort();
    }
    snapshot_done(&snapshot);
    return 0;
}
