/* probe: what the answer of a host says as a whole. */
#include "collector/probe/probe.h"

#include "collector/probe/sections.h"

bool probe_complete(const char *bytes, size_t len)
{
    struct sections sections;
    sections_parse((struct slice){bytes, len}, &sections);
    return sections.whole;
}

bool probe_answered(const char *bytes, size_t len)
{
    struct sections sections;
    sections_parse((struct slice){bytes, len}, &sections);
    return sections.count > 0;
}

size_t probe_decisive(const char *bytes, size_t len)
{
    struct sections sections;
    sections_parse((struct slice){bytes, len}, &sections);
    const struct answer_section *optional = sections_find(&sections, PROBE_OPTIONAL);
    size_t at = optional == NULL ? 0 : (size_t)(optional->name.data - bytes);
    while (at > 0 && bytes[at - 1] != '\n') {
        at--;
    }
    return at;
}

bool probe_pids_changed(const struct snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->service_count; i++) {
        const struct service *service = &snapshot->services[i];
        if (service->visible && service->pid >= 0 && service->pid_after >= 0 &&
            service->pid != service->pid_after) {
            return true;
        }
    }
    return false;
}
