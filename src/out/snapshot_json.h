/* snapshot_json: one visit as one line of JSON, both ways (docs/schema/snapshot.schema.json). */
#ifndef PVSAUDIT_OUT_SNAPSHOT_JSON_H
#define PVSAUDIT_OUT_SNAPSHOT_JSON_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"
#include "model/host.h"
#include "model/snapshot.h"

#include <stdbool.h>

/* Append the line with its LF. declared (NULL allowed) becomes the member "declared": site, farm,
 * state, expect, pxe_addresses. -1: the buffer's maximum. */
int snapshot_json_write(const struct snapshot *snapshot, const struct host *declared,
                        struct buf *to);

/* Parse one line. *ret_declared is valid where *ret_has_declared; its strings live in the
 * snapshot's arena. ERR_FORMAT names the member ("endpoints[3].port: 70000 is not a port"). */
int snapshot_json_parse(const char *bytes, size_t len, struct snapshot *ret,
                        struct host *ret_declared, bool *ret_has_declared, struct err *err);

#endif
