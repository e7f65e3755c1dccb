/* probe: which probe asks which host, and what its answer says as a whole. */
#include "collector/probe/probe.h"

#include "collector/probe/sections.h"

const struct probe *probe_find(enum host_os os, enum host_transport transport)
{
    static const struct probe *const probes[] = {&probe_windows_shell, &probe_linux};
    for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++) {
        if (probes[i]->os == os && probes[i]->transport == transport) {
            return probes[i];
        }
    }
    return NULL;
}

bool probe_complete(const char *bytes, size_t len)
{
    struct sections sections;
    sections_parse((struct slice){bytes, len}, &sections);
    return sections.whole;
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
