/* scenario_group: one group of servers of a scenario: its names and settings. */
#include "farm/scenario/scenario_loader.h"

#include "core/str.h"
#include "farm/server/knob.h"
#include "farm/server/names.h"

#include <stdio.h>
#include <stdlib.h>

enum { SERVERS_MAX = 100000 };

static int server_index(struct scenario_loader *l, const char *name, size_t *ret)
{
    struct scenario *scenario = l->scenario;
    for (size_t i = 0; i < scenario->count; i++) {
        if (str_eq(scenario->servers[i].name, name)) {
            *ret = i; /* a later group settles more about a server of an earlier one */
            return 0;
        }
    }
    if (scenario->count >= SERVERS_MAX) {
        return err_set(l->err, ERR_LIMIT, "scenario", "more than %d servers", SERVERS_MAX);
    }
    if (scenario->count == l->capacity) {
        size_t capacity = l->capacity == 0 ? 64 : l->capacity * 2;
        struct server *servers = realloc(scenario->servers, capacity * sizeof(*servers));
        if (servers == NULL) {
            return err_memory(l->err);
        }
        scenario->servers = servers;
        l->capacity = capacity;
    }
    struct server *server = &scenario->servers[scenario->count];
    knob_defaults(server);
    (void)str_copy(server->farm, sizeof(server->farm), l->farm);
    if (!str_copy(server->name, sizeof(server->name), name) || *name == '\0') {
        return err_set(l->err, ERR_CONFIG, "scenario", "'%.80s' is no name for a server", name);
    }
    *ret = scenario->count++;
    return 0;
}

static int add_member(void *data, const char *name)
{
    struct scenario_loader *l = data;
    size_t index = 0;
    if (server_index(l, name, &index) != 0) {
        return -1;
    }
    size_t *members = realloc(l->members, (l->member_count + 1) * sizeof(*members));
    if (members == NULL) {
        return err_memory(l->err);
    }
    l->members = members;
    l->members[l->member_count++] = index;
    return 0;
}

static int expand_names(struct scenario_loader *l, const yaml_node_t *node)
{
    const char *pattern = scenario_scalar(node);
    if (pattern == NULL) {
        return scenario_fail(l, node, "a name or a range such as pvs[01:28] belongs here");
    }
    if (names_expand(pattern, add_member, l, l->err) != 0) {
        char sentence[900];
        (void)snprintf(sentence, sizeof(sentence), "%.800s", l->err->text);
        return scenario_fail(l, node, sentence);
    }
    return 0;
}

static int load_names(struct scenario_loader *l, const yaml_node_t *node)
{
    if (node->type != YAML_SEQUENCE_NODE) {
        return expand_names(l, node);
    }
    for (yaml_node_item_t *item = node->data.sequence.items.start;
         item < node->data.sequence.items.top; item++) {
        if (expand_names(l, scenario_node(l, *item)) != 0) {
            return -1;
        }
    }
    return 0;
}

/* A list as one value: "a,b", or for the inventory "[a, b]". */
static int join(struct scenario_loader *l, const yaml_node_t *node, bool flow, char *to,
                size_t size)
{
    size_t at = (size_t)snprintf(to, size, "%s", flow ? "[" : "");
    for (yaml_node_item_t *item = node->data.sequence.items.start;
         item < node->data.sequence.items.top; item++) {
        const char *text = scenario_scalar(scenario_node(l, *item));
        bool first = item == node->data.sequence.items.start;
        int n = text == NULL ? -1 : snprintf(to + at, size - at, "%s%s", first ? "" : ", ", text);
        if (n < 0 || (size_t)n + 2 >= size - at) {
            return scenario_fail(l, node, "a short list of single values belongs here");
        }
        at += (size_t)n;
    }
    (void)snprintf(to + at, size - at, "%s", flow ? "]" : "");
    return 0;
}

static int set_one(struct scenario_loader *l, const yaml_node_t *node, size_t member,
                   const char *key, const char *value)
{
    struct err why = {0};
    struct server *server = &l->scenario->servers[l->members[member]];
    return knob_set(server, key, value, NULL, &why) == 0 ? 0 : scenario_fail(l, node, why.text);
}

/* A list deals its values to the servers of the group in turn. */
static int set_group(struct scenario_loader *l, const char *key, const yaml_node_t *node)
{
    char joined[256];
    bool whole = str_eq(key, "expect") || str_eq(key, "addresses") || str_eq(key, "offers") ||
                 str_eq(key, "wire");
    const char *value = scenario_scalar(node);
    if (node->type == YAML_SEQUENCE_NODE && whole) {
        if (join(l, node, str_eq(key, "expect"), joined, sizeof(joined)) != 0) {
            return -1;
        }
        value = joined;
    }
    size_t dealt = node->type == YAML_SEQUENCE_NODE && !whole
                       ? (size_t)(node->data.sequence.items.top - node->data.sequence.items.start)
                       : 0;
    for (size_t i = 0; i < l->member_count; i++) {
        const yaml_node_t *from =
            dealt == 0 ? node : scenario_node(l, node->data.sequence.items.start[i % dealt]);
        const char *text = dealt == 0 ? value : scenario_scalar(from);
        if (text == NULL) {
            return scenario_fail(l, node, "a value or a list of values belongs here");
        }
        if (set_one(l, from, i, key, text) != 0) {
            return -1;
        }
    }
    return 0;
}

static int unknown_setting(struct scenario_loader *l, const yaml_node_t *node)
{
    const char *names[64] = {"names"};
    size_t count = 1;
    for (size_t i = 0; i < knob_count && count < 64; i++) {
        names[count++] = knobs[i].name;
    }
    return scenario_unknown_key(l, node, names, count);
}

int scenario_load_group(struct scenario_loader *l, const yaml_node_t *node)
{
    if (node->type != YAML_MAPPING_NODE) {
        return scenario_fail(l, node, "a group of servers with 'names' belongs here");
    }
    l->member_count = 0;
    const yaml_node_pair_t *end = node->data.mapping.pairs.top;
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < end; pair++) {
        const char *key = scenario_scalar(scenario_node(l, pair->key));
        if (str_eq(key, "names") && load_names(l, scenario_node(l, pair->value)) != 0) {
            return -1;
        }
    }
    if (l->member_count == 0) {
        return scenario_fail(l, node, "this group has no 'names'");
    }
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < end; pair++) {
        const char *key = scenario_scalar(scenario_node(l, pair->key));
        if (str_eq(key, "names")) {
            continue;
        }
        if (key == NULL || !knob_known(key)) {
            return unknown_setting(l, scenario_node(l, pair->key));
        }
        if (set_group(l, key, scenario_node(l, pair->value)) != 0) {
            return -1;
        }
    }
    return 0;
}
