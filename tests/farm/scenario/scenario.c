/* scenario: the YAML file that says which servers the farm has. */
#include "farm/scenario/scenario_loader.h"

#include "core/clock.h"
#include "core/str.h"
#include "farm/server/knob.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOST_KEYS_MAX = 16, WORKERS_MAX = 64 };

const struct scenario_key scenario_keys[] = {
    {"farm", "NAME", "PVS farm of groups that name none"},
    {"seed", "NUMBER", "what pids, ports and times are made from"},
    {"start", "TIME", "the farm's clock when it starts (now)"},
    {"listen", "127.X.Y.Z/BITS", "the servers' loopback addresses follow this one"},
    {"network", "IP", "the servers' own addresses follow this one"},
    {"client", "IP", "the other end of ssh connections in netstat"},
    {"port", "NUMBER", "port of sshd on every server (chosen by the kernel)"},
    {"http_port", "NUMBER", "port of WinRM over http (chosen by the kernel)"},
    {"https_port", "NUMBER", "port of WinRM over https (chosen by the kernel)"},
    {"realm", "NAME", "Kerberos realm of the inventory's servers"},
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

int scenario_fail(struct scenario_loader *l, const yaml_node_t *node, const char *sentence)
{
    char copy[sizeof(l->err->text)];
    (void)snprintf(copy, sizeof(copy), "%s", sentence);
    return err_set(l->err, ERR_CONFIG, "scenario", "%s:%zu:%zu: %s", l->path,
                   node->start_mark.line + 1, node->start_mark.column + 1, copy);
}

yaml_node_t *scenario_node(struct scenario_loader *l, int id)
{
    return yaml_document_get_node(&l->document, id);
}

const char *scenario_scalar(const yaml_node_t *node)
{
    return node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : NULL;
}

static int want_scalar(struct scenario_loader *l, const yaml_node_t *node, const char **ret)
{
    *ret = scenario_scalar(node);
    return *ret == NULL ? scenario_fail(l, node, "a single value belongs here") : 0;
}

static int want_number(struct scenario_loader *l, const yaml_node_t *node, uint64_t max,
                       uint64_t *ret)
{
    const char *text = NULL;
    if (want_scalar(l, node, &text) != 0) {
        return -1;
    }
    if (!str_u64((struct slice){text, strlen(text)}, max, ret)) {
        char sentence[160];
        (void)snprintf(sentence, sizeof(sentence), "'%.60s' is no number up to %llu", text,
                       (unsigned long long)max);
        return scenario_fail(l, node, sentence);
    }
    return 0;
}

static int want_address(struct scenario_loader *l, const yaml_node_t *node, uint32_t *ret)
{
    const char *text = NULL;
    struct server_address address;
    if (want_scalar(l, node, &text) != 0) {
        return -1;
    }
    if (!knob_parse_address(text, &address)) {
        return scenario_fail(l, node, "an IPv4 address belongs here");
    }
    *ret = address.ip;
    return 0;
}

int scenario_unknown_key(struct scenario_loader *l, const yaml_node_t *node,
                         const char *const *names, size_t count)
{
    char sentence[256];
    const char *key = scenario_scalar(node) == NULL ? "" : scenario_scalar(node);
    const char *nearest = str_nearest(key, names, count);
    (void)snprintf(sentence, sizeof(sentence), "'%.80s' is no key here%s%s%s", key,
                   nearest == NULL ? "" : "; did you mean '", nearest == NULL ? "" : nearest,
                   nearest == NULL ? "" : "'?");
    return scenario_fail(l, node, sentence);
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

/* ---- accounts ---- */

static int load_account_key(struct scenario_loader *l, struct account *account,
                            const yaml_node_t *key, const yaml_node_t *node)
{
    const char *name = scenario_scalar(key), *value = NULL;
    if (want_scalar(l, node, &value) != 0) {
        return -1;
    }
    if (str_eq(name, "name") || str_eq(name, "password")) {
        char *to = str_eq(name, "name") ? account->name : account->password;
        return str_copy(to, FLEET_NAME, value) ? 0 : scenario_fail(l, node, "this is too long");
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
        return rc == 0 ? 0 : scenario_fail(l, node, why.text);
    }
    static const char *const names[] = {"name", "password", "key", "rights"};
    return scenario_unknown_key(l, key, names, 4);
}

static int load_account(struct scenario_loader *l, const yaml_node_t *node)
{
    struct scenario *scenario = l->scenario;
    if (node->type != YAML_MAPPING_NODE) {
        return scenario_fail(l, node, "an account with 'name' belongs here");
    }
    if (scenario->account_count == FLEET_ACCOUNTS) {
        return scenario_fail(l, node, "there are too many accounts");
    }
    struct account *account = &scenario->accounts[scenario->account_count++];
    account->rights = RIGHT_ALL;
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; pair++) {
        if (load_account_key(l, account, scenario_node(l, pair->key),
                             scenario_node(l, pair->value)) != 0) {
            return -1;
        }
    }
    return account->name[0] == '\0' ? scenario_fail(l, node, "this account has no 'name'") : 0;
}

/* ---- the whole file ---- */

static int load_list(struct scenario_loader *l, const yaml_node_t *node,
                     int (*each)(struct scenario_loader *l, const yaml_node_t *node))
{
    if (node->type != YAML_SEQUENCE_NODE) {
        return scenario_fail(l, node, "a list belongs here");
    }
    for (yaml_node_item_t *item = node->data.sequence.items.start;
         item < node->data.sequence.items.top; item++) {
        if (each(l, scenario_node(l, *item)) != 0) {
            return -1;
        }
    }
    return 0;
}

static int load_number_key(struct scenario_loader *l, const char *key, const yaml_node_t *node)
{
    struct scenario *scenario = l->scenario;
    uint64_t number = 0;
    if (str_eq(key, "seed")) {
        return want_number(l, node, UINT64_MAX, &scenario->seed);
    }
    if (want_number(l, node, str_eq(key, "host_keys") ? HOST_KEYS_MAX : WORKERS_MAX, &number) !=
        0) {
        return -1;
    }
    if (str_eq(key, "host_keys")) {
        scenario->host_keys = number == 0 ? 1 : (unsigned)number;
    } else {
        scenario->workers = (unsigned)number;
    }
    return 0;
}

static int load_port(struct scenario_loader *l, uint16_t *port, const yaml_node_t *node)
{
    uint64_t number = 0;
    if (want_number(l, node, 65535, &number) != 0) {
        return -1;
    }
    *port = (uint16_t)number;
    return 0;
}

static int load_text_key(struct scenario_loader *l, const char *key, const yaml_node_t *node)
{
    const char *value = NULL;
    if (want_scalar(l, node, &value) != 0) {
        return -1;
    }
    if (str_eq(key, "farm")) {
        l->farm = value;
        return 0;
    }
    if (str_eq(key, "realm")) {
        return str_copy(l->scenario->realm, sizeof(l->scenario->realm), value)
                   ? 0
                   : scenario_fail(l, node, "this is too long");
    }
    if (str_eq(key, "start")) {
        return clock_parse((struct slice){value, strlen(value)}, &l->scenario->start_ms)
                   ? 0
                   : scenario_fail(l, node, "a time such as 2026-11-22T20:00:00Z belongs here");
    }
    return scenario_parse_listen(value, &l->scenario->listen_base)
               ? 0
               : scenario_fail(l, node, "a range in 127.0.0.0/8 belongs here");
}

static int load_top_key(struct scenario_loader *l, const char *key, const yaml_node_t *node)
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
    if (str_eq(key, "port")) {
        return load_port(l, &l->scenario->ports.ssh, node);
    }
    if (str_eq(key, "http_port")) {
        return load_port(l, &l->scenario->ports.http, node);
    }
    if (str_eq(key, "https_port")) {
        return load_port(l, &l->scenario->ports.https, node);
    }
    if (str_eq(key, "farm") || str_eq(key, "start") || str_eq(key, "listen") ||
        str_eq(key, "realm")) {
        return load_text_key(l, key, node);
    }
    return load_number_key(l, key, node);
}

