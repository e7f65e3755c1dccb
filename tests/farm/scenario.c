/* scenario: the YAML file that says which servers the farm has. */
#include "farm/scenario.h"

#include "core/clock.h"
#include "core/str.h"
#include "farm/knob.h"
#include "farm/names.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { SERVERS_MAX = 100000, HOST_KEYS_MAX = 16, WORKERS_MAX = 64 };

struct loader {
    struct scenario *scenario;
    const char *path;
    yaml_document_t document;
    struct err *err;
    size_t capacity;
    const char *farm; /* the default of every group */
    /* the group at work */
    size_t *members;
    size_t member_count;
};

const struct scenario_key scenario_keys[] = {
    {"farm", "NAME", "PVS farm of groups that name none"},
    {"seed", "NUMBER", "what pids, ports and times are made from"},
    {"start", "TIME", "the farm's clock when it starts (now)"},
    {"listen", "127.X.Y.Z/BITS", "the servers' loopback addresses follow this one"},
    {"network", "IP", "the servers' own addresses follow this one"},
    {"client", "IP", "the other end of ssh connections in netstat"},
    {"port", "NUMBER", "port of sshd on every server (chosen by the kernel)"},
    {"host_keys", "1-16", "how many host keys the servers share"},
    {"workers", "NUMBER", "processes that serve (as many as descriptors need)"},
    {"accounts", "LIST", "who may log in"},
    {"servers", "LIST", "groups of servers: names and settings"},
};
const size_t scenario_key_count = sizeof(scenario_keys) / sizeof(scenario_keys[0]);

const struct scenario_key scenario_account_keys[] = {
    {"name", "NAME", "as the client gives it"},
    {"password", "TEXT", "accepted with password authentication"},
    {"key", "true | false", "accepts the key that lies beside the inventory"},
    {"rights", "see rights", "what the account may ask"},
};
const size_t scenario_account_key_count =
    sizeof(scenario_account_keys) / sizeof(scenario_account_keys[0]);

static int fail_at(struct loader *l, const yaml_node_t *node, const char *sentence)
{
    char copy[900];
    (void)snprintf(copy, sizeof(copy), "%s", sentence);
    return err_set(l->err, ERR_CONFIG, "scenario", "%s:%zu:%zu: %s", l->path,
                   node->start_mark.line + 1, node->start_mark.column + 1, copy);
}

static yaml_node_t *node_of(struct loader *l, int id)
{
    return yaml_document_get_node(&l->document, id);
}

static const char *scalar(const yaml_node_t *node)
{
    return node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : NULL;
}

static int want_scalar(struct loader *l, const yaml_node_t *node, const char **ret)
{
    *ret = scalar(node);
    return *ret == NULL ? fail_at(l, node, "a single value belongs here") : 0;
}

static int want_number(struct loader *l, const yaml_node_t *node, uint64_t max, uint64_t *ret)
{
    const char *text = NULL;
    if (want_scalar(l, node, &text) != 0) {
        return -1;
    }
    if (!str_u64((struct slice){text, strlen(text)}, max, ret)) {
        char sentence[160];
        (void)snprintf(sentence, sizeof(sentence), "'%.60s' is no number up to %llu", text,
                       (unsigned long long)max);
        return fail_at(l, node, sentence);
    }
    return 0;
}

static int want_address(struct loader *l, const yaml_node_t *node, uint32_t *ret)
{
    const char *text = NULL;
    struct server_address address;
    if (want_scalar(l, node, &text) != 0) {
        return -1;
    }
    if (!knob_parse_address(text, &address)) {
        return fail_at(l, node, "an IPv4 address belongs here");
    }
    *ret = address.ip;
    return 0;
}

static int unknown_key(struct loader *l, const yaml_node_t *node, const char *const *names,
                       size_t count)
{
    char sentence[256];
    const char *key = scalar(node) == NULL ? "" : scalar(node);
    const char *nearest = str_nearest(key, names, count);
    (void)snprintf(sentence, sizeof(sentence), "'%.80s' is no key here%s%s%s", key,
                   nearest == NULL ? "" : "; did you mean '", nearest == NULL ? "" : nearest,
                   nearest == NULL ? "" : "'?");
    return fail_at(l, node, sentence);
}

