/* inventory_keys: the variables of an inventory that we read, one row each, and what may be in
 * them. */
#ifndef PVSAUDIT_CONFIG_INVENTORY_INVENTORY_KEYS_H
#define PVSAUDIT_CONFIG_INVENTORY_INVENTORY_KEYS_H

#include "config/tree.h"

#include <stdbool.h>

/* What a key sets; several keys may set the same. */
enum inventory_field {
    FIELD_ADDRESS,
    FIELD_TRANSPORT,
    FIELD_OS,
    FIELD_PORT,
    FIELD_USER,
    FIELD_AUTH,
    FIELD_KEY_FILE,
    FIELD_KNOWN_HOSTS,
    FIELD_PASSWORD_FILE,
    FIELD_PASSWORD_COMMAND,
    FIELD_PASSWORD_ENV,
    FIELD_SCHEME,
    FIELD_CA_FILE,
    FIELD_CERT_SHA256,
    FIELD_SPN_SERVICE,
    FIELD_REALM,
    FIELD_KEYTAB,
    FIELD_CCACHE,
    FIELD_WINRM_TRANSPORT,
    FIELD_CERT_FILE,
    FIELD_ALLOW_UNENCRYPTED,
    FIELD_SITE,
    FIELD_FARM,
    FIELD_EXPECT,
    FIELD_PXE_ADDRESSES,
    FIELD_STATE,
    FIELD_TIMEZONE,
    FIELD_MAINTENANCE,
    FIELD_COMPUTER_NAME,
    FIELD_COUNT,
    FIELD_PRIORITY = FIELD_COUNT, /* of a group among those of its depth; no host has it */
    FIELD_IGNORED, /* said in a warning */
};

enum inventory_kind {
    KIND_NAME, /* text of at most 255 bytes */
    KIND_TEXT, /* text of at most 4096 bytes */
    KIND_FILE, /* a path, relative to the inventory's folder */
    KIND_ADDRESS, /* a name, IPv4, IPv6 with %scope */
    KIND_ADDRESSES, /* one or a list of IPv4 and IPv6 */
    KIND_PORT, /* 1 to 65535 */
    KIND_CHOICE, /* one of choices */
    KIND_CONNECTION, /* checked where it decides: a host may say pvsaudit_transport instead */
    KIND_HEX, /* SHA-256, 64 hexadecimal digits, colons allowed */
    KIND_ZONE, /* a time zone's name: Europe/Berlin */
    KIND_VARIABLE, /* the name of an environment variable */
    KIND_REALM, /* of Kerberos: EXAMPLE.ORG */
    KIND_KEYTAB, /* a path, with or without FILE: */
    KIND_CCACHE, /* the same, or another type of cache and a name in it */
    KIND_EXPECT, /* pvsaudit_expect, see inventory_expect */
    KIND_NUMBER,
    KIND_ANY,
};

struct inventory_key {
    const char *name;
    enum inventory_field field;
    int rank; /* of keys that set one field the higher rank wins, at whatever level it stands */
    enum inventory_kind kind;
    const char *const *choices; /* KIND_CHOICE, NULL-ended, in the order of the enum */
};

extern const struct inventory_key inventory_key_table[];
extern const size_t inventory_key_count;

/* The row, or NULL. */
const struct inventory_key *inventory_key_find(const char *name);

/* What is wrong with a variable, wherever it stands: a secret, an unknown pvsaudit_ key, a
 * template, a wrong type. KIND_EXPECT is left to inventory_expect. *ret_key is NULL where we do not
 * read it. */
int inventory_key_check(const struct tree_node *at, const struct tree_node *value,
                        const struct inventory_key **ret_key, struct err *err);

/* inventory_kinds.c: -1 and an error that begins with the key, where a value is not of its kind. */
int inventory_kind_check(const struct inventory_key *key, const struct tree_node *value,
                         struct err *err);

/* The value as one line: "[BNPXE, BNTFTP]". NULL: no memory. */
const char *inventory_value_text(struct arena *arena, const struct tree_node *value);

#endif
