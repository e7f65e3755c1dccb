/* gate_told: what a gate's judgement is in words, and as lines for the program that prints it. */
#ifndef PVSAUDIT_COLLECTOR_GATE_TOLD_H
#define PVSAUDIT_COLLECTOR_GATE_TOLD_H

#include "collector/gate_scope.h"
#include "core/arena.h"
#include "core/err.h"
#include "model/gate.h"
#include "out/answer.h"

#include <stdio.h>

struct gate_told {
    const char *answer, *sentence; /* "GO", "pvs01 may be taken down: ..." */
    const char *judged; /* the answer before an override, and where it is for planning only */
    const char *servers; /* folded */
    const char *change, *override_reason;
    int64_t held_until_ms; /* 0: nothing is held */
    bool planning_only;
    int exit_code;
    const char **notes; /* what should be known besides */
    size_t note_count;
};

/* The judgement as a sentence; in arena, NULL: out of memory. */
const char *gate_told_sentence(const struct gate_judgement *judgement, const char *servers,
                               struct arena *arena);
/* The servers that a stage keeps, folded; the same. */
const char *gate_told_proven(const struct gate_judgement *judgement, const struct gate_row *row,
                             struct arena *arena);
/* Adds to the notes what the evidence has to be known. -1: out of memory. */
int gate_told_notes(const struct gate_judgement *judgement, struct arena *arena,
                    struct gate_told *told);

/* The machines that were to be read, and those that were. */
void gate_told_count(const struct gate_judgement *judgement, struct answer_meta *meta);

/* All lines of the answer. The judgement's rows are left out where it is NULL. */
int gate_told_print(const struct gate_told *told, const struct gate_judgement *judgement,
                    const struct answer_meta *meta, FILE *to, struct err *err);

#endif
