/* inventory_secrets: finds what must not stand in an inventory: secrets, and templates. */
#ifndef PVSAUDIT_CONFIG_INVENTORY_INVENTORY_SECRETS_H
#define PVSAUDIT_CONFIG_INVENTORY_INVENTORY_SECRETS_H

#include "config/tree.h"

/* ERR_CONFIG for a key that is called like a secret (ansible_password, anything_pass) or a value
 * that is one (a private key, a vault), at any depth, also in variables that we do not read. The
 * value is never in the message. */
int inventory_secrets_check(const struct tree_node *at, const struct tree_node *value,
                            struct err *err);

/* ERR_CONFIG for {{ }} or {% %} anywhere in value. */
int inventory_secrets_template_check(const char *what, const struct tree_node *value,
                                     struct err *err);

#endif
