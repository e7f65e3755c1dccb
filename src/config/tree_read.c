/* tree_read: typed values out of a tree, with errors that say where, what and what to do. */
#include "config/tree_read.h"

#include "core/clock.h"
#include "core/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int tree_fail(struct err *err, const struct tree_node *at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)err_vset(err, ERR_CONFIG, "config", format, args);
    va_end(args);
    return err_prefix(err, "%s:%u:%u: ", at->file, at->line, at->column);
}

const struct tree_node *tree_get(const struct tree_node *map, const char *key)
{
    for (size_t i = 0; map->kind == TREE_MAP && i < map->count; i++) {
        if (strcmp(map->pairs[i].key->text, key) == 0) {
            return map->pairs[i].value;
        }
    }
    return NULL;
}

static struct slice slice_of(const char *text)
{
    return (struct slice){text, strlen(text)};
}

const char *tree_shown(const struct tree_node *node, char to[TREE_SHOWN])
{
    static const char *const kinds[] = {[TREE_NULL] = "nothing",
                                        [TREE_TEXT] = "",
                                        [TREE_LIST] = "a list",
                                        [TREE_MAP] = "a mapping"};
    if (node->kind != TREE_TEXT) {
        (void)snprintf(to, TREE_SHOWN, "%s", kinds[node->kind]);
        return to;
    }
    size_t len = strlen(node->text);
    if (len <= 60) {
        (void)snprintf(to, TREE_SHOWN, "`%s`", node->text);
        return to;
    }
    len = 57;
    while (len > 0 && ((unsigned char)node->text[len] & 0xc0) == 0x80) {
        len--;
    }
    (void)snprintf(to, TREE_SHOWN, "`%.*s...`", (int)len, node->text);
    return to;
}

int tree_unknown_key(struct err *err, const struct tree_node *key, const char *where,
                     const char *const *names, size_t count)
{
    const char *nearest = str_nearest(key->text, names, count);
    if (nearest != NULL) {
        return tree_fail(err, key, "unknown key `%.64s` %s; did you mean `%s`?", key->text, where,
                         nearest);
    }
    char list[512] = "";
    size_t used = 0;
    for (size_t i = 0; i < count && used < sizeof(list); i++) {
        int n = snprintf(list + used, sizeof(list) - used, "%s%s", i == 0 ? "" : ", ", names[i]);
        used += n < 0 ? 0 : (size_t)n;
    }
    return tree_fail(err, key, "unknown key `%.64s` %s; the keys are %s", key->text, where, list);
}

int tree_map(const struct tree_node *node, const char *what, struct err *err)
{
    char shown[TREE_SHOWN];
    if (node->kind == TREE_MAP) {
        return 0;
    }
    return tree_fail(err, node, "%s must be a mapping (`key: value`), not %s", what,
                     tree_shown(node, shown));
}

int tree_list(const struct tree_node *node, const char *what, struct err *err)
{
    char shown[TREE_SHOWN];
    if (node->kind == TREE_LIST) {
        return 0;
    }
    if (node->kind == TREE_TEXT) {
        return tree_fail(err, node, "%s must be a list, not %s; write it in [ ]", what,
                         tree_shown(node, shown));
    }
    return tree_fail(err, node, "%s must be a list, not %s; write [a, b], or [] for none", what,
                     tree_shown(node, shown));
}

bool tree_has_control(const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
        if (*p < 0x20 || *p == 0x7f || (*p == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f)) {
            return true;
        }
    }
    return false;
}

static int text_only(const struct tree_node *node, const char *what, const char *wanted,
                     struct err *err)
{
    char shown[TREE_SHOWN];
    if (node->kind == TREE_TEXT) {
        return 0;
    }
    return tree_fail(err, node, "%s must be %s, not %s", what, wanted, tree_shown(node, shown));
}

int tree_text(const struct tree_node *node, const char *what, size_t max, const char **ret,
              struct err *err)
{
    if (text_only(node, what, "text", err) != 0) {
        return -1;
    }
    if (node->text[0] == '\0') {
        return tree_fail(err, node, "%s is empty; write a value or remove the key", what);
    }
    if (strlen(node->text) > max) {
        return tree_fail(err, node, "%s is longer than %zu bytes; shorten it", what, max);
    }
    if (tree_has_control(node->text)) {
        return tree_fail(err, node, "%s has a control character or a line break; remove it", what);
    }
    *ret = node->text;
    return 0;
}

int tree_number(const struct tree_node *node, const char *what, uint64_t min, uint64_t max,
                uint64_t *ret, struct err *err)
{
    char shown[TREE_SHOWN];
    uint64_t number = 0;
    if (node->kind != TREE_TEXT || !str_u64(slice_of(node->text), max, &number) || number < min) {
        return tree_fail(err, node, "%s must be a whole number from %llu to %llu, not %s", what,
                         (unsigned long long)min, (unsigned long long)max, tree_shown(node, shown));
    }
    *ret = number;
    return 0;
}

