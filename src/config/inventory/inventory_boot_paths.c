/* inventory_boot_paths: pvsaudit_boot_paths, checked, as canonical JSON. */
#include "config/inventory/inventory_internal.h"

#include "config/inventory/inventory_secrets.h"
#include "config/inventory/range.h"
#include "config/tree_read.h"
#include "core/ip.h"
#include "core/str.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { PATHS_MAX = 1000, SERVERS_MAX = 100000, MIN_DEFAULT = 2 };

static const char *const methods[] = {"pxe", "dhcp-options", "bdm-iso", "bdm-partition", NULL};
static const char *const firmwares[] = {"bios", "uefi", "both", NULL};

struct path_build {
    struct inventory_internal *in;
    json_t *path;
    size_t *servers; /* named so far, in all paths */
};

typedef int part_reader(struct path_build *b, const char *key, const struct tree_node *value);

static int json_put(struct path_build *b, const char *key, json_t *value)
{
    return json_object_set_new(b->path, key, value) == 0 ? 0 : err_memory(b->in->err);
}

static int name_read(struct path_build *b, const char *key, const struct tree_node *value)
{
    const char *text = NULL;
    if (tree_text(value, "name of a boot path", TREE_NAME_MAX, &text, b->in->err) != 0) {
        return -1;
    }
    return json_put(b, key, json_string(text));
}

static int choice_read(struct path_build *b, const char *key, const struct tree_node *value,
                       const char *const *choices)
{
    size_t choice = 0;
    if (tree_choice(value, key, choices, &choice, b->in->err) != 0) {
        return -1;
    }
    return json_put(b, key, json_string(choices[choice]));
}

static int method_read(struct path_build *b, const char *key, const struct tree_node *value)
{
    return choice_read(b, key, value, methods);
}

static int firmware_read(struct path_build *b, const char *key, const struct tree_node *value)
{
    return choice_read(b, key, value, firmwares);
}

static int min_read(struct path_build *b, const char *key, const struct tree_node *value)
{
    uint64_t number = 0;
    if (tree_number(value, key, 1, SERVERS_MAX, &number, b->in->err) != 0) {
        return -1;
    }
    return json_put(b, key, json_integer((json_int_t)number));
}

/* ---- lists ---- */

static int list_append(struct path_build *b, json_t *list, const char *text)
{
    return json_array_append_new(list, json_string(text)) == 0 ? 0 : err_memory(b->in->err);
}

static int subnet_append(struct path_build *b, json_t *list, const char *key,
                         const struct tree_node *item)
{
    char shown[TREE_SHOWN];
    struct ip ip;
    uint64_t bits = 0;
    const char *slash = item->kind == TREE_TEXT ? strchr(item->text, '/') : NULL;
    if (slash == NULL || !ip_parse((struct slice){item->text, (size_t)(slash - item->text)}, &ip) ||
        ip.family == 0 ||
        !str_u64((struct slice){slash + 1, strlen(slash + 1)}, ip.family == 4 ? 32 : 128, &bits)) {
        return tree_fail(b->in->err, item, "%s must be networks like 10.1.0.0/16, not %s", key,
                         tree_shown(item, shown));
    }
    return list_append(b, list, item->text);
}

static int server_fail(struct path_build *b, const char *key, const struct tree_node *item,
                       const char *name)
{
    struct inventory_internal *in = b->in;
    const char **names = arena_array(in->arena, in->entry_count + 1, sizeof(*names));
    if (names == NULL) {
        return err_memory(in->err);
    }
    for (size_t i = 0; i < in->entry_count; i++) {
        names[i] = in->entries[i].name;
    }
    const char *nearest = str_nearest(name, names, in->entry_count);
    return tree_fail(in->err, item,
                     "%s of a boot path names `%.64s`, which is no host of this inventory; %s%s%s",
                     key, name, nearest == NULL ? "add it, or remove it here" : "did you mean `",
                     nearest == NULL ? "" : nearest, nearest == NULL ? "" : "`?");
}

