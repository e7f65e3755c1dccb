/* known_sets: the expectations that scans went by, each set decoded once. */
#include "db/reading/known_sets.h"

#include "db/reading/in_force.h"

struct known_set {
    int64_t id;
    struct expectation_set set;
};

void known_sets_done(struct known_sets *sets)
{
    for (size_t i = 0; i < sets->count; i++) {
        expectation_set_done(&sets->items[i]->set);
    }
    arena_done(&sets->arena);
}

static int load(struct known_sets *sets, int64_t id, struct expectation_set *ret, struct err *err)
{
    struct arena arena = {.blocks = NULL};
    const char *text = NULL;
    int rc = content_get(sets->content, id, &arena, &text, err);
    if (rc == 0 && !in_force_read_expectations(text, ret)) {
        rc = err_set(err, ERR_HISTORY, "history",
                     "%s: the expectations of a scan cannot be read: the file is damaged, or of a "
                     "newer program",
                     sets->db->path);
    }
    arena_done(&arena);
    return rc;
}

int known_sets_get(struct known_sets *sets, int64_t id, const struct expectation_set **ret,
                   struct err *err)
{
    for (size_t i = 0; i < sets->count; i++) {
        if (sets->items[i]->id == id) {
            *ret = &sets->items[i]->set;
            return 0;
        }
    }
    struct known_set *known = arena_alloc(&sets->arena, sizeof(*known));
    if (known == NULL) {
        return err_memory(err);
    }
    if (load(sets, id, &known->set, err) != 0) {
        return -1;
    }
    known->id = id;
    void *items = sets->items;
    struct known_set **place =
        arena_push(&sets->arena, &items, &sets->count, sizeof(struct known_set *));
    sets->items = items;
    if (place == NULL) {
        expectation_set_done(&known->set);
        return err_memory(err);
    }
    *place = known;
    *ret = &known->set;
    return 0;
}

int known_sets_of_scan(struct known_sets *sets, int64_t scan_id, const struct expectation_set **ret,
                       struct err *err)
{
    if (sets->scan_id == scan_id && sets->scan_set != NULL) {
        *ret = sets->scan_set;
        return 0;
    }
    sqlite3_stmt *statement = db_use(sets->db, sets->scan_expectations);
    db_bind_i64(sets->db, statement, ":scan", scan_id);
    int rc = db_step(sets->db, statement, err);
    int64_t id = rc > 0 ? db_i64(statement, 0) : 0;
    (void)sqlite3_reset(statement);
    if (rc < 0 || known_sets_get(sets, id, &sets->scan_set, err) != 0) {
        sets->scan_set = NULL;
        return -1;
    }
    sets->scan_id = scan_id;
    *ret = sets->scan_set;
    return 0;
}
