/* sql_place: characters are counted, not bytes; of a long line only what is near is shown. */
#include "cli/sql/sql_place.h"

#include "core/buf.h"
#include "core/str.h"
#include "out/escape.h"

#include <stdio.h>
#include <string.h>

enum { NEAR = 60, SHOWN_MAX = 4096 };

static size_t characters(const char *text, size_t len)
{
    size_t count = 0;
    for (size_t at = 0; at < len; count++) {
        size_t step = str_utf8_length(text + at, len - at);
        at += step == 0 ? 1 : step;
    }
    return count;
}

static void mark(const char *line, size_t len, size_t at)
{
    struct buf shown;
    size_t from = at > NEAR ? at - NEAR : 0;
    size_t to = len - at > NEAR ? at + NEAR : len;
    buf_init(&shown, SHOWN_MAX);
    (void)escape_append(&shown, line + from, at - from);
    size_t before = shown.data == NULL ? 0 : characters(shown.data, shown.len);
    (void)escape_append(&shown, line + at, to - at);
    if (!shown.failed && shown.len > 0) {
        (void)fprintf(stderr, "  %s\n  %*s^\n", shown.data, (int)before, "");
    }
    buf_done(&shown);
}

void sql_place_show(const char *text, size_t start, int offset, struct err *err)
{
    if (offset < 0) {
        return;
    }
    size_t place = start + (size_t)offset;
    size_t line = 1;
    const char *begin = text;
    for (size_t i = 0; i < place; i++) {
        if (text[i] == '\n') {
            line++;
            begin = text + i + 1;
        }
    }
    size_t at = place - (size_t)(begin - text);
    mark(begin, strcspn(begin, "\r\n"), at);
    (void)err_prefix(err, "line %zu, column %zu: ", line, characters(begin, at) + 1);
}
