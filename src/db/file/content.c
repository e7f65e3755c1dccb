/* content: texts that a history stores once, known by what they say. */
#include "db/file/content.h"

#include "core/str.h"

#include <stdlib.h>
#include <string.h>

enum {
    SHELVES = 4096, /* a power of two; each holds the newest text of its hashes */
    SHELF_TEXT_MAX = 16 * 1024, /* larger ones are looked up every time */
};

struct shelf {
    uint64_t hash;
    int64_t id;
    size_t len;
    char *text;
};

struct content {
    struct db *db;
    struct content_statements statements;
    struct shelf shelves[SHELVES];
    uint16_t by_id[SHELVES]; /* the shelf that may hold an id, by the id's low bits */
};

struct content *content_new(struct db *db, struct content_statements statements)
{
    struct content *content = calloc(1, sizeof(*content));
    if (content != NULL) {
        content->db = db;
        content->statements = statements;
    }
    return content;
}

void content_forget(struct content *content)
{
    for (size_t i = 0; i < SHELVES; i++) {
        free(content->shelves[i].text);
        content->shelves[i] = (struct shelf){.id = 0};
    }
}

void content_free(struct content *content)
{
    if (content != NULL) {
        content_forget(content);
        free(content);
    }
}

/* Best effort: without memory the next look-up goes to the file. */
static void keep(struct content *content, uint64_t hash, int64_t id, const char *text, size_t len)
{
    struct shelf *shelf = &content->shelves[hash & (SHELVES - 1)];
    free(shelf->text);
    *shelf = (struct shelf){.id = 0};
    char *copy = len > SHELF_TEXT_MAX ? NULL : malloc(len + 1);
    if (copy != NULL) {
        memcpy(copy, text, len);
        copy[len] = '\0';
        *shelf = (struct shelf){.hash = hash, .id = id, .len = len, .text = copy};
        content->by_id[(uint64_t)id & (SHELVES - 1)] = (uint16_t)(hash & (SHELVES - 1));
    }
}

static int insert(struct content *content, uint64_t hash, const char *text, int64_t *ret_id,
                  struct err *err)
{
    struct db *db = content->db;
    sqlite3_stmt *statement = db_use(db, content->statements.insert);
    db_bind_i64(db, statement, ":hash", (int64_t)hash);
    db_bind_text(db, statement, ":text", text);
    if (db_run(db, statement, err) != 0) {
        return -1;
    }
    *ret_id = sqlite3_last_insert_rowid(db->handle);
    return 0;
}

/* 1: *ret_id is the text's. 0: the hash is free. 2: another text has it. -1: err. */
static int look_up(struct content *content, uint64_t hash, const char *text, size_t len,
                   int64_t *ret_id, struct err *err)
{
    struct db *db = content->db;
    sqlite3_stmt *statement = db_use(db, content->statements.by_hash);
    db_bind_i64(db, statement, ":hash", (int64_t)hash);
    int rc = db_step(db, statement, err);
    if (rc != 1) {
        return rc;
    }
    const void *there = sqlite3_column_text(statement, 1);
    size_t there_len = (size_t)sqlite3_column_bytes(statement, 1);
    bool same = there != NULL && there_len == len && memcmp(there, text, len) == 0;
    *ret_id = same ? db_i64(statement, 0) : 0;
    (void)sqlite3_reset(statement);
    return same ? 1 : 2;
}

int content_put_hashed(struct content *content, uint64_t hash, const char *text, size_t len,
                       int64_t *ret_id, struct err *err)
{
    int64_t id = 0;
    uint64_t place = hash;
    int found = look_up(content, place, text, len, &id, err);
    while (found == 2) {
        found = look_up(content, ++place, text, len, &id, err);
    }
    if (found < 0 || (found == 0 && insert(content, place, text, &id, err) != 0)) {
        return -1;
    }
    keep(content, hash, id, text, len);
    *ret_id = id;
    return 0;
}

int content_put(struct content *content, const char *text, size_t len, int64_t *ret_id,
                struct err *err)
{
    if (text == NULL) {
        *ret_id = 0;
        return 0;
    }
    uint64_t hash = str_hash64(text, len);
    const struct shelf *shelf = &content->shelves[hash & (SHELVES - 1)];
    if (shelf->text != NULL && shelf->hash == hash && shelf->len == len &&
        memcmp(shelf->text, text, len) == 0) {
        *ret_id = shelf->id;
        return 0;
    }
    return content_put_hashed(content, hash, text, len, ret_id, err);
}

int content_get(struct content *content, int64_t id, struct arena *arena, const char **ret,
                struct err *err)
{
    if (id == 0) {
        *ret = NULL;
        return 0;
    }
    const struct shelf *shelf = &content->shelves[content->by_id[(uint64_t)id & (SHELVES - 1)]];
    if (shelf->text != NULL && shelf->id == id) {
        *ret = arena_strndup(arena, shelf->text, shelf->len);
        return *ret == NULL ? err_memory(err) : 0;
    }
    struct db *db = content->db;
    sqlite3_stmt *statement = db_use(db, content->statements.by_id);
    db_bind_i64(db, statement, ":id", id);
    int rc = db_step(db, statement, err);
    if (rc < 0) {
        return -1;
    }
    if (rc == 0) {
        return err_set(err, ERR_HISTORY, "history", "%s: the text %lld that a row names is gone",
                       db->path, (long long)id);
    }
    const char *text = db_text(statement, 0, arena);
    size_t len = (size_t)sqlite3_column_bytes(statement, 0);
    (void)sqlite3_reset(statement);
    if (text == NULL) {
        return err_memory(err);
    }
    keep(content, str_hash64(text, len), id, text, len);
    *ret = text;
    return 0;
}
