/* named_host: the hosts of the history by name, and which of them a person means. */
#include "db/file/named_host.h"

#include "core/str.h"
#include <stdio.h>
#include <string.h>

enum { SHARED_TEXT = 200 };

int named_host_list(struct db *db, unsigned list, struct arena *arena, struct host_name **ret,
                    size_t *ret_count, struct err *err)
{
    struct host_name *names = NULL;
    size_t count = 0;
    sqlite3_stmt *statement = db_use(db, list);
    int rc = db_step(db, statement, err);
    while (rc > 0) {
        void *items = names;
        struct host_name *name = arena_push(arena, &items, &count, sizeof(*name));
        names = items;
        if (name == NULL) {
            rc = err_memory(err);
            break;
        }
        name->id = db_i64(statement, 0);
        name->name = db_text(statement, 1, arena);
        name->source_id = db_i64(statement, 2);
        name->source = db_text(statement, 3, arena);
        rc = db_step(db, statement, err);
    }
    (void)sqlite3_reset(statement);
    *ret = names;
    *ret_count = count;
    return rc;
}

bool host_name_matches(const char *text, const char *source, const char *name)
{
    size_t len = strlen(source);
    return str_eq(text, name) ||
           (strncmp(text, source, len) == 0 && text[len] == ':' && str_eq(text + len + 1, name));
}

int host_name_refuse_shared(const char *text, const struct host_name *names, size_t count,
                            struct err *err)
{
    char list[SHARED_TEXT] = "";
    size_t len = 0;
    for (size_t i = 0; i < count && len < sizeof(list); i++) {
        int wrote = snprintf(list + len, sizeof(list) - len, "%s%s:%s", i == 0 ? "" : ", ",
                             names[i].source, names[i].name);
        len += wrote > 0 ? (size_t)wrote : 0;
    }
    return err_set(err, ERR_USAGE, "history", "%s is a host of %zu collectors; say which one: %s%s",
                   text, count, list, len >= sizeof(list) ? "..." : "");
}

static int refuse_unknown(const char *text, const struct host_name *names, size_t count,
                          struct arena *arena, struct err *err)
{
    const char **known = arena_array(arena, count + 1, sizeof(*known));
    if (known == NULL) {
        return err_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        known[i] = names[i].name;
    }
    const char *nearest = str_nearest(text, known, count);
    return nearest == NULL
               ? err_set(err, ERR_USAGE, "history", "%s: no host of this name in the history", text)
               : err_set(err, ERR_USAGE, "history",
                         "%s: no host of this name in the history; did you mean %s?", text,
                         nearest);
}

int named_host_find(struct db *db, unsigned list, const char *text, int64_t *ret, struct err *err)
{
    struct arena arena = {.blocks = NULL};
    struct host_name *names = NULL;
    struct host_name *found = NULL;
    size_t count = 0;
    size_t found_count = 0;
    int rc = named_host_list(db, list, &arena, &names, &count, err);
    for (size_t i = 0; i < count && rc == 0; i++) {
        if (!host_name_matches(text, names[i].source, names[i].name)) {
            continue;
        }
        void *items = found;
        struct host_name *place = arena_push(&arena, &items, &found_count, sizeof(*place));
        found = items;
        if (place == NULL) {
            rc = err_memory(err);
        } else {
            *place = names[i];
        }
    }
    if (rc == 0 && found_count == 1) {
        *ret = found[0].id;
    } else if (rc == 0) {
        rc = found_count == 0 ? refuse_unknown(text, names, count, &arena, err)
                              : host_name_refuse_shared(text, found, found_count, err);
    }
    arena_done(&arena);
    return rc;
}
