/* main_history: the wires between gate, verify and the history: visits in, readings out. */
#ifndef PVSAUDIT_COLLECTOR_MAIN_HISTORY_H
#define PVSAUDIT_COLLECTOR_MAIN_HISTORY_H

#include "collector/plan.h"
#include "command/command_line.h"
#include "core/clock.h"
#include "db/query/query.h"
#include "db/store/store.h"
#include "out/answer.h"

/* What gate and verify share; a zeroed one, then main_history_open. */
struct main_history {
    const struct command_line *line;
    struct plan plan;
    struct store *store;
    struct clock clock;
    const char *source; /* this collector's name: its hosts are meant */
    bool interrupted; /* Ctrl-C came while hosts were visited */
    bool stuck; /* see struct scan_result */
};

/* Settings, inventory and the history, which is made where it does not exist. */
int main_history_open(struct main_history *history, const struct command_line *line,
                      struct err *err);
void main_history_close(struct main_history *history);

/* Visits the selected hosts of the inventory, as a scan of its own; waits for one that is running.
 * The readings are not older than *ret_began_ms. */
int main_history_visit(struct main_history *history, const bool *selected, int64_t *ret_began_ms,
                       struct err *err);

/* Once for each expectation of each host of this inventory and collector, as it stands now. */
typedef int history_row(void *data, size_t host, const struct status_row *row, struct err *err);
/* Once for each such host, as the history knows its machine. */
typedef void history_host(void *data, size_t host, const struct host_row *row);
/* Who takes them; host may be NULL. */
struct history_taker {
    history_row *row;
    history_host *host;
    void *data;
};
/* Fills the front of meta but for its counts and as_of; meta may be NULL. An empty history has no
 * rows. as_of_ms: as it was known then, 0 = now. */
int main_history_read(struct main_history *history, int64_t as_of_ms,
                      const struct history_taker *taker, struct answer_meta *meta, struct err *err);

/* Once for each problem that somebody has ended since since_ms. */
typedef int history_repair(void *data, size_t host, const struct missing_row *row, struct err *err);
int main_history_repaired(struct main_history *history, int64_t since_ms, history_repair *repair,
                          void *data, struct err *err);

/* Who asks, as the decisions keep it: the user, and whoever became that by sudo; in arena. */
const char *main_history_asker(struct arena *arena);

#endif
