/* store_file: the open file of the writer, with the names and texts it has looked up. */
#include "db/store/store_file.h"

#include "core/str.h"

int store_file_init(struct store_file *file, struct err *err)
{
    static const struct content_statements statements = {
        .by_hash = SQL_CONTENT_BY_HASH, .insert = SQL_CONTENT_INSERT, .by_id = SQL_CONTENT_BY_ID};
    file->content = content_new(&file->db, statements);
    return file->content == NULL ? err_memory(err) : 0;
}

static void name_list_done(struct name_list *list)
{
    arena_done(&list->arena);
    *list = (struct name_list){.count = 0};
}

void store_file_forget(struct store_file *file)
{
    content_forget(file->content);
    name_list_done(&file->sources);
    name_list_done(&file->expectations);
}

void store_file_done(struct store_file *file)
{
    content_free(file->content);
    file->content = NULL;
    name_list_done(&file->sources);
    name_list_done(&file->expectations);
}

static sqlite3_stmt *use_name(struct db *db, unsigned id, int64_t source_id, const char *name)
{
    sqlite3_stmt *statement = db_use(db, id);
    db_bind_text(db, statement, ":name", name);
    if (source_id != 0) {
        db_bind_i64(db, statement, ":source", source_id);
    }
    return statement;
}

/* source_id 0: the name is not one of a source. */
static int look_up(struct db *db, unsigned by_name, unsigned insert, int64_t source_id,
                   const char *name, int64_t *ret, struct err *err)
{
    sqlite3_stmt *statement = use_name(db, by_name, source_id, name);
    int rc = db_step(db, statement, err);
    if (rc > 0) {
        *ret = db_i64(statement, 0);
        (void)sqlite3_reset(statement);
        return 0;
    }
    if (rc < 0) {
        return -1;
    }
    statement = use_name(db, insert, source_id, name);
    if (db_run(db, statement, err) != 0) {
        return -1;
    }
    *ret = sqlite3_last_insert_rowid(db->handle);
    return 0;
}

static int remembered(struct db *db, struct name_list *list, unsigned by_name, unsigned insert,
                      const char *name, int64_t *ret, struct err *err)
{
    for (size_t i = 0; i < list->count; i++) {
        if (str_eq(list->items[i].name, name)) {
            *ret = list->items[i].id;
            return 0;
        }
    }
    int64_t id = 0;
    if (look_up(db, by_name, insert, 0, name, &id, err) != 0) {
        return -1;
    }
    void *items = list->items;
    struct name_id *item = arena_push(&list->arena, &items, &list->count, sizeof(*item));
    list->items = items;
    if (item == NULL) {
        return err_memory(err);
    }
    item->id = id;
    item->name = arena_strdup(&list->arena, name);
    if (item->name == NULL) {
        return err_memory(err);
    }
    *ret = id;
    return 0;
}

int store_file_source(struct store_file *file, const char *name, int64_t *ret, struct err *err)
{
    return remembered(&file->db, &file->sources, SQL_SOURCE_BY_NAME, SQL_SOURCE_INSERT,
                      name == NULL ? "local" : name, ret, err);
}

int store_file_expectation(struct store_file *file, const char *name, int64_t *ret, struct err *err)
{
    return remembered(&file->db, &file->expectations, SQL_EXPECTATION_BY_NAME,
                      SQL_EXPECTATION_INSERT, name, ret, err);
}

int store_file_host(struct store_file *file, int64_t source_id, const char *name, int64_t *ret,
                    struct err *err)
{
    return look_up(&file->db, SQL_HOST_BY_NAME, SQL_HOST_INSERT, source_id, name, ret, err);
}
