/* fuzz_wmi: any bytes as what a Windows server has answered over WinRM so far, and as all of it.
 * Covers: src/collector/probe/wmi/wmi_around.c src/collector/probe/wmi/wmi_endpoints.c
 *         src/collector/probe/wmi/wmi_item.c src/collector/probe/wmi/wmi_questions.c
 *         src/collector/probe/wmi/wmi_registry.c src/collector/probe/wmi/wmi_rows.c
 *         src/collector/probe/wmi/wmi_services.c src/collector/probe/wmi/wmi_system.c
 * Seeds: tests/fixtures/answers/wmi tests/fixtures/answers/wmi_light */
#include "collector/probe/wmi/wmi_questions.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct registry_condition condition = {"PXEType", 1};
static const struct registry_rule rule = {&condition, 1, true, 4011};
static const struct expectation pxe = {.os = "windows",
                                       .service = "BNPXE",
                                       .proto = PROTO_UDP,
                                       .port = 67,
                                       .registry_key = "HKLM\\SOFTWARE\\X",
                                       .rules = &rule,
                                       .rule_count = 1};
static const struct expectation *const watched[] = {&pxe};

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

/* A question has what its kind needs. */
static void ask(const struct probe *probe, struct slice so_far)
{
    struct arena arena = {NULL};
    struct question question;
    if (probe->next(watched, 1, so_far, &arena, &question, NULL) == 1) {
        bool whole = question.kind == QUESTION_COMMAND
                         ? question.command != NULL
                         : question.section != NULL && question.resource != NULL;
        if (!whole) {
            abort();
        }
    }
    arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct snapshot snapshot;
    ask(&probe_windows_wmi, (struct slice){(const char *)data, size});
    ask(&probe_windows_wmi_light, (struct slice){(const char *)data, size});
    snapshot_init(&snapshot);
    if (probe_windows_wmi.parse((const char *)data, size, watched, 1, &snapshot, NULL) == 0) {
        check(&snapshot);
    }
    snapshot_done(&snapshot);
    snapshot_init(&snapshot);
    (void)probe_windows_wmi_light.parse((const char *)data, size, watched, 1, &snapshot, NULL);
    snapshot_done(&snapshot);
    return 0;
}
