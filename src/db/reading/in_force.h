/* in_force: what a scan went by, as texts: its scope and its expectations. */
#ifndef PVSAUDIT_DB_READING_IN_FORCE_H
#define PVSAUDIT_DB_READING_IN_FORCE_H

#include "core/arena.h"
#include "core/buf.h"
#include "model/expectation.h"
#include "model/host.h"

#include <stdbool.h>
#include <stddef.h>

/* One host that a scan was to visit. */
struct scope_host {
    const char *name, *os, *site, *farm, *state; /* os and state by their names; NULL = not known */
};

/* A tuple [name, os, site, farm, state] for each, sorted by name. -1: no memory, or too many. */
int in_force_write_scope(const struct scope_host *hosts, size_t count, struct buf *to);
bool in_force_read_scope(const char *text, struct arena *arena, struct scope_host **ret,
                         size_t *ret_count);
/* What the inventory's hosts are in a scope; in arena, NULL: no memory. */
struct scope_host *in_force_scope_of(const struct host *hosts, size_t count, struct arena *arena);

/* A line for each expectation. */
int in_force_write_expectations(const struct expectation_set *set, struct buf *to);
/* *ret owns its memory (expectation_set_done). */
bool in_force_read_expectations(const char *text, struct expectation_set *ret);

#endif
