/* main_gate: the command gate: visits the peers, judges, and decides in one transaction. */
#include "collector/main_gate.h"

#include "collector/gate_scope.h"
#include "collector/gate_told.h"
#include "collector/gate_waves.h"
#include "collector/main_history.h"
#include "core/log.h"
#include "core/str.h"
#include "db/store/decision.h"
#include "out/summary.h"

#include <stdlib.h>
#include <string.h>

struct gate_run {
    struct main_history history;
    struct gate_scope scope;
    struct arena arena;
    struct gate_judgement judgement;
    struct gate_told told;
    struct answer_meta meta;
    int64_t not_before_ms; /* an older reading proves nothing; 0 = every one counts */
    struct ruling ruling;
};

/* ---- what is asked ---- */

static int usage(struct err *err, const char *what)
{
    return err_set(err, ERR_USAGE, "", "%s; see: pvsaudit gate --help", what);
}

static int check_words(const struct command_line *line, struct err *err)
{
    if (line->plan && (line->argument_count > 0 || line->limit == NULL)) {
        return usage(err, "--plan takes its servers from --limit");
    }
    if (!line->plan && line->argument_count == 0) {
        return usage(err, "gate needs the servers that are to be taken down");
    }
    if (!line->plan && line->limit != NULL) {
        return usage(err, "gate takes its servers as arguments; --limit is for --plan");
    }
    if (line->hold && (line->change == NULL || line->until_ms == 0)) {
        return usage(err, "--hold needs --change and --until");
    }
    if (!line->hold && line->until_ms != 0) {
        return usage(err, "--until says when a --hold ends");
    }
    if ((line->cached || line->plan) && (line->hold || line->override_reason != NULL)) {
        return usage(err, "--hold and --override decide, --cached and --plan only plan");
    }
    if (line->cached && line->max_age_ms >= 0) {
        return usage(err, "--cached visits nobody, --max-age those whose readings are older");
    }
    return 0;
}

/* Several patterns are one, as --limit has them. */
static int select_asked(struct gate_run *run, bool *asked, struct err *err)
{
    const struct command_line *line = run->history.line;
    const char *pattern = line->plan ? line->limit : line->arguments[0];
    for (size_t i = 1; i < line->argument_count && pattern != NULL; i++) {
        pattern = arena_printf(&run->arena, "%s,%s", pattern, line->arguments[i]);
    }
    return pattern == NULL ? err_memory(err)
                           : inventory_select(&run->history.plan.inventory, pattern, asked, err);
}

static int load_scope(struct gate_run *run, struct err *err)
{
    const struct inventory *inventory = &run->history.plan.inventory;
    bool *asked = arena_array(&run->arena, inventory->count + 1, sizeof(*asked));
    if (asked == NULL) {
        return err_memory(err);
    }
    if (select_asked(run, asked, err) != 0 ||
        gate_scope_load(inventory, asked, &run->scope, err) != 0) {
        return -1;
    }
    run->told.servers = gate_scope_asked(&run->scope, &run->arena);
    if (run->told.servers != NULL && run->told.servers[0] == '\0') {
        return usage(err, "no server of the inventory is meant");
    }
    return run->told.servers == NULL ? err_memory(err) : 0;
}

/* ---- what is known ---- */

static bool has_no_role(const struct status_row *row)
{
    enum verdict_code code = row->verdict == VERDICT_UNKNOWN && row->last_decisive_ms != 0
                                 ? row->last_decisive
                                 : row->verdict;
    return code == VERDICT_NOT_EXPECTED || code == VERDICT_NOT_INSTALLED;
}

static int take_row(void *data, size_t host, const struct status_row *row, struct err *err)
{
    struct gate_run *run = data;
    (void)err;
    for (int stage = 0; stage < BOOT_STAGE_COUNT; stage++) {
        const char *id = strchr(boot_stage_expectation((enum boot_stage)stage), '/') + 1;
        if (!str_ieq(row->expectation, id)) {
            continue;
        }
        run->scope.roles[host][stage] = has_no_role(row) ? ROLE_NONE : ROLE_POSSIBLE;
        run->scope.servers[host].readings[stage] = (struct gate_reading){
            .judged = row->read,
            .verdict = row->verdict,
            .reason = row->reason,
            .startup = row->startup,
            .time_ms = row->as_of_ms,
            .boot_ms = row->boot_time_ms,
        };
    }
    return 0;
}

static void take_host(void *data, size_t host, const struct host_row *row)
{
    struct gate_run *run = data;
    struct gate_server *server = &run->scope.servers[host];
    server->machine_id = arena_strdup(&run->arena, row->machine_id);
    server->computer_name = arena_strdup(&run->arena, row->computer_name);
}

static int read_history(struct gate_run *run, struct err *err)
{
    const struct history_taker taker = {.row = take_row, .host = take_host, .data = run};
    if (main_history_read(&run->history, 0, &taker, &run->meta, err) != 0) {
        return -1;
    }
    gate_scope_share_addresses(&run->scope);
    return gate_scope_assume(&run->scope, err);
}

