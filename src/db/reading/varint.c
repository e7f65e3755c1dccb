/* varint: small numbers in few bytes, for the volatile blob. */
#include "db/reading/varint.h"

void varint_put(struct buf *to, uint64_t number)
{
    unsigned char bytes[10];
    size_t len = 0;
    while (number >= 0x80) {
        bytes[len++] = (unsigned char)(number | 0x80U);
        number >>= 7;
    }
    bytes[len++] = (unsigned char)number;
    (void)buf_append(to, bytes, len);
}

void varint_put_signed(struct buf *to, int64_t number)
{
    uint64_t bits = (uint64_t)number << 1;
    varint_put(to, number < 0 ? ~bits : bits);
}

uint64_t varint_next(struct varint_reader *reader)
{
    uint64_t number = 0;
    for (unsigned shift = 0; shift < 64 && !reader->failed; shift += 7) {
        if (reader->at == reader->end) {
            break;
        }
        unsigned char byte = *reader->at++;
        if (shift == 63 && byte > 1) {
            break;
        }
        number |= (uint64_t)(byte & 0x7fU) << shift;
        if (byte < 0x80) {
            return number;
        }
    }
    reader->failed = true;
    return 0;
}

int64_t varint_next_signed(struct varint_reader *reader)
{
    uint64_t bits = varint_next(reader);
    return (int64_t)((bits & 1U) != 0 ? ~(bits >> 1) : bits >> 1);
}

size_t varint_next_below(struct varint_reader *reader, size_t limit)
{
    uint64_t number = varint_next(reader);
    if (number >= limit) {
        reader->failed = true;
        return 0;
    }
    return (size_t)number;
}

const char *varint_next_bytes(struct varint_reader *reader, size_t len)
{
    if (reader->failed || len > (size_t)(reader->end - reader->at)) {
        reader->failed = true;
        return NULL;
    }
    const char *bytes = (const char *)reader->at;
    reader->at += len;
    return bytes;
}
