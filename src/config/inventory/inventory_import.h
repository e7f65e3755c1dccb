/* inventory_import: an inventory written from what other programs list. */
#ifndef PVSAUDIT_CONFIG_INVENTORY_INVENTORY_IMPORT_H
#define PVSAUDIT_CONFIG_INVENTORY_INVENTORY_IMPORT_H

#include "config/server_list.h"
#include "core/buf.h"
#include "core/err.h"

/* What `ansible-inventory --list` prints: hosts with the variables that we read, and groups. What
 * may not stand in an inventory (a secret, a template, a value of the wrong kind) is left out and
 * named in a comment, without its value. ERR_CONFIG: it is no such answer. */
int inventory_import_ansible(const char *name, const char *bytes, size_t len, struct buf *to,
                             struct err *err);
/* A host for each server, with its site, and its address where it has one. */
int inventory_import_servers(const struct server_list *list, struct buf *to, struct err *err);

#endif
