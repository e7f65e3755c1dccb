/* xml_write: text into XML, escaped. */
#include "farm/wsman/xml_write.h"

#include "core/str.h"

#include <string.h>

static const char *escape_of(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    default:
        return (unsigned char)c < 32 && strchr("\t\n\r", c) == NULL ? "?" : NULL;
    }
}

void xml_put(struct buf *to, const char *text)
{
    size_t left = strlen(text);
    while (left > 0) {
        const char *escape = escape_of(*text);
        size_t n = str_utf8_length(text, left);
        if (escape != NULL || n == 0) {
            (void)buf_puts(to, escape == NULL ? "?" : escape);
            n = 1;
        } else {
            (void)buf_append(to, text, n);
        }
        text += n;
        left -= n;
    }
}

void xml_leaf(struct buf *to, const char *name, const char *text)
{
    (void)buf_printf(to, "<%s>", name);
    xml_put(to, text);
    (void)buf_printf(to, "</%s>", name);
}
