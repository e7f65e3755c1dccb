/* wmi_rows: the items of a WMI class as lines, as the WinRM transport writes them into an answer.
 */
#include "collector/probe/wmi/wmi_rows.h"

#include "collector/probe/field.h"

#include <string.h>

static bool is_name(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '_') {
            return false;
        }
    }
    return text.len > 0;
}

/* "NAME", or "NAME VALUE" with anything after the one blank. */
static bool split(struct slice line, struct wmi_row *ret)
{
    const char *blank = line.len == 0 ? NULL : memchr(line.data, ' ', line.len);
    size_t len = blank == NULL ? line.len : (size_t)(blank - line.data);
    size_t skip = blank == NULL ? len : len + 1;
    ret->name = (struct slice){line.data, len};
    ret->value = (struct slice){line.data + skip, line.len - skip};
    return is_name(ret->name);
}

static enum wmi_line take_fault(struct slice line, struct wmi_row *ret)
{
    struct slice number;
    struct slice kind;
    if (!slice_token(&line, &number) || !str_i64(number, &ret->code) ||
        !slice_token(&line, &kind)) {
        return WMI_BAD;
    }
    ret->name = kind;
    ret->value = slice_trim(line);
    return WMI_FAULT;
}

static enum wmi_line take_word(struct slice line, struct wmi_row *ret)
{
    static const char item[] = "item";
    static const char fault[] = "fault ";
    if (slice_eq(line, item)) {
        ret->name = (struct slice){"", 0};
        return WMI_ITEM;
    }
    if (line.len > sizeof(item) && memcmp(line.data, "item ", sizeof(item)) == 0) {
        ret->name = (struct slice){line.data + sizeof(item), line.len - sizeof(item)};
        return is_name(ret->name) ? WMI_ITEM : WMI_BAD;
    }
    if (line.len > sizeof(fault) - 1 && memcmp(line.data, fault, sizeof(fault) - 1) == 0) {
        return take_fault(
            (struct slice){line.data + sizeof(fault) - 1, line.len - sizeof(fault) + 1}, ret);
    }
    return WMI_BAD;
}

enum wmi_line wmi_next(struct slice *rest, struct wmi_row *ret)
{
    struct slice line;
    bool ended = false;
    memset(ret, 0, sizeof(*ret));
    if (!slice_line(rest, &line, &ended)) {
        return WMI_END;
    }
    if (!ended || line.len == 0) {
        return WMI_BAD;
    }
    struct slice after = {line.data + 1, line.len - 1};
    switch (line.data[0]) {
    case '.':
        return split(after, ret) ? WMI_VALUE : WMI_BAD;
    case '~':
        return split(after, ret) ? WMI_CUT_VALUE : WMI_BAD;
    case '!':
        return split(after, ret) && ret->value.len == 0 ? WMI_NIL : WMI_BAD;
    default:
        return take_word(line, ret);
    }
}

/* The byte that an escape at *at stands for; *at moves behind it. A backslash that begins no escape
 * stands for itself. */
static char unescape(struct slice value, size_t *at)
{
    uint64_t byte = 0;
    char c = value.data[(*at)++];
    if (c != '\\' || *at == value.len) {
        return c;
    }
    if (value.data[*at] == '\\') {
        (*at)++;
        return '\\';
    }
    if (value.data[*at] == 'x' && value.len - *at >= 3 &&
        str_hex64((struct slice){value.data + *at + 1, 2}, &byte)) {
        *at += 3;
        return (char)(unsigned char)byte;
    }
    return c;
}

char *wmi_text(struct arena *arena, struct slice value)
{
    char text[FIELD_TEXT_MAX];
    size_t len = 0;
    for (size_t at = 0; at < value.len && len < sizeof(text);) {
        text[len++] = unescape(value, &at);
    }
    return field_copy(arena, (struct slice){text, len});
}
