/* named_host: the hosts of the history by name, and which of them a person means. */
#ifndef PVSAUDIT_DB_FILE_NAMED_HOST_H
#define PVSAUDIT_DB_FILE_NAMED_HOST_H

#include "core/arena.h"
#include "db/file/db.h"

/* A host is a name within a source: two collectors may each have a server of one name. */
struct host_name {
    int64_t id, source_id;
    const char *name, *source;
};

/* list is a statement that yields id, name, id of the source and its name, by name and source.
 * Every host of the history; in arena. */
int named_host_list(struct db *db, unsigned list, struct arena *arena, struct host_name **ret,
                    size_t *ret_count, struct err *err);
/* Whether the text means this host: its name, or SOURCE:NAME. */
bool host_name_matches(const char *text, const char *source, const char *name);
/* The one host that is meant. ERR_USAGE: none (names the nearest), or several. */
int named_host_find(struct db *db, unsigned list, const char *text, int64_t *ret, struct err *err);
/* ERR_USAGE: the text means each of these; says how to name one. */
int host_name_refuse_shared(const char *text, const struct host_name *names, size_t count,
                            struct err *err);

#endif
