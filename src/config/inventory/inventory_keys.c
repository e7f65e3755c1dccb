/* inventory_keys: the variables of an inventory that we read, one row each, and what may be in
 * them. */
#include "config/inventory/inventory_keys.h"

#include "config/inventory/inventory_secrets.h"
#include "config/tree_read.h"
#include "core/buf.h"
#include "core/str.h"

#include <string.h>

static const char *const transports[] = {"ssh", "winrm", NULL};
static const char *const systems[] = {"windows", "linux", NULL};
static const char *const auths[] = {"key",  "agent", "password",    "kerberos", "negotiate",
                                    "ntlm", "basic", "certificate", NULL};
static const char *const schemes[] = {"http", "https", NULL};
static const char *const spn_services[] = {"HTTP", "WSMAN", NULL};
static const char *const booleans[] = {"false", "true", NULL};
static const char *const states[] = {"active", "maintenance", "retired", NULL};

const struct inventory_key inventory_key_table[] = {
    {"ansible_host", FIELD_ADDRESS, 1, KIND_ADDRESS, NULL},
    {"ansible_ssh_host", FIELD_ADDRESS, 0, KIND_ADDRESS, NULL},
    {"pvsaudit_transport", FIELD_TRANSPORT, 1, KIND_CHOICE, transports},
    {"ansible_connection", FIELD_TRANSPORT, 0, KIND_CONNECTION, NULL},
    {"pvsaudit_os", FIELD_OS, 0, KIND_CHOICE, systems},
    {"pvsaudit_port", FIELD_PORT, 2, KIND_PORT, NULL},
    {"ansible_port", FIELD_PORT, 1, KIND_PORT, NULL},
    {"ansible_ssh_port", FIELD_PORT, 0, KIND_PORT, NULL},
    {"pvsaudit_user", FIELD_USER, 2, KIND_NAME, NULL},
    {"ansible_user", FIELD_USER, 1, KIND_NAME, NULL},
    {"ansible_ssh_user", FIELD_USER, 0, KIND_NAME, NULL},
    {"pvsaudit_auth", FIELD_AUTH, 0, KIND_CHOICE, auths},
    {"pvsaudit_key_file", FIELD_KEY_FILE, 3, KIND_FILE, NULL},
    {"ansible_ssh_private_key_file", FIELD_KEY_FILE, 2, KIND_FILE, NULL},
    {"ansible_private_key_file", FIELD_KEY_FILE, 1, KIND_FILE, NULL},
    {"ansible_winrm_cert_key_pem", FIELD_KEY_FILE, 0, KIND_FILE, NULL},
    {"pvsaudit_cert_file", FIELD_CERT_FILE, 1, KIND_FILE, NULL},
    {"ansible_winrm_cert_pem", FIELD_CERT_FILE, 0, KIND_FILE, NULL},
    {"pvsaudit_known_hosts", FIELD_KNOWN_HOSTS, 0, KIND_FILE, NULL},
    {"pvsaudit_password_file", FIELD_PASSWORD_FILE, 0, KIND_FILE, NULL},
    {"pvsaudit_password_command", FIELD_PASSWORD_COMMAND, 0, KIND_TEXT, NULL},
    {"pvsaudit_password_env", FIELD_PASSWORD_ENV, 0, KIND_VARIABLE, NULL},
    {"pvsaudit_scheme", FIELD_SCHEME, 1, KIND_CHOICE, schemes},
    {"ansible_winrm_scheme", FIELD_SCHEME, 0, KIND_CHOICE, schemes},
    {"pvsaudit_allow_unencrypted", FIELD_ALLOW_UNENCRYPTED, 0, KIND_CHOICE, booleans},
    {"pvsaudit_ca_file", FIELD_CA_FILE, 1, KIND_FILE, NULL},
    {"ansible_winrm_ca_trust_path", FIELD_CA_FILE, 0, KIND_FILE, NULL},
    {"pvsaudit_cert_sha256", FIELD_CERT_SHA256, 0, KIND_HEX, NULL},
    {"pvsaudit_spn_service", FIELD_SPN_SERVICE, 1, KIND_CHOICE, spn_services},
    {"ansible_winrm_service", FIELD_SPN_SERVICE, 0, KIND_CHOICE, spn_services},
    {"pvsaudit_realm", FIELD_REALM, 1, KIND_REALM, NULL},
    {"ansible_winrm_realm", FIELD_REALM, 0, KIND_REALM, NULL},
    {"pvsaudit_keytab", FIELD_KEYTAB, 0, KIND_KEYTAB, NULL},
    {"pvsaudit_ccache", FIELD_CCACHE, 0, KIND_CCACHE, NULL},
    {"ansible_winrm_transport", FIELD_WINRM_TRANSPORT, 0, KIND_ANY, NULL},
    {"pvsaudit_computer_name", FIELD_COMPUTER_NAME, 0, KIND_NAME, NULL},
    {"pvsaudit_site", FIELD_SITE, 0, KIND_NAME, NULL},
    {"pvsaudit_farm", FIELD_FARM, 0, KIND_NAME, NULL},
    {"pvsaudit_expect", FIELD_EXPECT, 0, KIND_EXPECT, NULL},
    {"pvsaudit_pxe_addresses", FIELD_PXE_ADDRESSES, 0, KIND_ADDRESSES, NULL},
    {"pvsaudit_state", FIELD_STATE, 0, KIND_CHOICE, states},
    {"pvsaudit_timezone", FIELD_TIMEZONE, 0, KIND_ZONE, NULL},
    {"pvsaudit_maintenance", FIELD_MAINTENANCE, 0, KIND_NAME, NULL},
    {"ansible_group_priority", FIELD_PRIORITY, 0, KIND_NUMBER, NULL},
    {"ansible_ssh_common_args", FIELD_IGNORED, 0, KIND_ANY, NULL},
    {"ansible_ssh_extra_args", FIELD_IGNORED, 0, KIND_ANY, NULL},
    {"ansible_ssh_args", FIELD_IGNORED, 0, KIND_ANY, NULL},
    {"ansible_winrm_server_cert_validation", FIELD_IGNORED, 0, KIND_ANY, NULL},
};
const size_t inventory_key_count = sizeof(inventory_key_table) / sizeof(inventory_key_table[0]);

