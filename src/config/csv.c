/* csv: RFC 4180, and what else is met: other separators, byte order marks, UTF-16. */
#include "config/csv.h"

#include "core/buf.h"
#include "core/str.h"

#include <string.h>

enum { TEXT_MAX = 64 << 20 };

static bool starts(const char *bytes, size_t len, const char *with, size_t with_len)
{
    return len >= with_len && memcmp(bytes, with, with_len) == 0;
}

static void put_utf8(struct buf *to, unsigned long point)
{
    if (point < 0x80) {
        (void)buf_putc(to, (char)point);
    } else if (point < 0x800) {
        (void)buf_printf(to, "%c%c", (int)(0xc0 | point >> 6), (int)(0x80 | (point & 0x3f)));
    } else if (point < 0x10000) {
        (void)buf_printf(to, "%c%c%c", (int)(0xe0 | point >> 12), (int)(0x80 | (point >> 6 & 0x3f)),
                         (int)(0x80 | (point & 0x3f)));
    } else {
        (void)buf_printf(to, "%c%c%c%c", (int)(0xf0 | point >> 18),
                         (int)(0x80 | (point >> 12 & 0x3f)), (int)(0x80 | (point >> 6 & 0x3f)),
                         (int)(0x80 | (point & 0x3f)));
    }
}

static unsigned long unit_at(const char *bytes, bool big)
{
    unsigned long first = (unsigned char)bytes[0];
    unsigned long second = (unsigned char)bytes[1];
    return big ? first << 8 | second : second << 8 | first;
}

/* false: half a character. */
static bool from_utf16(const char *bytes, size_t len, bool big, struct buf *to)
{
    for (size_t i = 0; i + 1 < len; i += 2) {
        unsigned long point = unit_at(bytes + i, big);
        if (point >= 0xd800 && point < 0xdc00 && i + 3 < len) {
            unsigned long low = unit_at(bytes + i + 2, big);
            if (low < 0xdc00 || low > 0xdfff) {
                return false;
            }
            point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
            i += 2;
        } else if (point >= 0xd800 && point < 0xe000) {
            return false;
        }
        put_utf8(to, point);
    }
    return len % 2 == 0;
}

static int decode(const char *bytes, size_t len, struct buf *to, struct err *err)
{
    bool big = starts(bytes, len, "\xfe\xff", 2);
    bool whole = true;
    if (big || starts(bytes, len, "\xff\xfe", 2)) {
        whole = from_utf16(bytes + 2, len - 2, big, to);
    } else {
        size_t mark = starts(bytes, len, "\xef\xbb\xbf", 3) ? 3 : 0;
        (void)buf_append(to, bytes + mark, len - mark);
    }
    if (to->failed) {
        return err_memory(err);
    }
    if (!whole) {
        return err_set(err, ERR_CONFIG, "csv", "not UTF-16: it holds half a character");
    }
    return to->data != NULL && memchr(to->data, '\0', to->len) != NULL
               ? err_set(err, ERR_CONFIG, "csv",
                         "it has NUL bytes and no byte order mark: save it as UTF-8")
               : 0;
}

static void skip_type(struct csv *csv)
{
    size_t left = (size_t)(csv->end - csv->at);
    if (starts(csv->at, left, "#TYPE", 5) || starts(csv->at, left, "\"#TYPE", 6)) {
        const char *lf = memchr(csv->at, '\n', left);
        csv->at = lf == NULL ? csv->end : lf + 1;
        csv->line++;
    }
}

static char find_separator(const char *at, const char *end)
{
    static const char separators[3] = {',', ';', '\t'};
    size_t counts[3] = {0, 0, 0};
    size_t best = 0;
    bool quoted = false;
    for (; at < end && (quoted || *at != '\n'); at++) {
        const char *found = memchr(separators, *at, 3);
        quoted = *at == '"' ? !quoted : quoted;
        if (found != NULL && !quoted) {
            counts[found - separators]++;
        }
    }
    for (size_t i = 1; i < 3; i++) {
        best = counts[i] > counts[best] ? i : best;
    }
    return separators[best];
}

