/* range: Ansible's ranges in names, expanded by Ansible's rules. */
#include "config/inventory/range.h"

#include "core/str.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/* One [first:last:step]. */
struct bounds {
    uint64_t first, last, step;
    int width; /* digits, zeros in front; 0 = as many as it takes */
    bool of_letters; /* first and last are places in letters */
};

struct expansion {
    struct arena *arena;
    const char *pattern;
    size_t max;
    const char **names;
    size_t count;
    struct err *err;
};

bool range_has(const char *pattern)
{
    return strchr(pattern, '[') != NULL;
}

static int range_fail(struct err *err, const char *pattern, const char *what)
{
    return err_set(err, ERR_CONFIG, "config", "the range in `%.64s` %s", pattern, what);
}

static bool letter_place(struct slice text, uint64_t *ret)
{
    const char *place =
        text.len == 1 && text.data[0] != '\0' ? strchr(letters, text.data[0]) : NULL;
    if (place == NULL) {
        return false;
    }
    *ret = (uint64_t)(place - letters);
    return true;
}

static bool cut_colon(struct slice *rest, struct slice *ret_part)
{
    if (rest->data == NULL) {
        return false;
    }
    const char *colon = rest->len == 0 ? NULL : memchr(rest->data, ':', rest->len);
    if (colon == NULL) {
        *ret_part = *rest;
        *rest = (struct slice){NULL, 0};
        return true;
    }
    *ret_part = (struct slice){rest->data, (size_t)(colon - rest->data)};
    rest->len -= ret_part->len + 1;
    rest->data = colon + 1;
    return true;
}

static int numbers_parse(struct slice first, struct slice last, struct bounds *ret,
                         const char *pattern, struct err *err)
{
    struct bounds bounds = {.step = ret->step};
    const struct slice zero = {"0", 1};
    if (first.len == 0) {
        first = zero;
    }
    if (!str_u64(first, INT64_MAX, &bounds.first) || !str_u64(last, INT64_MAX, &bounds.last)) {
        return range_fail(err, pattern, "must be [number:number] or [letter:letter], with :step");
    }
    if (first.data[0] == '0' && first.len > 1) {
        if (first.len != last.len) {
            return range_fail(err, pattern, "must have as many digits at both ends, like [01:12]");
        }
        bounds.width = (int)first.len;
    }
    *ret = bounds;
    return 0;
}

static int bounds_parse(struct slice inside, struct bounds *ret, const char *pattern,
                        struct err *err)
{
    struct slice parts[3] = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
    struct bounds bounds = {.step = 1};
    size_t count = 0;
    while (count < 3 && cut_colon(&inside, &parts[count])) {
        count++;
    }
    if (count < 2 || inside.data != NULL || parts[1].len == 0) {
        return range_fail(err, pattern, "must be [first:last] or [first:last:step]");
    }
    if (count == 3 && (!str_u64(parts[2], INT64_MAX, &bounds.step) || bounds.step == 0)) {
        return range_fail(err, pattern, "must have a step of 1 or more");
    }
    if (letter_place(parts[0], &bounds.first) && letter_place(parts[1], &bounds.last)) {
        bounds.of_letters = true;
    } else if (numbers_parse(parts[0], parts[1], &bounds, pattern, err) != 0) {
        return -1;
    }
    if (bounds.first > bounds.last) {
        return range_fail(err, pattern, "begins after its end; write the smaller one first");
    }
    *ret = bounds;
    return 0;
}

static int name_add(struct expansion *e, const char *name)
{
    if (e->count >= e->max) {
        return err_set(e->err, ERR_CONFIG, "config", "`%.64s` stands for more than %zu names",
                       e->pattern, e->max);
    }
    const char **place = arena_push(e->arena, (void **)&e->names, &e->count, sizeof(const char *));
    if (place == NULL) {
        return err_memory(e->err);
    }
    *place = arena_strdup(e->arena, name);
    return *place == NULL ? err_memory(e->err) : 0;
}

/* done is the part of the name that is ready, rest what is still to be expanded. */
static int expand_rest(struct expansion *e, const char *done, const char *rest, unsigned brackets)
{
    char name[RANGE_NAME_MAX + 1];
    const char *open = strchr(rest, '[');
    const char *close = open == NULL ? NULL : strchr(open, ']');
    struct bounds bounds = {.step = 1};
    if (open == NULL) {
        if (snprintf(name, sizeof(name), "%s%s", done, rest) >= (int)sizeof(name)) {
            return range_fail(e->err, e->pattern, "makes names longer than 255 bytes");
        }
        return name_add(e, name);
    }
    if (close == NULL || brackets == 0) {
        return range_fail(e->err, e->pattern,
                          close == NULL ? "is not closed by ]" : "has more than 8 brackets");
    }
    struct slice inside = {open + 1, (size_t)(close - open - 1)};
    if (bounds_parse(inside, &bounds, e->pattern, e->err) != 0) {
        return -1;
    }
    for (uint64_t at = bounds.first; at <= bounds.last; at += bounds.step) {
        char number[24] = {letters[at % (sizeof(letters) - 1)]};
        if (!bounds.of_letters) {
            (void)snprintf(number, sizeof(number), "%0*llu", bounds.width, (unsigned long long)at);
        }
        int n = snprintf(name, sizeof(name), "%s%.*s%s", done, (int)(open - rest), rest, number);
        if (n >= (int)sizeof(name)) {
            return range_fail(e->err, e->pattern, "makes names longer than 255 bytes");
        }
        if (expand_rest(e, name, close + 1, brackets - 1) != 0) {
            return -1;
        }
    }
    return 0;
}

int range_expand(struct arena *arena, const char *pattern, size_t max, const char *const **ret,
                 size_t *ret_count, struct err *err)
{
    struct expansion e = {.arena = arena, .pattern = pattern, .max = max, .err = err};
    if (strlen(pattern) > 2 * RANGE_NAME_MAX) {
        return range_fail(err, pattern, "makes names longer than 255 bytes");
    }
    if (expand_rest(&e, "", pattern, RANGE_BRACKETS_MAX) != 0) {
        return -1;
    }
    *ret = e.names;
    *ret_count = e.count;
    return 0;
}
