/* machine: a state machine as a table of states with the states that may follow. */
#ifndef PVSAUDIT_CORE_MACHINE_H
#define PVSAUDIT_CORE_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

/* One row a state, indexed by the state's number (below 64). */
struct machine_state {
    const char *name;
    uint64_t next; /* MACHINE_TO(A) | MACHINE_TO(B) ... */
};

#define MACHINE_TO(state) (UINT64_C(1) << (state))

struct machine {
    const struct machine_state *states;
    unsigned state;
    /* Called with every change, "[OLD] -> [NEW]"; NULL for silence. */
    void (*trace)(void *data, const char *from, const char *to);
    void *data;
};

void machine_init(struct machine *machine, const struct machine_state *states, unsigned state);
/* The one place where a state changes; aborts on a change that the table does not allow. */
void machine_move(struct machine *machine, unsigned to);
bool machine_may(const struct machine *machine, unsigned to);
const char *machine_name(const struct machine *machine);

#endif
