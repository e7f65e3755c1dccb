/* settings_realms: `kerberos` of the settings: realms, and where their KDCs are. */
#include "config/settings_realms.h"

#include "config/tree_read.h"
#include "core/ip.h"
#include "core/str.h"

#include <string.h>

enum { REALMS_MAX = 100, KDCS_MAX = 20 };

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

/* "dc1.example.org", "10.0.0.1" or "[fd00::1]", and then perhaps ":88". */
static bool is_kdc(const char *text)
{
    bool brackets = text[0] == '[';
    size_t len = brackets ? strcspn(text, "]") : strcspn(text, ":");
    const char *rest = text + len + (brackets && text[len] == ']' ? 1 : 0);
    uint64_t port = 0;
    struct ip ip;
    if (brackets && (rest == text + len || !ip_parse((struct slice){text + 1, len - 1}, &ip) ||
                     ip_is_wildcard(&ip))) {
        return false;
    }
    if (!brackets && (len == 0 || strspn(text, letters) != len)) {
        return false;
    }
    return *rest == '\0' ||
           (*rest == ':' && str_u64((struct slice){rest + 1, strlen(rest + 1)}, 65535, &port) &&
            port > 0);
}

static int kdcs_read(const struct tree_node *value, struct settings *settings,
                     struct settings_realm *ret, struct err *err)
{
    char shown[TREE_SHOWN];
    if (tree_list(value, "kdc", err) != 0) {
        return -1;
    }
    if (value->count == 0 || value->count > KDCS_MAX) {
        return tree_fail(err, value, "kdc of %.64s must name 1 to %d hosts", ret->name,
                         (int)KDCS_MAX);
    }
    const char **kdcs = arena_array(&settings->arena, value->count, sizeof(*kdcs));
    if (kdcs == NULL) {
        return err_memory(err);
    }
    for (size_t i = 0; i < value->count; i++) {
        if (tree_text(value->items[i], "kdc", TREE_NAME_MAX, &kdcs[i], err) != 0) {
            return -1;
        }
        if (!is_kdc(kdcs[i])) {
            return tree_fail(err, value->items[i],
                             "kdc of %.64s must be hosts like dc1.example.org or 10.0.0.1:88, not "
                             "%s",
                             ret->name, tree_shown(value->items[i], shown));
        }
    }
    ret->kdcs = kdcs;
    ret->kdc_count = value->count;
    return 0;
}

static int realm_read(const struct tree_pair *pair, struct settings *settings,
                      struct settings_realm *ret, struct err *err)
{
    static const char *const keys[] = {"kdc"};
    char shown[TREE_SHOWN];
    const char *name = pair->key->text;
    if (strlen(name) > TREE_NAME_MAX || name[strspn(name, letters)] != '\0') {
        return tree_fail(err, pair->key, "a realm must be a name like EXAMPLE.ORG, not %s",
                         tree_shown(pair->key, shown));
    }
    ret->name = name;
    if (tree_map(pair->value, name, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < pair->value->count; i++) {
        const struct tree_pair *row = &pair->value->pairs[i];
        if (strcmp(row->key->text, keys[0]) != 0) {
            return tree_unknown_key(err, row->key, "in a realm", keys, 1);
        }
        if (kdcs_read(row->value, settings, ret, err) != 0) {
            return -1;
        }
    }
    return 0;
}

int settings_realms_read(const struct tree_node *value, struct settings *settings, struct err *err)
{
    if (tree_map(value, "kerberos", err) != 0) {
        return -1;
    }
    if (value->count == 0 || value->count > REALMS_MAX) {
        return tree_fail(err, value, "kerberos must name 1 to %d realms", (int)REALMS_MAX);
    }
    struct settings_realm *realms = arena_array(&settings->arena, value->count, sizeof(*realms));
    if (realms == NULL) {
        return err_memory(err);
    }
    for (size_t i = 0; i < value->count; i++) {
        realms[i] = (struct settings_realm){.name = NULL};
        if (realm_read(&value->pairs[i], settings, &realms[i], err) != 0) {
            return -1;
        }
    }
    settings->realms = realms;
    settings->realm_count = value->count;
    return 0;
}
