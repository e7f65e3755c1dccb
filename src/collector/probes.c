/* probes: which probe asks which host. */
#include "collector/probes.h"

#include "collector/probe/linux/linux_shell.h"
#include "collector/probe/windows/windows_shell.h"
#include "collector/probe/wmi/wmi_questions.h"

const struct probe *probes_find(enum host_os os, enum host_transport transport,
                                enum visit_kind kind)
{
    static const struct probe *const probes[] = {
        &probe_windows_shell,       &probe_windows_wmi,       &probe_linux,
        &probe_windows_shell_light, &probe_windows_wmi_light, &probe_linux_light};
    for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++) {
        if (probes[i]->os == os && probes[i]->transport == transport && probes[i]->kind == kind) {
            return probes[i];
        }
    }
    return NULL;
}
