/* codec: a pruned reading as texts that a fleet shares and a blob that is the reading's own. */
#ifndef PVSAUDIT_DB_READING_CODEC_H
#define PVSAUDIT_DB_READING_CODEC_H

#include "core/buf.h"
#include "core/err.h"
#include "db/reading/slots.h"
#include "model/expectation.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stddef.h>

/* The texts, each a tuple (docs/HISTORY.md lists their columns). */
enum codec_text {
    TEXT_ACCESS,
    TEXT_SECTIONS,
    TEXT_MACHINE,
    TEXT_BOOT,
    TEXT_SERVICES,
    TEXT_PROCESSES,
    TEXT_ADDRESSES,
    TEXT_UDP,
    TEXT_TCP,
    TEXT_REGISTRY,
    TEXT_COUNT
};

enum { CODEC_PLAIN = 1 }; /* byte 0 of the blob: a plain list */

struct coded {
    struct buf texts[TEXT_COUNT]; /* empty: there is none */
    struct buf blob; /* empty where the host was not read */
};

void coded_init(struct coded *coded);
void coded_done(struct coded *coded);
void coded_clear(struct coded *coded); /* keeps the memory for the next reading */

/* snapshot is pruned (db/prune.h). New addresses are added to slots. ERR_LIMIT, ERR_MEMORY. */
int codec_encode(const struct snapshot *snapshot, const struct expectation_set *expectations,
                 struct slots *slots, struct coded *ret, struct err *err);

/* Fills the parts that the texts and the blob hold; *ret is initialised, and visit.read, the times
 * of the visit and of the boot (boot time, host clock, uptime) are the caller's. The result is
 * normalised.
 * ERR_HISTORY: a text or the blob is not what the encoder makes. */
struct coded_view {
    const char *texts[TEXT_COUNT]; /* NULL: none */
    const void *blob;
    size_t blob_len;
};
int codec_decode(const struct coded_view *view, const struct slots *slots, struct snapshot *ret,
                 struct err *err);

#endif
