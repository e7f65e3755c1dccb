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

/* How much of the text can stand as it is, without a closer look. */
static size_t plain_run(const char *text)
{
    size_t n = 0;
    while ((unsigned char)text[n] >= 32 && (unsigned char)text[n] < 127 && text[n] != '&' &&
           text[n] != '<' && text[n] != '>' && text[n] != '"') {
        n++;
    }
    return n;
}

void xml_put(struct buf *to, const char *text)
{
    for (size_t left = strlen(text), n = 0; left > 0; text += n, left -= n) {
        n = plain_run(text);
        if (n > 0) {
            (void)buf_append(to, text, n);
            continue;
        }
        const char *escape = escape_of(*text);
        n = str_utf8_length(text, left);
        if (escape != NULL || n == 0) {
            (void)buf_puts(to, escape == NULL ? "?" : escape);
            n = 1;
        } else {
            (void)buf_append(to, text, n);
        }
    }
}

void xml_leaf(struct buf *to, const char *name, const char *text)
{
    (void)buf_printf(to, "<%s>", name);
    xml_put(to, text);
    (void)buf_printf(to, "</%s>", name);
}