const struct inventory_key *inventory_key_find(const char *name)
{
    for (size_t i = 0; i < inventory_key_count; i++) {
        if (strcmp(inventory_key_table[i].name, name) == 0) {
            return &inventory_key_table[i];
        }
    }
    return NULL;
}

/* ---- any variable ---- */

static int unknown_fail(const struct tree_node *at, struct err *err)
{
    const char *names[sizeof(inventory_key_table) / sizeof(inventory_key_table[0]) + 1];
    for (size_t i = 0; i < inventory_key_count; i++) {
        names[i] = inventory_key_table[i].name;
    }
    names[inventory_key_count] = "pvsaudit_boot_paths";
    const char *nearest = str_nearest(at->text, names, inventory_key_count + 1);
    if (strcmp(at->text, "pvsaudit_boot_paths") == 0) {
        return tree_fail(
            err, at,
            "pvsaudit_boot_paths belongs to the whole fleet; write it at the top of the "
            "file or under all: vars:");
    }
    if (nearest == NULL) {
        return tree_fail(err, at, "unknown key `%.64s`; docs/INVENTORY.md lists the keys",
                         at->text);
    }
    return tree_fail(err, at, "unknown key `%.64s`; did you mean `%s`?", at->text, nearest);
}

int inventory_key_check(const struct tree_node *at, const struct tree_node *value,
                        const struct inventory_key **ret_key, struct err *err)
{
    const struct inventory_key *key = inventory_key_find(at->text);
    *ret_key = NULL;
    if (inventory_secrets_check(at, value, err) != 0) {
        return -1;
    }
    if (key == NULL) {
        return str_starts(at->text, "pvsaudit_") ? unknown_fail(at, err) : 0;
    }
    /* Nothing (null) takes back what a level above says, but for a list that may be empty. */
    bool is_null = value->kind == TREE_NULL && key->kind != KIND_EXPECT;
    if (key->field != FIELD_IGNORED && !is_null &&
        (inventory_secrets_template_check(key->name, value, err) != 0 ||
         inventory_kind_check(key, value, err) != 0)) {
        return -1;
    }
    *ret_key = key;
    return 0;
}

/* ---- a value as text ---- */

static void value_put(struct buf *to, const struct tree_node *value)
{
    switch (value->kind) {
    case TREE_NULL:
        (void)buf_puts(to, "null");
        break;
    case TREE_TEXT:
        (void)buf_puts(to, value->text);
        break;
    case TREE_LIST:
        (void)buf_putc(to, '[');
        for (size_t i = 0; i < value->count; i++) {
            (void)buf_puts(to, i == 0 ? "" : ", ");
            value_put(to, value->items[i]);
        }
        (void)buf_putc(to, ']');
        break;
    case TREE_MAP:
        (void)buf_putc(to, '{');
        for (size_t i = 0; i < value->count; i++) {
            (void)buf_printf(to, "%s%s: ", i == 0 ? "" : ", ", value->pairs[i].key->text);
            value_put(to, value->pairs[i].value);
        }
        (void)buf_putc(to, '}');
        break;
    }
}

const char *inventory_value_text(struct arena *arena, const struct tree_node *value)
{
    struct buf text;
    buf_init(&text, 64 * 1024);
    value_put(&text, value);
    const char *copy = text.failed ? arena_strdup(arena, "(long)") : arena_strdup(arena, text.data);
    buf_done(&text);
    return copy;
}
