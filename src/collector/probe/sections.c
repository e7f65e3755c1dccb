/* sections: the answer to a command line, cut at our markers into named sections. */
#include "collector/probe/sections.h"

#include <string.h>

const struct reading reading_complete = {.outcome = OUTCOME_COMPLETE};

static const char begin_mark[] = "@@begin ";
static const char end_mark[] = "@@end ";

enum { NO_SECTION = SECTIONS_MAX, MARKS_MAX = 8 * SECTIONS_MAX };

/* Where the cutting stands: at most one section is open, and the last one that ended can still be
 * spoiled by what follows it. */
struct cutter {
    struct sections *to;
    size_t open; /* NO_SECTION: none */
    size_t ended; /* the last that ended; NO_SECTION: none yet */
    const char *body;
    bool too_many;
    size_t marks;
};

static bool take_mark(struct slice line, const char *mark, struct slice *ret_rest)
{
    size_t len = strlen(mark);
    if (line.len < len || memcmp(line.data, mark, len) != 0) {
        return false;
    }
    *ret_rest = slice_trim((struct slice){line.data + len, line.len - len});
    return true;
}

/* To the start of the next line that may be a mark: the lines before it are a body's. */
static void skip_body(struct slice *left)
{
    const char *end = left->data + left->len;
    const char *sign = left->data;
    while (sign < end && (sign = memchr(sign, '@', (size_t)(end - sign))) != NULL &&
           sign != left->data && sign[-1] != '\n') {
        sign++;
    }
    sign = sign == NULL ? end : sign;
    left->len = (size_t)(end - sign);
    left->data = sign;
}

static void spoil(struct cutter *cutter, size_t section)
{
    if (section != NO_SECTION) {
        cutter->to->items[section].spoiled = true;
        cutter->to->items[section].ended = false;
        cutter->to->items[section].status = 0;
    }
}

static size_t find(const struct sections *sections, struct slice name)
{
    for (size_t i = 0; i < sections->count; i++) {
        struct slice known = sections->items[i].name;
        if (known.len == name.len && memcmp(known.data, name.data, name.len) == 0) {
            return i;
        }
    }
    return NO_SECTION;
}

static void begin_section(struct cutter *cutter, struct slice name, const char *body)
{
    struct sections *to = cutter->to;
    to->whole = false;
    if (cutter->open != NO_SECTION) {
        to->items[cutter->open].body.len = (size_t)(body - cutter->body);
        spoil(cutter, cutter->open);
        cutter->ended = NO_SECTION;
        cutter->open = NO_SECTION;
    }
    size_t known = find(to, name);
    if (known != NO_SECTION) {
        spoil(cutter, known);
        cutter->ended = NO_SECTION;
    } else if (to->count == SECTIONS_MAX || name.len == 0) {
        cutter->too_many = true;
    } else {
        cutter->open = to->count;
        cutter->body = body;
        to->items[to->count++] = (struct answer_section){.name = name, .body = {body, 0}};
    }
}

/* rest is "NAME CODE"; line_start is where the body ends. */
static void end_section(struct cutter *cutter, struct slice rest, const char *line_start)
{
    struct slice name;
    int64_t status = 0;
    bool good = slice_token(&rest, &name) && str_i64(slice_trim(rest), &status);
    if (cutter->open == NO_SECTION) {
        if (good && slice_eq(name, "all") && status == 0) {
            cutter->to->whole = !cutter->too_many;
        } else {
            spoil(cutter, cutter->ended);
        }
        return;
    }
    struct answer_section *section = &cutter->to->items[cutter->open];
    section->body.len = (size_t)(line_start - cutter->body);
    if (!good || name.len != section->name.len ||
        memcmp(name.data, section->name.data, name.len) != 0) {
        spoil(cutter, cutter->open);
        return;
    }
    section->ended = !section->spoiled;
    section->status = section->ended ? status : 0;
    cutter->ended = cutter->open;
    cutter->open = NO_SECTION;
}

void sections_parse(struct slice answer, struct sections *ret)
{
    memset(ret, 0, sizeof(*ret));
    struct cutter cutter = {.to = ret, .open = NO_SECTION, .ended = NO_SECTION};
    struct slice left = answer;
    struct slice line;
    bool has_end = false;
    const char *start = left.data;
    while (cutter.marks < MARKS_MAX && slice_line(&left, &line, &has_end)) {
        struct slice rest;
        if (has_end && take_mark(line, begin_mark, &rest)) {
            cutter.marks++;
            begin_section(&cutter, rest, left.data);
        } else if (has_end && take_mark(line, end_mark, &rest)) {
            cutter.marks++;
            end_section(&cutter, rest, start);
        } else if (has_end && cutter.open == NO_SECTION && slice_trim(line).len > 0) {
            spoil(&cutter, cutter.ended);
            ret->whole = false;
        }
        if (cutter.open != NO_SECTION) {
            skip_body(&left);
        }
        start = left.data;
    }
    if (cutter.open != NO_SECTION) {
        ret->items[cutter.open].body.len = (size_t)(left.data - cutter.body);
    }
    if (cutter.marks == MARKS_MAX) {
        ret->whole = false;
        spoil(&cutter, cutter.ended);
    }
}

const struct answer_section *sections_find(const struct sections *sections, const char *name)
{
    size_t at = find(sections, (struct slice){name, strlen(name)});
    return at == NO_SECTION ? NULL : &sections->items[at];
}

const struct answer_section *sections_find_of(const struct sections *sections, const char *prefix,
                                              const char *name)
{
    size_t len = strlen(prefix);
    for (size_t i = 0; i < sections->count; i++) {
        struct slice known = sections->items[i].name;
        if (known.len > len && memcmp(known.data, prefix, len) == 0 && known.data[len] == ':' &&
            slice_eq((struct slice){known.data + len + 1, known.len - len - 1}, name)) {
            return &sections->items[i];
        }
    }
    return NULL;
}

struct reading sections_reading(const struct sections *sections,
                                const struct answer_section *section)
{
    if (section == NULL) {
        return sections->whole ? (struct reading){OUTCOME_FAILED, 0, "not answered"}
                               : (struct reading){OUTCOME_PARTIAL, 0, "the answer was cut"};
    }
    if (!section->ended) {
        return (struct reading){OUTCOME_PARTIAL, 0,
                                section->spoiled ? "foreign text between our markers"
                                                 : "the answer was cut"};
    }
    if (section->status == 127 || section->status == 9009) {
        return (struct reading){OUTCOME_UNSUPPORTED, section->status, "no such command"};
    }
    if (section->status != 0) {
        return (struct reading){OUTCOME_FAILED, section->status, "the command failed"};
    }
    return reading_complete;
}
