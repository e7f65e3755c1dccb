/* fold: names are cut at one number, sorted by what is around it, and runs of numbers are joined.
 */
#include "out/fold.h"

#include "core/buf.h"
#include "core/ip.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FOLD_DIGITS = 15, FOLD_MAX = 16 << 20 };

struct part {
    const char *name;
    size_t before; /* bytes in front of the number */
    size_t digits; /* 0: no number to fold by */
    uint64_t number;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static struct part split(const char *name)
{
    struct ip ip;
    struct part part = {.name = name};
    bool is_ip = ip_parse((struct slice){name, strlen(name)}, &ip);
    size_t end = is_ip && ip.family == 4 ? strlen(name) : is_ip ? 0 : strcspn(name, ".");
    while (end > 0 && !is_digit(name[end - 1])) {
        end--;
    }
    size_t start = end;
    while (start > 0 && is_digit(name[start - 1])) {
        start--;
    }
    part.before = start;
    if (end == start || end - start > FOLD_DIGITS) {
        part.before = strlen(name);
        return part;
    }
    part.digits = end - start;
    (void)str_u64((struct slice){name + start, part.digits}, UINT64_MAX, &part.number);
    return part;
}

static const char *after(const struct part *part)
{
    return part->name + part->before + part->digits;
}

/* Same text around the number. */
static int compare_around(const struct part *a, const struct part *b)
{
    size_t len = a->before < b->before ? a->before : b->before;
    int order = memcmp(a->name, b->name, len);
    if (order == 0 && a->before != b->before) {
        order = a->before < b->before ? -1 : 1;
    }
    if (order == 0) {
        order = strcmp(after(a), after(b));
    }
    return order != 0 ? order : (a->digits > 0) - (b->digits > 0);
}

static int compare(const void *left, const void *right)
{
    const struct part *a = left;
    const struct part *b = right;
    int order = compare_around(a, b);
    if (order == 0 && a->number != b->number) {
        order = a->number < b->number ? -1 : 1;
    }
    return order != 0 ? order : strcmp(a->name, b->name);
}

/* pvs9 is followed by pvs10, pvs09 by pvs10, pvs99 by pvs100, and not pvs9 by pvs010. */
static bool follows(const struct part *a, const struct part *b)
{
    char wanted[32];
    (void)snprintf(wanted, sizeof(wanted), "%0*" PRIu64, (int)a->digits, a->number + 1);
    return strlen(wanted) == b->digits && memcmp(wanted, b->name + b->before, b->digits) == 0;
}

static void put_digits(struct buf *to, const struct part *part)
{
    (void)buf_append(to, part->name + part->before, part->digits);
}

/* The names of one group, from..end. */
static void put_group(struct buf *to, const struct part *parts, size_t from, size_t end)
{
    if (end - from == 1) {
        (void)buf_puts(to, parts[from].name);
        return;
    }
    (void)buf_append(to, parts[from].name, parts[from].before);
    (void)buf_putc(to, '[');
    for (size_t i = from; i < end;) {
        size_t last = i;
        while (last + 1 < end && follows(&parts[last], &parts[last + 1])) {
            last++;
        }
        (void)buf_puts(to, i == from ? "" : ",");
        put_digits(to, &parts[i]);
        if (last > i) {
            (void)buf_putc(to, last > i + 1 ? '-' : ',');
            put_digits(to, &parts[last]);
        }
        i = last + 1;
    }
    (void)buf_printf(to, "]%s", after(&parts[from]));
}

static size_t unique(struct part *parts, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || strcmp(parts[kept - 1].name, parts[i].name) != 0) {
            parts[kept++] = parts[i];
        }
    }
    return kept;
}

const char *fold_names(struct arena *arena, const char *const *names, size_t count)
{
    struct part *parts = calloc(count + 1, sizeof(*parts));
    if (parts == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        parts[i] = split(names[i]);
    }
    qsort(parts, count, sizeof(*parts), compare);
    count = unique(parts, count);
    struct buf text;
    buf_init(&text, FOLD_MAX);
    for (size_t from = 0; from < count;) {
        size_t end = from + 1;
        while (end < count && parts[end].digits > 0 &&
               compare_around(&parts[from], &parts[end]) == 0) {
            end++;
        }
        (void)buf_puts(&text, from == 0 ? "" : ",");
        put_group(&text, parts, from, end);
        from = end;
    }
    const char *folded = text.failed ? NULL : arena_strndup(arena, text.data, text.len);
    buf_done(&text);
    free(parts);
    return folded;
}
