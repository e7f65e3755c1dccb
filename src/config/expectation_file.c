/* expectation_file: expectations as YAML data, the shipped ones and a user's own, in one form. */
#include "config/expectation_file.h"

#include "config/text_file.h"
#include "config/tree.h"
#include "config/tree_read.h"
#include "core/embedded.h"
#include "core/str.h"

#include <stdlib.h>
#include <string.h>

enum {
    EXPECTATION_BYTES_MAX = 1 << 20,
    EXPECTATIONS_MAX = 1000,
    ID_MAX = 64,
    LINE_MAX = 1000,
    RULES_MAX = 64,
    CONDITIONS_MAX = 16,
};

static const int64_t settle_max_ms = INT64_C(24) * 3600 * 1000;

static const char *const systems[] = {"windows", "linux", NULL};
static const char *const protos[] = {"udp", "tcp", NULL};
static const char *const owners[] = {"self", "child", NULL};
static const char *const watches[] = {"always", "declared", "inform", NULL};

struct reading {
    struct expectation_set *set; /* whose arena holds what is read */
    const char *profile, *os;
    struct err *err;
};

/* ---- small values ---- */

static int id_read(const struct tree_node *value, const char *what, const char **ret,
                   struct err *err)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    const char *text = NULL;
    char shown[TREE_SHOWN];
    if (tree_text(value, what, ID_MAX, &text, err) != 0) {
        return -1;
    }
    if (strspn(text, allowed) != strlen(text)) {
        return tree_fail(err, value, "%s must be letters, digits, -, _ and . only, not %s", what,
                         tree_shown(value, shown));
    }
    *ret = text;
    return 0;
}

static int port_read(const struct tree_node *value, uint16_t *ret, struct err *err)
{
    uint64_t port = 0;
    if (tree_number(value, "port", 1, 65535, &port, err) != 0) {
        return -1;
    }
    *ret = (uint16_t)port;
    return 0;
}

static int required_check(const struct reading *r, const struct tree_node *map, const char *where,
                          const char *const *keys)
{
    for (size_t i = 0; keys[i] != NULL; i++) {
        if (tree_get(map, keys[i]) == NULL) {
            return tree_fail(r->err, map, "%s has no `%s`; write one", where, keys[i]);
        }
    }
    return 0;
}

/* ---- registry ---- */

static int conditions_read(const struct reading *r, const struct tree_node *map,
                           struct registry_rule *rule)
{
    if (tree_map(map, "when", r->err) != 0) {
        return -1;
    }
    if (map->count == 0 || map->count > CONDITIONS_MAX) {
        return tree_fail(r->err, map, "when must have from 1 to %d values", (int)CONDITIONS_MAX);
    }
    struct registry_condition *conditions =
        arena_array(&r->set->arena, map->count, sizeof(*conditions));
    if (conditions == NULL) {
        return err_memory(r->err);
    }
    for (size_t i = 0; i < map->count; i++) {
        const struct tree_pair *pair = &map->pairs[i];
        if (tree_text(pair->key, "a value's name in when", TREE_NAME_MAX, &conditions[i].name,
                      r->err) != 0 ||
            tree_number_any(pair->value, "a value in when", &conditions[i].number, r->err) != 0) {
            return -1;
        }
    }
    rule->conditions = conditions;
    rule->condition_count = map->count;
    return 0;
}

static int rule_read(const struct reading *r, const struct tree_node *map,
                     struct registry_rule *rule)
{
    static const char *const required[] = {"when", "expected", NULL};
    static const char *const keys[] = {"when", "expected", "port"};
    if (tree_map(map, "a rule", r->err) != 0 || required_check(r, map, "a rule", required) != 0) {
        return -1;
    }
    for (size_t i = 0; i < map->count; i++) {
        const struct tree_node *value = map->pairs[i].value;
        const char *key = map->pairs[i].key->text;
        int rc = strcmp(key, "when") == 0       ? conditions_read(r, value, rule)
                 : strcmp(key, "expected") == 0 ? tree_yes(value, key, &rule->expected, r->err)
                 : strcmp(key, "port") == 0
                     ? port_read(value, &rule->port, r->err)
                     : tree_unknown_key(r->err, map->pairs[i].key, "in a rule", keys, 3);
        if (rc != 0) {
            return -1;
        }
    }
    if (rule->port != 0 && !rule->expected) {
        return tree_fail(r->err, tree_get(map, "port"),
                         "a rule with `expected: no` has no port; remove one of the two");
    }
    return 0;
}

