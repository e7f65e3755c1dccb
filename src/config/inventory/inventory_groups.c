/* inventory_groups: reads groups, hosts and variables out of the tree of an inventory. */
#include "config/inventory/inventory_internal.h"

#include "config/inventory/inventory_secrets.h"
#include "config/inventory/range.h"
#include "config/tree_read.h"
#include "core/ip.h"
#include "core/str.h"

#include <string.h>

static const char *const parts[] = {"hosts", "children", "vars"};

static int group_body(struct inventory_internal *in, size_t number, const struct tree_node *body);

int numbers_add(struct inventory_internal *in, struct numbers *numbers, size_t number)
{
    size_t *place =
        arena_push(in->arena, (void **)&numbers->items, &numbers->count, sizeof(*place));
    if (place == NULL) {
        return err_memory(in->err);
    }
    *place = number;
    return 0;
}

/* ---- variables ---- */

static int ignored_warn(struct inventory_internal *in, const struct tree_node *at)
{
    static const char certificate[] = "ansible_winrm_server_cert_validation";
    const char *remedy = strcmp(at->text, certificate) == 0
                             ? "certificates are always checked; see pvsaudit_ca_file"
                             : "ssh is spoken without the ssh program; see pvsaudit_* keys";
    return inventory_warn(in, at, "%s is ignored: %s", at->text, remedy);
}

static int variable_add(struct inventory_internal *in, struct variables *vars,
                        const struct tree_pair *pair)
{
    struct variable variable = {.at = pair->key, .value = pair->value};
    if (inventory_key_check(pair->key, pair->value, &variable.key, in->err) != 0) {
        return -1;
    }
    if (variable.key == NULL) {
        return 0;
    }
    if (variable.key->field == FIELD_IGNORED) {
        return ignored_warn(in, pair->key);
    }
    if (variable.key->kind == KIND_EXPECT && inventory_expect_read(in, &variable) != 0) {
        return -1;
    }
    struct variable *place =
        arena_push(in->arena, (void **)&vars->items, &vars->count, sizeof(*place));
    if (place == NULL) {
        return err_memory(in->err);
    }
    *place = variable;
    return 0;
}

/* all: vars: (and --list, which copies it to every host) may hold the fleet's boot paths. */
static int boot_paths_take(struct inventory_internal *in, const struct tree_pair *pair)
{
    if (in->boot_paths != NULL && !in->is_list) {
        return tree_fail(in->err, pair->key,
                         "pvsaudit_boot_paths is here a second time, first at %u:%u; keep one",
                         in->boot_paths->line, in->boot_paths->column);
    }
    if (in->boot_paths == NULL) {
        in->boot_paths = pair->value;
    }
    return 0;
}

