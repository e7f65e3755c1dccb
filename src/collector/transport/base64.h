/* base64: RFC 4648's alphabet, as key files and host-key fingerprints have it. */
#ifndef PVSAUDIT_COLLECTOR_TRANSPORT_BASE64_H
#define PVSAUDIT_COLLECTOR_TRANSPORT_BASE64_H

#include "core/buf.h"
#include "core/str.h"

#include <stdbool.h>
#include <stddef.h>

/* Append the bytes that text stands for; blanks and line ends between digits are skipped, anything
 * else, and a missing '=' at the end, refuses the whole text. 0, or -1: not base64, or to is full.
 */
int base64_parse(struct slice text, struct buf *to);
/* Append text for bytes, with or without '=' at the end. 0, or -1: to is full. */
int base64_write(const void *bytes, size_t len, bool padded, struct buf *to);

#endif