static int rules_read(const struct reading *r, const struct tree_node *list,
                      struct expectation *item)
{
    if (tree_list(list, "rules", r->err) != 0) {
        return -1;
    }
    if (list->count == 0 || list->count > RULES_MAX) {
        return tree_fail(r->err, list, "rules must have from 1 to %d rules", (int)RULES_MAX);
    }
    struct registry_rule *rules = arena_array(&r->set->arena, list->count, sizeof(*rules));
    if (rules == NULL) {
        return err_memory(r->err);
    }
    for (size_t i = 0; i < list->count; i++) {
        if (rule_read(r, list->items[i], &rules[i]) != 0) {
            return -1;
        }
    }
    item->rules = rules;
    item->rule_count = list->count;
    return 0;
}

static int registry_read(const struct reading *r, const struct tree_node *map,
                         struct expectation *item)
{
    static const char *const required[] = {"key", "rules", NULL};
    if (tree_map(map, "registry", r->err) != 0 ||
        required_check(r, map, "registry", required) != 0) {
        return -1;
    }
    for (size_t i = 0; i < map->count; i++) {
        if (strcmp(map->pairs[i].key->text, "key") != 0 &&
            strcmp(map->pairs[i].key->text, "rules") != 0) {
            return tree_unknown_key(r->err, map->pairs[i].key, "in registry", required, 2);
        }
    }
    const struct tree_node *key = tree_get(map, "key");
    if (tree_text(key, "key", TREE_NAME_MAX, &item->registry_key, r->err) != 0) {
        return -1;
    }
    if (!str_starts(item->registry_key, "HKLM\\")) {
        return tree_fail(r->err, key, "key must be a full path that begins with HKLM\\");
    }
    return rules_read(r, tree_get(map, "rules"), item);
}

/* ---- one expectation ---- */

typedef int item_reader(const struct reading *r, const struct tree_node *value,
                        struct expectation *item);

static int read_id(const struct reading *r, const struct tree_node *value, struct expectation *item)
{
    return id_read(value, "id", &item->id, r->err);
}

static int read_service(const struct reading *r, const struct tree_node *value,
                        struct expectation *item)
{
    return tree_text(value, "service", TREE_NAME_MAX, &item->service, r->err);
}

static int read_display_name(const struct reading *r, const struct tree_node *value,
                             struct expectation *item)
{
    return tree_text(value, "display_name", TREE_NAME_MAX, &item->display_name, r->err);
}

static int read_process(const struct reading *r, const struct tree_node *value,
                        struct expectation *item)
{
    return tree_text(value, "process", TREE_NAME_MAX, &item->process, r->err);
}

static int read_pid_file(const struct reading *r, const struct tree_node *value,
                         struct expectation *item)
{
    if (strcmp(r->os, "linux") != 0) {
        return tree_fail(r->err, value, "pid_file is for `os: linux` only; remove it");
    }
    if (tree_text(value, "pid_file", TREE_TEXT_MAX, &item->pid_file, r->err) != 0) {
        return -1;
    }
    return item->pid_file[0] == '/'
               ? 0
               : tree_fail(r->err, value, "pid_file must be a full path that begins with /");
}

static int read_proto(const struct reading *r, const struct tree_node *value,
                      struct expectation *item)
{
    size_t choice = 0;
    int rc = tree_choice(value, "proto", protos, &choice, r->err);
    item->proto = choice == 0 ? PROTO_UDP : PROTO_TCP;
    return rc;
}