static int take_holds(struct gate_run *run, const struct hold_list *holds)
{
    const struct inventory *inventory = &run->history.plan.inventory;
    for (size_t i = 0; i < inventory->count; i++) {
        run->scope.servers[i].held_by = NULL;
    }
    for (size_t i = 0; i < holds->count; i++) {
        const struct host *host = inventory_find(inventory, holds->rows[i].host);
        const char *change = arena_strdup(&run->arena, holds->rows[i].change);
        if (change == NULL) {
            return -1;
        }
        if (host != NULL) {
            run->scope.servers[host - inventory->hosts].held_by = change;
        }
    }
    return 0;
}

static int load_holds(struct gate_run *run, struct err *err)
{
    struct hold_list holds = {.count = 0};
    if (store_holds(run->history.store, run->history.source, clock_now_ms(&run->history.clock),
                    &holds, err) != 0) {
        return -1;
    }
    int rc = take_holds(run, &holds);
    hold_list_done(&holds);
    return rc != 0 ? err_memory(err) : 0;
}

static bool any(const bool *wanted, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (wanted[i]) {
            return true;
        }
    }
    return false;
}

/* Everybody whose reading counts is read now, but for those that --max-age spares. */
static int visit(struct gate_run *run, struct err *err)
{
    const struct command_line *line = run->history.line;
    size_t count = run->history.plan.inventory.count;
    bool *wanted = arena_array(&run->arena, count + 1, sizeof(*wanted));
    int64_t now_ms = clock_now_ms(&run->history.clock);
    int64_t began_ms = now_ms;
    if (wanted == NULL) {
        return err_memory(err);
    }
    if (line->cached) {
        run->told.planning_only = true;
        return 0;
    }
    int64_t new_enough_ms = line->max_age_ms < 0 ? 0 : now_ms - line->max_age_ms;
    gate_scope_wanted(&run->scope, new_enough_ms, line->plan, wanted);
    if (any(wanted, count) && (main_history_visit(&run->history, wanted, &began_ms, err) != 0 ||
                               read_history(run, err) != 0)) {
        return -1;
    }
    run->not_before_ms = line->max_age_ms < 0 ? began_ms : new_enough_ms;
    return 0;
}

/* ---- the decision ---- */

static int judge(struct gate_run *run)
{
    const struct gate_question question = {
        .paths = run->scope.paths,
        .path_count = run->scope.path_count,
        .servers = run->scope.servers,
        .server_count = run->history.plan.inventory.count,
        .not_before_ms = run->not_before_ms,
    };
    gate_judgement_done(&run->judgement);
    return gate_judge(&question, &run->judgement);
}

/* Another change works on the very servers that are asked about. */
static int note_held(struct gate_run *run)
{
    struct gate_told *told = &run->told;
    for (size_t i = 0; i < run->history.plan.inventory.count; i++) {
        const struct gate_server *server = &run->scope.servers[i];
        if (!server->down || server->held_by == NULL ||
            str_eq(server->held_by, run->history.line->change)) {
            continue;
        }
        void *items = told->notes;
        const char **note = arena_push(&run->arena, &items, &told->note_count, sizeof(*note));
        told->notes = items;
        if (note == NULL) {
            return -1;
        }
        *note =
            arena_printf(&run->arena, "%s is held by %s as well", server->name, server->held_by);
        if (*note == NULL) {
            return -1;
        }
    }
    return 0;
}

static void take_answer(struct gate_run *run)
{
    const struct command_line *line = run->history.line;
    struct gate_told *told = &run->told;
    enum gate_answer answer = run->judgement.answer;
    bool bad = answer == GATE_NO_GO || answer == GATE_CANNOT_TELL;
    told->judged = gate_answer_name(answer);
    told->answer = told->judged;
    told->change = line->change;
    told->exit_code = answer == GATE_NO_GO         ? EXIT_PROBLEM
                      : answer == GATE_CANNOT_TELL ? EXIT_CANNOT_TELL
                                                   : EXIT_FINE;
    if (told->planning_only && answer != GATE_NO_GO) {
        told->answer = "PLANNING ONLY";
        told->exit_code = EXIT_CANNOT_TELL;
    } else if (bad && line->override_reason != NULL) {
        told->override_reason = line->override_reason;
        told->answer = "GO WITH OUTAGE";
        told->exit_code = EXIT_FINE;
    }
    told->held_until_ms = line->hold && told->exit_code == EXIT_FINE ? line->until_ms : 0;
}

static const char *whole_sentence(struct gate_run *run)
{
    struct gate_told *told = &run->told;
    const char *sentence = gate_told_sentence(&run->judgement, told->servers, &run->arena);
    if (sentence == NULL) {
        return NULL;
    }
    if (told->planning_only) {
        return arena_printf(&run->arena, "by old readings, %s: %s; ask again without --cached",
                            told->judged, sentence);
    }
    if (told->override_reason != NULL) {
        return arena_printf(&run->arena, "overridden (%.500s), %s: %s", told->override_reason,
                            told->judged, sentence);
    }
    return sentence;
}

