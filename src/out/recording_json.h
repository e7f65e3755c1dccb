/* recording_json: a recording as a file of JSON lines, both ways; docs/RECORDINGS.md has the form.
 */
#ifndef PVSAUDIT_OUT_RECORDING_JSON_H
#define PVSAUDIT_OUT_RECORDING_JSON_H

#include "core/buf.h"
#include "core/err.h"
#include "model/recording.h"

enum { RECORDING_MAX_BYTES = 256 << 20 };

/* Append the whole file. -1: the buffer's maximum, or no memory. */
int recording_json_write(const struct recording *recording, struct buf *to);
/* ERR_FORMAT: another form, or a version that is not ours; ERR_PARTIAL: it ends too early. After an
 * error *ret is empty. */
int recording_json_parse(struct slice file, struct recording *ret, struct err *err);
/* Its first line alone: no try. */
int recording_json_parse_head(struct slice line, struct recording *ret, struct err *err);

#endif
