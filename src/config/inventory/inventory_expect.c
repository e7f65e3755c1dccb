/* inventory_expect: pvsaudit_expect of all, groups and host, to what is expected on one host. */
#include "config/inventory/inventory_internal.h"

#include "config/inventory/inventory_secrets.h"
#include "config/tree_read.h"
#include "core/str.h"

#include <string.h>

static const char *const parts[] = {"add", "remove", "replace"};

/* ---- reading one value ---- */

/* name: an id, profile/id, or a profile: then all its expectations that are always watched. */
static size_t names_mark(const struct expectation_set *set, const struct tree_node *name,
                         const struct tree_node **marks)
{
    const struct expectation *one = expectation_find(set, name->text);
    size_t count = 0;
    for (size_t i = 0; i < set->count; i++) {
        const struct expectation *item = &set->items[i];
        bool is_named = one != NULL
                            ? item == one
                            : str_ieq(item->profile, name->text) && item->watch == WATCH_ALWAYS;
        if (is_named) {
            marks[i] = name;
            count++;
        }
    }
    return count;
}

/* A profile whose expectations are all to be named one by one. */
static int profile_fail(struct inventory_internal *in, const struct tree_node *name)
{
    const struct expectation_set *set = in->expectations;
    char ids[256] = "";
    size_t used = 0;
    for (size_t i = 0; i < set->count; i++) {
        if (str_ieq(set->items[i].profile, name->text) && used < sizeof(ids) - 1) {
            (void)str_copy(ids + used, sizeof(ids) - used, used == 0 ? "" : ", ");
            used += strlen(ids + used);
            (void)str_copy(ids + used, sizeof(ids) - used, set->items[i].id);
            used += strlen(ids + used);
        }
    }
    if (used == 0) {
        return 0;
    }
    return tree_fail(
        in->err, name,
        "the profile `%.64s` has nothing that is always watched; name what is expected: "
        "%s",
        name->text, ids);
}

static int name_fail(struct inventory_internal *in, const struct tree_node *name)
{
    const struct expectation_set *set = in->expectations;
    const char **names = arena_array(in->arena, 2 * set->count + 1, sizeof(*names));
    if (names == NULL) {
        return err_memory(in->err);
    }
    for (size_t i = 0; i < set->count; i++) {
        names[2 * i] = set->items[i].id;
        names[2 * i + 1] = set->items[i].profile;
    }
    const char *nearest = str_nearest(name->text, names, 2 * set->count);
    if (profile_fail(in, name) != 0) {
        return -1;
    }
    if (nearest != NULL) {
        return tree_fail(
            in->err, name,
            "pvsaudit_expect names `%.64s`, which is no expectation; did you mean `%s`?",
            name->text, nearest);
    }
    return tree_fail(in->err, name,
                     "pvsaudit_expect names `%.64s`, which is no expectation; "
                     "docs/EXPECTATIONS.md lists them",
                     name->text);
}

