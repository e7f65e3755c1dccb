/* fuzz_answer: any bytes as the whole answer of a Windows host.
 * Covers: src/collector/probe/sections.c src/collector/probe/field.c
 *         src/collector/probe/windows/cim.c src/collector/probe/windows/eventlog.c
 *         src/collector/probe/windows/powershell.c src/collector/probe/windows/tasklist.c
 *         src/collector/probe/windows/windows_addresses.c
 *         src/collector/probe/windows/windows_around.c
 *         src/collector/probe/windows/windows_machine.c
 *         src/collector/probe/windows/windows_registry.c
 *         src/collector/probe/windows/windows_services.c
 *         src/collector/probe/windows/windows_system.c
 * Beside: utf16_byte powershell_encode cim_encode windows_around_encode windows_key_section
 * Seeds: tests/fixtures/answers/windows tests/fixtures/answers/windows_light */
#include "collector/probe/windows/windows_shell.h"

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
        .os = "windows", .service = "BNPXE", .process = "kea-dhcp4"};
    static const struct expectation *const watched[] = {&expectation};
    struct snapshot snapshot;
    snapshot_init(&snapshot);
    if (probe_windows_shell.parse((const char *)data, size, watched, 1, &snapshot, NULL) == 0) {
        check(&snapshot);
    }
    snapshot_done(&snapshot);
    snapshot_init(&snapshot);
    (void)probe_windows_shell_light.parse((const char *)data, size, watched, 1, &snapshot, NULL);
    (void)probe_complete((const char *)data, size);
    snapshot_done(&snapshot);
    return 0;
}
