/* main_verify: the command verify: the board after maintenance, and the wait for it. */
#include "collector/main_verify.h"

#include "collector/main_history.h"
#include "collector/verify_board.h"
#include "collector/verify_wait.h"
#include "config/inventory/boot_path_text.h"
#include "core/log.h"
#include "core/str.h"
#include "db/store/decision.h"
#include "out/summary.h"

#include <string.h>

enum {
    DEADLINE_MS = 60 * 60 * 1000,
    STABLE_MS = 5 * 60 * 1000,
    AGAIN_MS = 15 * 1000,
    AGAIN_LEAST_MS = 1000,
    STABLE_ROUNDS = 4,
};

struct verify_run {
    struct main_history history;
    struct verify_board board;
    struct verify_wait wait;
    struct boot_path *paths; /* as the inventory declares them */
    size_t path_count;
    struct arena arena;
    struct answer_meta meta;
    int64_t deadline_ms, stable_ms;
    const char *sentence;
    struct ruling ruling;
};

static int usage(struct err *err, const char *what)
{
    return err_set(err, ERR_USAGE, "", "%s; see: pvsaudit verify --help", what);
}

/* ---- which servers ---- */

static int limit_to_change(struct verify_run *run, bool *selected, struct err *err)
{
    const struct command_line *line = run->history.line;
    const struct inventory *inventory = &run->history.plan.inventory;
    struct hold_list holds = {.count = 0};
    bool *held = arena_array(&run->arena, inventory->count + 1, sizeof(*held));
    int64_t first_ms = 0;
    if (held == NULL || store_holds(run->history.store, run->history.source,
                                    clock_now_ms(&run->history.clock), &holds, err) != 0) {
        return held == NULL ? err_memory(err) : -1;
    }
    for (size_t i = 0; i < holds.count; i++) {
        const struct hold *hold = &holds.rows[i];
        const struct host *host = inventory_find(inventory, hold->host);
        if (host != NULL && str_eq(hold->change, line->change)) {
            held[host - inventory->hosts] = true;
            first_ms = first_ms == 0 || hold->from_ms < first_ms ? hold->from_ms : first_ms;
        }
    }
    hold_list_done(&holds);
    for (size_t i = 0; i < inventory->count; i++) {
        selected[i] = selected[i] && held[i];
    }
    run->board.since_ms = line->since_ms != 0 ? line->since_ms : first_ms;
    return first_ms != 0 ? 0
                         : err_set(err, ERR_USAGE, "",
                                   "no server of the inventory is held for %.100s now; name the "
                                   "servers with --limit and leave --change out",
                                   line->change);
}

static int choose(struct verify_run *run, struct err *err)
{
    const struct command_line *line = run->history.line;
    const struct inventory *inventory = &run->history.plan.inventory;
    bool *selected = arena_array(&run->arena, inventory->count + 1, sizeof(*selected));
    if (selected == NULL) {
        return err_memory(err);
    }
    if (line->since_ms == 0 && line->change == NULL) {
        return usage(err, "verify needs --since, the time when the change began");
    }
    run->board.since_ms = line->since_ms;
    if (boot_path_text_read(inventory->boot_paths, &run->arena, &run->paths, &run->path_count,
                            err) != 0 ||
        inventory_select(inventory, line->limit, selected, err) != 0 ||
        (line->change != NULL && limit_to_change(run, selected, err) != 0) ||
        verify_board_load(&run->board, inventory, selected, err) != 0) {
        return -1;
    }
    return run->board.count > 0 ? 0 : usage(err, "no server of the inventory is meant");
}

/* ---- rounds ---- */

/* What only informs touches nothing, but for the login port of a server that a boot path names for
 * it: the gate counts on that. */
static bool informs(const struct verify_run *run, size_t host, const struct status_row *row)
{
    const char *login = strchr(boot_stage_expectation(BOOT_STAGE_LOGIN), '/') + 1;
    const char *name = run->history.plan.inventory.hosts[host].name;
    if (!row->informational || !str_ieq(row->expectation, login)) {
        return row->informational;
    }
    for (size_t i = 0; i < run->path_count; i++) {
        if (boot_path_names(&run->paths[i], BOOT_STAGE_LOGIN, name)) {
            return false;
        }
    }
    return true;
}