static int read_port(const struct reading *r, const struct tree_node *value,
                     struct expectation *item)
{
    return port_read(value, &item->port, r->err);
}

static int read_owner(const struct reading *r, const struct tree_node *value,
                      struct expectation *item)
{
    size_t choice = 0;
    int rc = tree_choice(value, "owner", owners, &choice, r->err);
    item->owner = choice == 0 ? OWNER_SELF : OWNER_CHILD;
    return rc;
}

static int read_watch(const struct reading *r, const struct tree_node *value,
                      struct expectation *item)
{
    static const enum expectation_watch values[] = {WATCH_ALWAYS, WATCH_DECLARED, WATCH_INFORM};
    size_t choice = 0;
    int rc = tree_choice(value, "watch", watches, &choice, r->err);
    item->watch = values[choice];
    return rc;
}

static int read_settle(const struct reading *r, const struct tree_node *value,
                       struct expectation *item)
{
    return tree_duration(value, "settle_running", 0, settle_max_ms, &item->settle_running_ms,
                         r->err);
}

static int read_registry(const struct reading *r, const struct tree_node *value,
                         struct expectation *item)
{
    if (strcmp(r->os, "windows") != 0) {
        return tree_fail(r->err, value, "registry is for `os: windows` only; remove it");
    }
    return registry_read(r, value, item);
}

static int read_remedy(const struct reading *r, const struct tree_node *value,
                       struct expectation *item)
{
    return tree_text(value, "remedy", LINE_MAX, &item->remedy, r->err);
}

static int read_prevention(const struct reading *r, const struct tree_node *value,
                           struct expectation *item)
{
    return tree_text(value, "prevention", LINE_MAX, &item->prevention, r->err);
}

static const char *const item_keys[] = {
    "id",    "service", "display_name",   "process",  "pid_file", "proto",     "port",
    "owner", "watch",   "settle_running", "registry", "remedy",   "prevention"};
static item_reader *const item_readers[] = {
    read_id,       read_service, read_display_name, read_process, read_pid_file,
    read_proto,    read_port,    read_owner,        read_watch,   read_settle,
    read_registry, read_remedy,  read_prevention};
static const char *const item_required[] = {"id",    "service",        "proto",  "port",
                                            "watch", "settle_running", "remedy", NULL};
enum { ITEM_KEYS = sizeof(item_keys) / sizeof(item_keys[0]) };

static int item_read(const struct reading *r, const struct tree_node *map, struct expectation *item)
{
    if (tree_map(map, "an expectation", r->err) != 0 ||
        required_check(r, map, "an expectation", item_required) != 0) {
        return -1;
    }
    for (size_t i = 0; i < map->count; i++) {
        size_t k = 0;
        while (k < ITEM_KEYS && strcmp(item_keys[k], map->pairs[i].key->text) != 0) {
            k++;
        }
        if (k == ITEM_KEYS) {
            return tree_unknown_key(r->err, map->pairs[i].key, "in an expectation", item_keys,
                                    ITEM_KEYS);
        }
        if (item_readers[k](r, map->pairs[i].value, item) != 0) {
            return -1;
        }
    }
    item->profile = r->profile;
    item->os = r->os;
    item->display_name = item->display_name == NULL ? item->service : item->display_name;
    if (expectation_encode(&r->set->arena, item) == NULL) {
        return tree_fail(r->err, map, "the expectation is too long; shorten its rules");
    }
    return 0;
}

/* ---- one file ---- */

static int set_put(const struct reading *r, const struct expectation *item)
{
    struct expectation_set *set = r->set;
    for (size_t i = 0; i < set->count; i++) {
        if (str_ieq(set->items[i].id, item->id)) {
            set->items[i] = *item;
            return 0;
        }
    }
    struct expectation *place =
        arena_push(&set->arena, (void **)&set->items, &set->count, sizeof(*place));
    if (place == NULL) {
        return err_memory(r->err);
    }
    *place = *item;
    return 0;
}

