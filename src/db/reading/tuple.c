/* tuple: rows of texts and numbers as canonical JSON text, [["a",1,null],["b",2,null]]. */
#include "db/reading/tuple.h"

#include "core/str.h"

#include <inttypes.h>
#include <string.h>

/* Bytes of the well-formed UTF-8 sequence at p, 0 where there is none. */
static size_t utf8_length(const char *p)
{
    unsigned char c = (unsigned char)*p;
    size_t len = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
    return strnlen(p, len) == len && str_utf8_valid(p, len) ? len : 0;
}

static void put_char(struct buf *to, const char *p, size_t len)
{
    unsigned char c = (unsigned char)*p;
    if (len == 0) {
        (void)buf_printf(to, "\\udc%02x", (unsigned)c);
    } else if (c < 0x20 || c == 0x7f) {
        (void)buf_printf(to, "\\u%04x", (unsigned)c);
    } else if (c == '"' || c == '\\') {
        (void)buf_putc(to, '\\');
        (void)buf_putc(to, *p);
    } else {
        (void)buf_append(to, p, len);
    }
}

/* Bytes up to the first one that is not printable ASCII, or is a quote or a backslash. */
static size_t plain_length(const char *p)
{
    size_t len = 0;
    while ((unsigned char)(p[len] - 0x20) < 0x5f && p[len] != '"' && p[len] != '\\') {
        len++;
    }
    return len;
}

void tuple_begin(struct tuple_writer *writer, struct buf *to)
{
    *writer = (struct tuple_writer){.to = to};
    (void)buf_putc(to, '[');
}

void tuple_row(struct tuple_writer *writer)
{
    (void)buf_puts(writer->to, writer->rows++ == 0 ? "[" : ",[");
    writer->columns = 0;
}

static void column(struct tuple_writer *writer)
{
    if (writer->columns++ > 0) {
        (void)buf_putc(writer->to, ',');
    }
}

void tuple_text(struct tuple_writer *writer, const char *text)
{
    struct buf *to = writer->to;
    column(writer);
    if (text == NULL) {
        (void)buf_puts(to, "null");
        return;
    }
    (void)buf_putc(to, '"');
    while (*text != '\0') {
        size_t plain = plain_length(text);
        (void)buf_append(to, text, plain);
        text += plain;
        if (*text != '\0') {
            size_t len = utf8_length(text);
            put_char(to, text, len);
            text += len == 0 ? 1 : len;
        }
    }
    (void)buf_putc(to, '"');
}

static void put_digits(struct buf *to, uint64_t number)
{
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    (void)buf_append(to, digits + at, sizeof(digits) - at);
}

void tuple_int(struct tuple_writer *writer, int64_t number)
{
    column(writer);
    if (number < 0) {
        (void)buf_putc(writer->to, '-');
        put_digits(writer->to, (uint64_t)0 - (uint64_t)number);
    } else {
        put_digits(writer->to, (uint64_t)number);
    }
}

void tuple_row_end(struct tuple_writer *writer)
{
    (void)buf_putc(writer->to, ']');
}

void tuple_end(struct tuple_writer *writer)
{
    (void)buf_putc(writer->to, ']');
}

static bool fail(struct tuple_reader *reader)
{
    reader->failed = true;
    return false;
}

static bool take(struct tuple_reader *reader, char c)
{
    if (reader->failed || *reader->at != c) {
        return false;
    }
    reader->at++;
    return true;
}

void tuple_open(struct tuple_reader *reader, struct arena *arena, const char *text)
{
    *reader = (struct tuple_reader){.arena = arena, .at = text == NULL ? "[]" : text};
    if (!take(reader, '[')) {
        (void)fail(reader);
    }
}

bool tuple_next(struct tuple_reader *reader)
{
    bool first = !reader->in_row;
    if (reader->in_row && !take(reader, ']')) {
        return fail(reader);
    }
    if (!first && !take(reader, ',')) {
        reader->in_row = false;
        return false;
    }
    if (!take(reader, '[')) {
        reader->in_row = false;
        return first ? false : fail(reader);
    }
    reader->in_row = true;
    reader->columns = 0;
    return true;
}

static bool next_column(struct tuple_reader *reader)
{
    if (reader->failed || !reader->in_row) {
        return fail(reader);
    }
    return reader->columns++ == 0 || take(reader, ',') || fail(reader);
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *place = c == '\0' ? NULL : strchr(digits, c);
    return place == NULL ? -1 : (int)(place - digits);
}

/* The byte behind \u00XX or \udcXX; -1 for anything else. */
static int escaped_byte(const char *p)
{
    if (strncmp(p, "u00", 3) != 0 && strncmp(p, "udc", 3) != 0) {
        return -1;
    }
    int high = hex_digit(p[3]);
    int low = high < 0 ? -1 : hex_digit(p[4]);
    return low < 0 || high * 16 + low == 0 ? -1 : high * 16 + low;
}

static bool next_escape(struct tuple_reader *reader, char *ret)
{
    reader->at++;
    if (*reader->at == '"' || *reader->at == '\\') {
        *ret = *reader->at++;
        return true;
    }
    int byte = escaped_byte(reader->at);
    if (byte < 0) {
        return fail(reader);
    }
    *ret = (char)(unsigned char)byte;
    reader->at += 5;
    return true;
}

/* Bytes up to the closing quote, escapes counted as written; SIZE_MAX where there is no end. */
static size_t quoted_length(const char *at)
{
    for (size_t len = 0; at[len] != '\0'; len++) {
        if (at[len] == '"') {
            return len;
        }
        len += at[len] == '\\' && at[len + 1] != '\0' ? 1 : 0;
    }
    return SIZE_MAX;
}

bool tuple_next_text(struct tuple_reader *reader, const char **ret)
{
    if (!next_column(reader)) {
        return false;
    }
    if (strncmp(reader->at, "null", 4) == 0) {
        reader->at += 4;
        *ret = NULL;
        return true;
    }
    size_t len = take(reader, '"') ? quoted_length(reader->at) : SIZE_MAX;
    char *text = len == SIZE_MAX ? NULL : arena_alloc(reader->arena, len + 1);
    if (text == NULL) {
        return fail(reader);
    }
    const char *end = reader->at + len;
    size_t used = 0;
    while (reader->at < end) {
        if (*reader->at != '\\') {
            text[used++] = *reader->at++;
        } else if (!next_escape(reader, &text[used++])) {
            return false;
        }
    }
    reader->at++;
    *ret = text;
    return true;
}

bool tuple_next_int(struct tuple_reader *reader, int64_t *ret)
{
    if (!next_column(reader)) {
        return false;
    }
    /* The one number whose opposite does not fit. */
    static const char least[] = "-9223372036854775808";
    struct slice digits = {reader->at, strspn(reader->at, "-0123456789")};
    if (slice_eq(digits, least)) {
        *ret = INT64_MIN;
    } else if (!str_i64(digits, ret)) {
        return fail(reader);
    }
    reader->at += digits.len;
    return true;
}

bool tuple_close(struct tuple_reader *reader)
{
    return !reader->failed && !reader->in_row && take(reader, ']') && *reader->at == '\0';
}
