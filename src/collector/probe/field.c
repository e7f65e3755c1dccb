/* field: one piece of text from a host on its way into the snapshot, and how large things may be.
 */
#include "collector/probe/field.h"

#include <string.h>

char *field_copy(struct arena *arena, struct slice text)
{
    size_t len = text.len > FIELD_TEXT_MAX ? FIELD_TEXT_MAX : text.len;
    char *copy = arena_strndup(arena, text.data, len);
    for (size_t i = 0; copy != NULL && i < len; i++) {
        if (copy[i] == '\0') {
            copy[i] = '?';
        }
    }
    return copy;
}

bool field_last_number(struct slice text, uint64_t max, uint64_t *ret)
{
    text = slice_trim(text);
    size_t at = text.len;
    while (at > 0 && text.data[at - 1] >= '0' && text.data[at - 1] <= '9') {
        at--;
    }
    if (at == 0 || (text.data[at - 1] != ' ' && text.data[at - 1] != ':')) {
        return false;
    }
    return str_u64((struct slice){text.data + at, text.len - at}, max, ret);
}

bool field_after_colon(struct slice line, struct slice *ret)
{
    const char *colon = line.len == 0 ? NULL : memchr(line.data, ':', line.len);
    if (colon == NULL) {
        return false;
    }
    size_t skip = (size_t)(colon - line.data) + 1;
    *ret = slice_trim((struct slice){line.data + skip, line.len - skip});
    return true;
}

bool field_first_number(struct slice text, uint64_t max, uint64_t *ret)
{
    struct slice token;
    return slice_token(&text, &token) && str_u64(slice_trim(token), max, ret);
}
