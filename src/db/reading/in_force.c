/* in_force: what a scan went by, as texts: its scope and its expectations. */
#include "db/reading/in_force.h"

#include "core/str.h"
#include "db/reading/tuple.h"

#include <stdlib.h>
#include <string.h>

static int by_name(const void *left, const void *right)
{
    const struct scope_host *a = left;
    const struct scope_host *b = right;
    return strcmp(a->name == NULL ? "" : a->name, b->name == NULL ? "" : b->name);
}

int in_force_write_scope(const struct scope_host *hosts, size_t count, struct buf *to)
{
    struct tuple_writer writer;
    struct scope_host *sorted = calloc(count + 1, sizeof(*sorted));
    if (sorted == NULL) {
        return -1;
    }
    if (count > 0) {
        memcpy(sorted, hosts, count * sizeof(*sorted));
        qsort(sorted, count, sizeof(*sorted), by_name);
    }
    tuple_begin(&writer, to);
    for (size_t i = 0; i < count; i++) {
        tuple_row(&writer);
        tuple_text(&writer, sorted[i].name);
        tuple_text(&writer, sorted[i].os);
        tuple_text(&writer, sorted[i].site);
        tuple_text(&writer, sorted[i].farm);
        tuple_text(&writer, sorted[i].state);
        tuple_row_end(&writer);
    }
    tuple_end(&writer);
    free(sorted);
    return to->failed ? -1 : 0;
}

bool in_force_read_scope(const char *text, struct arena *arena, struct scope_host **ret,
                         size_t *ret_count)
{
    struct tuple_reader reader;
    struct scope_host *hosts = NULL;
    size_t count = 0;
    tuple_open(&reader, arena, text);
    while (tuple_next(&reader)) {
        void *items = hosts;
        struct scope_host *host = arena_push(arena, &items, &count, sizeof(*host));
        hosts = items;
        if (host == NULL || !tuple_next_text(&reader, &host->name) ||
            !tuple_next_text(&reader, &host->os) || !tuple_next_text(&reader, &host->site) ||
            !tuple_next_text(&reader, &host->farm) || !tuple_next_text(&reader, &host->state) ||
            host->name == NULL) {
            return false;
        }
    }
    *ret = hosts;
    *ret_count = count;
    return tuple_close(&reader);
}

struct scope_host *in_force_scope_of(const struct host *hosts, size_t count, struct arena *arena)
{
    struct scope_host *scope = arena_array(arena, count + 1, sizeof(*scope));
    for (size_t i = 0; i < count && scope != NULL; i++) {
        scope[i] = (struct scope_host){
            .name = hosts[i].name,
            .os = host_os_name(hosts[i].os),
            .site = hosts[i].site,
            .farm = hosts[i].farm,
            .state = host_state_name(hosts[i].state),
        };
    }
    return scope;
}

int in_force_write_expectations(const struct expectation_set *set, struct buf *to)
{
    struct arena arena = {.blocks = NULL};
    for (size_t i = 0; set != NULL && i < set->count; i++) {
        const char *line = expectation_encode(&arena, &set->items[i]);
        if (line == NULL || buf_puts(to, line) != 0 || buf_putc(to, '\n') != 0) {
            to->failed = true;
        }
    }
    arena_done(&arena);
    if (to->data == NULL) {
        (void)buf_puts(to, "");
    }
    return to->failed ? -1 : 0;
}

bool in_force_read_expectations(const char *text, struct expectation_set *ret)
{
    struct expectation_set set = {.count = 0};
    struct slice rest = {text, text == NULL ? 0 : strlen(text)};
    struct slice line;
    bool whole = true;
    while (whole && slice_line(&rest, &line, NULL)) {
        void *items = set.items;
        struct expectation *item = arena_push(&set.arena, &items, &set.count, sizeof(*item));
        set.items = items;
        const char *copy = arena_strndup(&set.arena, line.data, line.len);
        whole = item != NULL && copy != NULL && expectation_decode(&set.arena, copy, item);
    }
    if (!whole) {
        expectation_set_done(&set);
        return false;
    }
    *ret = set;
    return true;
}