static int take_row(void *data, size_t host, const struct status_row *row, struct err *err)
{
    struct verify_run *run = data;
    const struct verify_seen seen = {
        .expectation = row->expectation,
        .verdict = row->verdict,
        .reason = row->reason,
        .startup = row->startup,
        .informs = informs(run, host, row) || row->same_machine_as != NULL,
        .repaired = row->restarted_after_boot,
        .reading = {.read = row->read, .time_ms = row->as_of_ms, .boot_ms = row->boot_time_ms},
    };
    return verify_board_take(&run->board, host, &seen) != 0 ? err_memory(err) : 0;
}

static int take_before(void *data, size_t host, const struct status_row *row, struct err *err)
{
    struct verify_run *run = data;
    (void)err;
    if (row->last_decisive_ms != 0) {
        verify_board_take_before(&run->board, host, row->expectation, row->last_decisive);
    }
    return 0;
}

static int take_repair(void *data, size_t host, const struct missing_row *row, struct err *err)
{
    struct verify_run *run = data;
    (void)err;
    verify_board_take_repair(&run->board, host, row->expectation);
    return 0;
}

static int look(struct verify_run *run, struct err *err)
{
    const struct history_taker now = {.row = take_row, .data = run};
    const struct history_taker before = {.row = take_before, .data = run};
    verify_board_forget(&run->board);
    if (main_history_read(&run->history, 0, &now, &run->meta, err) != 0 ||
        main_history_read(&run->history, run->board.since_ms, &before, NULL, err) != 0 ||
        main_history_repaired(&run->history, run->board.since_ms, take_repair, run, err) != 0) {
        return -1;
    }
    verify_board_judge(&run->board, run->stable_ms);
    return 0;
}

static int visit(struct verify_run *run, struct err *err)
{
    size_t count = run->history.plan.inventory.count;
    bool *wanted = arena_array(&run->arena, count + 1, sizeof(*wanted));
    int64_t began_ms = 0;
    if (wanted == NULL) {
        return err_memory(err);
    }
    verify_board_unfinished(&run->board, wanted);
    return main_history_visit(&run->history, wanted, &began_ms, err) != 0 ? -1 : look(run, err);
}

static int64_t pause_ms(const struct verify_run *run)
{
    int64_t ms = run->stable_ms / STABLE_ROUNDS;
    ms = ms < AGAIN_LEAST_MS ? AGAIN_LEAST_MS : ms;
    return ms > AGAIN_MS ? AGAIN_MS : ms;
}

/* Until every server is proven for long enough, or the time is over. */
static int wait_for_board(struct verify_run *run, struct err *err)
{
    bool waits = !run->history.line->no_wait;
    int64_t until_ms = clock_monotonic_ms() + run->deadline_ms;
    for (;;) {
        if (visit(run, err) != 0) {
            return -1;
        }
        if (!waits || run->history.interrupted || verify_board_is_done(&run->board) ||
            clock_monotonic_ms() >= until_ms) {
            return 0;
        }
        int64_t left_ms = until_ms - clock_monotonic_ms();
        if (!verify_wait_for(&run->wait, left_ms < pause_ms(run) ? left_ms : pause_ms(run))) {
            run->history.interrupted = true;
            return 0;
        }
    }
}

/* ---- the decision ---- */

static struct decision *add_decision(struct verify_run *run, const char *kind, const char *sentence)
{
    void *items = (void *)run->ruling.decisions;
    struct decision *decision =
        sentence == NULL
            ? NULL
            : arena_push(&run->arena, &items, &run->ruling.decision_count, sizeof(*decision));
    run->ruling.decisions = items;
    if (decision != NULL) {
        *decision = (struct decision){
            .kind = kind, .answer = verify_board_answer(&run->board), .sentence = sentence};
    }
    return decision;
}

