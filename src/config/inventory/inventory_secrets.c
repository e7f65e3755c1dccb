/* inventory_secrets: finds what must not stand in an inventory: secrets, and templates. */
#include "config/inventory/inventory_secrets.h"

#include "config/tree_read.h"
#include "core/str.h"

#include <string.h>
#include <strings.h>

/* Ends of keys whose value is a secret, whatever stands in front. */
static const char *const endings[] = {"password", "passwd",     "_pass", "passphrase",
                                      "secret",   "secret_key", "token", "api_key"};

static bool key_is_secret(const char *key)
{
    size_t len = strlen(key);
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        size_t end = strlen(endings[i]);
        if (len >= end && strcasecmp(key + len - end, endings[i]) == 0) {
            return true;
        }
    }
    return strcasecmp(key, "pass") == 0;
}

static bool text_is_secret(const char *text)
{
    return str_starts(text, "$ANSIBLE_VAULT;") ||
           (strstr(text, "-----BEGIN ") != NULL && strstr(text, "PRIVATE KEY-----") != NULL);
}

int inventory_secrets_check(const struct tree_node *at, const struct tree_node *value,
                            struct err *err)
{
    if (strcmp(at->text, "__ansible_vault") == 0) {
        return tree_fail(err, at,
                         "a vault: nothing encrypted is read from here; keep the secret out of the "
                         "file and name its source: " TREE_SECRET_REMEDY);
    }
    if (key_is_secret(at->text) && value->kind != TREE_MAP) {
        return tree_fail(err, at,
                         "%.64s: a secret must not stand in an inventory; remove it and name its "
                         "source: " TREE_SECRET_REMEDY,
                         at->text);
    }
    if (value->kind == TREE_TEXT && text_is_secret(value->text)) {
        return tree_fail(
            err, value,
            "%.64s holds a secret, which must not stand in an inventory; remove it and "
            "name its source: " TREE_SECRET_REMEDY,
            at->text);
    }
    for (size_t i = 0; value->kind == TREE_LIST && i < value->count; i++) {
        if (inventory_secrets_check(at, value->items[i], err) != 0) {
            return -1;
        }
    }
    for (size_t i = 0; value->kind == TREE_MAP && i < value->count; i++) {
        if (inventory_secrets_check(value->pairs[i].key, value->pairs[i].value, err) != 0) {
            return -1;
        }
    }
    return 0;
}

int inventory_secrets_template_check(const char *what, const struct tree_node *value,
                                     struct err *err)
{
    if (value->kind == TREE_TEXT &&
        (strstr(value->text, "{{") != NULL || strstr(value->text, "{%") != NULL)) {
        return tree_fail(err, value,
                         "%s is a template, and templates are not rendered; write the value itself",
                         what);
    }
    for (size_t i = 0; value->kind == TREE_LIST && i < value->count; i++) {
        if (inventory_secrets_template_check(what, value->items[i], err) != 0) {
            return -1;
        }
    }
    for (size_t i = 0; value->kind == TREE_MAP && i < value->count; i++) {
        if (inventory_secrets_template_check(what, value->pairs[i].value, err) != 0) {
            return -1;
        }
    }
    return 0;
}