static int load_root(struct scenario_loader *l, const yaml_node_t *root)
{
    const yaml_node_t *servers = NULL;
    const char *names[32];
    for (size_t i = 0; i < scenario_key_count; i++) {
        names[i] = scenario_keys[i].name;
    }
    if (root->type != YAML_MAPPING_NODE) {
        return scenario_fail(l, root, "a scenario is a mapping with 'servers'");
    }
    for (const yaml_node_pair_t *pair = root->data.mapping.pairs.start;
         pair < root->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = scenario_node(l, pair->key),
                          *value = scenario_node(l, pair->value);
        size_t i = 0;
        while (i < scenario_key_count && !str_eq(scenario_scalar(key), scenario_keys[i].name)) {
            i++;
        }
        if (i == scenario_key_count) {
            return scenario_unknown_key(l, key, names, scenario_key_count);
        }
        if (load_top_key(l, scenario_scalar(key), value) != 0) {
            return -1;
        }
        servers = str_eq(scenario_scalar(key), "servers") ? value : servers;
    }
    if (servers == NULL) {
        return scenario_fail(l, root, "this scenario has no 'servers'");
    }
    return load_list(l, servers, scenario_load_group);
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

static int load_document(struct scenario_loader *l, yaml_parser_t *parser)
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
    struct scenario_loader l = {.scenario = scenario, .path = path, .err = err, .farm = "pvslab"};
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
