/* base64: bytes as text and back (RFC 4648). */
#ifndef PVSAUDIT_FARM_CODEC_BASE64_H
#define PVSAUDIT_FARM_CODEC_BASE64_H

#include "core/buf.h"
#include "core/str.h"

void base64_encode(const void *bytes, size_t len, struct buf *to);
/* False for a character that is none of base64's and for a length that is no multiple of four. */
bool base64_decode(struct slice text, struct buf *to);

#endif
