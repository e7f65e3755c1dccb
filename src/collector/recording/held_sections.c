/* held_sections: what a recorded command answers of another one: the sections that both ask alike.
 */
#include "collector/recording/held_sections.h"

#include <stdio.h>
#include <string.h>

enum { MARK_MAX = 160 };

/* What a command does for a section: between "@@begin NAME" and "@@end NAME ". */
static bool find_command(struct slice command, struct slice name, struct slice *ret)
{
    char begin[MARK_MAX];
    char end[MARK_MAX];
    int begin_len = snprintf(begin, sizeof(begin), "@@begin %.*s", (int)name.len, name.data);
    int end_len = snprintf(end, sizeof(end), "@@end %.*s ", (int)name.len, name.data);
    if (begin_len >= MARK_MAX || end_len >= MARK_MAX) {
        return false;
    }
    const char *stop = command.data + command.len;
    const char *to = memmem(command.data, command.len, end, (size_t)end_len);
    const char *from = command.data;
    while (to != NULL &&
           (from = memmem(from, (size_t)(to - from), begin, (size_t)begin_len)) != NULL) {
        from += begin_len;
        if (from < stop && strchr("&;\n", *from) != NULL) {
            *ret = (struct slice){from, (size_t)(to - from)};
            return true;
        }
    }
    return false;
}

static bool is_asked_alike(struct slice recorded, struct slice asked, struct slice name)
{
    struct slice then;
    struct slice now;
    return slice_eq(name, "all") ||
           (find_command(recorded, name, &then) && find_command(asked, name, &now) &&
            then.len == now.len && memcmp(then.data, now.data, now.len) == 0);
}

/* The name on a marker's line. */
static bool is_mark(struct slice line, const char *mark, struct slice *ret_name)
{
    size_t len = strlen(mark);
    struct slice rest = {line.data + len, line.len < len ? 0 : line.len - len};
    return line.len > len && memcmp(line.data, mark, len) == 0 && slice_token(&rest, ret_name);
}

struct slice held_sections(struct slice recorded, struct slice asked, struct slice answer,
                           struct arena *arena)
{
    char *kept = arena_alloc(arena, answer.len + 1);
    size_t used = 0;
    size_t sections = 0;
    bool keeps = true;
    struct slice rest = answer;
    while (kept != NULL && rest.len > 0) {
        struct slice line;
        struct slice name;
        const char *start = rest.data;
        (void)slice_line(&rest, &line, NULL);
        bool begins = is_mark(line, "@@begin ", &name);
        if (begins || is_mark(line, "@@end all", &name)) {
            keeps = !begins || is_asked_alike(recorded, asked, name);
            sections += begins && keeps ? 1 : 0;
        }
        if (keeps) {
            memcpy(kept + used, start, (size_t)(rest.data - start));
            used += (size_t)(rest.data - start);
        }
    }
    return sections == 0 ? (struct slice){NULL, 0} : (struct slice){kept, used};
}
