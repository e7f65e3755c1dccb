/* buf: a growing byte buffer that is born with its maximum and never passes it. */
#ifndef PVSAUDIT_CORE_BUF_H
#define PVSAUDIT_CORE_BUF_H

#include <stdbool.h>
#include <stddef.h>

/* data is NUL-terminated at [len] for convenience (NULL while nothing was added); the bytes may
 * hold NULs of their own. Once failed is set every later append is refused: check it once at the
 * end. Owner: whoever called buf_init; buf_done frees. */
struct buf {
    char *data;
    size_t len;
    size_t size;
    size_t max;
    bool failed; /* an append would have passed max, could not be formatted, or memory ran out */
};

void buf_init(struct buf *buf, size_t max);
void buf_done(struct buf *buf);
void buf_clear(struct buf *buf);

/* 0, or -1 with failed set. An append is whole or not at all. */
int buf_append(struct buf *buf, const void *bytes, size_t len);
int buf_puts(struct buf *buf, const char *text);
int buf_putc(struct buf *buf, char c);
int buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Give the bytes away (free with free(3)); the buffer is empty afterwards. Never NULL unless
 * failed: an empty buffer yields "". */
char *buf_take(struct buf *buf);

#endif