int csv_open(const char *bytes, size_t len, struct csv *ret, struct err *err)
{
    struct buf text;
    *ret = (struct csv){.line = 1};
    buf_init(&text, TEXT_MAX);
    int rc = decode(bytes, len, &text, err);
    if (rc == 0) {
        const char *own = arena_strndup(&ret->arena, text.len == 0 ? "" : text.data, text.len);
        ret->cells = arena_array(&ret->arena, CSV_CELLS_MAX, sizeof(char *));
        ret->at = own;
        ret->end = own == NULL ? NULL : own + text.len;
        rc = own == NULL || ret->cells == NULL ? err_memory(err) : 0;
    }
    buf_done(&text);
    if (rc == 0) {
        skip_type(ret);
        ret->separator = find_separator(ret->at, ret->end);
    }
    return rc;
}

void csv_done(struct csv *csv)
{
    arena_done(&csv->arena);
    *csv = (struct csv){.line = 0};
}

static int wrong(const struct csv *csv, const char *what, struct err *err)
{
    return err_set(err, ERR_CONFIG, "csv", "line %zu: %s", csv->line, what);
}

/* at stands behind the opening quote. */
static int take_quoted(struct csv *csv, const char **ret, struct err *err)
{
    struct buf cell;
    buf_init(&cell, TEXT_MAX);
    while (csv->at < csv->end &&
           (csv->at[0] != '"' || (csv->at + 1 < csv->end && csv->at[1] == '"'))) {
        csv->line += *csv->at == '\n';
        (void)buf_putc(&cell, *csv->at);
        csv->at += *csv->at == '"' ? 2 : 1;
    }
    int rc = csv->at == csv->end ? wrong(csv, "a quote does not end", err) : 0;
    if (rc == 0) {
        csv->at++;
        *ret = arena_strndup(&csv->arena, cell.len == 0 ? "" : cell.data, cell.len);
        rc = cell.failed || *ret == NULL ? err_memory(err) : 0;
    }
    buf_done(&cell);
    while (csv->at < csv->end && (*csv->at == ' ' || *csv->at == '\r')) {
        csv->at++;
    }
    if (rc == 0 && csv->at < csv->end && *csv->at != csv->separator && *csv->at != '\n') {
        rc = wrong(csv, "there is text behind a quoted cell", err);
    }
    return rc;
}

static int take_plain(struct csv *csv, const char **ret, struct err *err)
{
    const char *begin = csv->at;
    while (csv->at < csv->end && *csv->at != csv->separator && *csv->at != '\n') {
        csv->at++;
    }
    struct slice cell = slice_trim((struct slice){begin, (size_t)(csv->at - begin)});
    *ret = arena_strndup(&csv->arena, cell.len == 0 ? "" : cell.data, cell.len);
    return *ret == NULL ? err_memory(err) : 0;
}

static int take_row(struct csv *csv, struct err *err)
{
    csv->count = 0;
    csv->row_line = csv->line;
    for (;;) {
        const char *cell = NULL;
        if (csv->count == CSV_CELLS_MAX) {
            return wrong(csv, "more than 256 cells", err);
        }
        while (csv->at < csv->end && *csv->at == ' ') {
            csv->at++;
        }
        bool quoted = csv->at < csv->end && *csv->at == '"';
        csv->at += quoted;
        if ((quoted ? take_quoted(csv, &cell, err) : take_plain(csv, &cell, err)) != 0) {
            return -1;
        }
        csv->cells[csv->count++] = cell;
        if (csv->at == csv->end || *csv->at == '\n') {
            csv->line++;
            csv->at += csv->at < csv->end;
            return 0;
        }
        csv->at++; /* the separator */
    }
}

int csv_next(struct csv *csv, struct err *err)
{
    while (csv->at < csv->end) {
        if (take_row(csv, err) != 0) {
            return -1;
        }
        for (size_t i = 0; i < csv->count; i++) {
            if (csv->cells[i][0] != '\0') {
                return 1;
            }
        }
    }
    return 0;
}