int tree_number_any(const struct tree_node *node, const char *what, uint64_t *ret, struct err *err)
{
    char shown[TREE_SHOWN];
    if (node->kind == TREE_TEXT) {
        struct slice text = slice_of(node->text);
        bool is_hex = text.len > 2 && text.data[0] == '0' && (text.data[1] | 0x20) == 'x';
        if (is_hex ? str_hex64(text, ret) : str_u64(text, UINT64_MAX, ret)) {
            return 0;
        }
    }
    return tree_fail(err, node, "%s must be a number, decimal or 0x and hexadecimal, not %s", what,
                     tree_shown(node, shown));
}

int tree_yes(const struct tree_node *node, const char *what, bool *ret, struct err *err)
{
    static const char *const words[] = {"no", "false", "off", "yes", "true", "on"};
    char shown[TREE_SHOWN];
    for (size_t i = 0; node->kind == TREE_TEXT && i < 6; i++) {
        if (str_ieq(node->text, words[i])) {
            *ret = i >= 3;
            return 0;
        }
    }
    return tree_fail(err, node, "%s must be yes or no, not %s", what, tree_shown(node, shown));
}

int tree_choice(const struct tree_node *node, const char *what, const char *const *choices,
                size_t *ret, struct err *err)
{
    char shown[TREE_SHOWN];
    char list[256] = "";
    size_t used = 0;
    size_t count = 0;
    for (; choices[count] != NULL; count++) {
        if (node->kind == TREE_TEXT && strcmp(node->text, choices[count]) == 0) {
            *ret = count;
            return 0;
        }
        const char *comma = count == 0 ? "" : choices[count + 1] == NULL ? " or " : ", ";
        int n = used >= sizeof(list)
                    ? 0
                    : snprintf(list + used, sizeof(list) - used, "%s%s", comma, choices[count]);
        used += n < 0 ? 0 : (size_t)n;
    }
    const char *nearest = node->kind == TREE_TEXT ? str_nearest(node->text, choices, count) : NULL;
    if (nearest == NULL) {
        return tree_fail(err, node, "%s must be %s, not %s", what, list, tree_shown(node, shown));
    }
    return tree_fail(err, node, "%s must be %s, not %s; did you mean `%s`?", what, list,
                     tree_shown(node, shown), nearest);
}

int tree_duration(const struct tree_node *node, const char *what, int64_t min_ms, int64_t max_ms,
                  int64_t *ret_ms, struct err *err)
{
    char shown[TREE_SHOWN];
    char low[CLOCK_TEXT];
    char high[CLOCK_TEXT];
    if (text_only(node, what, "a time like 90s, 15m, 26h or 7d", err) != 0) {
        return -1;
    }
    struct slice text = slice_of(node->text);
    uint64_t ms = 0;
    int64_t value = 0;
    bool ok = false;
    if (text.len > 2 && strcmp(text.data + text.len - 2, "ms") == 0) {
        text.len -= 2;
        ok = str_u64(text, (uint64_t)INT64_MAX, &ms);
        value = (int64_t)ms;
    } else {
        ok = str_duration_ms(text, &value);
    }
    if (!ok) {
        return tree_fail(err, node, "%s must be a time like 90s, 15m, 26h or 7d, not %s", what,
                         tree_shown(node, shown));
    }
    if (value < min_ms || value > max_ms) {
        clock_age(min_ms, low);
        clock_age(max_ms, high);
        return tree_fail(err, node, "%s must be from %s to %s, not %s", what, low, high,
                         tree_shown(node, shown));
    }
    *ret_ms = value;
    return 0;
}

int tree_size(const struct tree_node *node, const char *what, int64_t min, int64_t max,
              int64_t *ret, struct err *err)
{
    static const char units[] = "KMG";
    char shown[TREE_SHOWN];
    if (text_only(node, what, "a size like 512K or 16M", err) != 0) {
        return -1;
    }
    struct slice text = slice_of(node->text);
    const char *unit = text.len == 0 ? NULL : strchr(units, text.data[text.len - 1]);
    unsigned shift = unit == NULL || *unit == '\0' ? 0 : 10U * (unsigned)(unit - units + 1);
    uint64_t number = 0;
    text.len -= shift == 0 ? 0 : 1;
    if (!str_u64(text, (uint64_t)max >> shift, &number) || (int64_t)(number << shift) < min) {
        return tree_fail(err, node, "%s must be a size from %lld to %lld bytes, like 16M, not %s",
                         what, (long long)min, (long long)max, tree_shown(node, shown));
    }
    *ret = (int64_t)(number << shift);
    return 0;
}