static int repeated_check(const struct reading *r, const struct tree_node *list,
                          const struct expectation *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_ieq(items[i].id, items[count].id)) {
            const struct tree_node *first = tree_get(list->items[i], "id");
            return tree_fail(r->err, tree_get(list->items[count], "id"),
                             "the id `%s` is here a second time, first at %u:%u; rename one",
                             items[count].id, first->line, first->column);
        }
    }
    return 0;
}

/* Nothing is put into the set before all of the file is right. */
static int list_read(const struct reading *r, const struct tree_node *list)
{
    if (tree_list(list, "expectations", r->err) != 0) {
        return -1;
    }
    if (list->count == 0 || list->count > EXPECTATIONS_MAX) {
        return tree_fail(r->err, list, "expectations must have from 1 to %d entries",
                         (int)EXPECTATIONS_MAX);
    }
    struct expectation *items = arena_array(&r->set->arena, list->count, sizeof(*items));
    if (items == NULL) {
        return err_memory(r->err);
    }
    for (size_t i = 0; i < list->count; i++) {
        if (item_read(r, list->items[i], &items[i]) != 0 ||
            repeated_check(r, list, items, i) != 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < list->count; i++) {
        if (set_put(r, &items[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

static int file_read(struct reading *r, const struct tree_node *root)
{
    static const char *const keys[] = {"profile", "os", "expectations", NULL};
    size_t system = 0;
    if (tree_map(root, "an expectation file", r->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < root->count; i++) {
        const struct tree_node *key = root->pairs[i].key;
        if (strcmp(key->text, keys[0]) != 0 && strcmp(key->text, keys[1]) != 0 &&
            strcmp(key->text, keys[2]) != 0) {
            return tree_unknown_key(r->err, key, "in an expectation file", keys, 3);
        }
    }
    if (required_check(r, root, "the file", keys) != 0 ||
        id_read(tree_get(root, "profile"), "profile", &r->profile, r->err) != 0 ||
        tree_choice(tree_get(root, "os"), "os", systems, &system, r->err) != 0) {
        return -1;
    }
    r->os = systems[system];
    return list_read(r, tree_get(root, "expectations"));
}

int expectation_file_parse(const char *name, const char *bytes, size_t len,
                           struct expectation_set *set, struct err *err)
{
    const struct tree_node *root = NULL;
    struct reading r = {.set = set, .err = err};
    if (tree_parse(name, bytes, len, &set->arena, &root, err) != 0) {
        return -1;
    }
    return file_read(&r, root);
}

int expectation_file_load(const char *path, struct expectation_set *set, struct err *err)
{
    char *bytes = NULL;
    size_t len = 0;
    if (text_file_load(path, EXPECTATION_BYTES_MAX, &bytes, &len, NULL, err) != 0) {
        return -1;
    }
    int rc = expectation_file_parse(path, bytes, len, set, err);
    free(bytes);
    return rc;
}

int expectation_file_load_shipped(struct expectation_set *ret, struct err *err)
{
    struct expectation_set set = {.arena = {NULL}};
    for (const struct embedded_file *file = expectations_embedded; file->name != NULL; file++) {
        if (expectation_file_parse(file->name, file->text, strlen(file->text), &set, err) != 0) {
            expectation_set_done(&set);
            return -1;
        }
    }
    *ret = set;
    return 0;
}

static int load_each(const char *const *paths, size_t count, struct expectation_set *set,
                     struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        if (expectation_file_load(paths[i], set, err) != 0) {
            return -1;
        }
    }
    return 0;
}

int expectation_file_load_all(const struct settings *settings, const struct command_line *line,
                              struct expectation_set *ret, struct err *err)
{
    return expectation_file_load_shipped(ret, err) != 0 ||
                   load_each(settings->expectation_files, settings->expectation_file_count, ret,
                             err) != 0 ||
                   load_each(line->expectation_files, line->expectation_file_count, ret, err) != 0
               ? -1
               : 0;
}
