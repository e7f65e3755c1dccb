/* inventory_kinds: what each kind of variable may hold. */
#include "config/inventory/inventory_keys.h"

#include "config/tree_read.h"
#include "core/ip.h"
#include "core/str.h"
#include "core/zone.h"

#include <string.h>

static int address_check(const struct tree_node *value, const char *what, struct err *err)
{
    struct ip ip;
    const char *text = NULL;
    if (tree_text(value, what, TREE_NAME_MAX, &text, err) != 0) {
        return -1;
    }
    if (strstr(text, "://") != NULL || strpbrk(text, "/ ") != NULL) {
        return tree_fail(err, value,
                         "%s must be a name or an address, not `%.60s`; write pvs01.example.org or "
                         "10.0.0.5",
                         what, text);
    }
    struct slice slice = {text, strlen(text)};
    if (strcmp(text, "*") == 0 || (strpbrk(text, ":[]%") != NULL && !ip_parse(slice, &ip))) {
        return tree_fail(err, value, "%s is not an address: `%.60s`; a port goes into ansible_port",
                         what, text);
    }
    return 0;
}

static int ip_check(const struct tree_node *value, const char *what, struct err *err)
{
    char shown[TREE_SHOWN];
    struct ip ip;
    bool ok =
        value->kind == TREE_TEXT && ip_parse((struct slice){value->text, strlen(value->text)}, &ip);
    if (!ok || ip_is_wildcard(&ip)) {
        return tree_fail(err, value, "%s must be IPv4 or IPv6 addresses, not %s", what,
                         tree_shown(value, shown));
    }
    return 0;
}

static int addresses_check(const struct tree_node *value, const char *what, struct err *err)
{
    if (value->kind != TREE_LIST) {
        return ip_check(value, what, err);
    }
    for (size_t i = 0; i < value->count; i++) {
        if (ip_check(value->items[i], what, err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int hex_check(const struct tree_node *value, const char *what, struct err *err)
{
    char shown[TREE_SHOWN];
    size_t digits = 0;
    bool ok = value->kind == TREE_TEXT;
    for (const char *p = ok ? value->text : ""; *p != '\0'; p++) {
        bool is_digit = strchr("0123456789abcdefABCDEF", *p) != NULL;
        ok = ok && (is_digit || *p == ':');
        digits += is_digit ? 1 : 0;
    }
    if (ok && digits == 64) {
        return 0;
    }
    return tree_fail(err, value, "%s must be 64 hexadecimal digits, not %s", what,
                     tree_shown(value, shown));
}

/* Only these characters; at least one. */
static int letters_check(const struct tree_node *value, const char *what, const char *extra,
                         const char *example, struct err *err)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    const char *text = NULL;
    if (tree_text(value, what, TREE_NAME_MAX, &text, err) != 0) {
        return -1;
    }
    for (const char *p = text; *p != '\0'; p++) {
        if (strchr(plain, *p) == NULL && strchr(extra, *p) == NULL) {
            char shown[TREE_SHOWN];
            return tree_fail(err, value, "%s must be a name like %s, not %s", what, example,
                             tree_shown(value, shown));
        }
    }
    return 0;
}

static int zone_fail(const struct tree_node *value, const char *what, struct err *err)
{
    struct arena arena = {.blocks = NULL};
    char shown[TREE_SHOWN];
    const char *nearest = zone_nearest(&arena, value->text);
    (void)tree_fail(err, value, "%s: there is no time zone %s on this machine%s%s%s", what,
                    tree_shown(value, shown), nearest == NULL ? "" : "; did you mean `",
                    nearest == NULL ? "" : nearest, nearest == NULL ? "" : "`?");
    arena_done(&arena);
    return -1;
}

static int zone_check(const struct tree_node *value, const char *what, struct err *err)
{
    if (letters_check(value, what, "/+-", "Europe/Berlin", err) != 0) {
        return -1;
    }
    if (value->text[0] == '/') {
        return tree_fail(err, value, "%s must be a name like Europe/Berlin, not a path", what);
    }
    /* A machine without tzdata cannot tell which names there are. */
    return zone_known(value->text) || !zone_known("Etc/UTC") ? 0 : zone_fail(value, what, err);
}

/* A path, or one of these types (NULL-ended) and a name: KEYRING:persistent:0. */
static int typed_check(const struct tree_node *value, const char *what, const char *const *types,
                       const char *example, struct err *err)
{
    char shown[TREE_SHOWN];
    const char *text = NULL;
    if (tree_text(value, what, TREE_TEXT_MAX, &text, err) != 0) {
        return -1;
    }
    size_t len = strcspn(text, "/:");
    if (text[len] != ':') {
        return 0;
    }
    for (size_t i = 0; types[i] != NULL && text[len + 1] != '\0'; i++) {
        if (slice_eq((struct slice){text, len}, types[i])) {
            return 0;
        }
    }
    return tree_fail(err, value, "%s must be a path, or %s, not %s", what, example,
                     tree_shown(value, shown));
}

int inventory_kind_check(const struct inventory_key *key, const struct tree_node *value,
                         struct err *err)
{
    static const char *const keytabs[] = {"FILE", NULL};
    static const char *const caches[] = {"FILE", "DIR", "KCM", "KEYRING", NULL};
    const char *text = NULL;
    size_t choice = 0;
    uint64_t number = 0;
    switch (key->kind) {
    case KIND_NAME:
    case KIND_CONNECTION:
        return tree_text(value, key->name, TREE_NAME_MAX, &text, err);
    case KIND_TEXT:
    case KIND_FILE:
        return tree_text(value, key->name, TREE_TEXT_MAX, &text, err);
    case KIND_ADDRESS:
        return address_check(value, key->name, err);
    case KIND_ADDRESSES:
        return addresses_check(value, key->name, err);
    case KIND_PORT:
        return tree_number(value, key->name, 1, 65535, &number, err);
    case KIND_CHOICE:
        return tree_choice(value, key->name, key->choices, &choice, err);
    case KIND_HEX:
        return hex_check(value, key->name, err);
    case KIND_ZONE:
        return zone_check(value, key->name, err);
    case KIND_VARIABLE:
        return letters_check(value, key->name, "", "PVS_PASSWORD", err);
    case KIND_REALM:
        return letters_check(value, key->name, ".-", "EXAMPLE.ORG", err);
    case KIND_KEYTAB:
        return typed_check(value, key->name, keytabs, "FILE: and a path", err);
    case KIND_CCACHE:
        return typed_check(value, key->name, caches, "FILE:, DIR:, KCM: or KEYRING: and a name",
                           err);
    case KIND_NUMBER:
        return tree_number(value, key->name, 0, 1000000, &number, err);
    case KIND_EXPECT:
    case KIND_ANY:
        break;
    }
    return 0;
}
