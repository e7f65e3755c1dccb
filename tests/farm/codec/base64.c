/* base64: bytes as text and back (RFC 4648). */
#include "farm/codec/base64.h"

#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(const void *bytes, size_t len, struct buf *to)
{
    const unsigned char *from = bytes;
    for (size_t i = 0; i < len; i += 3) {
        unsigned held = (unsigned)from[i] << 16 | (i + 1 < len ? (unsigned)from[i + 1] << 8 : 0) |
                        (i + 2 < len ? (unsigned)from[i + 2] : 0);
        char four[4] = {digits[held >> 18], digits[held >> 12 & 63],
                        i + 1 < len ? digits[held >> 6 & 63] : '=',
                        i + 2 < len ? digits[held & 63] : '='};
        (void)buf_append(to, four, sizeof(four));
    }
}

/* The value of a digit, or -1. */
static int digit_value(char c)
{
    const char *at = c == '\0' ? NULL : strchr(digits, c);
    return at == NULL ? -1 : (int)(at - digits);
}

bool base64_decode(struct slice text, struct buf *to)
{
    unsigned bits = 0, held = 0;
    size_t len = text.len;
    while (len > 0 && text.len - len < 2 && text.data[len - 1] == '=') {
        len--;
    }
    for (size_t i = 0; i < len; i++) {
        int value = digit_value(text.data[i]);
        if (value < 0) {
            return false;
        }
        held = held << 6 | (unsigned)value;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            (void)buf_putc(to, (char)(held >> bits & 255U));
        }
    }
    return text.len % 4 == 0 && !to->failed;
}
