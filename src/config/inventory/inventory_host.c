/* inventory_host: what the levels of an inventory amount to for each host. */
#include "config/inventory/inventory_internal.h"

#include "config/tree_read.h"
#include "core/str.h"

#include <string.h>

/* A file that holds a secret, or a credential of systemd, which is a name and no path. */
static int secret_set(struct host_build *b, enum inventory_field field, const char **ret)
{
    const char *text = resolved_text(b->resolved, field);
    if (text == NULL || !str_starts(text, HOST_CREDENTIAL_PREFIX)) {
        return inventory_file_set(b, field, ret);
    }
    const char *name = text + strlen(HOST_CREDENTIAL_PREFIX);
    if (name[0] == '\0' || name[0] == '.' || strchr(name, '/') != NULL) {
        return tree_fail(
            b->in->err, resolved_node(b->resolved, field),
            "`%.64s` of %.64s names no credential: what follows " HOST_CREDENTIAL_PREFIX
            " is its name in the unit (LoadCredential=NAME:PATH), without a folder",
            text, b->entry->name);
    }
    *ret = text;
    return 0;
}

static int address_set(struct host_build *b)
{
    const char *text = resolved_text(b->resolved, FIELD_ADDRESS);
    size_t len = text == NULL ? 0 : strlen(text);
    if (text == NULL) {
        if (strpbrk(b->entry->name, " /") != NULL) {
            return tree_fail(b->in->err, b->entry->at,
                             "the host `%.64s` cannot be found by this name; set ansible_host",
                             b->entry->name);
        }
        b->host->address = b->entry->name;
        return 0;
    }
    bool brackets = text[0] == '[' && text[len - 1] == ']';
    b->host->address = brackets ? arena_strndup(b->in->arena, text + 1, len - 2) : text;
    return b->host->address == NULL ? err_memory(b->in->err) : 0;
}

static int transport_set(struct host_build *b)
{
    static const struct {
        const char *name;
        enum host_transport transport;
    } connections[] = {{"ssh", HOST_SSH},
                       {"ansible.builtin.ssh", HOST_SSH},
                       {"winrm", HOST_WINRM},
                       {"ansible.builtin.winrm", HOST_WINRM}};
    const struct tree_node *node = resolved_node(b->resolved, FIELD_TRANSPORT);
    for (size_t i = 0; node != NULL && i < 4; i++) {
        if (strcmp(connections[i].name, node->text) == 0) {
            b->host->transport = connections[i].transport;
            return 0;
        }
    }
    if (node == NULL) {
        return 0;
    }
    return tree_fail(b->in->err, node,
                     "%.64s has ansible_connection `%.32s`, which is not spoken here; set "
                     "pvsaudit_transport: ssh or winrm",
                     b->entry->name, node->text);
}

static int port_set(struct host_build *b)
{
    const struct tree_node *node = resolved_node(b->resolved, FIELD_PORT);
    uint64_t port = b->entry->port;
    if (node != NULL && tree_number(node, "port", 1, 65535, &port, b->in->err) != 0) {
        return -1;
    }
    if (b->host->transport == HOST_WINRM) {
        b->host->port = inventory_winrm_port(b, (uint16_t)port);
    } else {
        b->host->port = port == 0 ? 22 : (uint16_t)port;
    }
    return 0;
}

static int password_set(struct host_build *b)
{
    static const enum inventory_field fields[] = {FIELD_PASSWORD_FILE, FIELD_PASSWORD_COMMAND,
                                                  FIELD_PASSWORD_ENV};
    const struct variable *first = NULL;
    for (size_t i = 0; i < 3; i++) {
        const struct variable *variable = b->resolved->winner[fields[i]].variable;
        if (resolved_node(b->resolved, fields[i]) == NULL) {
            continue;
        }
        if (first != NULL) {
            return tree_fail(
                b->in->err, variable->at,
                "%.64s has two sources of a password, %s and %s at %u:%u; keep one, or "
                "set the other to null",
                b->entry->name, variable->key->name, first->key->name, first->at->line,
                first->at->column);
        }
        first = variable;
    }
    b->host->password_command = resolved_text(b->resolved, FIELD_PASSWORD_COMMAND);
    b->host->password_env = resolved_text(b->resolved, FIELD_PASSWORD_ENV);
    return secret_set(b, FIELD_PASSWORD_FILE, &b->host->password_file);
}

static bool has_password(const struct host *host)
{
    return host->password_file != NULL || host->password_command != NULL ||
           host->password_env != NULL;
}

static int auth_default(struct host_build *b)
{
    struct host *host = b->host;
    if (host->transport == HOST_WINRM) {
        return inventory_winrm_auth_default(b);
    }
    host->auth = host->key_file != NULL ? AUTH_KEY
                 : has_password(host)   ? AUTH_PASSWORD
                                        : AUTH_AGENT;
    return 0;
}

