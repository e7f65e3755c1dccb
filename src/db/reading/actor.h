/* actor: the processes behind a reading, named without their pids: image, services, n-th of its
 * kind. */
#ifndef PVSAUDIT_DB_READING_ACTOR_H
#define PVSAUDIT_DB_READING_ACTOR_H

#include "db/reading/slots.h"
#include "model/expectation.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct actor {
    int64_t pid;
    bool listed; /* the reading has a process row of it */
    bool is_volatile; /* holds nothing but ephemeral ports */
    const char *image; /* NULL: not known */
    const char *services; /* "BNPXE", "Dhcp,Dnscache", "" */
    int64_t parent, created_ms;
    size_t holds; /* endpoints of either kind */
    size_t first_binding; /* place of its first stable endpoint, SIZE_MAX = none */
    int64_t n; /* among the stable ones of this image and services */
    size_t place; /* in its list: stable ones, or volatile ones */
};

/* An endpoint with what it is stored as. */
struct binding {
    const struct endpoint *endpoint;
    int64_t code; /* of the address, see slots.h */
    const struct actor *actor; /* NULL: its pid is not known */
    bool is_volatile;
};

struct actor_table {
    struct actor *actors; /* sorted by pid */
    size_t count;
    struct actor **stable; /* in canonical order: the n-th is the one with the n-th lowest port */
    size_t stable_count;
    struct actor **transient;
    size_t transient_count;
    struct binding *bindings; /* one for each endpoint: stable ones in canonical order, then the
                                 volatile ones in the snapshot's */
    size_t binding_count;
    size_t stable_binding_count;
};

/* snapshot is pruned. Everything is borrowed from it or lives in slots->arena. false: no memory. */
bool actor_table_build(struct actor_table *table, const struct snapshot *snapshot,
                       const struct expectation_set *expectations, struct slots *slots);

#endif