/* A host or a range of hosts; for TFTP also a virtual address. */
static int server_append(struct path_build *b, json_t *list, const char *key,
                         const struct tree_node *item)
{
    const char *const *names = NULL;
    const char *text = NULL;
    struct err reason;
    struct ip ip;
    size_t count = 0;
    if (tree_text(item, key, TREE_NAME_MAX, &text, b->in->err) != 0) {
        return -1;
    }
    if (range_expand(b->in->arena, text, SERVERS_MAX, &names, &count, &reason) != 0) {
        return reason.code == ERR_MEMORY ? err_memory(b->in->err)
                                         : tree_fail(b->in->err, item, "%s", reason.text);
    }
    for (size_t i = 0; i < count; i++) {
        size_t number = 0;
        bool is_virtual = strcmp(key, "tftp") == 0 && strcmp(text, "*") != 0 &&
                          ip_parse((struct slice){text, strlen(text)}, &ip);
        if (!name_table_find(&b->in->entry_names, names[i], &number) && !is_virtual) {
            return server_fail(b, key, item, names[i]);
        }
        if ((*b->servers)++ >= SERVERS_MAX) {
            return tree_fail(b->in->err, item, "the boot paths name more than %d servers",
                             (int)SERVERS_MAX);
        }
        if (list_append(b, list, names[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

static int list_read(struct path_build *b, const char *key, const struct tree_node *value,
                     int (*append)(struct path_build *, json_t *, const char *,
                                   const struct tree_node *))
{
    json_t *list = json_array();
    if (list == NULL || json_object_set_new(b->path, key, list) != 0) {
        return err_memory(b->in->err);
    }
    if (value->kind == TREE_TEXT) {
        return append(b, list, key, value);
    }
    if (tree_list(value, key, b->in->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < value->count; i++) {
        if (append(b, list, key, value->items[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

static int subnets_read(struct path_build *b, const char *key, const struct tree_node *value)
{
    return list_read(b, key, value, subnet_append);
}

static int servers_read(struct path_build *b, const char *key, const struct tree_node *value)
{
    return list_read(b, key, value, server_append);
}

/* ---- one path ---- */

static const char *const part_names[] = {"name", "target_subnets", "method",        "firmware",
                                         "pxe",  "tftp",           "login_servers", "min"};
static part_reader *const part_readers[] = {name_read,    subnets_read, method_read,  firmware_read,
                                            servers_read, servers_read, servers_read, min_read};
enum { PART_COUNT = sizeof(part_names) / sizeof(part_names[0]) };

static int part_read(struct path_build *b, const struct tree_pair *pair)
{
    for (size_t i = 0; i < PART_COUNT; i++) {
        if (strcmp(part_names[i], pair->key->text) == 0) {
            return part_readers[i](b, part_names[i], pair->value);
        }
    }
    return tree_unknown_key(b->in->err, pair->key, "in a boot path", part_names, PART_COUNT);
}

static int defaults_put(struct path_build *b)
{
    for (size_t i = 0; i < PART_COUNT; i++) {
        const char *key = part_names[i];
        if (json_object_get(b->path, key) != NULL) {
            continue;
        }
        json_t *value = strcmp(key, "min") == 0        ? json_integer(MIN_DEFAULT)
                        : strcmp(key, "firmware") == 0 ? json_string("both")
                                                       : json_array();
        if (json_put(b, key, value) != 0) {
            return -1;
        }
    }
    return 0;
}

static int path_check(struct path_build *b, const struct tree_node *at)
{
    static const char *const stages[] = {"pxe", "tftp", "login_servers"};
    const char *method = json_string_value(json_object_get(b->path, "method"));
    size_t servers = 0;
    if (json_object_get(b->path, "name") == NULL || method == NULL) {
        return tree_fail(b->in->err, at, "a boot path needs a name and a method; write both");
    }
    for (size_t i = 0; i < 3; i++) {
        servers += json_array_size(json_object_get(b->path, stages[i]));
    }
    if (servers == 0) {
        return tree_fail(b->in->err, at,
                         "a boot path needs servers; write pxe, tftp or login_servers");
    }
    if (strcmp(method, "pxe") == 0 && json_array_size(json_object_get(b->path, "pxe")) == 0) {
        return tree_fail(b->in->err, at, "a boot path with method pxe needs pxe: [servers]");
    }
    return defaults_put(b);
}

static int path_read(struct path_build *b, const struct tree_node *node)
{
    if (tree_map(node, "a boot path", b->in->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < node->count; i++) {
        if (part_read(b, &node->pairs[i]) != 0) {
            return -1;
        }
    }
    return path_check(b, node);
}

static int name_repeated_check(struct inventory_internal *in, const json_t *paths,
                               const json_t *path, const struct tree_node *at)
{
    const char *name = json_string_value(json_object_get(path, "name"));
    for (size_t i = 0; i < json_array_size(paths); i++) {
        if (str_eq(name, json_string_value(json_object_get(json_array_get(paths, i), "name")))) {
            return tree_fail(in->err, at, "a second boot path is called `%.64s`; rename one", name);
        }
    }
    return 0;
}

static int paths_read(struct inventory_internal *in, json_t *paths)
{
    const struct tree_node *list = in->boot_paths;
    size_t servers = 0;
    if (inventory_secrets_template_check("pvsaudit_boot_paths", list, in->err) != 0 ||
        tree_list(list, "pvsaudit_boot_paths", in->err) != 0) {
        return -1;
    }
    if (list->count > PATHS_MAX) {
        return tree_fail(in->err, list, "more than %d boot paths", (int)PATHS_MAX);
    }
    for (size_t i = 0; i < list->count; i++) {
        struct path_build b = {in, json_object(), &servers};
        if (b.path == NULL) {
            return err_memory(in->err);
        }
        if (path_read(&b, list->items[i]) != 0 ||
            name_repeated_check(in, paths, b.path, list->items[i]) != 0) {
            json_decref(b.path);
            return -1;
        }
        if (json_array_append_new(paths, b.path) != 0) {
            return err_memory(in->err);
        }
    }
    return 0;
}

int inventory_boot_paths_build(struct inventory_internal *in)
{
    if (in->boot_paths == NULL || in->boot_paths->kind == TREE_NULL) {
        return 0;
    }
    json_t *paths = json_array();
    if (paths == NULL) {
        return err_memory(in->err);
    }
    int rc = paths_read(in, paths);
    if (rc == 0) {
        char *text = json_dumps(paths, JSON_COMPACT | JSON_SORT_KEYS);
        in->inventory->boot_paths = arena_strdup(in->arena, text);
        rc = text == NULL || in->inventory->boot_paths == NULL ? err_memory(in->err) : 0;
        free(text);
    }
    json_decref(paths);
    return rc;
}
