/* known_hosts_index: a hash table from names to the numbers of entries that speak of them. */
#include "collector/transport/known_hosts/known_hosts_index.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SIZE = 64 };

void known_hosts_index_done(struct known_hosts_index *index)
{
    free(index->links);
    free(index->buckets);
    *index = (struct known_hosts_index){0};
}

static uint32_t *bucket(const struct known_hosts_index *index, struct slice name)
{
    return &index->buckets[str_hash64(name.data, name.len) & (index->size - 1)];
}

static void chain(struct known_hosts_index *index, size_t number)
{
    struct known_hosts_link *link = &index->links[number];
    uint32_t *first = bucket(index, link->name);
    link->next = *first;
    *first = (uint32_t)number + 1;
}

static int grow(struct known_hosts_index *index)
{
    size_t size = index->size == 0 ? FIRST_SIZE : index->size * 2;
    if (size > UINT32_MAX / 2) {
        return -1;
    }
    struct known_hosts_link *links = realloc(index->links, size * sizeof(*links));
    if (links == NULL) {
        return -1;
    }
    index->links = links;
    uint32_t *buckets = calloc(size, sizeof(*buckets));
    if (buckets == NULL) {
        return -1;
    }
    free(index->buckets);
    index->buckets = buckets;
    index->size = size;
    for (size_t i = 0; i < index->count; i++) {
        chain(index, i);
    }
    return 0;
}

int known_hosts_index_add(struct known_hosts_index *index, struct slice name, uint32_t entry)
{
    if (index->count == index->size && grow(index) != 0) {
        return -1;
    }
    index->links[index->count] = (struct known_hosts_link){.name = name, .entry = entry};
    chain(index, index->count);
    index->count++;
    return 0;
}

bool known_hosts_index_next(const struct known_hosts_index *index, struct slice name, uint32_t *at,
                            uint32_t *ret_entry)
{
    if (index->size == 0) {
        return false;
    }
    uint32_t number = *at == 0 ? *bucket(index, name) : index->links[*at - 1].next;
    while (number != 0) {
        const struct known_hosts_link *link = &index->links[number - 1];
        if (link->name.len == name.len && memcmp(link->name.data, name.data, name.len) == 0) {
            *at = number;
            *ret_entry = link->entry;
            return true;
        }
        number = link->next;
    }
    return false;
}
