/* enumeration: the enumerations that are open: items that wait to be pulled. */
#include "farm/wsman/enumeration.h"

#include "core/clock.h"

#include <stdlib.h>

enum { ITEMS_BYTES_MOST = 64 << 20 };

struct enumeration *enumeration_new(const struct exchange *x)
{
    struct enumeration *enumeration = calloc(1, sizeof(*enumeration));
    if (enumeration != NULL) {
        enumeration->wsman = x->wsman;
        enumeration->server = x->server;
        (void)str_copy(enumeration->account, sizeof(enumeration->account), x->account->name);
        buf_init(&enumeration->items, ITEMS_BYTES_MOST);
        enumeration->used_ms = clock_monotonic_ms();
        envelope_uuid(enumeration->id);
    }
    return enumeration;
}

void enumeration_free(struct enumeration *enumeration)
{
    if (enumeration != NULL) {
        buf_done(&enumeration->items);
        free(enumeration->ends);
        free(enumeration);
    }
}

int enumeration_end_item(struct enumeration *e)
{
    if (e->count == e->capacity) {
        size_t capacity = e->capacity == 0 ? 64 : e->capacity * 2;
        size_t *ends = realloc(e->ends, capacity * sizeof(*ends));
        if (ends == NULL) {
            return -1;
        }
        e->ends = ends;
        e->capacity = capacity;
    }
    e->ends[e->count++] = e->items.len;
    return e->items.failed ? -1 : 0;
}

static void count_open(const struct enumeration *e, int by)
{
    (void)atomic_fetch_add(&e->server->open_enumerations, by);
    (void)atomic_fetch_add(&e->wsman->fleet->shared->open_enumerations, by);
}

void enumeration_open(struct enumeration *e)
{
    e->next = e->wsman->enumerations;
    e->wsman->enumerations = e;
    count_open(e, 1);
}

void enumeration_close(struct enumeration *e)
{
    struct enumeration **at = &e->wsman->enumerations;
    while (*at != NULL && *at != e) {
        at = &(*at)->next;
    }
    if (*at == e) {
        *at = e->next;
        count_open(e, -1);
    }
    enumeration_free(e);
}

static bool is_of(const struct enumeration *e, const struct exchange *x)
{
    return e->server == x->server && str_eq(e->account, x->account->name);
}

struct enumeration *enumeration_find(const struct exchange *x, struct slice id, bool before)
{
    if (id.len > 5 && slice_ieq((struct slice){id.data, 5}, "uuid:")) {
        id = (struct slice){id.data + 5, id.len - 5};
    }
    for (struct enumeration *e = x->wsman->enumerations; e != NULL; e = e->next) {
        bool named = slice_ieq(id, e->id) || (before && slice_ieq(id, e->before));
        if (named && is_of(e, x)) {
            return e;
        }
    }
    return NULL;
}

size_t enumeration_count(const struct exchange *x)
{
    size_t count = 0;
    for (const struct enumeration *e = x->wsman->enumerations; e != NULL; e = e->next) {
        count += is_of(e, x) ? 1 : 0;
    }
    return count;
}

struct slice enumeration_deal(struct enumeration *e, size_t most, size_t bytes)
{
    size_t start = e->at == 0 ? 0 : e->ends[e->at - 1], end = start;
    for (size_t n = 0; e->at < e->count && n < most; n++) {
        if (n > 0 && e->ends[e->at] - start > bytes) {
            break;
        }
        end = e->ends[e->at++];
    }
    return (struct slice){e->items.data == NULL ? "" : e->items.data + start, end - start};
}

void enumeration_sweep(struct wsman *wsman, int64_t now_ms)
{
    struct enumeration *e = wsman->enumerations;
    while (e != NULL) {
        struct enumeration *next = e->next;
        if (now_ms - e->used_ms > e->server->winrm.enumeration_timeout_ms) {
            enumeration_close(e);
        }
        e = next;
    }
}

void enumeration_close_all(struct wsman *wsman)
{
    while (wsman->enumerations != NULL) {
        enumeration_close(wsman->enumerations);
    }
}
