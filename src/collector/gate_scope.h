/* gate_scope: the servers and boot paths that a gate is about, as the inventory has them. */
#ifndef PVSAUDIT_COLLECTOR_GATE_SCOPE_H
#define PVSAUDIT_COLLECTOR_GATE_SCOPE_H

#include "config/inventory/inventory.h"
#include "core/arena.h"
#include "core/err.h"
#include "model/gate.h"

struct gate_scope {
    struct arena arena;
    const struct inventory *inventory;
    struct gate_server *servers; /* of inventory->hosts[i]; readings and holds are the caller's */
    enum gate_role {
        ROLE_POSSIBLE, /* nothing is known against it */
        ROLE_NONE,
    } (*roles)[BOOT_STAGE_COUNT]; /* what the history says of servers[i] where the inventory is
                                     silent */
    struct boot_path *paths; /* declared ones, then those that had to be assumed */
    size_t path_count;
    size_t declared_count;
};

/* asked[i]: inventory->hosts[i] is to be taken down. */
int gate_scope_load(const struct inventory *inventory, const bool *asked, struct gate_scope *ret,
                    struct err *err);
void gate_scope_done(struct gate_scope *scope);

/* Anew, from the identities and roles as they are known now: a server that no declared path names
 * is of a path of its site. */
int gate_scope_assume(struct gate_scope *scope, struct err *err);

/* What answers at an address is one machine: a server that is asked about, and was not read just
 * now, is the machine that another name of its address and port was read as. */
void gate_scope_share_addresses(struct gate_scope *scope);

/* Whose reading the gate needs: wanted[i] of inventory->hosts[i]. Those that are asked about only
 * where with_asked, or where it is not known yet which machines they are. A reading that is not
 * older than not_before_ms needs no other; 0: every one is old. */
void gate_scope_wanted(const struct gate_scope *scope, int64_t not_before_ms, bool with_asked,
                       bool *wanted);

/* The names that are asked about, folded; in arena. */
const char *gate_scope_asked(const struct gate_scope *scope, struct arena *arena);

#endif
