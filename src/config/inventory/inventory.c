/* inventory: the hosts to visit, from bytes or from a file. */
#include "config/inventory/inventory_internal.h"

#include "config/text_file.h"
#include "config/tree_read.h"
#include "core/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define INI_REMEDY                                                                      \
    "this looks like an INI inventory; convert it: ansible-inventory -i FILE --list > " \
    "hosts.json"

/* "[group]" alone on a line: an INI inventory, which YAML would call a list or a syntax error. */
static bool looks_like_ini(const char *bytes, size_t len)
{
    struct slice rest = {bytes, len};
    struct slice line;
    while (slice_line(&rest, &line, NULL)) {
        line = slice_trim(line);
        if (line.len == 0 || line.data[0] == '#' || line.data[0] == ';') {
            continue;
        }
        return line.len > 2 && line.data[0] == '[' && line.data[line.len - 1] == ']' &&
               memchr(line.data, '"', line.len) == NULL && memchr(line.data, ',', line.len) == NULL;
    }
    return false;
}

static int root_read(struct inventory_internal *in, const char *bytes, size_t len,
                     const struct tree_node **ret)
{
    char shown[TREE_SHOWN];
    const struct tree_node *root = NULL;
    int rc = tree_parse(in->file, bytes, len, in->arena, &root, in->err);
    bool is_map = rc == 0 && root->kind == TREE_MAP;
    if (!is_map && looks_like_ini(bytes, len)) {
        return err_set(in->err, ERR_CONFIG, "config", "%s: " INI_REMEDY, in->file);
    }
    if (rc != 0) {
        return -1;
    }
    if (root->kind == TREE_NULL) {
        return tree_fail(in->err, root,
                         "the inventory is empty; write the hosts below all: hosts:");
    }
    if (!is_map) {
        return tree_fail(in->err, root,
                         "an inventory must be a mapping of groups, not %s; write all: hosts:",
                         tree_shown(root, shown));
    }
    *ret = root;
    return 0;
}

static int inventory_build(struct inventory_internal *in, const char *bytes, size_t len)
{
    const struct tree_node *root = NULL;
    if (root_read(in, bytes, len, &root) != 0 || inventory_groups_read(in, root) != 0) {
        return -1;
    }
    if (in->entry_count == 0) {
        return tree_fail(in->err, root,
                         "the inventory names no host; write the hosts below all: hosts:");
    }
    if (inventory_lineage_build(in) != 0 || inventory_hosts_build(in) != 0 ||
        inventory_boot_paths_build(in) != 0) {
        return -1;
    }
    return inventory_warnings_build(in);
}

int inventory_parse(const char *name, const char *bytes, size_t len,
                    const struct expectation_set *expectations, struct inventory *ret,
                    struct err *err)
{
    struct inventory inventory = {.arena = {NULL}};
    struct inventory_internal *in = arena_alloc(&inventory.arena, sizeof(*in));
    const char *file = arena_strdup(&inventory.arena, name);
    if (in == NULL || file == NULL) {
        arena_done(&inventory.arena);
        return err_memory(err);
    }
    *in = (struct inventory_internal){.arena = &inventory.arena,
                                      .file = file,
                                      .expectations = expectations,
                                      .inventory = &inventory,
                                      .err = err};
    inventory.internal = in;
    if (inventory_build(in, bytes, len) != 0) {
        inventory_done(&inventory);
        return -1;
    }
    in->arena = NULL;
    in->inventory = NULL;
    in->err = NULL;
    *ret = inventory;
    return 0;
}

/* Ansible reads these folders beside an inventory. We do not, and say so. */
static int folders_warn(const char *path, struct inventory *inventory, struct err *err)
{
    static const char *const folders[] = {"group_vars", "host_vars"};
    struct inventory_internal in = {.arena = &inventory->arena, .inventory = inventory, .err = err};
    const struct tree_node at = {.file = path, .line = 1, .column = 1};
    for (size_t i = 0; i < 2; i++) {
        const char *folder = text_file_path(&inventory->arena, path, folders[i]);
        struct stat status;
        if (folder == NULL) {
            return err_memory(err);
        }
        if (stat(folder, &status) == 0 && S_ISDIR(status.st_mode) &&
            inventory_warn(&in, &at,
                           "%s is not read; give what ansible-inventory --list says, if it holds "
                           "variables of these hosts",
                           folder) != 0) {
            return -1;
        }
    }
    return 0;
}

int inventory_load(const char *path, const struct expectation_set *expectations,
                   struct inventory *ret, struct err *err)
{
    struct inventory inventory;
    bool is_stdin = strcmp(path, "-") == 0;
    char *bytes = NULL;
    size_t len = 0;
    if (text_file_load(path, TREE_BYTES_MAX, &bytes, &len, NULL, err) != 0) {
        return -1;
    }
    if (len > 2 && memcmp(bytes, "#!", 2) == 0) {
        free(bytes);
        return err_set(err, ERR_CONFIG, "config",
                       "%s: it is a program; give what it prints: %s --list > hosts.json", path,
                       path);
    }
    int rc =
        inventory_parse(is_stdin ? "<stdin>" : path, bytes, len, expectations, &inventory, err);
    free(bytes);
    if (rc == 0 && !is_stdin && folders_warn(path, &inventory, err) != 0) {
        inventory_done(&inventory);
        rc = -1;
    }
    if (rc == 0) {
        *ret = inventory;
    }
    return rc;
}

void inventory_done(struct inventory *inventory)
{
    if (inventory == NULL) {
        return;
    }
    if (inventory->internal != NULL) {
        arena_done(&inventory->internal->rows);
    }
    arena_done(&inventory->arena);
    memset(inventory, 0, sizeof(*inventory));
}

const struct host *inventory_find(const struct inventory *inventory, const char *name)
{
    size_t number = 0;
    if (inventory->internal == NULL || name == NULL ||
        !name_table_find(&inventory->internal->entry_names, name, &number)) {
        return NULL;
    }
    return &inventory->hosts[number];
}
