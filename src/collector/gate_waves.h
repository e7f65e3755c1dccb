/* gate_waves: many servers as waves, each of which may be taken down at once. */
#ifndef PVSAUDIT_COLLECTOR_GATE_WAVES_H
#define PVSAUDIT_COLLECTOR_GATE_WAVES_H

#include "collector/gate_scope.h"
#include "out/answer.h"

#include <stdio.h>

struct gate_waves {
    struct gate_scope *scope; /* servers that are `down` are those to be split; given back as is */
    int64_t not_before_ms; /* as in struct gate_question */
    bool planning_only;
    const char *servers; /* folded */
};

/* Puts each server into the first wave that it makes no worse than it is by itself; a server that
 * is NO-GO or CANNOT TELL by itself is in none. Prints all lines; the exit code, or -1. */
int gate_waves_answer(const struct gate_waves *waves, const struct answer_meta *meta, FILE *to,
                      struct err *err);

#endif