static int variables_read(struct inventory_internal *in, struct variables *vars,
                          const struct tree_node *map, bool fleet)
{
    for (size_t i = 0; i < map->count; i++) {
        const struct tree_pair *pair = &map->pairs[i];
        int rc = fleet && strcmp(pair->key->text, "pvsaudit_boot_paths") == 0
                     ? boot_paths_take(in, pair)
                     : variable_add(in, vars, pair);
        if (rc != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- names ---- */

static int name_check(struct inventory_internal *in, const struct tree_node *at, const char *what)
{
    const char *text = NULL;
    if (inventory_secrets_template_check(what, at, in->err) != 0) {
        return -1;
    }
    return tree_text(at, what, TREE_NAME_MAX, &text, in->err);
}

static int group_add(struct inventory_internal *in, const struct tree_node *at, size_t *ret)
{
    if (name_check(in, at, "a group's name") != 0) {
        return -1;
    }
    if (name_table_find(&in->group_names, at->text, ret)) {
        return 0;
    }
    if (in->group_count >= INVENTORY_GROUPS_MAX) {
        return tree_fail(in->err, at, "more than %d groups; use fewer", (int)INVENTORY_GROUPS_MAX);
    }
    struct group *group =
        arena_push(in->arena, (void **)&in->groups, &in->group_count, sizeof(*group));
    if (group == NULL) {
        return err_memory(in->err);
    }
    *group = (struct group){.name = at->text, .at = at, .priority = 1};
    *ret = in->group_count - 1;
    group->where = *ret == INVENTORY_ALL ? at->text : arena_printf(in->arena, "group %s", at->text);
    if (group->where == NULL ||
        name_table_add(in->arena, &in->group_names, group->name, *ret) != 0) {
        return err_memory(in->err);
    }
    return 0;
}

/* "name:2222" and "[::1]:2222" hold a port, as in Ansible; "[::1]" is an address. */
static int port_cut(struct inventory_internal *in, const struct tree_node *at, const char **name,
                    uint16_t *port)
{
    const char *text = *name;
    const char *colon = strrchr(text, ':');
    size_t len = strlen(text);
    struct ip ip;
    uint64_t number = 0;
    bool is_cut = strchr(text, '[') != NULL && strchr(text, ']') == NULL; /* for range to say */
    if (colon != NULL && !is_cut && strchr(colon, ']') == NULL &&
        !ip_parse((struct slice){text, len}, &ip)) {
        len = (size_t)(colon - text);
        if (!str_u64((struct slice){colon + 1, strlen(colon + 1)}, 65535, &number) || number == 0) {
            return tree_fail(in->err, at,
                             "`%.60s` is no host's name; a colon may stand before a port only",
                             text);
        }
    }
    if (len > 1 && text[0] == '[' && text[len - 1] == ']' &&
        ip_parse((struct slice){text, len}, &ip)) {
        text++;
        len -= 2;
    }
    *name = arena_strndup(in->arena, text, len);
    *port = (uint16_t)number;
    return *name == NULL ? err_memory(in->err) : 0;
}

/* ---- hosts ---- */

static int entry_find_or_add(struct inventory_internal *in, const char *name,
                             const struct tree_node *at, size_t *ret)
{
    if (name_table_find(&in->entry_names, name, ret)) {
        return 0;
    }
    if (in->entry_count >= INVENTORY_HOSTS_MAX) {
        return tree_fail(in->err, at, "more than %d hosts; split the inventory",
                         (int)INVENTORY_HOSTS_MAX);
    }
    struct entry *entry =
        arena_push(in->arena, (void **)&in->entries, &in->entry_count, sizeof(*entry));
    if (entry == NULL) {
        return err_memory(in->err);
    }
    *entry = (struct entry){.name = name, .at = at};
    *ret = in->entry_count - 1;
    return name_table_add(in->arena, &in->entry_names, name, *ret) == 0 ? 0 : err_memory(in->err);
}

/* One name as the file has it, maybe with ranges. group SIZE_MAX: none yet (hostvars). */
static int host_read(struct inventory_internal *in, size_t group, const struct tree_node *at,
                     const struct tree_node *body)
{
    const char *const *names = NULL;
    const char *name = at->text;
    struct variables vars = {NULL, 0};
    struct err reason;
    uint16_t port = 0;
    size_t count = 0;
    if (name_check(in, at, "a host's name") != 0 || port_cut(in, at, &name, &port) != 0) {
        return -1;
    }
    if (range_expand(in->arena, name, INVENTORY_HOSTS_MAX, &names, &count, &reason) != 0) {
        return reason.code == ERR_MEMORY ? err_memory(in->err)
                                         : tree_fail(in->err, at, "%s", reason.text);
    }
    if (body != NULL && variables_read(in, &vars, body, in->is_list) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        size_t number = 0;
        if (entry_find_or_add(in, names[i], at, &number) != 0) {
            return -1;
        }
        struct entry *entry = &in->entries[number];
        entry->port = port == 0 ? entry->port : port;
        for (size_t k = 0; k < vars.count; k++) {
            struct variable *place = arena_push(in->arena, (void **)&entry->vars.items,
                                                &entry->vars.count, sizeof(*place));
            if (place == NULL) {
                return err_memory(in->err);
            }
            *place = vars.items[k];
        }
        if (group != SIZE_MAX && (numbers_add(in, &in->entries[number].groups, group) != 0 ||
                                  numbers_add(in, &in->groups[group].members, number) != 0)) {
            return -1;
        }
    }
    return 0;
}

static int vars_of_host_check(struct inventory_internal *in, const struct tree_node *at,
                              const struct tree_node *body)
{
    char shown[TREE_SHOWN];
    if (body->kind == TREE_NULL || body->kind == TREE_MAP) {
        return 0;
    }
    return tree_fail(
        in->err, body,
        "the host %.64s must have a mapping of variables, not %s; write `%.64s:` alone, "
        "or `key: value` below it",
        at->text, tree_shown(body, shown), at->text);
}

static int list_fail(struct inventory_internal *in, const struct tree_node *list, const char *part,
                     const char *group)
{
    return tree_fail(in->err, list,
                     "%s of group %.64s is a list; write each as `name:`, without the dash", part,
                     group);
}

static int hosts_read(struct inventory_internal *in, size_t group, const struct tree_node *hosts)
{
    if (hosts->kind == TREE_NULL) {
        return 0;
    }
    if (hosts->kind == TREE_TEXT) {
        return host_read(in, group, hosts, NULL);
    }
    if (hosts->kind == TREE_LIST && !in->is_list) {
        return list_fail(in, hosts, "hosts", in->groups[group].name);
    }
    for (size_t i = 0; i < hosts->count; i++) {
        bool is_map = hosts->kind == TREE_MAP;
        const struct tree_node *at = is_map ? hosts->pairs[i].key : hosts->items[i];
        const struct tree_node *body = is_map ? hosts->pairs[i].value : NULL;
        if (body != NULL && vars_of_host_check(in, at, body) != 0) {
            return -1;
        }
        if (host_read(in, group, at, body) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- groups ---- */

static int child_read(struct inventory_internal *in, size_t parent, const struct tree_node *at,
                      const struct tree_node *body)
{
    size_t child = 0;
    if (group_add(in, at, &child) != 0) {
        return -1;
    }
    if (child == INVENTORY_ALL) {
        return tree_fail(in->err, at,
                         "all cannot be a child: every group is in it already; remove it");
    }
    if (numbers_add(in, &in->groups[child].parents, parent) != 0 ||
        numbers_add(in, &in->groups[parent].children, child) != 0) {
        return -1;
    }
    return body == NULL ? 0 : group_body(in, child, body);
}

static int children_read(struct inventory_internal *in, size_t group,
                         const struct tree_node *children)
{
    if (children->kind == TREE_NULL) {
        return 0;
    }
    if (children->kind == TREE_TEXT) {
        return child_read(in, group, children, NULL);
    }
    if (children->kind == TREE_LIST && !in->is_list) {
        return list_fail(in, children, "children", in->groups[group].name);
    }
    for (size_t i = 0; i < children->count; i++) {
        bool is_map = children->kind == TREE_MAP;
        if (child_read(in, group, is_map ? children->pairs[i].key : children->items[i],
                       is_map ? children->pairs[i].value : NULL) != 0) {
            return -1;
        }
    }
    return 0;
}

static int part_read(struct inventory_internal *in, size_t group, const struct tree_pair *pair)
{
    const char *part = pair->key->text;
    char where[TREE_NAME_MAX + 16];
    if (strcmp(part, "hosts") == 0) {
        return hosts_read(in, group, pair->value);
    }
    if (strcmp(part, "children") == 0) {
        return children_read(in, group, pair->value);
    }
    if (strcmp(part, "vars") == 0) {
        if (pair->value->kind == TREE_NULL) {
            return 0;
        }
        return tree_map(pair->value, "vars", in->err) != 0
                   ? -1
                   : variables_read(in, &in->groups[group].vars, pair->value,
                                    group == INVENTORY_ALL);
    }
    (void)str_copy(where, sizeof(where), "in group ");
    (void)str_copy(where + 9, sizeof(where) - 9, in->groups[group].name);
    if (inventory_key_find(part) != NULL || str_starts(part, "pvsaudit_")) {
        return tree_fail(in->err, pair->key, "`%.64s` %s is a variable; write it under vars:", part,
                         where);
    }
    return tree_unknown_key(in->err, pair->key, where, parts, 3);
}

static int group_body(struct inventory_internal *in, size_t number, const struct tree_node *body)
{
    char shown[TREE_SHOWN];
    if (body->kind == TREE_NULL) {
        return 0;
    }
    if (body->kind == TREE_LIST && in->is_list) {
        return hosts_read(in, number, body);
    }
    if (body->kind != TREE_MAP) {
        return tree_fail(in->err, body,
                         "group %.64s must be a mapping with hosts, children and vars, not %s",
                         in->groups[number].name, tree_shown(body, shown));
    }
    for (size_t i = 0; i < body->count; i++) {
        if (part_read(in, number, &body->pairs[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- the top ---- */

static int top_read(struct inventory_internal *in, const struct tree_pair *pair)
{
    const struct tree_node *key = pair->key;
    size_t number = 0;
    if (strcmp(key->text, "_meta") == 0) {
        return 0;
    }
    if (strcmp(key->text, "pvsaudit_boot_paths") == 0) {
        return boot_paths_take(in, pair);
    }
    if (strcmp(key->text, "plugin") == 0) {
        return tree_fail(in->err, key,
                         "these are an inventory plugin's settings; give the hosts themselves: "
                         "ansible-inventory -i FILE --list > hosts.json");
    }
    for (size_t i = 0; i < 3; i++) {
        if (strcmp(key->text, parts[i]) == 0) {
            return tree_fail(
                in->err, key,
                "`%s` stands where groups stand; write it below a group, e.g. all:", key->text);
        }
    }
    if (str_starts(key->text, "pvsaudit_") || inventory_key_find(key->text) != NULL) {
        const struct inventory_key *found = NULL;
        return inventory_key_check(key, pair->value, &found, in->err) != 0
                   ? -1
                   : tree_fail(
                         in->err, key,
                         "`%.64s` stands where groups stand; write it under all: vars:", key->text);
    }
    return group_add(in, key, &number) != 0 ? -1 : group_body(in, number, pair->value);
}

static int hostvars_read(struct inventory_internal *in, const struct tree_node *root)
{
    const struct tree_node *meta = tree_get(root, "_meta");
    const struct tree_node *hostvars = meta == NULL ? NULL : tree_get(meta, "hostvars");
    for (size_t i = 0; hostvars != NULL && hostvars->kind == TREE_MAP && i < hostvars->count; i++) {
        const struct tree_pair *pair = &hostvars->pairs[i];
        if (vars_of_host_check(in, pair->key, pair->value) != 0 ||
            host_read(in, SIZE_MAX, pair->key, pair->value) != 0) {
            return -1;
        }
    }
    return 0;
}

int inventory_groups_read(struct inventory_internal *in, const struct tree_node *root)
{
    static const struct tree_node all = {.kind = TREE_TEXT, .text = "all", .line = 1, .column = 1};
    struct tree_node *at = arena_alloc(in->arena, sizeof(*at));
    size_t number = 0;
    if (at == NULL) {
        return err_memory(in->err);
    }
    *at = all;
    at->file = root->file;
    in->is_list = tree_get(root, "_meta") != NULL;
    if (group_add(in, at, &number) != 0) {
        return -1;
    }
    for (size_t i = 0; i < root->count; i++) {
        if (top_read(in, &root->pairs[i]) != 0) {
            return -1;
        }
    }
    return hostvars_read(in, root);
}
