/* main: pvsaudit-collect, the program that talks to hosts and writes the history. */
#include "collector/demo.h"
#include "collector/doctor/doctor.h"
#include "collector/ingest.h"
#include "collector/main_gate.h"
#include "collector/main_verify.h"
#include "collector/parse.h"
#include "collector/plan.h"
#include "collector/recording/player.h"
#include "collector/recording/recorder.h"
#include "collector/report.h"
#include "collector/scan.h"
#include "command/command_line.h"
#include "command/help.h"
#include "core/clock.h"
#include "core/log.h"
#include "db/query/query.h"
#include "db/store/store.h"
#include "model/watched.h"
#include "out/answer.h"
#include "out/output.h"
#include "out/summary.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The wires between a run and the store: only here do the two meet. */
struct wires {
    struct store *store;
    const struct expectation_set *expectations;
    struct report *report;
    bool only_watched; /* collect: watched */
    bool stuck; /* see scan_result */
    struct clock clock; /* by which an ingested visit may not be ahead */
};

enum { AHEAD_MAX_MS = 5 * 60 * 1000 };

static int keep_reading(void *data, const struct host *host, struct snapshot *snapshot,
                        struct slice raw, bool *ret_pending, struct err *err)
{
    struct wires *wires = data;
    const struct store_judgement *rows = NULL;
    if (wires->only_watched) {
        watched_keep(snapshot, wires->expectations);
        raw = (struct slice){NULL, 0};
    }
    if (store_add(wires->store, snapshot, host, wires->expectations, raw, err) != 0 ||
        report_reading(wires->report, host, snapshot, store_machine(wires->store), err) != 0) {
        return -1;
    }
    size_t count = store_judgements(wires->store, &rows);
    for (size_t i = 0; i < count; i++) {
        bool counts = rows[i].expectation->watch != WATCH_INFORM;
        *ret_pending = *ret_pending || (counts && rows[i].verdict.code == VERDICT_PENDING);
        if (report_verdict(wires->report, rows[i].expectation, &rows[i].verdict, &rows[i].open,
                           err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int flush_store(void *data, struct err *err)
{
    struct wires *wires = data;
    return store_flush(wires->store, err);
}

/* What a scan records, or plays. */
struct reels {
    struct recorder *recorder;
    struct player *player;
};

static int reels_open(struct reels *reels, const struct command_line *line, struct err *err)
{
    return (line->record != NULL && recorder_open(line->record, &reels->recorder, err) != 0) ||
                   (line->replay != NULL && player_open(line->replay, &reels->player, err) != 0)
               ? -1
               : 0;
}

static void reels_close(struct reels *reels)
{
    recorder_close(reels->recorder);
    player_close(reels->player);
}

/* The visits are kept, whatever became of their recordings. */
static int reels_check(const struct reels *reels, struct err *err)
{
    size_t left = reels->player == NULL ? 0 : player_left(reels->player);
    if (left > 0) {
        log_line(LOG_WARNING, NULL, "%zu recording%s of a host that was not asked for", left,
                 left == 1 ? " is" : "s are");
    }
    return recorder_check(reels->recorder, err);
}

static int64_t shift_of(const struct command_line *line)
{
    return line->as_of_ms == 0 ? 0 : line->as_of_ms - clock_now_ms(&(struct clock){0});
}

static struct scan_begin begin_of(const struct plan *plan, const struct command_line *line,
                                  const char *source, const struct clock *clock)
{
    return (struct scan_begin){
        .source = source,
        .kind = line->light ? VISIT_LIGHT : VISIT_FULL,
        .time_ms = clock_now_ms(clock),
        .shift_ms = clock->shift_ms,
        .version = PVSAUDIT_VERSION,
        .limit = line->limit,
        .inventory = line->inventory,
        .whole_fleet = line->limit == NULL,
        .hosts = plan->scope,
        .host_count = plan->scope_count,
        .expectations = &plan->expectations,
        .boot_paths = plan->inventory.boot_paths,
    };
}

/* A server that came back under another name. */
static int tell_renamed(struct query *query, const struct query_frame *frame, struct err *err)
{
    struct host_list list = {.count = 0};
    if (query_hosts(query, frame, &list, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < list.count; i++) {
        const struct host_row *row = &list.rows[i];
        if (row->formerly != NULL) {
            log_line(LOG_WARNING, row->host, HOST_FORMERLY, row->formerly, row->formerly,
                     row->name);
        }
    }
    host_list_done(&list);
    return 0;
}

/* The last scan of the whole fleet: perhaps this one. */
static int find_complete_scan(const struct settings *settings, struct answer_meta *meta,
                              struct err *err)
{
    const struct query_frame frame = {.now_ms = meta->now_ms,
                                      .stale_after_ms = settings->stale_after_ms};
    struct query *query = NULL;
    struct query_meta found = {.hosts = 0};
    int rc = query_open(settings->db, &query, err);
    if (rc == 0) {
        rc = query_meta(query, &frame, &found, err);
    }
    if (rc == 0) {
        rc = tell_renamed(query, &frame, err);
    }
    query_close(query);
    meta->last_complete_scan_ms = found.last_complete_scan_ms;
    meta->stale = found.stale;
    return rc;
}

static size_t count_active(const struct plan *plan)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->count; i++) {
        count += plan->entries[i].host->state == HOST_ACTIVE;
    }
    return count;
}

/* Whoever asks for hosts that are not visited is told so. */
static void tell_retired(const struct plan *plan)
{
    if (plan->count == 0 && plan->scope_count > 0) {
        log_line(LOG_WARNING, NULL,
                 "no host is visited: %s%s retired in the inventory (pvsaudit_state)",
                 plan->scope[0].name, plan->scope_count > 1 ? " and the others are" : " is");
    }
}

static int drop_evidence(struct store *store, const struct settings *settings, int64_t now_ms,
                         struct err *err)
{
    int64_t trimmed = 0;
    if (store_drop_evidence(store, now_ms - settings->evidence_keep_ms, &trimmed, err) != 0) {
        return -1;
    }
    if (trimmed > 0) {
        log_line(LOG_WARNING, NULL,
                 "the evidence of %lld visit%s was dropped, oldest first: all of it may take %lld "
                 "bytes (evidence_max)",
                 (long long)trimmed, trimmed == 1 ? "" : "s", (long long)settings->evidence_max);
    }
    return 0;
}

/* --as-of, or the time of what is played. */
static int64_t scan_shift_of(const struct command_line *line, const struct reels *reels)
{
    return reels->player == NULL
               ? shift_of(line)
               : player_first_ms(reels->player) - clock_now_ms(&(struct clock){0});
}

/* A replay is over before the visits were, by the clock that it runs on. */
static int64_t scan_end_ms(const struct clock *clock, const struct report *report)
{
    int64_t now_ms = clock_now_ms(clock);
    int64_t newest_ms = report_newest_ms(report);
    return newest_ms > now_ms ? newest_ms : now_ms;
}

static int run_scan(struct plan *plan, const struct command_line *line, struct wires *wires,
                    const struct reels *reels, struct summary *ret_summary, struct err *err)
{
    const char *source = line->source != NULL ? line->source : plan->settings.source;
    const struct scan_options options = {
        .clock = {.shift_ms = scan_shift_of(line, reels)},
        .source = source,
        .kind = line->light ? VISIT_LIGHT : VISIT_FULL,
        .recorder = reels->recorder,
        .player = reels->player,
        .accept_new = line->accept_new,
        .quiet = line->quiet,
        .trace = line->verbose > 1,
        .wait_pending_ms = line->wait_pending_ms,
    };
    const struct scan_sink sink = {.reading = keep_reading, .flush = flush_store, .data = wires};
    struct scan_begin begin = begin_of(plan, line, source, &options.clock);
    struct scan_result result = {0};
    wires->only_watched = plan->settings.collect_watched;
    tell_retired(plan);
    report_expect(wires->report, count_active(plan));
    store_limit_evidence(wires->store, plan->settings.evidence_max);
    if (store_scan_lock(wires->store, err) != 0 ||
        store_scan_begin(wires->store, &begin, err) != 0 ||
        scan_run(plan, &options, &sink, &result, err) != 0) {
        wires->stuck = result.stuck;
        return -1;
    }
    bool interrupted = result.interrupted;
    wires->stuck = result.stuck;
    int64_t end_ms = scan_end_ms(&options.clock, wires->report);
    const struct scan_end end = {.interrupted = interrupted, .time_ms = end_ms};
    if (store_scan_end(wires->store, &end, err) != 0 ||
        drop_evidence(wires->store, &plan->settings, end_ms, err) != 0) {
        return -1;
    }
    if (report_find_twins(wires->report, err) != 0) {
        return -1;
    }
    report_summary(wires->report, ret_summary);
    ret_summary->visits = true;
    ret_summary->interrupted = interrupted;
    ret_summary->unreachable = line->unreachable;
    struct answer_meta meta = {
        .as_of_ms = report_newest_ms(wires->report),
        .now_ms = end_ms,
        .hosts = ret_summary->hosts,
        .hosts_read = ret_summary->hosts - ret_summary->unread,
    };
    if (find_complete_scan(&plan->settings, &meta, err) != 0) {
        return -1;
    }
    if (line->quiet && line->format == FORMAT_TABLE) {
        return 0;
    }
    return report_print(wires->report, stdout, line->format, answer_color(line->color, stdout),
                        &meta, ret_summary, err);
}

static int end(int code, const struct err *err)
{
    if (code < 0) {
        log_line(LOG_ERROR, NULL, "%s", err->text);
        code = err_exit_code(err->code);
    }
    struct err unwritten = {0};
    if (code != EXIT_FAILED && answer_written(stdout, &unwritten) != 0) {
        log_line(LOG_ERROR, NULL, "%s", unwritten.text);
        code = EXIT_FAILED;
    }
    return code;
}

/* exit() would wait for the threads of the work queue. */
static void leave(int code, const struct err *err)
{
    _exit(end(code, err));
}

static int command_scan(const struct command_line *line, struct err *err)
{
    struct plan plan = {0};
    struct summary summary = {0};
    struct wires wires = {.report = report_new(), .expectations = &plan.expectations};
    struct reels reels = {NULL, NULL};
    int code = -1;
    if (wires.report == NULL) {
        (void)err_memory(err);
    } else if (plan_load(&plan, line, err) == 0 && reels_open(&reels, line, err) == 0 &&
               store_open(plan.settings.db, &wires.store, err) == 0 &&
               run_scan(&plan, line, &wires, &reels, &summary, err) == 0 &&
               reels_check(&reels, err) == 0) {
        code = summary_exit_code(&summary);
    }
    reels_close(&reels);
    store_close(wires.store);
    report_free(wires.report);
    if (wires.stuck) {
        leave(code, err);
    }
    plan_done(&plan);
    return code;
}

/* A visit of the future would have every later scan refused until that time has come. */
static int check_ahead(const struct clock *clock, const struct visit *visit, struct err *err)
{
    int64_t now_ms = clock_now_ms(clock);
    if (visit->time_ms - AHEAD_MAX_MS <= now_ms) {
        return 0;
    }
    char then[CLOCK_TEXT];
    char ahead[CLOCK_TEXT];
    clock_rfc3339(visit->time_ms, then);
    clock_age(visit->time_ms - now_ms, ahead);
    return err_set(err, ERR_CONFIG, "ingest",
                   "the visit of %s at %s is %s ahead of this clock: every later scan would be "
                   "refused; check the clock of its collector, or give --as-of",
                   visit->host, then, ahead);
}

/* What is declared and not known here would be judged by nothing, and look fine. */
static int check_expected(const struct expectation_set *set, const struct host *declared,
                          struct err *err)
{
    for (size_t i = 0; declared != NULL && i < declared->declaration_count; i++) {
        const struct declaration *row = &declared->declarations[i];
        if (row->declared == DECLARED_EXPECTED && expectation_find(set, row->expectation) == NULL) {
            return err_set(err, ERR_CONFIG, "ingest",
                           "declared.expect.%.60s: there is no expectation of this name here; give "
                           "its file with --expectations",
                           row->expectation);
        }
    }
    return 0;
}

static int keep_line(void *data, struct snapshot *snapshot, const struct host *declared,
                     struct err *err)
{
    struct wires *wires = data;
    if (check_ahead(&wires->clock, &snapshot->visit, err) != 0 ||
        check_expected(wires->expectations, declared, err) != 0) {
        return -1;
    }
    return store_add(wires->store, snapshot, declared, wires->expectations, (struct slice){NULL, 0},
                     err);
}

static void tell_kept(const struct store *store, size_t lines)
{
    long long kept = store_kept(store);
    (void)fprintf(stderr, "%lld visit%s read", kept, kept == 1 ? "" : "s");
    if ((long long)lines > kept) {
        (void)fprintf(stderr, " and kept; what came after could not be written: run it again");
    }
    (void)fputc('\n', stderr);
}

static int run_ingest(struct plan *plan, const struct command_line *line, struct wires *wires,
                      struct err *err)
{
    const struct clock clock = {.shift_ms = shift_of(line)};
    const char *source = line->source != NULL ? line->source : "ingest";
    struct scan_begin begin = begin_of(plan, line, source, &clock);
    const struct ingest_sink sink = {.reading = keep_line, .data = wires};
    size_t lines = 0;
    wires->clock = clock;
    begin.whole_fleet = false;
    begin.inventory = line->arguments[0];
    if (store_scan_lock(wires->store, err) != 0 ||
        store_scan_begin(wires->store, &begin, err) != 0) {
        return -1;
    }
    struct err bad_line = {0};
    int rc = ingest_run(line->arguments[0], &sink, &lines, &bad_line);
    const struct scan_end end = {.time_ms = clock_now_ms(&clock), .interrupted = rc != 0};
    if (store_scan_end(wires->store, &end, err) != 0 && rc == 0) {
        rc = -1;
    } else if (rc != 0) {
        *err = bad_line; /* what came first */
    }
    if (!line->quiet) {
        tell_kept(wires->store, lines);
    }
    return rc;
}

static int command_ingest(const struct command_line *line, struct err *err)
{
    struct plan plan = {0};
    struct wires wires = {.expectations = &plan.expectations};
    int code = plan_load_settings(&plan, line, err) == 0 &&
                       store_open(plan.settings.db, &wires.store, err) == 0 &&
                       run_ingest(&plan, line, &wires, err) == 0
                   ? 0
                   : -1;
    store_close(wires.store);
    plan_done(&plan);
    return code;
}

static const struct answer_column change_columns[] = {
    {"host", "HOST", ANSWER_TEXT, false},           {"was", "WAS", ANSWER_TEXT, false},
    {"state", "STATE", ANSWER_TEXT, false},         {"since", "SINCE", ANSWER_TIME, false},
    {"visits_joined", "JOINED", ANSWER_INT, false}, {"source", "SOURCE", ANSWER_TEXT, false},
};
enum { CHANGE_COLUMNS = sizeof(change_columns) / sizeof(change_columns[0]) };

static int print_changes(const struct command_line *line, const struct store_changes *changes,
                         struct err *err)
{
    bool renamed = line->command->id == COMMAND_HOSTS_RENAME;
    struct answer *answer =
        answer_new(stdout, line->format, false, change_columns, CHANGE_COLUMNS, NULL);
    int result = answer == NULL ? err_memory(err) : 0;
    for (size_t i = 0; i < changes->count && result == 0; i++) {
        const struct store_change *row = &changes->rows[i];
        const struct answer_cell cells[CHANGE_COLUMNS] = {
            answer_text(row->name),
            answer_text(renamed ? line->arguments[0] : NULL),
            answer_text(renamed      ? "renamed"
                        : line->undo ? "not retired"
                                     : "retired"),
            answer_time(row->time_ms, NULL),
            renamed ? answer_number(row->moved) : answer_none(),
            answer_text(row->source),
        };
        result = answer_row(answer, cells, MARK_NONE, err);
    }
    return answer_close(answer, result, NULL, err);
}

static int change_hosts(struct store *store, const struct command_line *line,
                        struct store_changes *changes, struct err *err)
{
    int64_t now_ms = clock_now_ms(&(struct clock){.shift_ms = shift_of(line)});
    if (line->command->id == COMMAND_HOSTS_RENAME) {
        return store_scan_lock(store, err) != 0
                   ? -1
                   : store_rename(store, line->arguments[0], line->arguments[1], now_ms, changes,
                                  err);
    }
    return store_retire(store, line->arguments, line->argument_count, now_ms, line->undo, changes,
                        err);
}

/* A history that is not there is told, not made. */
static int look_at_history(const char *path, struct err *err)
{
    struct query *query = NULL;
    int rc = query_open(path, &query, err);
    query_close(query);
    return rc;
}

static int command_change_hosts(const struct command_line *line, struct err *err)
{
    struct plan plan = {0};
    struct store *store = NULL;
    struct store_changes changes = {.count = 0};
    int code = plan_load_settings(&plan, line, err) == 0 &&
                       look_at_history(plan.settings.db, err) == 0 &&
                       store_open(plan.settings.db, &store, err) == 0 &&
                       change_hosts(store, line, &changes, err) == 0 &&
                       print_changes(line, &changes, err) == 0
                   ? 0
                   : -1;
    store_changes_done(&changes);
    store_close(store);
    plan_done(&plan);
    return code;
}

static int command_parse(const struct command_line *line, struct err *err)
{
    struct plan plan = {0};
    bool complete = false;
    int code = -1;
    if (plan_load_settings(&plan, line, err) == 0 &&
        parse_run(line->arguments[0], line->arguments[1], &plan.expectations, line->format,
                  answer_color(line->color, stdout), &complete, err) == 0) {
        code = complete ? EXIT_FINE : EXIT_CANNOT_TELL;
    }
    plan_done(&plan);
    return code;
}

static int command_doctor(const struct command_line *line, struct err *err)
{
    bool stuck = false;
    int code = doctor_run(line, &stuck, err);
    if (stuck) {
        leave(code, err);
    }
    return code;
}

static int command_gate(const struct command_line *line, struct err *err)
{
    bool stuck = false;
    int code = main_gate(line, &stuck, err);
    if (stuck) {
        leave(code, err);
    }
    return code;
}

static int command_verify(const struct command_line *line, struct err *err)
{
    bool stuck = false;
    int code = main_verify(line, &stuck, err);
    if (stuck) {
        leave(code, err);
    }
    return code;
}

static int command_demo(const struct command_line *line, struct err *err)
{
    return demo_run(line->dir != NULL ? line->dir : "pvsaudit-demo", line->keep, line->quiet, err);
}

static const struct {
    enum command_id id;
    int (*run)(const struct command_line *line, struct err *err); /* exit code, or -1 and err */
} runners[] = {
    {COMMAND_SCAN, command_scan},
    {COMMAND_INGEST, command_ingest},
    {COMMAND_HOSTS_RETIRE, command_change_hosts},
    {COMMAND_HOSTS_RENAME, command_change_hosts},
    {COMMAND_PARSE, command_parse},
    {COMMAND_DOCTOR, command_doctor},
    {COMMAND_DEMO, command_demo},
    {COMMAND_GATE, command_gate},
    {COMMAND_VERIFY, command_verify},
};

static int run_command(const struct command_line *line, struct err *err)
{
    if (help_wanted(line)) {
        return help_print(line, stdout, err);
    }
    for (size_t i = 0; i < sizeof(runners) / sizeof(runners[0]); i++) {
        if (line->command->id == runners[i].id) {
            return runners[i].run(line, err);
        }
    }
    return err_set(err, ERR_INTERNAL, "main", "the command %s is not wired", line->command->name);
}

/* Before the first thread: whose ticket or password is used is the inventory's to say, never that
 * of whoever has started us; and the work queue takes as many questions to a KDC at a time. */
static void take_environment(void)
{
    (void)unsetenv("NTLM_USER_FILE");
    (void)unsetenv("KRB5CCNAME");
    (void)unsetenv("KRB5_CLIENT_KTNAME");
    (void)setenv("UV_THREADPOOL_SIZE", "16", 0);
}

int main(int argc, char **argv)
{
    struct command_line line;
    struct err err = {0};
    output_reserve();
    /* What is written to a closed pipe is an error, not an end. */
    (void)signal(SIGPIPE, SIG_IGN);
    take_environment();
    log_open("pvsaudit-collect", LOG_WARNING);
    if (command_line_parse(PROGRAM_COLLECT, argc, argv, clock_now_ms(&(struct clock){0}), &line,
                           &err) != 0) {
        log_line(LOG_ERROR, NULL, "%s", err.text);
        return err_exit_code(err.code);
    }
    log_open("pvsaudit-collect", log_level_of(line.quiet, line.verbose));
    int code = end(run_command(&line, &err), &err);
    command_line_done(&line);
    return code;
}
