/* known_hosts_hidden: the entries whose names are hidden by a hash, found by name. */
#include "collector/transport/known_hosts/known_hosts_hidden.h"

#include "collector/transport/known_hosts/known_hosts_index.h"
#include "core/arena.h"

#include <stdlib.h>
#include <string.h>

struct item {
    struct ssh_key_hmac_salt salt;
    unsigned char hash[SSH_KEY_SHA1];
    uint32_t entry;
    bool found;
};

/* What was learnt of a name. */
struct asked {
    struct slice name;
    size_t tried; /* items that were tried for it */
    uint32_t *entries; /* that were found for it */
    size_t entry_count;
};

struct known_hosts_hidden {
    struct arena arena;
    struct item *items;
    size_t count;
    struct asked *asked;
    size_t asked_count;
    struct known_hosts_index names; /* name -> number of its asked */
};

struct known_hosts_hidden *known_hosts_hidden_new(void)
{
    return calloc(1, sizeof(struct known_hosts_hidden));
}

void known_hosts_hidden_free(struct known_hosts_hidden *hidden)
{
    if (hidden == NULL) {
        return;
    }
    known_hosts_index_done(&hidden->names);
    arena_done(&hidden->arena);
    free(hidden);
}

int known_hosts_hidden_add(struct known_hosts_hidden *hidden,
                           const unsigned char salt[SSH_KEY_SHA1],
                           const unsigned char hash[SSH_KEY_SHA1], uint32_t entry)
{
    void *items = hidden->items;
    struct item *item = arena_push(&hidden->arena, &items, &hidden->count, sizeof(*item));
    hidden->items = items;
    if (item == NULL) {
        return -1;
    }
    *item = (struct item){.entry = entry};
    ssh_key_hmac_salt(&item->salt, salt);
    memcpy(item->hash, hash, sizeof(item->hash));
    return 0;
}

static struct asked *asked_make(struct known_hosts_hidden *hidden, struct slice name)
{
    struct slice own = {arena_strndup(&hidden->arena, name.data, name.len), name.len};
    void *items = hidden->asked;
    struct asked *asked =
        own.data == NULL ? NULL
                         : arena_push(&hidden->arena, &items, &hidden->asked_count, sizeof(*asked));
    if (asked == NULL) {
        return NULL;
    }
    hidden->asked = items;
    asked->name = own;
    uint32_t number = (uint32_t)(hidden->asked_count - 1);
    return known_hosts_index_add(&hidden->names, own, number) == 0 ? asked : NULL;
}

static struct asked *asked_find(struct known_hosts_hidden *hidden, struct slice name)
{
    uint32_t at = 0, number;
    return known_hosts_index_next(&hidden->names, name, &at, &number) ? &hidden->asked[number]
                                                                      : asked_make(hidden, name);
}

static bool keep(struct known_hosts_hidden *hidden, struct asked *asked, uint32_t entry)
{
    void *items = asked->entries;
    uint32_t *place = arena_push(&hidden->arena, &items, &asked->entry_count, sizeof(*place));
    asked->entries = items;
    if (place == NULL) {
        return false;
    }
    *place = entry;
    return true;
}

/* Try the items that were not yet tried for this name until one more is found. */
static void learn(struct known_hosts_hidden *hidden, struct asked *asked)
{
    struct ssh_key_hmac_name text;
    size_t known = asked->entry_count;
    if (asked->tried == hidden->count ||
        !ssh_key_hmac_name(&text, asked->name.data, asked->name.len)) {
        return;
    }
    while (asked->tried < hidden->count && asked->entry_count == known) {
        struct item *item = &hidden->items[asked->tried++];
        unsigned char hash[SSH_KEY_SHA1];
        if (item->found) {
            continue;
        }
        ssh_key_hmac(&item->salt, &text, hash);
        if (memcmp(hash, item->hash, sizeof(hash)) == 0) {
            item->found = keep(hidden, asked, item->entry);
        }
    }
}

bool known_hosts_hidden_next(struct known_hosts_hidden *hidden, struct slice name, size_t *at,
                             uint32_t *ret_entry)
{
    struct asked *asked = hidden->count == 0 ? NULL : asked_find(hidden, name);
    if (asked == NULL) {
        return false;
    }
    if (*at == asked->entry_count) {
        learn(hidden, asked);
    }
    if (*at == asked->entry_count) {
        return false;
    }
    *ret_entry = asked->entries[(*at)++];
    return true;
}
