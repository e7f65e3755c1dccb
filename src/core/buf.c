/* buf: a growing byte buffer that is born with its maximum and never passes it. */
#include "core/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_init(struct buf *buf, size_t max)
{
    *buf = (struct buf){.max = max};
}

void buf_done(struct buf *buf)
{
    if (buf == NULL) {
        return;
    }
    free(buf->data);
    buf_init(buf, buf->max);
}

void buf_clear(struct buf *buf)
{
    buf->len = 0;
    buf->failed = false;
    if (buf->data != NULL) {
        buf->data[0] = '\0';
    }
}

static int buf_reserve(struct buf *buf, size_t extra)
{
    if (buf->failed || extra > buf->max - buf->len) {
        buf->failed = true;
        return -1;
    }
    size_t needed = buf->len + extra + 1;
    if (needed <= buf->size) {
        return 0;
    }
    size_t grown = buf->size < 64 ? 64 : buf->size + buf->size / 2;
    size_t size = grown < needed ? needed : grown;
    char *data = realloc(buf->data, size);
    if (data == NULL) {
        buf->failed = true;
        return -1;
    }
    buf->data = data;
    buf->size = size;
    return 0;
}

int buf_append(struct buf *buf, const void *bytes, size_t len)
{
    if (buf_reserve(buf, len) != 0) {
        return -1;
    }
    if (len > 0) {
        memcpy(buf->data + buf->len, bytes, len);
    }
    buf->len += len;
    buf->data[buf->len] = '\0';
    return 0;
}

int buf_puts(struct buf *buf, const char *text)
{
    return buf_append(buf, text, strlen(text));
}

int buf_putc(struct buf *buf, char c)
{
    return buf_append(buf, &c, 1);
}

int buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args;
    va_list again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    int rc = -1;
    if (n < 0) {
        buf->failed = true;
    } else if (buf_reserve(buf, (size_t)n) == 0) {
        (void)vsnprintf(buf->data + buf->len, (size_t)n + 1, format, again);
        buf->len += (size_t)n;
        rc = 0;
    }
    va_end(again);
    return rc;
}

char *buf_take(struct buf *buf)
{
    if (buf->failed || (buf->data == NULL && buf_append(buf, "", 0) != 0)) {
        return NULL;
    }
    char *data = buf->data;
    buf_init(buf, buf->max);
    return data;
}