static int names_read(struct inventory_internal *in, const struct tree_node *list,
                      const struct tree_node **marks)
{
    if (tree_list(list, "pvsaudit_expect", in->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < list->count; i++) {
        const char *text = NULL;
        const struct tree_node *name = list->items[i];
        if (tree_text(name, "a name in pvsaudit_expect", TREE_NAME_MAX, &text, in->err) != 0) {
            return -1;
        }
        if (in->expectations != NULL && names_mark(in->expectations, name, marks) == 0) {
            return name_fail(in, name);
        }
    }
    return 0;
}

static int parts_read(struct inventory_internal *in, const struct tree_node *map,
                      struct expect_value *value)
{
    value->replaces = tree_get(map, "replace") != NULL;
    if (map->count == 0 || (value->replaces && map->count > 1)) {
        return tree_fail(in->err, map,
                         "pvsaudit_expect takes add and remove, or replace alone, or a list");
    }
    for (size_t i = 0; i < map->count; i++) {
        const struct tree_pair *pair = &map->pairs[i];
        bool removes = strcmp(pair->key->text, "remove") == 0;
        if (!removes && strcmp(pair->key->text, "add") != 0 && !value->replaces) {
            return tree_unknown_key(in->err, pair->key, "in pvsaudit_expect", parts, 3);
        }
        if (names_read(in, pair->value, removes ? value->removed : value->expected) != 0) {
            return -1;
        }
    }
    return 0;
}

int inventory_expect_read(struct inventory_internal *in, struct variable *variable)
{
    size_t count = in->expectations == NULL ? 0 : in->expectations->count;
    struct expect_value *value = arena_alloc(in->arena, sizeof(*value));
    const struct tree_node **marks = arena_array(in->arena, 2 * count + 1, sizeof(*marks));
    if (value == NULL || marks == NULL) {
        return err_memory(in->err);
    }
    *value = (struct expect_value){.expected = marks, .removed = marks + count};
    const struct tree_node *node = variable->value;
    if (inventory_secrets_template_check("pvsaudit_expect", node, in->err) != 0) {
        return -1;
    }
    if (node->kind == TREE_MAP) {
        if (parts_read(in, node, value) != 0) {
            return -1;
        }
    } else {
        value->replaces = true;
        if (names_read(in, node, value->expected) != 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (value->expected[i] != NULL && value->removed[i] != NULL) {
            return tree_fail(in->err, value->removed[i],
                             "`%.64s` is both added and removed; keep one",
                             value->removed[i]->text);
        }
    }
    variable->expect = value;
    return 0;
}

/* ---- merging the levels of one host ---- */

struct merge {
    struct inventory_internal *in;
    const char *os;
    struct declaration *rows; /* one for each expectation of the set; silent ones are dropped */
};

static void row_set(struct merge *merge, size_t i, enum declared declared,
                    const struct tree_node *at, const char *where)
{
    merge->rows[i] = (struct declaration){
        merge->in->expectations->items[i].id, declared, {at->file, at->line, at->column, where}};
}

static void level_merge(struct merge *merge, const struct variables *vars, const char *where)
{
    for (size_t k = 0; k < vars->count; k++) {
        const struct expect_value *value = vars->items[k].expect;
        for (size_t i = 0; value != NULL && i < merge->in->expectations->count; i++) {
            if (value->expected[i] != NULL) {
                row_set(merge, i, DECLARED_EXPECTED, value->expected[i], where);
            } else if (value->removed[i] != NULL) {
                row_set(merge, i, DECLARED_NOT_EXPECTED, value->removed[i], where);
            } else if (value->replaces && merge->in->expectations->items[i].watch != WATCH_INFORM) {
                row_set(merge, i, DECLARED_NOT_EXPECTED, vars->items[k].value, where);
            }
        }
    }
}

/* What the host itself says, and all of it for another system, is probably a forgotten pvsaudit_os:
 * it would pass for a host on which nothing is expected. */
static int other_os_check(struct merge *merge, const struct entry *entry)
{
    const struct expectation_set *set = merge->in->expectations;
    for (size_t k = 0; k < entry->vars.count; k++) {
        const struct expect_value *value = entry->vars.items[k].expect;
        const struct expectation *foreign = NULL;
        bool has_own = value == NULL;
        for (size_t i = 0; value != NULL && i < set->count; i++) {
            if (value->expected[i] != NULL && str_eq(set->items[i].os, merge->os)) {
                has_own = true;
            } else if (value->expected[i] != NULL) {
                foreign = &set->items[i];
            }
        }
        if (!has_own && foreign != NULL) {
            return tree_fail(
                merge->in->err, entry->vars.items[k].value,
                "pvsaudit_expect of %.64s names %s, which is for %s, but the host is %s; "
                "set pvsaudit_os: %s",
                entry->name, foreign->id, foreign->os, merge->os, foreign->os);
        }
    }
    return 0;
}

static size_t rows_keep(struct merge *merge)
{
    const struct expectation_set *set = merge->in->expectations;
    size_t kept = 0;
    for (size_t i = 0; i < set->count; i++) {
        if (merge->rows[i].declared != DECLARED_SILENT && str_eq(set->items[i].os, merge->os)) {
            merge->rows[kept++] = merge->rows[i];
        }
    }
    return kept;
}

int inventory_expect_apply(struct inventory_internal *in, const struct entry *entry,
                           struct host *host)
{
    struct merge merge = {in, host_os_name(host->os), NULL};
    if (in->expectations == NULL || in->expectations->count == 0) {
        return 0;
    }
    merge.rows = arena_array(in->arena, in->expectations->count, sizeof(*merge.rows));
    if (merge.rows == NULL) {
        return err_memory(in->err);
    }
    for (size_t i = 0; i < entry->lineage.count; i++) {
        const struct group *group = &in->groups[entry->lineage.items[i]];
        level_merge(&merge, &group->vars, group->where);
    }
    level_merge(&merge, &entry->vars, "host");
    if (other_os_check(&merge, entry) != 0) {
        return -1;
    }
    host->declaration_count = rows_keep(&merge);
    host->declarations = host->declaration_count == 0 ? NULL : merge.rows;
    return 0;
}
