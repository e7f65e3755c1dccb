/* main_history: the wires between gate, verify and the history. */
#include "collector/main_history.h"

#include "collector/scan.h"
#include "core/log.h"
#include "core/str.h"
#include "model/watched.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATIENCE_MS = 60 * 1000 };

int main_history_open(struct main_history *history, const struct command_line *line,
                      struct err *err)
{
    history->line = line;
    if (plan_load_inventory(&history->plan, line, err) != 0 ||
        store_open(history->plan.settings.db, &history->store, err) != 0) {
        return -1;
    }
    int64_t now_ms = clock_now_ms(&(struct clock){0});
    history->clock.shift_ms = line->as_of_ms == 0 ? 0 : line->as_of_ms - now_ms;
    history->source = line->source != NULL ? line->source : history->plan.settings.source;
    store_limit_evidence(history->store, history->plan.settings.evidence_max);
    return 0;
}

void main_history_close(struct main_history *history)
{
    store_close(history->store);
    if (!history->stuck) {
        plan_done(&history->plan);
    }
}

/* ---- visits ---- */

static int keep_reading(void *data, const struct host *host, struct snapshot *snapshot,
                        struct slice raw, bool *ret_pending, struct err *err)
{
    struct main_history *history = data;
    (void)ret_pending;
    if (history->plan.settings.collect_watched) {
        watched_keep(snapshot, &history->plan.expectations);
        raw = (struct slice){NULL, 0};
    }
    return store_add(history->store, snapshot, host, &history->plan.expectations, raw, err);
}

static int flush_store(void *data, struct err *err)
{
    struct main_history *history = data;
    return store_flush(history->store, err);
}

static int begin(struct main_history *history, int64_t *ret_began_ms, struct err *err)
{
    const struct plan *plan = &history->plan;
    if (store_scan_lock(history->store, err) != 0) {
        if (err->code == ERR_LOCKED) {
            log_line(LOG_WARNING, NULL, "%s; waiting for at most a minute", err->text);
        }
        if (err->code != ERR_LOCKED || store_scan_wait(history->store, PATIENCE_MS, err) != 0) {
            return -1;
        }
    }
    const struct scan_begin scan = {
        .source = history->source,
        .kind = VISIT_FULL,
        .time_ms = clock_now_ms(&history->clock),
        .shift_ms = history->clock.shift_ms,
        .version = PVSAUDIT_VERSION,
        .limit = history->line->command->name,
        .inventory = history->line->inventory,
        .hosts = plan->scope,
        .host_count = plan->scope_count,
        .expectations = &plan->expectations,
        .boot_paths = plan->inventory.boot_paths,
    };
    *ret_began_ms = scan.time_ms;
    return store_scan_begin(history->store, &scan, err);
}

static int run(struct main_history *history, int64_t *ret_began_ms, struct err *err)
{
    const struct command_line *line = history->line;
    const struct scan_options options = {
        .clock = history->clock,
        .source = history->source,
        .accept_new = line->accept_new,
        .quiet = line->quiet,
        .trace = line->verbose > 1,
    };
    const struct scan_sink sink = {.reading = keep_reading, .flush = flush_store, .data = history};
    struct scan_result result = {0};
    if (begin(history, ret_began_ms, err) != 0) {
        return -1;
    }
    int rc = scan_run(&history->plan, &options, &sink, &result, err);
    history->stuck = history->stuck || result.stuck;
    history->interrupted = history->interrupted || result.interrupted;
    const struct scan_end end = {.interrupted = result.interrupted,
                                 .time_ms = clock_now_ms(&history->clock)};
    return rc != 0 ? -1 : store_scan_end(history->store, &end, err);
}

int main_history_visit(struct main_history *history, const bool *selected, int64_t *ret_began_ms,
                       struct err *err)
{
    int rc = plan_choose(&history->plan, history->line, selected, err);
    if (rc == 0) {
        rc = run(history, ret_began_ms, err);
    }
    store_scan_unlock(history->store);
    return rc;
}

/* ---- readings ---- */

struct reading {
    struct main_history *history;
    const struct history_taker *taker;
    struct query *query;
    struct query_frame frame;
};

/* A name, or SOURCE:NAME where several collectors have it. */
static const struct host *host_of(const struct main_history *history, const char *label,
                                  const char *source)
{
    const struct inventory *inventory = &history->plan.inventory;
    size_t len = strlen(history->source);
    if (!str_eq(source, history->source)) {
        return NULL;
    }
    const struct host *host = inventory_find(inventory, label);
    bool has_source = strncmp(label, history->source, len) == 0 && label[len] == ':';
    return host == NULL && has_source ? inventory_find(inventory, label + len + 1) : host;
}

