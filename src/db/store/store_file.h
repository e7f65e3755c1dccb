/* store_file: the open file of the writer, with the names and texts it has looked up. */
#ifndef PVSAUDIT_DB_STORE_STORE_FILE_H
#define PVSAUDIT_DB_STORE_STORE_FILE_H

#include "core/arena.h"
#include "core/err.h"
#include "db/file/content.h"
#include "db/file/db.h"
#include "db/store/store_sql.h"

#include <stddef.h>
#include <stdint.h>

/* A few names with their ids: sources, expectations. */
struct name_list {
    struct arena arena;
    struct name_id {
        const char *name;
        int64_t id;
    } * items;
    size_t count;
};

struct store_file {
    struct db db;
    struct content *content;
    struct name_list sources, expectations;
};

int store_file_init(struct store_file *file, struct err *err); /* db is open */
void store_file_done(struct store_file *file);
/* After a rollback: what was looked up may be gone. */
void store_file_forget(struct store_file *file);

/* The id of a name, given where it is new. */
int store_file_source(struct store_file *file, const char *name, int64_t *ret, struct err *err);
int store_file_expectation(struct store_file *file, const char *name, int64_t *ret,
                           struct err *err);
/* A host is a name within a source. */
int store_file_host(struct store_file *file, int64_t source_id, const char *name, int64_t *ret,
                    struct err *err);

#endif
