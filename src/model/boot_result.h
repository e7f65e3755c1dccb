/* boot_result: what boots came to, counted, and the sentence that the counts support. */
#ifndef PVSAUDIT_MODEL_BOOT_RESULT_H
#define PVSAUDIT_MODEL_BOOT_RESULT_H

#include "core/arena.h"
#include "model/verdict.h"

#include <stdbool.h>
#include <stddef.h>

enum boot_result {
    BOOT_RESULT_BOUND, /* the first decisive reading of the boot found the port */
    BOOT_RESULT_LOST, /* it was expected, and was not there: not-bound, port-in-use, wrong-address,
                         stopped */
    BOOT_RESULT_SUSPECT, /* bound by a process that somebody has restarted before anybody looked */
    BOOT_RESULT_OFF, /* nobody meant it to come: disabled, service-removed */
    BOOT_RESULT_UNDECIDED, /* no reading of the boot decided: pending, partial, or cut short */
    BOOT_RESULT_UNIDENTIFIED, /* decided, but when the machine booted is not known */
    BOOT_RESULT_UNEXPECTED, /* nothing was expected: not counted at all */
    BOOT_RESULT_COUNT
};

/* verdict: of the first decisive reading; boot_known: the time of the boot is. */
enum boot_result boot_result_of(enum verdict_code verdict, bool restarted, bool boot_known);
const char *boot_result_name(enum boot_result result); /* "bound", "lost", ... */

struct boot_tally {
    size_t counts[BOOT_RESULT_COUNT];
};
/* What a rate is taken of: the boots that were bound or lost. A suspect one is in neither. */
size_t boot_tally_base(const struct boot_tally *tally);

/* Fewer boots than this support no sentence. */
enum { BOOT_SENTENCE_MIN = 20 };
struct boot_group {
    const char *label; /* "Automatic (Delayed Start)" */
    const struct boot_tally *tally;
};
/* "Automatic (Delayed Start): 0 of 212 boots lost UDP 67; Automatic: 9 of 240", of those groups
 * that have enough boots. *ret NULL: none has. -1: out of memory. */
int boot_sentence(struct arena *arena, const struct boot_group *groups, size_t count,
                  const char *port, const char **ret);

#endif
