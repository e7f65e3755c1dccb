/* utf16: UTF-16LE text to UTF-8 and back. */
#ifndef PVSAUDIT_FARM_CODEC_UTF16_H
#define PVSAUDIT_FARM_CODEC_UTF16_H

#include "core/buf.h"
#include "core/str.h"

/* False for an odd length and for lone surrogates. */
bool utf16_to_utf8(struct slice from, struct buf *to);
/* Bytes that are no UTF-8 become U+FFFD. */
void utf16_from_utf8(struct slice from, struct buf *to);

#endif
