/* twin: several names of one machine, of which one counts for each expectation; pure. */
#ifndef PVSAUDIT_MODEL_TWIN_H
#define PVSAUDIT_MODEL_TWIN_H

#include "model/verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How one expectation stands under one name. Strings are borrowed. */
struct twin {
    const char *machine, *expectation, *name;
    bool read; /* the newest visit under this name was read, and is not too old */
    enum verdict_code code; /* of that visit */
    bool declared; /* the inventory expects it under this name */
    int64_t time_ms; /* of that visit */
    int64_t problem_ms; /* last reading that showed the problem that is open; 0 = none is */
    size_t row; /* the caller's */
    const struct twin *counted_as; /* what counts in place of this one, NULL = it counts */
};

/* Sorts the rows and fills counted_as. For each machine and expectation the worst of what was read
 * counts. A name that was not read counts only by a problem that no reading under another name came
 * after, or where it alone expects what nobody has looked at. */
void twin_settle(struct twin *rows, size_t count);

/* A problem now, or one that is open. */
bool twin_is_problem(const struct twin *twin);

#endif