static struct decision *add_decision(struct gate_run *run, const char *kind, const char *answer,
                                     const char *sentence)
{
    void *items = (void *)run->ruling.decisions;
    struct decision *decision =
        sentence == NULL
            ? NULL
            : arena_push(&run->arena, &items, &run->ruling.decision_count, sizeof(*decision));
    run->ruling.decisions = items;
    if (decision != NULL) {
        *decision = (struct decision){.kind = kind, .answer = answer, .sentence = sentence};
    }
    return decision;
}

static int rule_holds(struct gate_run *run)
{
    struct gate_told *told = &run->told;
    for (size_t i = 0; i < run->history.plan.inventory.count && told->held_until_ms != 0; i++) {
        char until[CLOCK_TEXT];
        const struct gate_server *server = &run->scope.servers[i];
        if (!server->down) {
            continue;
        }
        clock_rfc3339(told->held_until_ms, until);
        struct decision *decision =
            add_decision(run, "hold", told->answer,
                         arena_printf(&run->arena, "%s is held for %.200s until %s", server->name,
                                      told->change, until));
        if (decision == NULL) {
            return -1;
        }
        decision->hold_host = server->name;
    }
    return 0;
}

static int rule_readings(struct gate_run *run)
{
    struct decision_reading *readings =
        arena_array(&run->arena, run->judgement.evidence_count + 1, sizeof(*readings));
    size_t count = 0;
    for (size_t i = 0; i < run->judgement.evidence_count && readings != NULL; i++) {
        const struct gate_evidence *seen = &run->judgement.evidence[i];
        if (seen->server != NULL && seen->server->readings[seen->stage].time_ms != 0) {
            readings[count++] = (struct decision_reading){
                .host = seen->name,
                .time_ms = seen->server->readings[seen->stage].time_ms,
                .kind = VISIT_FULL,
            };
        }
    }
    run->ruling.readings = readings;
    run->ruling.reading_count = count;
    return readings == NULL ? -1 : 0;
}

static int rule(struct gate_run *run)
{
    const struct command_line *line = run->history.line;
    struct gate_told *told = &run->told;
    take_answer(run);
    told->sentence = whole_sentence(run);
    run->ruling = (struct ruling){
        .asked_by = main_history_asker(&run->arena),
        .change = line->change,
        .hold_until_ms = told->held_until_ms,
        .reason = told->override_reason,
    };
    if (run->ruling.asked_by == NULL ||
        add_decision(run, told->override_reason != NULL ? "override" : "gate", told->answer,
                     told->sentence) == NULL ||
        rule_holds(run) != 0 || rule_readings(run) != 0) {
        return -1;
    }
    return gate_told_notes(&run->judgement, &run->arena, told) != 0 ? -1 : note_held(run);
}

static int decide(void *data, const struct hold_list *holds, struct ruling *ret, struct err *err)
{
    struct gate_run *run = data;
    if (take_holds(run, holds) != 0 || judge(run) != 0 || rule(run) != 0) {
        return err_memory(err);
    }
    *ret = run->ruling;
    return 0;
}

static int answer(struct gate_run *run, struct err *err)
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
    gate_told_count(&run->judgement, &run->meta);
    if (gate_told_print(&run->told, &run->judgement, &run->meta, stdout, err) != 0) {
        return -1;
    }
    return run->told.exit_code;
}

/* A plan speaks of the servers that are to be split. */
static void count_asked(struct gate_run *run)
{
    for (size_t i = 0; i < run->history.plan.inventory.count; i++) {
        const struct gate_server *server = &run->scope.servers[i];
        const struct gate_reading *reading = &server->readings[BOOT_STAGE_LOGIN];
        if (server->down) {
            int64_t time_ms = reading->time_ms;
            run->meta.hosts++;
            run->meta.hosts_read += reading->judged && time_ms >= run->not_before_ms;
            run->meta.as_of_ms = time_ms > run->meta.as_of_ms ? time_ms : run->meta.as_of_ms;
        }
    }
}

static int answer_plan(struct gate_run *run, struct err *err)
{
    count_asked(run);
    const struct gate_waves waves = {
        .scope = &run->scope,
        .not_before_ms = run->not_before_ms,
        .planning_only = run->told.planning_only,
        .servers = run->told.servers,
    };
    return gate_waves_answer(&waves, &run->meta, stdout, err);
}

static int run_gate(struct gate_run *run, struct err *err)
{
    if (load_scope(run, err) != 0 || load_holds(run, err) != 0 || read_history(run, err) != 0 ||
        visit(run, err) != 0) {
        return -1;
    }
    if (run->history.interrupted) {
        return err_set(err, ERR_CANCELLED, "gate", "interrupted: nothing was decided");
    }
    return run->history.line->plan ? answer_plan(run, err) : answer(run, err);
}

int main_gate(const struct command_line *line, bool *ret_stuck, struct err *err)
{
    struct gate_run run = {.not_before_ms = 0};
    int code = check_words(line, err) != 0 || main_history_open(&run.history, line, err) != 0
                   ? -1
                   : run_gate(&run, err);
    *ret_stuck = run.history.stuck;
    gate_judgement_done(&run.judgement);
    gate_scope_done(&run.scope);
    main_history_close(&run.history);
    arena_done(&run.arena);
    return code;
}
