/* fuzz_linux: any bytes as the whole answer of a Linux host.
 * Covers: src/collector/probe/linux/linux_services.c src/collector/probe/linux/linux_system.c
 *         src/collector/probe/linux/proc_stat.c src/collector/probe/linux/systemd.c
 * Seeds: tests/fixtures/answers/linux tests/fixtures/answers/linux_light */
#include "collector/probe/linux/linux_shell.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every section that is not optional has an outcome, whatever the bytes are. */
static void check(const struct snapshot *snapshot)
{
    for (unsigned i = 0; i < SECTION_COUNT; i++) {
        enum outcome outcome = snapshot->sections[i].outcome;
        bool may_lack = section_is_optional(i);
        if ((outcome == OUTCOME_NOT_ASKED && !may_lack) || outcome >= OUTCOME_COUNT) {
            abort();
        }
    }
    (void)probe_pids_changed(snapshot);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct expectation expectation = {
        .os = "linux", .service = "kea-dhcp4-server", .process = "kea-dhcp4"};
    static const struct expectation *const watched[] = {&expectation};
    struct snapshot snapshot;
    snapshot_init(&snapshot);
    if (probe_linux.parse((const char *)data, size, watched, 1, &snapshot, NULL) == 0) {
        check(&snapshot);
    }
    (void)probe_complete((const char *)data, size);
    snapshot_done(&snapshot);
    return 0;
}
