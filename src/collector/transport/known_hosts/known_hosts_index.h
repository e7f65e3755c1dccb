/* known_hosts_index: a hash table from names to the numbers of entries that speak of them. */
#ifndef PVSAUDIT_COLLECTOR_TRANSPORT_KNOWN_HOSTS_KNOWN_HOSTS_INDEX_H
#define PVSAUDIT_COLLECTOR_TRANSPORT_KNOWN_HOSTS_KNOWN_HOSTS_INDEX_H

#include "core/str.h"

#include <stddef.h>
#include <stdint.h>

/* A zeroed one is empty. Names are borrowed and live as long as the index. */
struct known_hosts_index {
    struct known_hosts_link {
        struct slice name;
        uint32_t entry;
        uint32_t next; /* of the same bucket; 0 = none, else its number + 1 */
    } * links;
    size_t count, size;
    uint32_t *buckets; /* as many as size, a power of two */
};

void known_hosts_index_done(struct known_hosts_index *index);
int known_hosts_index_add(struct known_hosts_index *index, struct slice name, uint32_t entry);
/* The entries of a name, in no order: start with *at = 0; false at the end. */
bool known_hosts_index_next(const struct known_hosts_index *index, struct slice name, uint32_t *at,
                            uint32_t *ret_entry);

#endif
