/* inventory_select: Ansible's --limit, and names folded as our own tables fold them. */
#include "config/inventory/inventory_internal.h"

#include "config/inventory/range.h"
#include "core/str.h"

#include <stdlib.h>
#include <string.h>

enum { PATTERN_MAX = 64 * 1024, PARTS_MAX = 10000 };

struct selection {
    const struct inventory *inventory;
    const char *pattern;
    struct arena arena; /* of this one question */
    bool *hits; /* of the part in hand */
    struct err *err;
};

/* ---- one part ---- */

static bool numbers_have(const struct numbers *numbers, size_t number)
{
    for (size_t i = 0; i < numbers->count; i++) {
        if (numbers->items[i] == number) {
            return true;
        }
    }
    return false;
}

static void group_hit(struct selection *s, size_t group)
{
    const struct inventory_internal *in = s->inventory->internal;
    const size_t *shared = NULL; /* hosts of the same groups stand together and share a lineage */
    bool is_member = false;
    for (size_t i = 0; i < in->entry_count; i++) {
        const struct numbers *lineage = &in->entries[i].lineage;
        if (lineage->items != shared) {
            is_member = numbers_have(lineage, group);
            shared = lineage->items;
        }
        s->hits[i] = s->hits[i] || is_member;
    }
}

static bool name_hit(struct selection *s, const char *name)
{
    const struct inventory_internal *in = s->inventory->internal;
    bool is_glob = strpbrk(name, "*?") != NULL;
    bool any = false;
    size_t number = 0;
    if (!is_glob) {
        if (name_table_find(&in->entry_names, name, &number)) {
            s->hits[number] = true;
            any = true;
        }
        if (name_table_find(&in->group_names, name, &number)) {
            group_hit(s, number);
            any = true;
        }
        return any;
    }
    for (size_t i = 0; i < in->entry_count; i++) {
        if (str_match(name, in->entries[i].name)) {
            s->hits[i] = true;
            any = true;
        }
    }
    for (size_t i = 0; i < in->group_count; i++) {
        if (str_match(name, in->groups[i].name)) {
            group_hit(s, i);
            any = true;
        }
    }
    return any;
}

static int nothing_fail(struct selection *s, const char *part)
{
    const struct inventory_internal *in = s->inventory->internal;
    size_t count = in->entry_count + in->group_count;
    const char **names = arena_array(&s->arena, count + 1, sizeof(*names));
    if (names == NULL) {
        return err_memory(s->err);
    }
    for (size_t i = 0; i < count; i++) {
        names[i] = i < in->entry_count ? in->entries[i].name : in->groups[i - in->entry_count].name;
    }
    const char *nearest = str_nearest(part, names, count);
    if (nearest == NULL) {
        return err_set(s->err, ERR_USAGE, "config",
                       "no host or group is called `%.64s`; `hosts list` shows them", part);
    }
    return err_set(s->err, ERR_USAGE, "config",
                   "no host or group is called `%.64s`; did you mean `%s`?", part, nearest);
}

static int range_hit(struct selection *s, const char *pattern)
{
    const char *const *names = NULL;
    struct err reason;
    size_t count = 0;
    bool any = false;
    if (range_expand(&s->arena, pattern, INVENTORY_HOSTS_MAX, &names, &count, &reason) != 0) {
        return err_set(s->err, reason.code == ERR_MEMORY ? ERR_MEMORY : ERR_USAGE, "config", "%s",
                       reason.text);
    }
    for (size_t i = 0; i < count; i++) {
        any = name_hit(s, names[i]) || any;
    }
    return any ? 0 : nothing_fail(s, pattern);
}

/* "pvs[01-03,07]" is how tables fold names: each piece in brackets becomes a range or a name. */
static int folded_hit(struct selection *s, const char *part)
{
    const char *open = strchr(part, '[');
    const char *close = open == NULL ? NULL : strchr(open, ']');
    if (close == NULL || memchr(open, ':', (size_t)(close - open)) != NULL) {
        return range_hit(s, part);
    }
    struct slice rest = {open + 1, (size_t)(close - open - 1)};
    while (rest.len > 0) {
        const char *comma = memchr(rest.data, ',', rest.len);
        size_t len = comma == NULL ? rest.len : (size_t)(comma - rest.data);
        const char *dash = memchr(rest.data, '-', len);
        int first = dash == NULL ? (int)len : (int)(dash - rest.data);
        const char *pattern =
            dash == NULL
                ? arena_printf(&s->arena, "%.*s%.*s%s", (int)(open - part), part, first, rest.data,
                               close + 1)
                : arena_printf(&s->arena, "%.*s[%.*s:%.*s]%s", (int)(open - part), part, first,
                               rest.data, (int)len - first - 1, dash + 1, close + 1);
        if (pattern == NULL) {
            return err_memory(s->err);
        }
        if (range_hit(s, pattern) != 0) {
            return -1;
        }
        rest.data += comma == NULL ? len : len + 1;
        rest.len -= comma == NULL ? len : len + 1;
    }
    return 0;
}