/* Whose hold it is must have been said: another change may not have begun with its work. */
static int release(struct verify_run *run, const struct hold *hold)
{
    const struct command_line *line = run->history.line;
    const struct host *host = inventory_find(&run->history.plan.inventory, hold->host);
    if (host == NULL || !verify_board_has(&run->board, host)) {
        return 0;
    }
    if (!str_eq(hold->change, line->change) || !verify_board_is_released(&run->board, host)) {
        return verify_board_note_hold(&run->board, host, hold->change);
    }
    struct decision *decision = add_decision(
        run, "release",
        arena_printf(&run->arena, "%s is released: it has rebooted and is bound", host->name));
    if (decision == NULL) {
        return -1;
    }
    decision->released_id = hold->id;
    return verify_board_note_release(&run->board, host);
}

static int rule_readings(struct verify_run *run)
{
    struct decision_reading *readings =
        arena_array(&run->arena, run->board.count + 1, sizeof(*readings));
    size_t count = 0;
    for (size_t i = 0; i < run->board.count && readings != NULL; i++) {
        const struct verify_host *host = &run->board.hosts[i];
        if (host->reading.time_ms != 0) {
            readings[count++] = (struct decision_reading){
                .host = host->host->name, .time_ms = host->reading.time_ms, .kind = VISIT_FULL};
        }
    }
    run->ruling.readings = readings;
    run->ruling.reading_count = count;
    return readings == NULL ? -1 : 0;
}

static int decide(void *data, const struct hold_list *holds, struct ruling *ret, struct err *err)
{
    struct verify_run *run = data;
    run->ruling = (struct ruling){.asked_by = main_history_asker(&run->arena),
                                  .change = run->history.line->change};
    run->sentence = verify_board_sentence(&run->board, &run->arena);
    bool failed = run->ruling.asked_by == NULL ||
                  add_decision(run, "verify", run->sentence) == NULL || rule_readings(run) != 0;
    for (size_t i = 0; i < holds->count && !failed; i++) {
        failed = release(run, &holds->rows[i]) != 0;
    }
    *ret = run->ruling;
    return failed ? err_memory(err) : 0;
}

static int answer(struct verify_run *run, struct err *err)
{
    const struct store_decider decider = {
        .source = run->history.source,
        .now_ms = clock_now_ms(&run->history.clock),
        .decide = decide,
        .data = run,
    };
    if (store_decide(run->history.store, &decider, err) != 0) {
        return -1;
    }
    const struct verify_told told = {
        .sentence = run->sentence,
        .change = run->history.line->change,
        .expectations = &run->history.plan.expectations,
        .waited = !run->history.line->no_wait,
        .exit_code =
            run->history.interrupted ? EXIT_INTERRUPTED : verify_board_exit_code(&run->board),
    };
    return verify_board_print(&run->board, &told, &run->meta, stdout, err) != 0 ? -1
                                                                                : told.exit_code;
}

int main_verify(const struct command_line *line, bool *ret_stuck, struct err *err)
{
    struct verify_run run = {
        .deadline_ms = line->deadline_ms < 0 ? DEADLINE_MS : line->deadline_ms,
        .stable_ms = line->no_wait         ? 0
                     : line->stable_ms < 0 ? STABLE_MS
                                           : line->stable_ms,
    };
    int code = -1;
    if (line->no_wait && (line->deadline_ms >= 0 || line->stable_ms >= 0)) {
        code = usage(err, "--no-wait leaves nothing to wait for: no --deadline and no --stable");
    } else if (main_history_open(&run.history, line, err) == 0 && choose(&run, err) == 0 &&
               verify_wait_open(&run.wait, err) == 0 && wait_for_board(&run, err) == 0) {
        code = answer(&run, err);
    }
    verify_wait_close(&run.wait);
    *ret_stuck = run.history.stuck;
    verify_board_done(&run.board);
    main_history_close(&run.history);
    arena_done(&run.arena);
    return code;
}
