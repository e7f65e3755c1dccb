/* utf16: UTF-16LE text to UTF-8 and back. */
#include "farm/codec/utf16.h"

static void put_utf8(uint32_t c, struct buf *to)
{
    if (c < 0x80) {
        (void)buf_putc(to, (char)c);
    } else if (c < 0x800) {
        (void)buf_printf(to, "%c%c", (int)(0xc0 | c >> 6), (int)(0x80 | (c & 63)));
    } else if (c < 0x10000) {
        (void)buf_printf(to, "%c%c%c", (int)(0xe0 | c >> 12), (int)(0x80 | (c >> 6 & 63)),
                         (int)(0x80 | (c & 63)));
    } else {
        (void)buf_printf(to, "%c%c%c%c", (int)(0xf0 | c >> 18), (int)(0x80 | (c >> 12 & 63)),
                         (int)(0x80 | (c >> 6 & 63)), (int)(0x80 | (c & 63)));
    }
}

bool utf16_to_utf8(struct slice from, struct buf *to)
{
    const unsigned char *bytes = (const unsigned char *)from.data;
    for (size_t i = 0; i + 1 < from.len; i += 2) {
        uint32_t c = bytes[i] | (uint32_t)bytes[i + 1] << 8;
        if (c >= 0xd800 && c < 0xdc00 && i + 3 < from.len) {
            uint32_t low = bytes[i + 2] | (uint32_t)bytes[i + 3] << 8;
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            i += 2;
        } else if (c >= 0xd800 && c < 0xe000) {
            return false;
        }
        put_utf8(c, to);
    }
    return from.len % 2 == 0 && !to->failed;
}

static void put_unit(uint32_t unit, struct buf *to)
{
    char bytes[2] = {(char)(unit & 255), (char)(unit >> 8 & 255)};
    (void)buf_append(to, bytes, sizeof(bytes));
}

void utf16_from_utf8(struct slice from, struct buf *to)
{
    static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    for (size_t i = 0; i < from.len;) {
        size_t n = str_utf8_length(from.data + i, from.len - i);
        uint32_t c = n == 0 ? 0xfffd : (unsigned char)from.data[i] & masks[n];
        for (size_t k = 1; k < n; k++) {
            c = c << 6 | ((unsigned char)from.data[i + k] & 0x3fU);
        }
        if (c >= 0x10000) {
            put_unit(0xd800 + ((c - 0x10000) >> 10), to);
            put_unit(0xdc00 + ((c - 0x10000) & 0x3ff), to);
        } else {
            put_unit(c, to);
        }
        i += n == 0 ? 1 : n;
    }
}
