/* probes: which probe asks which host. */
#include "collector/probes.h"

#include "collector/probe/linux/linux_shell.h"
#include "collector/probe/windows/windows_shell.h"
#include "collector/probe/wmi/wmi_questions.h"

const struct probe *probes_find(enum host_os os, enum host_transport transport)
{
    static const struct probe *const probes[] = {&probe_windows_shell, &probe_windows_wmi,
                                                 &probe_linux};
    for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++) {
        if (probes[i]->os == os && probes[i]->transport == transport) {
            return probes[i];
        }
    }
    return NULL;
}
