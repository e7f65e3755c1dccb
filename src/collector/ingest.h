/* ingest: visits from lines of JSON into the ordinary path. */
#ifndef PVSAUDIT_COLLECTOR_INGEST_H
#define PVSAUDIT_COLLECTOR_INGEST_H

#include "core/err.h"
#include "model/host.h"
#include "model/snapshot.h"

#include <stddef.h>

struct ingest_sink {
    /* declared is NULL where the line has no declaration. */
    int (*reading)(void *data, struct snapshot *snapshot, const struct host *declared,
                   struct err *err);
    void *data;
};

/* path "-" is standard input. Lines of at most 16 MiB. A bad line ends it: ERR_CONFIG with
 * "file:line: ..."; the lines before it are kept. *ret_lines counts the lines taken. */
int ingest_run(const char *path, const struct ingest_sink *sink, size_t *ret_lines,
               struct err *err);

#endif