bool scenario_parse_listen(const char *text, uint32_t *ret_base)
{
    struct server_address address;
    if (!knob_parse_address(text, &address) || address.ip >> 24 != 127) {
        return false;
    }
    *ret_base = address.ip;
    return true;
}

/* ---- groups of servers ---- */

static int server_index(struct loader *l, const char *name, size_t *ret)
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
    struct loader *l = data;
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

static int expand_names(struct loader *l, const yaml_node_t *node)
{
    const char *pattern = scalar(node);
    if (pattern == NULL) {
        return fail_at(l, node, "a name or a range such as pvs[01:28] belongs here");
    }
    if (names_expand(pattern, add_member, l, l->err) != 0) {
        char sentence[900];
        (void)snprintf(sentence, sizeof(sentence), "%.800s", l->err->text);
        return fail_at(l, node, sentence);
    }
    return 0;
}

static int load_names(struct loader *l, const yaml_node_t *node)
{
    if (node->type != YAML_SEQUENCE_NODE) {
        return expand_names(l, node);
    }
    for (yaml_node_item_t *item = node->data.sequence.items.start;
         item < node->data.sequence.items.top; item++) {
        if (expand_names(l, node_of(l, *item)) != 0) {
            return -1;
        }
    }
    return 0;
}

/* A list as one value: "a,b", or for the inventory "[a, b]". */
static int join(struct loader *l, const yaml_node_t *node, bool flow, char *to, size_t size)
{
    size_t at = (size_t)snprintf(to, size, "%s", flow ? "[" : "");
    for (yaml_node_item_t *item = node->data.sequence.items.start;
         item < node->data.sequence.items.top; item++) {
        const char *text = scalar(node_of(l, *item));
        bool first = item == node->data.sequence.items.start;
        int n = text == NULL ? -1 : snprintf(to + at, size - at, "%s%s", first ? "" : ", ", text);
        if (n < 0 || (size_t)n + 2 >= size - at) {
            return fail_at(l, node, "a short list of single values belongs here");
        }
        at += (size_t)n;
    }
    (void)snprintf(to + at, size - at, "%s", flow ? "]" : "");
    return 0;
}

static int set_one(struct loader *l, const yaml_node_t *node, size_t member, const char *key,
                   const char *value)
{
    struct err why = {0};
    struct server *server = &l->scenario->servers[l->members[member]];
    return knob_set(server, key, value, NULL, &why) == 0 ? 0 : fail_at(l, node, why.text);
}

/* A list deals its values to the servers of the group in turn. */
static int set_group(struct loader *l, const char *key, const yaml_node_t *node)
{
    char joined[256];
    bool whole = str_eq(key, "expect") || str_eq(key, "addresses");
    const char *value = scalar(node);
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
            dealt == 0 ? node : node_of(l, node->data.sequence.items.start[i % dealt]);
        const char *text = dealt == 0 ? value : scalar(from);
        if (text == NULL) {
            return fail_at(l, node, "a value or a list of values belongs here");
        }
        if (set_one(l, from, i, key, text) != 0) {
            return -1;
        }
    }
    return 0;
}

static int unknown_setting(struct loader *l, const yaml_node_t *node)
{
    const char *names[64] = {"names"};
    size_t count = 1;
    for (size_t i = 0; i < knob_count && count < 64; i++) {
        names[count++] = knobs[i].name;
    }
    return unknown_key(l, node, names, count);
}

