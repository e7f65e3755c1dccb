/* host_visits: what the visits of one host came to, night by night. */
#include "db/query/past/host_visits.h"

enum { UDP_COMPLETE = 1 << SECTION_UDP };

int host_visits_load(struct query *query, int64_t host_id, int64_t from_ms, int64_t to_ms,
                     struct arena *arena, struct host_visits *ret, struct err *err)
{
    struct db *db = &query->db;
    sqlite3_stmt *statement = db_use(db, ASK_OUTCOMES_BETWEEN);
    db_bind_i64(db, statement, ":host", host_id);
    db_bind_i64(db, statement, ":from", from_ms);
    db_bind_i64(db, statement, ":to", to_ms);
    int rc = db_step(db, statement, err);
    while (rc > 0) {
        void *items = ret->items;
        struct visit_outcome *visit = arena_push(arena, &items, &ret->count, sizeof(*visit));
        ret->items = items;
        if (visit == NULL) {
            rc = err_memory(err);
            break;
        }
        bool answered = db_i64(statement, 1) != 0;
        *visit = (struct visit_outcome){
            .time_ms = db_i64(statement, 0),
            .read = answered && (db_i64(statement, 2) & UDP_COMPLETE) != 0,
            .reason = answered ? "partial" : db_text(statement, 3, arena),
            .detail = answered ? "udp" : db_text(statement, 4, arena),
        };
        rc = db_step(db, statement, err);
    }
    (void)sqlite3_reset(statement);
    return rc;
}

bool host_visits_sum(const struct host_visits *visits, size_t *at, const struct night *night,
                     struct coverage_gap *gap)
{
    bool read = false;
    gap->reason = REASON_SKIPPED;
    while (*at < visits->count && visits->items[*at].time_ms < night->end_ms) {
        const struct visit_outcome *visit = &visits->items[(*at)++];
        if (visit->time_ms < night->start_ms) {
            continue;
        }
        gap->visits++;
        read = read || visit->read;
        if (visit->reason == NULL || !reason_parse(visit->reason, &gap->reason)) {
            gap->reason = REASON_PARTIAL;
        }
        gap->detail = visit->detail;
    }
    return read;
}
