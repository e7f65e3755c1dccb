/* sections: the answer to a command line, cut at our markers into named sections. */
#ifndef PVSAUDIT_COLLECTOR_PROBE_SECTIONS_H
#define PVSAUDIT_COLLECTOR_PROBE_SECTIONS_H

#include "core/str.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*     @@begin NAME          one line
 *     ... what the command printed ...
 *     @@end NAME CODE       its exit code; the line end belongs to the marker
 *     @@end all 0           the last line of an answer
 *
 * Nothing may stand between a section's end and the next begin: a program's own output that looks
 * like an end marker would leave its rest there. A section with such text behind it, with another
 * marker inside it, or begun twice is spoiled, and spoiled counts as not ended. What is printed
 * before the first marker (a banner, a changed code page) is skipped. */
enum { SECTIONS_MAX = 192 };

struct answer_section {
    struct slice name;
    struct slice body;
    bool ended; /* with its own marker, and not spoiled */
    bool spoiled; /* then never ended, whatever follows */
    int64_t status; /* exit code of the command; 0 where not ended */
};

/* Slices point into the answer. */
struct sections {
    struct answer_section items[SECTIONS_MAX];
    size_t count;
    bool whole; /* `@@end all 0` was seen with its line end, and no section more than we take */
};

void sections_parse(struct slice answer, struct sections *ret);
/* NULL: the answer has no such section. */
const struct answer_section *sections_find(const struct sections *sections, const char *name);
/* The section called PREFIX:NAME. */
const struct answer_section *sections_find_of(const struct sections *sections, const char *prefix,
                                              const char *name);

/* What became of one thing that was asked; the start of a struct section of the model. */
struct reading {
    enum outcome outcome;
    int64_t code;
    const char *detail; /* static text, NULL where complete */
};

extern const struct reading reading_complete;

/* Before its body is looked at: complete when ended with status 0; failed with its code for any
 * other status (unsupported for a command that does not exist: 127 of sh, 9009 of cmd); partial
 * when not ended or never begun in an answer that was cut; failed when never begun in a whole one.
 */
struct reading sections_reading(const struct sections *sections,
                                const struct answer_section *section);

#endif