static int load_group(struct loader *l, const yaml_node_t *node)
{
    if (node->type != YAML_MAPPING_NODE) {
        return fail_at(l, node, "a group of servers with 'names' belongs here");
    }
    l->member_count = 0;
    const yaml_node_pair_t *end = node->data.mapping.pairs.top;
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < end; pair++) {
        const char *key = scalar(node_of(l, pair->key));
        if (str_eq(key, "names") && load_names(l, node_of(l, pair->value)) != 0) {
            return -1;
        }
    }
    if (l->member_count == 0) {
        return fail_at(l, node, "this group has no 'names'");
    }
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < end; pair++) {
        const char *key = scalar(node_of(l, pair->key));
        if (str_eq(key, "names")) {
            continue;
        }
        if (key == NULL || !knob_known(key)) {
            return unknown_setting(l, node_of(l, pair->key));
        }
        if (set_group(l, key, node_of(l, pair->value)) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- accounts ---- */

static int load_account_key(struct loader *l, struct account *account, const yaml_node_t *key,
                            const yaml_node_t *node)
{
    const char *name = scalar(key), *value = NULL;
    if (want_scalar(l, node, &value) != 0) {
        return -1;
    }
    if (str_eq(name, "name") || str_eq(name, "password")) {
        char *to = str_eq(name, "name") ? account->name : account->password;
        return str_copy(to, FLEET_NAME, value) ? 0 : fail_at(l, node, "this is too long");
    }
    if (str_eq(name, "key")) {
        account->key = str_ieq(value, "true") || str_ieq(value, "yes");
        return 0;
    }
    if (str_eq(name, "rights")) {
        struct server scratch = {0};
        struct err why = {0};
        int rc = knob_set(&scratch, "rights", value, NULL, &why);
        account->rights = scratch.rights;
        return rc == 0 ? 0 : fail_at(l, node, why.text);
    }
    static const char *const names[] = {"name", "password", "key", "rights"};
    return unknown_key(l, key, names, 4);
}

static int load_account(struct loader *l, const yaml_node_t *node)
{
    struct scenario *scenario = l->scenario;
    if (node->type != YAML_MAPPING_NODE) {
        return fail_at(l, node, "an account with 'name' belongs here");
    }
    if (scenario->account_count == FLEET_ACCOUNTS) {
        return fail_at(l, node, "there are too many accounts");
    }
    struct account *account = &scenario->accounts[scenario->account_count++];
    account->rights = RIGHT_ALL;
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; pair++) {
        if (load_account_key(l, account, node_of(l, pair->key), node_of(l, pair->value)) != 0) {
            return -1;
        }
    }
    return account->name[0] == '\0' ? fail_at(l, node, "this account has no 'name'") : 0;
}

/* ---- the whole file ---- */

static int load_list(struct loader *l, const yaml_node_t *node,
                     int (*each)(struct loader *l, const yaml_node_t *node))
{
    if (node->type != YAML_SEQUENCE_NODE) {
        return fail_at(l, node, "a list belongs here");
    }
    for (yaml_node_item_t *item = node->data.sequence.items.start;
         item < node->data.sequence.items.top; item++) {
        if (each(l, node_of(l, *item)) != 0) {
            return -1;
        }
    }
    return 0;
}

static int load_number_key(struct loader *l, const char *key, const yaml_node_t *node)
{
    struct scenario *scenario = l->scenario;
    uint64_t number = 0;
    if (str_eq(key, "seed")) {
        return want_number(l, node, UINT64_MAX, &scenario->seed);
    }
    uint64_t max = str_eq(key, "port")        ? 65535
                   : str_eq(key, "host_keys") ? HOST_KEYS_MAX
                                              : WORKERS_MAX;
    if (want_number(l, node, max, &number) != 0) {
        return -1;
    }
    if (str_eq(key, "port")) {
        scenario->port = (uint16_t)number;
    } else if (str_eq(key, "host_keys")) {
        scenario->host_keys = number == 0 ? 1 : (unsigned)number;
    } else {
        scenario->workers = (unsigned)number;
    }
    return 0;
}

static int load_text_key(struct loader *l, const char *key, const yaml_node_t *node)
{
    const char *value = NULL;
    if (want_scalar(l, node, &value) != 0) {
        return -1;
    }
    if (str_eq(key, "farm")) {
        l->farm = value;
        return 0;
    }
    if (str_eq(key, "start")) {
        return clock_parse((struct slice){value, strlen(value)}, &l->scenario->start_ms)
                   ? 0
                   : fail_at(l, node, "a time such as 2026-11-22T20:00:00Z belongs here");
    }
    return scenario_parse_listen(value, &l->scenario->listen_base)
               ? 0
               : fail_at(l, node, "a range in 127.0.0.0/8 belongs here");
}

static int load_top_key(struct loader *l, const char *key, const yaml_node_t *node)
{
    if (str_eq(key, "accounts")) {
        return load_list(l, node, load_account);
    }
    if (str_eq(key, "servers")) {
        return 0; /* afterwards: they take defaults from the other keys */
    }
    if (str_eq(key, "network")) {
        return want_address(l, node, &l->scenario->network);
    }
    if (str_eq(key, "client")) {
        return want_address(l, node, &l->scenario->client_ip);
    }
    if (str_eq(key, "farm") || str_eq(key, "start") || str_eq(key, "listen")) {
        return load_text_key(l, key, node);
    }
    return load_number_key(l, key, node);
}

static int load_root(struct loader *l, const yaml_node_t *root)
{
    const yaml_node_t *servers = NULL;
    const char *names[16];
    for (size_t i = 0; i < scenario_key_count; i++) {
        names[i] = scenario_keys[i].name;
    }
    if (root->type != YAML_MAPPING_NODE) {
        return fail_at(l, root, "a scenario is a mapping with 'servers'");
    }
    for (const yaml_node_pair_t *pair = root->data.mapping.pairs.start;
         pair < root->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = node_of(l, pair->key), *value = node_of(l, pair->value);
        size_t i = 0;
        while (i < scenario_key_count && !str_eq(scalar(key), scenario_keys[i].name)) {
            i++;
        }
        if (i == scenario_key_count) {
            return unknown_key(l, key, names, scenario_key_count);
        }
        if (load_top_key(l, scalar(key), value) != 0) {
            return -1;
        }
        servers = str_eq(scalar(key), "servers") ? value : servers;
    }
    if (servers == NULL) {
        return fail_at(l, root, "this scenario has no 'servers'");
    }
    return load_list(l, servers, load_group);
}

/* What a file may leave out: an account, and each server's own address. */
static void fill_gaps(struct scenario *scenario)
{
    if (scenario->account_count == 0) {
        struct account *account = &scenario->accounts[scenario->account_count++];
        *account = (struct account){.key = true, .rights = RIGHT_ALL};
        (void)str_copy(account->name, sizeof(account->name), "audit");
    }
    for (size_t i = 0; i < scenario->count; i++) {
        struct server *server = &scenario->servers[i];
        if (server->address_count == 0) {
            uint32_t at = scenario->network + (uint32_t)(i / 200 * 256 + 10 + i % 200);
            server->addresses[server->address_count++] = (struct server_address){at, 24};
        }
    }
}

static int load_document(struct loader *l, yaml_parser_t *parser)
{
    if (yaml_parser_load(parser, &l->document) == 0) {
        return err_set(l->err, ERR_CONFIG, "scenario", "%s:%zu:%zu: %s", l->path,
                       parser->problem_mark.line + 1, parser->problem_mark.column + 1,
                       parser->problem == NULL ? "this is no YAML" : parser->problem);
    }
    const yaml_node_t *root = yaml_document_get_root_node(&l->document);
    int rc = root == NULL ? err_set(l->err, ERR_CONFIG, "scenario", "%s: is empty", l->path)
                          : load_root(l, root);
    yaml_document_delete(&l->document);
    return rc;
}

int scenario_load(struct scenario *scenario, const char *path, struct err *err)
{
    struct loader l = {.scenario = scenario, .path = path, .err = err, .farm = "pvslab"};
    yaml_parser_t parser;
    *scenario = (struct scenario){.seed = 1,
                                  .host_keys = 1,
                                  .listen_base = 0x7f500000,
                                  .network = 0x0a140000,
                                  .client_ip = 0x0a00000a};
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        return err_set(err, ERR_CONFIG, "scenario", "%s: cannot be read: %s", path,
                       strerror(errno));
    }
    int rc = -1;
    if (yaml_parser_initialize(&parser) != 0) {
        yaml_parser_set_input_file(&parser, file);
        rc = load_document(&l, &parser);
        yaml_parser_delete(&parser);
    } else {
        rc = err_memory(err);
    }
    (void)fclose(file);
    free(l.members);
    if (rc != 0) {
        scenario_done(scenario);
        return -1;
    }
    fill_gaps(scenario);
    return 0;
}

void scenario_done(struct scenario *scenario)
{
    free(scenario->servers);
    scenario->servers = NULL;
    scenario->count = 0;
}
