/* base64: RFC 4648's alphabet, as key files and host-key fingerprints have it. */
#include "collector/transport/base64.h"

#include <stdint.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int digit_value(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    if (c == '+') {
        return 62;
    }
    return c == '/' ? 63 : -1;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

int base64_parse(struct slice text, struct buf *to)
{
    uint32_t bits = 0;
    size_t count = 0, pads = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (is_blank(c)) {
            continue;
        }
        if (c == '=') {
            pads++;
            continue;
        }
        int value = digit_value(c);
        if (value < 0 || pads > 0) {
            return -1;
        }
        bits = bits << 6 | (uint32_t)value;
        count++;
        size_t ready = count % 4 == 0 ? 0 : 8 - 2 * (count % 4);
        if (count % 4 != 1 && buf_putc(to, (char)(bits >> ready & 0xff)) != 0) {
            return -1;
        }
    }
    return count % 4 == 1 || pads > 2 || (count + pads) % 4 != 0 ? -1 : 0;
}

int base64_write(const void *bytes, size_t len, bool padded, struct buf *to)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < len; i += 3) {
        size_t have = len - i < 3 ? len - i : 3;
        uint32_t bits = (uint32_t)at[i] << 16;
        bits |= have > 1 ? (uint32_t)at[i + 1] << 8 : 0;
        bits |= have > 2 ? (uint32_t)at[i + 2] : 0;
        for (size_t k = 0; k < 4; k++) {
            if (k <= have) {
                (void)buf_putc(to, digits[bits >> (18 - 6 * k) & 63]);
            } else if (padded) {
                (void)buf_putc(to, '=');
            }
        }
    }
    return to->failed ? -1 : 0;
}
