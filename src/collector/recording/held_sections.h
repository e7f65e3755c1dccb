/* held_sections: what a recorded command answers of another one: the sections that both ask alike.
 */
#ifndef PVSAUDIT_COLLECTOR_RECORDING_HELD_SECTIONS_H
#define PVSAUDIT_COLLECTOR_RECORDING_HELD_SECTIONS_H

#include "core/arena.h"
#include "core/str.h"

/* The answer without the sections that are asked otherwise now, or not at all; in arena. A section
 * is what stands between its markers, in a command and in an answer. {NULL, 0}: there is none that
 * both ask alike, or no memory. */
struct slice held_sections(struct slice recorded, struct slice asked, struct slice answer,
                           struct arena *arena);

#endif
