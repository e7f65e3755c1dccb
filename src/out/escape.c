/* escape: a strict UTF-8 decoder that lets through what cannot steer or hide anything. */
#include "out/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Length of the well-formed UTF-8 character at bytes and its code point; 0: not well-formed. */
static size_t decode(const unsigned char *bytes, size_t len, uint32_t *ret_point)
{
    static const struct {
        unsigned char mask, lead;
        size_t len;
        uint32_t least;
    } forms[] = {{0x80, 0x00, 1, 0},
                 {0xe0, 0xc0, 2, 0x80},
                 {0xf0, 0xe0, 3, 0x800},
                 {0xf8, 0xf0, 4, 0x10000}};
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if ((bytes[0] & forms[i].mask) != forms[i].lead || forms[i].len > len) {
            continue;
        }
        uint32_t point = bytes[0] & (unsigned char)~forms[i].mask;
        for (size_t k = 1; k < forms[i].len; k++) {
            if ((bytes[k] & 0xc0) != 0x80) {
                return 0;
            }
            point = point << 6 | (bytes[k] & 0x3f);
        }
        if (point < forms[i].least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
            return 0;
        }
        *ret_point = point;
        return forms[i].len;
    }
    return 0;
}

/* Code points that steer a terminal, or turn or hide text. */
static bool is_shown(uint32_t point)
{
    static const struct {
        uint32_t first, last;
    } hidden[] = {
        {0x00, 0x1f}, /* C0 */
        {0x7f, 0x9f}, /* DEL, C1 */
        {0xad, 0xad}, /* soft hyphen */
        {0x61c, 0x61c}, /* Arabic letter mark */
        {0x180e, 0x180e}, /* Mongolian vowel separator */
        {0x200b, 0x200f}, /* zero width, marks of direction */
        {0x2028, 0x202e}, /* line and paragraph separator, embeddings and overrides */
        {0x2060, 0x206f}, /* invisible operators, isolates */
        {0xfe00, 0xfe0f}, /* variation selectors */
        {0xfeff, 0xfeff}, /* byte order mark */
        {0xfff0, 0xfffb}, /* interlinear annotation */
        {0xfffe, 0xffff}, /* not characters */
        {0xe0000, 0xe0fff}, /* tags, more variation selectors */
    };
    for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
        if (point >= hidden[i].first && point <= hidden[i].last) {
            return false;
        }
    }
    return true;
}

/* How many bytes to take next, and whether they may be shown as they are. */
static size_t next(const char *bytes, size_t len, bool *ret_shown)
{
    uint32_t point = 0;
    size_t taken = decode((const unsigned char *)bytes, len, &point);
    *ret_shown = taken > 0 && is_shown(point);
    return taken > 0 ? taken : 1;
}

int escape_append(struct buf *to, const char *bytes, size_t len)
{
    size_t at = 0;
    while (at < len) {
        bool shown = false;
        size_t taken = next(bytes + at, len - at, &shown);
        if (shown) {
            (void)buf_append(to, bytes + at, taken);
        }
        for (size_t i = 0; !shown && i < taken; i++) {
            (void)buf_printf(to, "\\x%02x", (unsigned)(unsigned char)bytes[at + i]);
        }
        at += taken;
    }
    return to->failed ? -1 : 0;
}

static bool is_safe(const char *text, size_t len)
{
    bool shown = true;
    for (size_t at = 0; at < len && shown;) {
        at += next(text + at, len - at, &shown);
    }
    return shown;
}

const char *escape_text(struct arena *arena, const char *text)
{
    size_t len = text == NULL ? 0 : strlen(text);
    if (text == NULL || is_safe(text, len)) {
        return text;
    }
    struct buf buf;
    buf_init(&buf, 4 * len + 1);
    const char *safe = escape_append(&buf, text, len) == 0 ? arena_strdup(arena, buf.data) : NULL;
    buf_done(&buf);
    return safe;
}

/* What spreadsheets take for the start of a formula, also in its fullwidth form; TAB and CR do as
 * well and are written as \xNN before it comes to that. */
static bool is_formula(const char *text)
{
    static const char *const starts[] = {
        "=",           "+", "-", "@", "|", "%", "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d",
        "\xef\xbc\xa0"};
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        if (strncmp(text, starts[i], strlen(starts[i])) == 0) {
            return true;
        }
    }
    return false;
}

int escape_csv(struct buf *to, const char *text)
{
    struct buf cell;
    size_t len = strlen(text);
    buf_init(&cell, 4 * len + 2);
    if (is_formula(text + strspn(text, " "))) {
        (void)buf_putc(&cell, '\'');
    }
    if (escape_append(&cell, text, len) < 0) {
        to->failed = true;
    } else if (cell.len == 0) {
        (void)buf_puts(to, "");
    } else if (strpbrk(cell.data, ",\"\r\n") == NULL && cell.data[0] != ' ' &&
               cell.data[cell.len - 1] != ' ') {
        (void)buf_append(to, cell.data, cell.len);
    } else {
        (void)buf_putc(to, '"');
        for (size_t i = 0; i < cell.len; i++) {
            (void)buf_puts(to, cell.data[i] == '"' ? "\"" : "");
            (void)buf_putc(to, cell.data[i]);
        }
        (void)buf_putc(to, '"');
    }
    buf_done(&cell);
    return to->failed ? -1 : 0;
}
