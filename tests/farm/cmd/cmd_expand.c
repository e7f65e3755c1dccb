/* cmd_expand: %NAME% before a line is parsed, and !NAME! right before a command runs. */
#include "core/str.h"
#include "farm/cmd/cmd_parse.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_LONGEST = 255 };

/* ":~start,length" of value, negative numbers counted from the end. */
static bool append_substring(const char *value, const char *spec, size_t len, struct buf *to)
{
    const char *comma = memchr(spec, ',', len);
    size_t first = comma == NULL ? len : (size_t)(comma - spec);
    int64_t size = (int64_t)strlen(value), start = 0, count = size;
    if (!str_i64((struct slice){spec, first}, &start) ||
        (comma != NULL && !str_i64((struct slice){comma + 1, len - first - 1}, &count))) {
        return false;
    }
    start = start < 0 ? size + start : start;
    start = start < 0 ? 0 : start > size ? size : start;
    int64_t end = count < 0 ? size + count : count > size - start ? size : start + count;
    if (end > start) {
        (void)buf_append(to, value + start, (size_t)(end - start));
    }
    return true;
}

/* ":from=to" of value, letter case not compared. */
static bool append_replaced(const char *value, const char *spec, size_t len, struct buf *to)
{
    const char *equal = memchr(spec, '=', len);
    if (equal == NULL || equal == spec) {
        return false;
    }
    size_t from = (size_t)(equal - spec);
    while (*value != '\0') {
        if (strncasecmp(value, spec, from) == 0) {
            (void)buf_append(to, equal + 1, len - from - 1);
            value += from;
        } else {
            (void)buf_putc(to, *value++);
        }
    }
    return true;
}

/* What stands between two marks; false where it names nothing that is set. */
static bool append_value(const char *text, size_t len, cmd_lookup *lookup, void *data,
                         struct buf *to)
{
    char name[NAME_LONGEST + 1];
    const char *colon = memchr(text, ':', len);
    size_t name_len = colon == NULL ? len : (size_t)(colon - text);
    if (name_len == 0 || name_len > NAME_LONGEST) {
        return false;
    }
    memcpy(name, text, name_len);
    name[name_len] = '\0';
    const char *value = lookup(data, name);
    if (value == NULL) {
        return false;
    }
    if (colon == NULL) {
        (void)buf_puts(to, value);
        return true;
    }
    const char *spec = colon + 1;
    size_t spec_len = len - name_len - 1;
    if (spec_len > 0 && *spec == '~') {
        return append_substring(value, spec + 1, spec_len - 1, to);
    }
    return append_replaced(value, spec, spec_len, to);
}

void cmd_expand_percent(const char *line, cmd_lookup *lookup, void *data, struct buf *to)
{
    while (*line != '\0') {
        const char *end = *line == '%' ? strchr(line + 1, '%') : NULL;
        if (end != NULL && append_value(line + 1, (size_t)(end - line - 1), lookup, data, to)) {
            line = end + 1;
            continue;
        }
        (void)buf_putc(to, *line++);
    }
}

void cmd_expand_late(const char *text, cmd_lookup *lookup, void *data, struct buf *to)
{
    bool marked = strchr(text, '!') != NULL;
    while (*text != '\0') {
        if (marked && *text == '^' && text[1] != '\0') {
            (void)buf_putc(to, text[1]);
            text += 2;
            continue;
        }
        if (*text != '!') {
            (void)buf_putc(to, *text++);
            continue;
        }
        const char *end = strchr(text + 1, '!');
        if (end == NULL) {
            text++;
            continue;
        }
        (void)append_value(text + 1, (size_t)(end - text - 1), lookup, data, to);
        text = end + 1;
    }
}