/* pvsaudit_auth in the order of its choices. */
static int auth_set(struct host_build *b)
{
    static const struct {
        enum host_auth auth;
        bool ssh;
    } auths[] = {{AUTH_KEY, true},       {AUTH_AGENT, true},       {AUTH_PASSWORD, true},
                 {AUTH_KERBEROS, false}, {AUTH_NEGOTIATE, false},  {AUTH_NTLM, false},
                 {AUTH_BASIC, false},    {AUTH_CERTIFICATE, false}};
    const struct tree_node *node = resolved_node(b->resolved, FIELD_AUTH);
    bool is_ssh = b->host->transport == HOST_SSH;
    struct host *host = b->host;
    if (node == NULL) {
        return auth_default(b);
    }
    size_t choice = resolved_choice(b->resolved, FIELD_AUTH, 0);
    if (auths[choice].ssh != is_ssh) {
        return tree_fail(b->in->err, node,
                         "pvsaudit_auth of %.64s is %s, but its transport is %s; %s",
                         b->entry->name, node->text, host_transport_name(host->transport),
                         is_ssh ? "ssh takes key, agent or password"
                                : "winrm takes kerberos, negotiate, ntlm, basic or certificate");
    }
    host->auth = auths[choice].auth;
    if (host->auth == AUTH_KEY && host->key_file == NULL) {
        return tree_fail(
            b->in->err, node,
            "pvsaudit_auth of %.64s is key, but no key is named; set pvsaudit_key_file, "
            "or pvsaudit_auth: agent",
            b->entry->name);
    }
    return 0;
}

static int addresses_set(struct host_build *b)
{
    const struct tree_node *node = resolved_node(b->resolved, FIELD_PXE_ADDRESSES);
    if (node == NULL) {
        return 0;
    }
    size_t count = node->kind == TREE_LIST ? node->count : 1;
    struct ip *ips = arena_array(b->in->arena, count + 1, sizeof(*ips));
    if (ips == NULL) {
        return err_memory(b->in->err);
    }
    for (size_t i = 0; i < count; i++) {
        const char *text = node->kind == TREE_LIST ? node->items[i]->text : node->text;
        if (!ip_parse((struct slice){text, strlen(text)}, &ips[i])) {
            return err_set(b->in->err, ERR_INTERNAL, "config", "an address was not checked");
        }
    }
    b->host->pxe_addresses = ips;
    b->host->pxe_address_count = count;
    return 0;
}

static int groups_set(struct host_build *b, const struct entry *previous, const struct host *before)
{
    const struct numbers *lineage = &b->entry->lineage;
    b->host->group_count = lineage->count;
    if (previous != NULL && previous->lineage.items == lineage->items) {
        b->host->groups = before->groups;
        return 0;
    }
    const char **names = arena_array(b->in->arena, lineage->count + 1, sizeof(*names));
    if (names == NULL) {
        return err_memory(b->in->err);
    }
    for (size_t i = 0; i < lineage->count; i++) {
        names[i] = b->in->groups[lineage->items[i]].name;
    }
    b->host->groups = names;
    return 0;
}

static bool speaks_of_expect(const struct entry *entry)
{
    for (size_t i = 0; i < entry->vars.count; i++) {
        if (entry->vars.items[i].expect != NULL) {
            return true;
        }
    }
    return false;
}

/* Hosts of the same groups and system that say nothing themselves share their declarations. */
static int expect_set(struct host_build *b, const struct entry *previous, const struct host *before)
{
    if (previous != NULL && previous->lineage.items == b->entry->lineage.items &&
        before->os == b->host->os && !speaks_of_expect(previous) && !speaks_of_expect(b->entry)) {
        b->host->declarations = before->declarations;
        b->host->declaration_count = before->declaration_count;
        return 0;
    }
    return inventory_expect_apply(b->in, b->entry, b->host);
}

static int host_build(struct host_build *b, const struct entry *previous, const struct host *before)
{
    struct host *host = b->host;
    host->name = b->entry->name;
    host->os = (enum host_os)resolved_choice(b->resolved, FIELD_OS, HOST_WINDOWS);
    host->state = (enum host_state)resolved_choice(b->resolved, FIELD_STATE, HOST_ACTIVE);
    host->user = resolved_text(b->resolved, FIELD_USER);
    host->site = resolved_text(b->resolved, FIELD_SITE);
    host->farm = resolved_text(b->resolved, FIELD_FARM);
    host->computer_name = resolved_text(b->resolved, FIELD_COMPUTER_NAME);
    host->timezone = resolved_text(b->resolved, FIELD_TIMEZONE);
    host->maintenance = resolved_text(b->resolved, FIELD_MAINTENANCE);
    if (address_set(b) != 0 || transport_set(b) != 0 || port_set(b) != 0 || password_set(b) != 0 ||
        secret_set(b, FIELD_KEY_FILE, &host->key_file) != 0 ||
        inventory_file_set(b, FIELD_KNOWN_HOSTS, &host->known_hosts) != 0 ||
        inventory_winrm_set(b) != 0 || auth_set(b) != 0 ||
        (host->transport == HOST_WINRM && inventory_winrm_check(b) != 0) || addresses_set(b) != 0 ||
        groups_set(b, previous, before) != 0) {
        return -1;
    }
    return expect_set(b, previous, before);
}

int inventory_hosts_build(struct inventory_internal *in)
{
    struct inventory *inventory = in->inventory;
    inventory->hosts = arena_array(in->arena, in->entry_count, sizeof(*inventory->hosts));
    if (inventory->hosts == NULL) {
        return err_memory(in->err);
    }
    for (size_t i = 0; i < in->entry_count; i++) {
        struct resolved resolved;
        struct host_build b = {in, &in->entries[i], &resolved, &inventory->hosts[i]};
        inventory_resolve(in, b.entry, &resolved);
        if (host_build(&b, i == 0 ? NULL : b.entry - 1, i == 0 ? NULL : b.host - 1) != 0) {
            return -1;
        }
    }
    inventory->count = in->entry_count;
    return 0;
}