static int part_hit(struct selection *s, const char *part)
{
    memset(s->hits, 0, s->inventory->count * sizeof(*s->hits));
    if (*part == '\0') {
        return err_set(s->err, ERR_USAGE, "config",
                       "`%.64s` has an empty part; write names between the commas", s->pattern);
    }
    if (*part == '~') {
        return err_set(s->err, ERR_USAGE, "config",
                       "`%.64s`: regular expressions are not taken; use * and ?", part);
    }
    if (range_has(part) && !name_hit(s, part)) {
        return folded_hit(s, part);
    }
    return name_hit(s, part) ? 0 : nothing_fail(s, part);
}

/* ---- all parts ---- */

/* Cut at commas outside of brackets. */
static int parts_cut(struct selection *s, const char ***ret, size_t *ret_count)
{
    const char **parts = NULL;
    size_t count = 0;
    const char *start = s->pattern;
    bool in_brackets = false;
    for (const char *p = s->pattern;; p++) {
        in_brackets = *p == '[' || (in_brackets && *p != ']');
        if (*p != '\0' && (*p != ',' || in_brackets)) {
            continue;
        }
        struct slice part = slice_trim((struct slice){start, (size_t)(p - start)});
        const char **place = arena_push(&s->arena, (void **)&parts, &count, sizeof(const char *));
        if (place == NULL) {
            return err_memory(s->err);
        }
        *place = arena_strndup(&s->arena, part.data, part.len);
        if (*place == NULL) {
            return err_memory(s->err);
        }
        start = p + 1;
        if (*p == '\0') {
            break;
        }
    }
    if (count > PARTS_MAX) {
        return err_set(s->err, ERR_USAGE, "config", "the limit has more than %d parts",
                       (int)PARTS_MAX);
    }
    *ret = parts;
    *ret_count = count;
    return 0;
}

/* As in Ansible: first what is named, then what is required (&), then what is left out (!). */
static int parts_apply(struct selection *s, const char **parts, size_t count, bool *chosen)
{
    static const char marks[] = {'\0', '&', '!'};
    size_t total = s->inventory->count;
    bool names_any = false;
    for (size_t i = 0; i < count; i++) {
        names_any = names_any || (parts[i][0] != '&' && parts[i][0] != '!');
    }
    memset(chosen, names_any ? 0 : 1, total * sizeof(*chosen));
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < count; i++) {
            char mark = parts[i][0] == '&' || parts[i][0] == '!' ? parts[i][0] : '\0';
            if (mark != marks[round]) {
                continue;
            }
            const char *name = mark == '\0' ? parts[i] : parts[i] + 1;
            if (part_hit(s, name) != 0) {
                return -1;
            }
            for (size_t k = 0; k < total; k++) {
                chosen[k] = mark == '\0'  ? chosen[k] || s->hits[k]
                            : mark == '&' ? chosen[k] && s->hits[k]
                                          : chosen[k] && !s->hits[k];
            }
        }
    }
    return memchr(chosen, 1, total * sizeof(*chosen)) != NULL
               ? 0
               : err_set(s->err, ERR_USAGE, "config",
                         "`%.64s` leaves no host; `hosts list` shows them", s->pattern);
}

int inventory_select(const struct inventory *inventory, const char *pattern, bool *selected,
                     struct err *err)
{
    struct selection s = {.inventory = inventory, .pattern = pattern, .err = err};
    const char **parts = NULL;
    size_t count = 0;
    if (pattern == NULL) {
        memset(selected, 1, inventory->count * sizeof(*selected));
        return 0;
    }
    if (strlen(pattern) > PATTERN_MAX) {
        return err_set(err, ERR_USAGE, "config", "the limit is longer than %d bytes",
                       (int)PATTERN_MAX);
    }
    s.hits = arena_array(&s.arena, inventory->count, sizeof(*s.hits));
    bool *chosen = arena_array(&s.arena, inventory->count, sizeof(*chosen));
    int rc = s.hits == NULL || chosen == NULL ? err_memory(err) : parts_cut(&s, &parts, &count);
    rc = rc != 0 ? rc : parts_apply(&s, parts, count, chosen);
    if (rc == 0) {
        memcpy(selected, chosen, inventory->count * sizeof(*chosen));
    }
    arena_done(&s.arena);
    return rc;
}
