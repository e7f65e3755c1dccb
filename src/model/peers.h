/* peers: what the facts of one server are beside those of the servers that should be like it. */
#ifndef PVSAUDIT_MODEL_PEERS_H
#define PVSAUDIT_MODEL_PEERS_H

#include "model/facts.h"

/* A zeroed struct is an empty one; everything lives in the arena that peers_add is given. */
struct peers {
    struct fact *facts; /* of all of them */
    size_t count;
    size_t servers;
    size_t whole[FACT_KIND_COUNT]; /* how many of them tell all facts of the kind */
};
/* Copies. -1: out of memory. */
int peers_add(struct peers *peers, struct arena *arena, const struct facts *facts);

struct peer_row {
    enum fact_kind kind;
    const char *item;
    const char *value; /* of the one server; NULL = it is not there */
    const char *usual; /* what most of the others have; NULL = it is not there */
    size_t usual_count, same_count; /* how many of them have that, and how many the server's own */
    size_t told; /* how many of them tell */
    bool differs; /* no other has its own, or more than half of them have another */
};
/* One for each thing that both sides tell, by kind and item. -1: out of memory. */
int peers_compare(struct peers *peers, const struct facts *own, struct arena *arena,
                  struct peer_row **ret, size_t *ret_count);

#endif
