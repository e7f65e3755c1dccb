/* setting_walk: the settings that a server's readings show, and where one is another. */
#include "db/query/past/setting_walk.h"

#include "core/str.h"

#include <string.h>

static bool is_setting(enum fact_kind kind)
{
    switch (kind) {
    case FACT_OS_BUILD:
    case FACT_PVS_BUILD:
    case FACT_START_DELAY:
    case FACT_INSTALLED:
    case FACT_STARTUP:
    case FACT_ACCOUNT:
    case FACT_EXECUTABLE:
    case FACT_REGISTRY:
        return true;
    default:
        return false;
    }
}

/* The texts that settings are taken from: where they are those of the reading before, so are the
 * settings. */
static bool is_like_before(const struct setting_walk *walk, const struct observation *row)
{
    static const enum codec_text texts[] = {TEXT_SECTIONS, TEXT_MACHINE, TEXT_BOOT, TEXT_SERVICES,
                                            TEXT_REGISTRY};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (walk->texts[texts[i]] != row->texts[texts[i]]) {
            return false;
        }
    }
    return walk->reading_ms != 0;
}

static struct known_setting *find(struct setting_walk *walk, const struct fact *fact)
{
    for (size_t i = 0; i < walk->known_count; i++) {
        struct known_setting *known = &walk->known[i];
        if (known->kind == fact->kind && str_eq(known->item, fact->item)) {
            return known;
        }
    }
    return NULL;
}

static int learn(struct setting_walk *walk, const struct fact *fact)
{
    void *items = walk->known;
    struct known_setting *known =
        arena_push(walk->arena, &items, &walk->known_count, sizeof(*known));
    walk->known = items;
    if (known == NULL) {
        return err_memory(walk->err);
    }
    *known = (struct known_setting){.kind = fact->kind,
                                    .item = arena_strdup(walk->arena, fact->item),
                                    .value = arena_strdup(walk->arena, fact->value),
                                    .told = true};
    return known->item == NULL || known->value == NULL ? err_memory(walk->err) : 0;
}

static int meet(struct setting_walk *walk, const struct fact *fact, int64_t time_ms)
{
    struct known_setting *known = find(walk, fact);
    if (known == NULL) {
        return learn(walk, fact);
    }
    known->told = true;
    if (str_eq(known->value, fact->value)) {
        return 0;
    }
    const char *value = arena_strdup(walk->arena, fact->value);
    if (value == NULL) {
        return err_memory(walk->err);
    }
    int rc = walk->changed(walk->data, known, value, time_ms);
    known->value = value;
    return rc;
}

static int decode(struct setting_walk *walk, const struct observation *row)
{
    struct snapshot snapshot;
    struct facts facts = {.count = 0};
    snapshot_init(&snapshot);
    for (size_t i = 0; i < walk->known_count; i++) {
        struct known_setting *known = &walk->known[i];
        known->last_ms = known->told ? walk->reading_ms : known->last_ms;
        known->told = false;
    }
    int rc = observation_decode(&walk->query->source, row, &walk->slots, &snapshot, walk->err);
    if (rc == 0 && facts_of(&snapshot, NULL, FACTS_OF_SIBLINGS, &snapshot.arena, &facts) != 0) {
        rc = err_memory(walk->err);
    }
    for (size_t i = 0; i < facts.count && rc == 0; i++) {
        rc = is_setting(facts.items[i].kind) ? meet(walk, &facts.items[i], row->visit.time_ms) : 0;
    }
    snapshot_done(&snapshot);
    return rc;
}

static int take(struct setting_walk *walk, const struct observation *row)
{
    int rc = is_like_before(walk, row) ? 0 : decode(walk, row);
    memcpy(walk->texts, row->texts, sizeof(walk->texts));
    walk->reading_ms = row->visit.time_ms;
    walk->readings++;
    return rc;
}

static int take_between(struct setting_walk *walk, int64_t from_ms, int64_t to_ms)
{
    struct db *db = &walk->query->db;
    sqlite3_stmt *statement = db_use(db, ASK_READ_BETWEEN);
    db_bind_i64(db, statement, ":host", walk->host_id);
    db_bind_i64(db, statement, ":from", from_ms);
    db_bind_i64(db, statement, ":to", to_ms);
    int rc = db_step(db, statement, walk->err);
    while (rc > 0) {
        struct arena arena = {.blocks = NULL};
        struct observation row;
        rc = observation_take(&walk->query->source, statement, &arena, &row, walk->err);
        if (rc == 0) {
            rc = take(walk, &row);
        }
        arena_done(&arena);
        rc = rc == 0 ? db_step(db, statement, walk->err) : -1;
    }
    (void)sqlite3_reset(statement);
    return rc;
}

int setting_walk_run(struct setting_walk *walk, int64_t from_ms, int64_t to_ms)
{
    struct observation row;
    int rc = observation_slots(&walk->query->source, walk->host_id, walk->arena, &walk->slots,
                               walk->err);
    if (rc == 0) {
        rc = query_observation(walk->query, ASK_FULL_OF_HOST, walk->host_id, from_ms - 1,
                               walk->arena, &row, walk->err);
    }
    if (rc > 0) {
        rc = take(walk, &row);
    }
    return rc != 0 ? rc : take_between(walk, from_ms, to_ms);
}
