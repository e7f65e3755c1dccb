/* powershell: a script as powershell.exe takes it on a command line. */
#ifndef PVSAUDIT_COLLECTOR_PROBE_WINDOWS_POWERSHELL_H
#define PVSAUDIT_COLLECTOR_PROBE_WINDOWS_POWERSHELL_H

#include "core/buf.h"
#include "core/str.h"

#include <stdbool.h>
#include <stdint.h>

/* In base64 of UTF-16LE, as -EncodedCommand takes it: no quote and no dollar sign has to survive a
 * shell. The script is ASCII. -1: to is full. */
int powershell_encode(const char *script, struct buf *to);

/* A time as ToString('o') writes it for UTC. One without a zone would be read as the collector's
 * local time: false. */
bool powershell_utc(struct slice text, int64_t *ret_ms);

#endif
