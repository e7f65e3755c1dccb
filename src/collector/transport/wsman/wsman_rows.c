/* wsman_rows: items of WMI as lines of text, which no value can break. */
#include "collector/transport/wsman/wsman_rows.h"

#include <string.h>

static bool is_name(const char *name)
{
    size_t len = strlen(name);
    return len > 0 && len == strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789_");
}

static void put_escaped(struct buf *to, struct slice text)
{
    size_t plain = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c >= 0x20 && c != 0x7f && c != '\\') {
            continue;
        }
        (void)buf_append(to, text.data + plain, i - plain);
        (void)(c == '\\' ? buf_puts(to, "\\\\") : buf_printf(to, "\\x%02x", c));
        plain = i + 1;
    }
    (void)buf_append(to, text.data + plain, text.len - plain);
}

void wsman_rows_item(struct buf *to, const char *class_name)
{
    bool named = is_name(class_name);
    (void)buf_printf(to, "item%s%s\n", named ? " " : "", named ? class_name : "");
}

void wsman_rows_value(struct buf *to, const char *name, struct slice value, bool cut)
{
    if (!is_name(name)) {
        return;
    }
    (void)buf_putc(to, cut ? '~' : '.');
    (void)buf_puts(to, name);
    (void)buf_putc(to, ' ');
    put_escaped(to, value);
    (void)buf_putc(to, '\n');
}

void wsman_rows_nil(struct buf *to, const char *name)
{
    if (is_name(name)) {
        (void)buf_printf(to, "!%s\n", name);
    }
}

void wsman_rows_fault(struct buf *to, int64_t code, const char *kind, const char *text)
{
    (void)buf_printf(to, "fault %lld %s ", (long long)code, kind);
    put_escaped(to, (struct slice){text, strlen(text)});
    (void)buf_putc(to, '\n');
}
