/* ssh_wire: RFC 4251's data types, read with a bound and written into a buf. */
#include "collector/transport/ssh_link/ssh_wire.h"

static void skip(struct slice *rest, size_t len)
{
    rest->data += len;
    rest->len -= len;
}

bool ssh_wire_byte(struct slice *rest, uint8_t *ret)
{
    if (rest->len < 1) {
        return false;
    }
    *ret = (uint8_t)rest->data[0];
    skip(rest, 1);
    return true;
}

static uint32_t number(const char *bytes)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        value = value << 8 | (uint8_t)bytes[i];
    }
    return value;
}

bool ssh_wire_u32(struct slice *rest, uint32_t *ret)
{
    if (rest->len < 4) {
        return false;
    }
    *ret = number(rest->data);
    skip(rest, 4);
    return true;
}

bool ssh_wire_string(struct slice *rest, struct slice *ret)
{
    if (rest->len < 4) {
        return false;
    }
    size_t len = number(rest->data);
    if (len > rest->len - 4) {
        return false;
    }
    *ret = (struct slice){rest->data + 4, len};
    skip(rest, 4 + len);
    return true;
}

bool ssh_wire_mpint(struct slice *rest, struct slice *ret)
{
    struct slice copy = *rest;
    struct slice value;
    if (!ssh_wire_string(&copy, &value) || (value.len > 0 && (value.data[0] & 0x80) != 0)) {
        return false;
    }
    while (value.len > 0 && value.data[0] == 0) {
        skip(&value, 1);
    }
    *ret = value;
    *rest = copy;
    return true;
}

void ssh_wire_put_u32(struct buf *to, uint32_t value)
{
    const unsigned char bytes[4] = {(unsigned char)(value >> 24), (unsigned char)(value >> 16),
                                    (unsigned char)(value >> 8), (unsigned char)value};
    (void)buf_append(to, bytes, sizeof(bytes));
}

void ssh_wire_put_string(struct buf *to, const void *bytes, size_t len)
{
    ssh_wire_put_u32(to, (uint32_t)len);
    (void)buf_append(to, bytes, len);
}

void ssh_wire_put_mpint(struct buf *to, const unsigned char *bytes, size_t len)
{
    while (len > 0 && bytes[0] == 0) {
        bytes++;
        len--;
    }
    bool sign = len > 0 && (bytes[0] & 0x80) != 0;
    ssh_wire_put_u32(to, (uint32_t)(len + (sign ? 1 : 0)));
    if (sign) {
        (void)buf_putc(to, '\0');
    }
    (void)buf_append(to, bytes, len);
}
