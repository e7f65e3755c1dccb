/* peers: what the facts of one server are beside those of the servers that should be like it. */
#include "model/peers.h"

#include "core/str.h"

#include <stdlib.h>
#include <string.h>

static int compare_place(const struct fact *a, const struct fact *b)
{
    return a->kind != b->kind ? (a->kind < b->kind ? -1 : 1) : strcmp(a->item, b->item);
}

static int by_value(const void *left, const void *right)
{
    const struct fact *a = left;
    const struct fact *b = right;
    int order = compare_place(a, b);
    return order != 0 ? order : strcmp(a->value, b->value);
}

int peers_add(struct peers *peers, struct arena *arena, const struct facts *facts)
{
    for (size_t i = 0; i < facts->count; i++) {
        const struct fact *fact = &facts->items[i];
        void *items = peers->facts;
        struct fact *copy = arena_push(arena, &items, &peers->count, sizeof(*copy));
        peers->facts = items;
        if (copy == NULL) {
            return -1;
        }
        copy->kind = fact->kind;
        copy->item = arena_strdup(arena, fact->item);
        copy->value = arena_strdup(arena, fact->value);
        if (copy->item == NULL || copy->value == NULL) {
            return -1;
        }
    }
    for (int i = 0; i < FACT_KIND_COUNT; i++) {
        peers->whole[i] += facts->whole[i];
    }
    peers->servers++;
    return 0;
}

/* The most frequent value among those of one place, first..end, or that it is not there. */
static void count_values(const struct peers *peers, size_t first, size_t end, struct peer_row *row)
{
    size_t i = first;
    row->told = end - first;
    while (i < end) {
        size_t next = i;
        while (next < end && str_eq(peers->facts[next].value, peers->facts[i].value)) {
            next++;
        }
        if (next - i > row->usual_count) {
            row->usual_count = next - i;
            row->usual = peers->facts[i].value;
        }
        if (str_eq(peers->facts[i].value, row->value)) {
            row->same_count = next - i;
        }
        i = next;
    }
    size_t whole = peers->whole[row->kind];
    size_t without = whole > end - first ? whole - (end - first) : 0;
    row->told += without;
    if (without > row->usual_count) {
        row->usual_count = without;
        row->usual = NULL;
    }
    if (row->value == NULL) {
        row->same_count = without;
    }
}

static int add_row(const struct peers *peers, const struct fact *own, size_t first, size_t end,
                   struct arena *arena, struct peer_row **rows, size_t *count)
{
    const struct fact *either = own != NULL ? own : &peers->facts[first];
    struct peer_row row = {
        .kind = either->kind, .item = either->item, .value = own == NULL ? NULL : own->value};
    count_values(peers, first, end, &row);
    row.differs =
        row.same_count < row.usual_count && (row.same_count == 0 || row.usual_count * 2 > row.told);
    if (row.told == 0) {
        return 0;
    }
    void *items = *rows;
    struct peer_row *place = arena_push(arena, &items, count, sizeof(*place));
    *rows = items;
    if (place == NULL) {
        return -1;
    }
    *place = row;
    return 0;
}

int peers_compare(struct peers *peers, const struct facts *own, struct arena *arena,
                  struct peer_row **ret, size_t *ret_count)
{
    struct peer_row *rows = NULL;
    size_t count = 0;
    size_t i = 0;
    size_t k = 0;
    if (peers->count > 0) {
        qsort(peers->facts, peers->count, sizeof(*peers->facts), by_value);
    }
    while (i < own->count || k < peers->count) {
        const struct fact *fact = i < own->count ? &own->items[i] : NULL;
        int order = fact == NULL        ? 1
                    : k == peers->count ? -1
                                        : compare_place(fact, &peers->facts[k]);
        size_t end = k;
        while (order >= 0 && end < peers->count &&
               compare_place(&peers->facts[k], &peers->facts[end]) == 0) {
            end++;
        }
        const struct fact *mine = order <= 0 ? fact : NULL;
        bool told = mine != NULL || own->whole[peers->facts[k].kind];
        if (told && add_row(peers, mine, k, end, arena, &rows, &count) != 0) {
            return -1;
        }
        i += mine != NULL;
        k = end;
    }
    *ret = rows;
    *ret_count = count;
    return 0;
}
