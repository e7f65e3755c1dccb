/* varint: small numbers in few bytes, for the volatile blob. */
#ifndef PVSAUDIT_DB_READING_VARINT_H
#define PVSAUDIT_DB_READING_VARINT_H

#include "core/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Seven bits a byte, the lowest first, the top bit set on all but the last. */
void varint_put(struct buf *to, uint64_t number);
/* A negative number costs as little as a positive one. */
void varint_put_signed(struct buf *to, int64_t number);

/* Reads off a run of bytes; once failed (the end, or more than 64 bits), everything is 0. */
struct varint_reader {
    const unsigned char *at, *end;
    bool failed;
};

uint64_t varint_next(struct varint_reader *reader);
int64_t varint_next_signed(struct varint_reader *reader);
/* A number that must be below limit, else failed and 0. */
size_t varint_next_below(struct varint_reader *reader, size_t limit);
const char *varint_next_bytes(struct varint_reader *reader, size_t len);

#endif
