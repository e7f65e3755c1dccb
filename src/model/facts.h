/* facts: what a reading says of how a server is set up, as names with values to compare. */
#ifndef PVSAUDIT_MODEL_FACTS_H
#define PVSAUDIT_MODEL_FACTS_H

#include "core/arena.h"
#include "model/expectation.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stddef.h>

enum fact_kind {
    FACT_OS, /* these have no item */
    FACT_OS_BUILD,
    FACT_PVS_BUILD,
    FACT_START_DELAY, /* AutoStartDelay */
    FACT_INSTALLED, /* these five of a service, which is the item */
    FACT_STARTUP,
    FACT_STATE,
    FACT_ACCOUNT,
    FACT_EXECUTABLE,
    FACT_UDP, /* udp/67: the addresses that it is bound on */
    FACT_TCP, /* tcp/54321: the same */
    FACT_OWNER, /* udp/67: the executables of who holds it */
    FACT_REGISTRY, /* key\name */
    FACT_FILE, /* path: version, or date where it has none */
    FACT_NETWORK, /* adapter: what its network is taken for */
    FACT_KIND_COUNT
};
const char *fact_kind_name(enum fact_kind kind); /* "startup type", "binding" */

struct fact {
    enum fact_kind kind;
    const char *item; /* "BNPXE", "udp/67"; "" where the kind has none */
    const char *value; /* never NULL: what is not known is no fact */
};

struct facts {
    struct fact *items; /* by kind and item */
    size_t count;
    bool whole[FACT_KIND_COUNT]; /* the reading tells all of them: what is not listed is not there;
                                    false: it may be there all the same */
};

enum fact_view {
    FACTS_OF_ONE, /* one server at two times: addresses as they are, and the services' states */
    FACTS_OF_SIBLINGS, /* several servers: an address of its own is "own address"; no states */
};

/* snapshot is normalised. Ports that a system hands out are left out. Texts are borrowed from the
 * snapshot or live in arena. -1: out of memory. */
int facts_of(const struct snapshot *snapshot, const struct expectation_set *expectations,
             enum fact_view view, struct arena *arena, struct facts *ret);

/* Where two lists say different things. What one of them only does not know is no difference. */
struct fact_difference {
    enum fact_kind kind;
    const char *item;
    const char *before, *after; /* NULL: it was not there */
};
/* Borrows from both. -1: out of memory. */
int facts_compare(const struct facts *before, const struct facts *after, struct arena *arena,
                  struct fact_difference **ret, size_t *ret_count);
/* NULL: it is not listed. */
const struct fact *facts_find(const struct facts *facts, enum fact_kind kind, const char *item);

#endif
