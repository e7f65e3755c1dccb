/* inventory_internal: groups, hosts and their variables as the file has them; for inventory*.c
 * only. */
#ifndef PVSAUDIT_CONFIG_INVENTORY_INVENTORY_INTERNAL_H
#define PVSAUDIT_CONFIG_INVENTORY_INVENTORY_INTERNAL_H

#include "config/inventory/inventory.h"
#include "config/inventory/inventory_keys.h"
#include "config/inventory/name_table.h"
#include "config/tree.h"

enum {
    INVENTORY_HOSTS_MAX = 100000,
    INVENTORY_GROUPS_MAX = 20000,
    INVENTORY_NESTING_MAX = 64,
    INVENTORY_MEMBERSHIPS_MAX = 10000000,
    INVENTORY_WARNINGS_MAX = 200,
    INVENTORY_ALL = 0, /* number of the group "all" */
};

/* A pvsaudit_expect, resolved once: one place for each expectation of the set, NULL = not named. */
struct expect_value {
    bool replaces; /* a list: what it does not name is not expected */
    const struct tree_node **expected, **removed;
};

struct variable {
    const struct inventory_key *key;
    const struct tree_node *at, *value;
    const struct expect_value *expect; /* of KIND_EXPECT */
};

struct variables {
    struct variable *items;
    size_t count;
};

struct numbers {
    size_t *items;
    size_t count;
};

struct group {
    const char *name;
    const char *where; /* "all", "group emea" */
    const struct tree_node *at;
    struct variables vars;
    struct numbers parents, children;
    struct numbers members; /* hosts named in it, in the file's order */
    unsigned depth;
    uint64_t priority;
};

struct entry {
    const char *name;
    const struct tree_node *at;
    struct variables vars;
    struct numbers groups; /* that name it */
    struct numbers lineage; /* those and all above them, nearest last; shared between hosts */
    uint16_t port; /* of "name:port", or 0 */
};

struct inventory_internal {
    struct arena *arena; /* the inventory's; while it is built */
    struct arena rows; /* of inventory_origins */
    const char *file;
    const struct expectation_set *expectations; /* NULL: names are not checked */
    bool is_list; /* the shape of ansible-inventory --list */
    struct group *groups;
    size_t group_count;
    struct name_table group_names;
    struct entry *entries;
    size_t entry_count;
    struct name_table entry_names;
    const struct tree_node *boot_paths; /* its value */
    struct inventory *inventory; /* while it is built, like err */
    struct err *err;
};

/* The value of a field that counts for one host, and the one that would without it. */
struct candidate {
    const struct variable *variable; /* NULL = nobody says it */
    const char *where;
};
struct resolved {
    struct candidate winner[FIELD_COUNT], next[FIELD_COUNT];
};

/* One host while its fields are set, one after the other. */
struct host_build {
    struct inventory_internal *in;
    const struct entry *entry;
    const struct resolved *resolved;
    struct host *host;
};

/* inventory_groups.c: the tree to groups and entries. */
int inventory_groups_read(struct inventory_internal *in, const struct tree_node *root);
/* inventory_lineage.c: depth of groups, lineage of entries. */
int inventory_lineage_build(struct inventory_internal *in);
/* inventory_resolve.c */
void inventory_resolve(const struct inventory_internal *in, const struct entry *entry,
                       struct resolved *ret);
/* The node of a field, or NULL where nobody says it or the last word is null. */
const struct tree_node *resolved_node(const struct resolved *resolved, enum inventory_field field);
const char *resolved_text(const struct resolved *resolved, enum inventory_field field);
/* The place of a KIND_CHOICE among its choices; checked when it was read. */
size_t resolved_choice(const struct resolved *resolved, enum inventory_field field, size_t none);
/* A file's path, relative to the inventory's folder; *ret stays where nobody names one. */
int inventory_file_set(struct host_build *b, enum inventory_field field, const char **ret);
/* inventory_host.c: entries to struct host. */
int inventory_hosts_build(struct inventory_internal *in);
/* inventory_winrm.c. The port, where 0 says nothing, and the scheme with it. */
uint16_t inventory_winrm_port(struct host_build *b, uint16_t port);
int inventory_winrm_set(struct host_build *b);
/* Where nothing says pvsaudit_auth: kerberos, or what Ansible calls the transport of winrm. */
int inventory_winrm_auth_default(struct host_build *b);
/* What does not go together is an error, what is probably not meant a warning. */
int inventory_winrm_check(struct host_build *b);
/* inventory_expect.c */
int inventory_expect_read(struct inventory_internal *in, struct variable *variable);
int inventory_expect_apply(struct inventory_internal *in, const struct entry *entry,
                           struct host *host);
/* inventory_boot_paths.c: canonical JSON into the inventory, NULL where none is declared. */
int inventory_boot_paths_build(struct inventory_internal *in);

/* inventory_warning.c: a sentence with its place, said once; more than INVENTORY_WARNINGS_MAX are
 * dropped. */
int inventory_warn(struct inventory_internal *in, const struct tree_node *at, const char *format,
                   ...) __attribute__((format(printf, 3, 4)));
/* What is allowed and probably not meant: two hosts with one address, a host called like a group.
 */
int inventory_warnings_build(struct inventory_internal *in);
/* inventory_groups.c: 0, or -1 and an error: no memory. */
int numbers_add(struct inventory_internal *in, struct numbers *numbers, size_t number);

#endif
