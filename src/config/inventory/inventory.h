/* inventory: the hosts to visit, read from an Ansible YAML (or JSON) inventory. */
#ifndef PVSAUDIT_CONFIG_INVENTORY_INVENTORY_H
#define PVSAUDIT_CONFIG_INVENTORY_INVENTORY_H

#include "core/arena.h"
#include "core/err.h"
#include "model/expectation.h"
#include "model/host.h"

#include <stdbool.h>
#include <stddef.h>

/* Where one effective value of one host came from, for `hosts origin`. */
struct inventory_value {
    const char *key; /* "pvsaudit_site" */
    const char *value; /* as text; what is secret-like is never here, since it is an error */
    struct origin origin;
    const char *overrides; /* "hosts.yaml:7:5 (all): paris", or NULL */
};

struct inventory {
    struct arena arena;
    struct host *hosts; /* sorted as the file has them */
    size_t count;
    const char *boot_paths; /* canonical JSON text of pvsaudit_boot_paths, or NULL */
    const char **warnings; /* sentences with file:line:column, e.g. two names with one address */
    size_t warning_count;
    struct inventory_internal *internal; /* groups and values, for select and origin */
};

/* path may be "-" (standard input). Relative files in it are relative to the inventory's folder.
 * Every host gets the declarations that pvsaudit_expect of host, group and all amount to, one for
 * each expectation of its os once the inventory speaks (a list: named = expected, others = not
 * expected; {add, remove}: only what it names). ERR_CONFIG with "file:line:column: what; remedy".
 */
int inventory_load(const char *path, const struct expectation_set *expectations,
                   struct inventory *ret, struct err *err);
/* The same from memory; name stands in for the path in messages. Pure; what is fuzzed. */
int inventory_parse(const char *name, const char *bytes, size_t len,
                    const struct expectation_set *expectations, struct inventory *ret,
                    struct err *err);
void inventory_done(struct inventory *inventory);

const struct host *inventory_find(const struct inventory *inventory, const char *name);

/* Ansible's --limit: names, groups, globs and ranges, separated by commas; ! excludes, & requires.
 * selected[i] tells of hosts[i] (caller's array of inventory->count). A part that matches nothing
 * is ERR_USAGE and names the nearest host or group. pattern NULL selects all. */
int inventory_select(const struct inventory *inventory, const char *pattern, bool *selected,
                     struct err *err);

/* All effective values of a host with their origins; rows live as long as the inventory. */
int inventory_origins(const struct inventory *inventory, const struct host *host,
                      const struct inventory_value **ret_rows, size_t *ret_count, struct err *err);

#endif
