/* machine: a state machine as a table of states with the states that may follow. */
#include "core/machine.h"

#include <stdlib.h>

void machine_init(struct machine *machine, const struct machine_state *states, unsigned state)
{
    *machine = (struct machine){.states = states, .state = state};
}

bool machine_may(const struct machine *machine, unsigned to)
{
    return (machine->states[machine->state].next & MACHINE_TO(to)) != 0;
}

void machine_move(struct machine *machine, unsigned to)
{
    if (!machine_may(machine, to)) {
        abort();
    }
    const char *from = machine->states[machine->state].name;
    machine->state = to;
    if (machine->trace != NULL) {
        machine->trace(machine->data, from, machine->states[to].name);
    }
}

const char *machine_name(const struct machine *machine)
{
    return machine->states[machine->state].name;
}
