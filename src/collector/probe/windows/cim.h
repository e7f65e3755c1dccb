/* cim: clock, boot time and processes of a Windows host by one PowerShell script of ours. */
#ifndef PVSAUDIT_COLLECTOR_PROBE_WINDOWS_CIM_H
#define PVSAUDIT_COLLECTOR_PROBE_WINDOWS_CIM_H

#include "collector/probe/sections.h"
#include "core/buf.h"
#include "core/str.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stdint.h>

/* The script in base64 of UTF-16LE, as -EncodedCommand takes it: no quote and no dollar sign has
 * to survive a shell. light: it lists the boot's witnesses alone. -1: to is full. */
int cim_encode(bool light, struct buf *to);

/* Times in ms since 1970, 0 where not printed. */
struct cim_clock {
    int64_t now_ms; /* the host's UTC clock when the script began */
    int64_t local_ms; /* LocalDateTime of the same instance as boot_ms, in UTC */
    int64_t boot_ms; /* LastBootUpTime */
};

/* boot and processes have an outcome each: an account may be allowed the one and not the other. */
struct cim_answer {
    struct cim_clock clock;
    struct reading boot;
    struct reading processes;
};

/* Lines: now T, local T, boot T, then `process PID PARENT CREATED NAME` ("-" for a creation time
 * that may not be had), then done; or `error HRESULT` and exit 5. Other lines (PowerShell's own
 * CLIXML) are skipped. The processes go into the snapshot, none where the script failed among
 * them. -1: out of memory. */
int cim_parse(const struct answer_section *section, struct snapshot *snapshot,
              struct cim_answer *ret);

#endif
