/* str: strict numbers, comparisons and small questions about text. */
#include "core/str.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

bool str_eq(const char *a, const char *b)
{
    if (a == NULL || b == NULL) {
        return a == b;
    }
    return strcmp(a, b) == 0;
}

static char fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool str_ieq(const char *a, const char *b)
{
    if (a == NULL || b == NULL) {
        return a == b;
    }
    return slice_ieq((struct slice){a, strlen(a)}, b);
}

bool str_starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool slice_eq(struct slice slice, const char *text)
{
    size_t len = strlen(text);
    return slice.len == len && (len == 0 || memcmp(slice.data, text, len) == 0);
}

bool slice_ieq(struct slice slice, const char *text)
{
    if (slice.len != strlen(text)) {
        return false;
    }
    for (size_t i = 0; i < slice.len; i++) {
        if (fold(slice.data[i]) != fold(text[i])) {
            return false;
        }
    }
    return true;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct slice slice_trim(struct slice slice)
{
    while (slice.len > 0 && is_space(slice.data[0])) {
        slice.data++;
        slice.len--;
    }
    while (slice.len > 0 && is_space(slice.data[slice.len - 1])) {
        slice.len--;
    }
    return slice;
}

bool slice_line(struct slice *rest, struct slice *ret_line, bool *ended)
{
    if (rest->len == 0) {
        return false;
    }
    const char *end = memchr(rest->data, '\n', rest->len);
    size_t len = end == NULL ? rest->len : (size_t)(end - rest->data);
    size_t step = end == NULL ? len : len + 1;
    if (ended != NULL) {
        *ended = end != NULL;
    }
    struct slice line = {rest->data, len};
    if (end != NULL && line.len > 0 && line.data[line.len - 1] == '\r') {
        line.len--;
    }
    rest->data += step;
    rest->len -= step;
    *ret_line = line;
    return true;
}

bool slice_token(struct slice *rest, struct slice *ret_token)
{
    while (rest->len > 0 && (rest->data[0] == ' ' || rest->data[0] == '\t')) {
        rest->data++;
        rest->len--;
    }
    if (rest->len == 0) {
        return false;
    }
    size_t len = 0;
    while (len < rest->len && rest->data[len] != ' ' && rest->data[len] != '\t') {
        len++;
    }
    *ret_token = (struct slice){rest->data, len};
    rest->data += len;
    rest->len -= len;
    return true;
}

bool str_u64(struct slice slice, uint64_t max, uint64_t *ret)
{
    uint64_t value = 0;
    if (slice.len == 0) {
        return false;
    }
    for (size_t i = 0; i < slice.len; i++) {
        char c = slice.data[i];
        if (c < '0' || c > '9') {
            return false;
        }
        uint64_t digit = (uint64_t)(c - '0');
        if (value > (UINT64_MAX - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    if (value > max) {
        return false;
    }
    *ret = value;
    return true;
}

bool str_i64(struct slice slice, int64_t *ret)
{
    bool negative = slice.len > 0 && slice.data[0] == '-';
    uint64_t value = 0;
    if (negative) {
        slice.data++;
        slice.len--;
    }
    if (!str_u64(slice, (uint64_t)INT64_MAX + (negative ? 1 : 0), &value)) {
        return false;
    }
    *ret = negative && value > 0 ? -(int64_t)(value - 1) - 1 : (int64_t)value;
    return true;
}

bool str_hex64(struct slice slice, uint64_t *ret)
{
    if (slice.len > 2 && slice.data[0] == '0' && fold(slice.data[1]) == 'x') {
        slice.data += 2;
        slice.len -= 2;
    }
    if (slice.len == 0 || slice.len > 16) {
        return false;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < slice.len; i++) {
        char c = fold(slice.data[i]);
        uint64_t digit;
        if (c >= '0' && c <= '9') {
            digit = (uint64_t)(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            digit = (uint64_t)(c - 'a') + 10;
        } else {
            return false;
        }
        value = value << 4 | digit;
    }
    *ret = value;
    return true;
}

bool str_duration_ms(struct slice slice, int64_t *ret_ms)
{
    static const struct {
        char unit;
        int64_t ms;
    } units[] = {{'s', 1000}, {'m', 60000}, {'h', 3600000}, {'d', 86400000}};
    int64_t scale = 1000;
    if (slice.len > 0) {
        for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
            if (slice.data[slice.len - 1] == units[i].unit) {
                scale = units[i].ms;
                slice.len--;
                break;
            }
        }
    }
    uint64_t value = 0;
    if (!str_u64(slice, (uint64_t)(INT64_MAX / 86400000), &value)) {
        return false;
    }
    *ret_ms = (int64_t)value * scale;
    return true;
}

bool str_copy(char *to, size_t size, const char *from)
{
    int n = snprintf(to, size, "%s", from == NULL ? "" : from);
    return n >= 0 && (size_t)n < size;
}

enum { NEAREST_MAX = 64 };

static size_t edit_distance(const char *a, const char *b)
{
    size_t la = strlen(a);
    size_t lb = strlen(b);
    size_t row[NEAREST_MAX + 1];
    if (la > NEAREST_MAX || lb > NEAREST_MAX) {
        return SIZE_MAX;
    }
    for (size_t j = 0; j <= lb; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= la; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            size_t above = row[j];
            size_t best = diagonal + (fold(a[i - 1]) == fold(b[j - 1]) ? 0 : 1);
            best = above + 1 < best ? above + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            row[j] = best;
            diagonal = above;
        }
    }
    return row[lb];
}

const char *str_nearest(const char *word, const char *const *names, size_t count)
{
    size_t best = strlen(word) / 3 + 1;
    const char *nearest = NULL;
    for (size_t i = 0; i < count; i++) {
        size_t distance = edit_distance(word, names[i]);
        if (distance <= best && (nearest == NULL || distance < best)) {
            best = distance;
            nearest = names[i];
        }
    }
    return nearest;
}

size_t str_utf8_length(const char *bytes, size_t left)
{
    static const struct {
        unsigned char mask, lead, low, high;
        size_t len;
    } forms[] = {
        {0x80, 0x00, 0, 0, 1},       {0xff, 0xe0, 0xa0, 0xbf, 3}, {0xff, 0xed, 0x80, 0x9f, 3},
        {0xff, 0xf0, 0x90, 0xbf, 4}, {0xff, 0xf4, 0x80, 0x8f, 4}, {0xe0, 0xc0, 0x80, 0xbf, 2},
        {0xf0, 0xe0, 0x80, 0xbf, 3}, {0xfc, 0xf0, 0x80, 0xbf, 4},
    };
    const unsigned char *p = (const unsigned char *)bytes;
    for (size_t i = 0; left > 0 && i < sizeof(forms) / sizeof(forms[0]); i++) {
        if ((p[0] & forms[i].mask) != forms[i].lead) {
            continue;
        }
        size_t len = forms[i].len;
        if (len > left || p[0] == 0 || p[0] == 0xc0 || p[0] == 0xc1) {
            return 0;
        }
        for (size_t k = 1; k < len; k++) {
            unsigned char low = k == 1 ? forms[i].low : 0x80;
            unsigned char high = k == 1 ? forms[i].high : 0xbf;
            if (p[k] < low || p[k] > high) {
                return 0;
            }
        }
        return len;
    }
    return 0;
}

bool str_utf8_valid(const char *bytes, size_t len)
{
    size_t at = 0;
    while (at < len) {
        size_t step = str_utf8_length(bytes + at, len - at);
        if (step == 0) {
            return false;
        }
        at += step;
    }
    return true;
}

bool str_match(const char *pattern, const char *text)
{
    const char *star = NULL;
    const char *retry = NULL;
    while (*text != '\0') {
        if (*pattern == '*') {
            star = ++pattern;
            retry = text;
        } else if (*pattern == '?' || *pattern == *text) {
            pattern++;
            text++;
        } else if (star != NULL) {
            pattern = star;
            text = ++retry;
        } else {
            return false;
        }
    }
    while (*pattern == '*') {
        pattern++;
    }
    return *pattern == '\0';
}

uint64_t str_hash64(const void *bytes, size_t len)
{
    const unsigned char *p = bytes;
    uint64_t hash = 14695981039346656037U;
    for (size_t i = 0; i < len; i++) {
        hash = (hash ^ p[i]) * 1099511628211U;
    }
    return hash;
}
