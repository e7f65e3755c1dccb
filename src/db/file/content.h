/* content: texts that a history stores once, known by what they say. */
#ifndef PVSAUDIT_DB_FILE_CONTENT_H
#define PVSAUDIT_DB_FILE_CONTENT_H

#include "core/arena.h"
#include "core/err.h"
#include "db/file/db.h"

#include <stddef.h>
#include <stdint.h>

/* Lookups of one open file, with the newest texts at hand. Ids are 1 and up; 0 stands for none. */
struct content;
/* The statements are rows of db's table: by hash, insert, by id. */
struct content_statements {
    unsigned by_hash, insert, by_id;
};
struct content *content_new(struct db *db, struct content_statements statements);
void content_free(struct content *content);
void content_forget(struct content *content); /* after a rollback: what is at hand may be gone */

/* The id of text, stored where it is new; NULL is id 0. */
int content_put(struct content *content, const char *text, size_t len, int64_t *ret_id,
                struct err *err);
/* The same with a hash of the caller's: two texts of one hash are told apart by all their bytes,
 * and the second takes the next free hash. */
int content_put_hashed(struct content *content, uint64_t hash, const char *text, size_t len,
                       int64_t *ret_id, struct err *err);
/* Text of id in arena; id 0 is NULL. ERR_HISTORY: there is no such id. */
int content_get(struct content *content, int64_t id, struct arena *arena, const char **ret,
                struct err *err);

#endif
