/* powershell: a script as powershell.exe takes it on a command line. */
#include "collector/probe/windows/powershell.h"

#include "core/clock.h"

#include <string.h>

/* The n-th byte of the script in UTF-16LE. */
static unsigned utf16_byte(const char *script, size_t n)
{
    return n % 2 == 0 ? (unsigned char)script[n / 2] : 0;
}

int powershell_encode(const char *script, struct buf *to)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const size_t len = 2 * strlen(script);
    for (size_t i = 0; i < len; i += 3) {
        unsigned bits = utf16_byte(script, i) << 16;
        bits |= i + 1 < len ? utf16_byte(script, i + 1) << 8 : 0;
        bits |= i + 2 < len ? utf16_byte(script, i + 2) : 0;
        const char group[4] = {digits[bits >> 18], digits[bits >> 12 & 63],
                               i + 1 < len ? digits[bits >> 6 & 63] : '=',
                               i + 2 < len ? digits[bits & 63] : '='};
        if (buf_append(to, group, sizeof(group)) != 0) {
            return -1;
        }
    }
    return 0;
}

bool powershell_utc(struct slice text, int64_t *ret_ms)
{
    return text.len > 0 && text.data[text.len - 1] == 'Z' && clock_parse(text, ret_ms);
}