static size_t place_of(const struct main_history *history, const struct host *host)
{
    return (size_t)(host - history->plan.inventory.hosts);
}

static int tell_rows(const struct reading *reading, struct err *err)
{
    const struct main_history *history = reading->history;
    struct status_list list = {.count = 0};
    int rc = query_status(reading->query, &reading->frame, &list, err);
    for (size_t i = 0; i < list.count && rc == 0; i++) {
        const struct host *host = host_of(history, list.rows[i].host, list.rows[i].source);
        if (host != NULL) {
            rc = reading->taker->row(reading->taker->data, place_of(history, host), &list.rows[i],
                                     err);
        }
    }
    status_list_done(&list);
    return rc;
}

static int tell_hosts(const struct reading *reading, struct err *err)
{
    const struct main_history *history = reading->history;
    struct host_list list = {.count = 0};
    if (reading->taker->host == NULL) {
        return 0;
    }
    int rc = query_hosts(reading->query, &reading->frame, &list, err);
    for (size_t i = 0; i < list.count && rc == 0; i++) {
        const struct host *host = host_of(history, list.rows[i].host, list.rows[i].source);
        if (host != NULL) {
            reading->taker->host(reading->taker->data, place_of(history, host), &list.rows[i]);
        }
    }
    host_list_done(&list);
    return rc;
}

static int tell_meta(const struct reading *reading, struct answer_meta *meta, struct err *err)
{
    struct query_meta found = {.hosts = 0};
    if (meta == NULL) {
        return 0;
    }
    if (query_meta(reading->query, &reading->frame, &found, err) != 0) {
        return -1;
    }
    meta->now_ms = reading->frame.now_ms;
    meta->last_complete_scan_ms = found.last_complete_scan_ms;
    meta->stale = found.stale || found.last_complete_scan_ms == 0;
    return 0;
}

static struct query_frame frame_of(const struct main_history *history, int64_t as_of_ms)
{
    return (struct query_frame){
        .as_of_ms = as_of_ms,
        .now_ms = as_of_ms != 0 ? as_of_ms : clock_now_ms(&history->clock),
        .stale_after_ms = history->plan.settings.stale_after_ms,
    };
}

int main_history_read(struct main_history *history, int64_t as_of_ms,
                      const struct history_taker *taker, struct answer_meta *meta, struct err *err)
{
    struct reading reading = {
        .history = history, .taker = taker, .frame = frame_of(history, as_of_ms)};
    int rc = query_open(history->plan.settings.db, &reading.query, err);
    if (rc == 0) {
        rc = tell_meta(&reading, meta, err) != 0 || tell_hosts(&reading, err) != 0 ||
                     tell_rows(&reading, err) != 0
                 ? -1
                 : 0;
    }
    query_close(reading.query);
    return rc;
}

/* What a boot alone has healed needed nobody, unless it was lost in an earlier boot since then. */
static bool is_repair(const struct missing_row *row, int64_t since_ms)
{
    return row->recovered && row->recovered_at_ms >= since_ms &&
           (row->first_bad_ms >= since_ms || row->recovered_by == RECOVERY_BY_RESTART);
}

int main_history_repaired(struct main_history *history, int64_t since_ms, history_repair *repair,
                          void *data, struct err *err)
{
    const struct query_frame frame = frame_of(history, 0);
    struct missing_list list = {.count = 0};
    struct query *query = NULL;
    int rc = query_open(history->plan.settings.db, &query, err);
    if (rc == 0) {
        rc = query_missing(query, &frame, since_ms, &list, err);
    }
    for (size_t i = 0; i < list.count && rc == 0; i++) {
        const struct missing_row *row = &list.rows[i];
        const struct host *host = host_of(history, row->host, row->source);
        if (host != NULL && is_repair(row, since_ms)) {
            rc = repair(data, place_of(history, host), row, err);
        }
    }
    missing_list_done(&list);
    query_close(query);
    return rc;
}

const char *main_history_asker(struct arena *arena)
{
    const struct passwd *user = getpwuid(getuid());
    const char *sudo = getenv("SUDO_USER");
    const char *name =
        user != NULL ? user->pw_name : arena_printf(arena, "uid %lu", (unsigned long)getuid());
    return sudo == NULL || name == NULL ? arena_strdup(arena, name)
                                        : arena_printf(arena, "%s (by sudo: %.64s)", name, sudo);
}
