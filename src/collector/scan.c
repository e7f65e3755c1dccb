/* scan: one run over the planned hosts, from the loop's start to its end, readings to a sink. */
#include "collector/scan.h"

#include "collector/transport/known_hosts/known_hosts_files.h"
#include "collector/transport/winrm/http.h"
#include "core/arena.h"
#include "core/log.h"
#include "out/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { AGAIN_AFTER_MS = 15000, STUCK_MS = 1000 };
/* Of a replay, which plays all visits of a host, as soon as may be. */
enum { REPLAY_AFTER_MS = 1, REPLAY_UNTIL_MS = 3600 * 1000 };

struct scan {
    uv_loop_t loop;
    struct clock clock;
    struct visit_context visits;
    struct progress *progress;
    const struct scan_sink *sink;
    struct err failure; /* of the sink */
    struct known_hosts *pins;
    struct known_hosts_files *known_hosts; /* that hosts name in place of the pins */
};

static void on_trace(const struct host *host, const char *from, const char *to)
{
    log_line(LOG_DEBUG, host->name, "%lld ms: [%s] -> [%s]", (long long)clock_monotonic_ms(), from,
             to);
}

static void on_began(void *data, const struct host *host)
{
    struct scan *scan = data;
    progress_begin(scan->progress, host->name, clock_monotonic_ms());
}

static void on_waiting(void *data, const struct host *host)
{
    struct scan *scan = data;
    progress_wait(scan->progress, host->name);
}

static void log_reading(const struct host *host, const struct snapshot *snapshot)
{
    if (snapshot->visit.read) {
        log_line(LOG_INFO, host->name, "read in %lld ms", (long long)snapshot->visit.duration_ms);
    } else {
        const char *detail = reason_detail(snapshot->visit.reason, snapshot->visit.detail);
        log_line(LOG_INFO, host->name, "not read: %s: %s", reason_name(snapshot->visit.reason),
                 detail == NULL ? "" : detail);
    }
}

static enum schedule_next on_reading(void *data, const struct host *host, struct snapshot *snapshot,
                                     struct slice raw)
{
    struct scan *scan = data;
    bool pending = false;
    progress_end(scan->progress, host->name, snapshot->visit.reason, clock_monotonic_ms());
    log_reading(host, snapshot);
    if (scan->failure.code != ERR_NONE) {
        return SCHEDULE_NEXT_STOP;
    }
    if (scan->sink->reading(scan->sink->data, host, snapshot, raw, &pending, &scan->failure) != 0) {
        return SCHEDULE_NEXT_STOP;
    }
    const struct player *player = scan->visits.player;
    bool again = player == NULL ? pending : player_has(player, host->name);
    return again ? SCHEDULE_NEXT_AGAIN : SCHEDULE_NEXT_DONE;
}

static void on_tick(void *data)
{
    struct scan *scan = data;
    progress_draw(scan->progress, clock_monotonic_ms());
    if (scan->failure.code == ERR_NONE) {
        (void)scan->sink->flush(scan->sink->data, &scan->failure);
    }
}

static void on_interrupted(void *data, size_t running)
{
    struct scan *scan = data;
    struct arena arena = {NULL};
    const char *names = progress_running(scan->progress, &arena);
    progress_wipe(scan->progress);
    log_line(LOG_ERROR, NULL,
             "interrupted: giving up %zu host%s being read%s%s; what is done is kept (once more to "
             "quit at once)",
             running, running == 1 ? " that is" : "s that are",
             names == NULL || *names == '\0' ? "" : ": ", names == NULL ? "" : names);
    arena_done(&arena);
}

static void on_bad_line(void *data, const char *path, unsigned line, const char *why)
{
    (void)data;
    log_line(LOG_WARNING, NULL, "%s:%u: %s; the line is skipped", path, line, why);
}

static int load_known_hosts(struct scan *scan, const struct plan *plan, bool replayed,
                            struct err *err)
{
    char pins[4096];
    scan->pins = known_hosts_new();
    scan->known_hosts = known_hosts_files_new();
    if (scan->pins == NULL || scan->known_hosts == NULL) {
        return err_memory(err);
    }
    if (replayed) {
        return 0; /* nobody is met; the files may be those of another machine */
    }
    (void)snprintf(pins, sizeof(pins), "%s/known_hosts", plan->settings.state_dir);
    if (known_hosts_load(scan->pins, pins, on_bad_line, NULL, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < plan->count; i++) {
        const char *file = plan->entries[i].host->known_hosts;
        if (file != NULL &&
            known_hosts_files_load(scan->known_hosts, file, on_bad_line, NULL, err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int open_http(struct scan *scan, const struct plan *plan, struct err *err)
{
    bool wanted = false;
    for (size_t i = 0; i < plan->count && !wanted; i++) {
        wanted = plan->entries[i].host->transport == HOST_WINRM;
    }
    scan->visits.http = wanted ? http_new(&scan->loop) : NULL;
    return wanted && scan->visits.http == NULL ? err_memory(err) : 0;
}

static void on_stuck(uv_timer_t *timer)
{
    uv_stop(timer->loop);
}

/* Until every handle is closed; a library that asks a silent KDC is not waited for. true: it still
 * has the loop, which must stay. */
static bool run_out(uv_loop_t *loop)
{
    uv_timer_t patience;
    (void)uv_timer_init(loop, &patience);
    (void)uv_timer_start(&patience, on_stuck, STUCK_MS, 0);
    uv_unref((uv_handle_t *)&patience);
    (void)uv_run(loop, UV_RUN_DEFAULT);
    uv_close((uv_handle_t *)&patience, NULL);
    (void)uv_run(loop, UV_RUN_NOWAIT);
    return uv_loop_alive(loop) != 0;
}

static void fill_visits(struct scan *scan, const struct plan *plan,
                        const struct scan_options *options)
{
    const struct settings *settings = &plan->settings;
    scan->visits = (struct visit_context){
        .loop = &scan->loop,
        .clock = &scan->clock,
        .pins = scan->pins,
        .known_hosts = scan->known_hosts,
        .expectations = &plan->expectations,
        .hosts = plan->inventory.hosts,
        .host_count = plan->inventory.count,
        .source = options->source,
        .kind = options->kind,
        .recorder = options->recorder,
        .player = options->player,
        .accept_new = options->accept_new,
        .output_max = (size_t)settings->output_max,
        .resolve_ms = settings->connect_ms,
        .retry_after_ms = options->player == NULL ? settings->retry_after_ms : 0,
        .deadlines = {.connect_ms = settings->connect_ms,
                      .handshake_ms = settings->handshake_ms,
                      .auth_ms = settings->auth_ms,
                      .exec_ms = settings->exec_ms,
                      .total_ms = settings->visit_ms},
        .observer = options->observer,
        .trace = options->trace ? on_trace : NULL,
    };
}

static int run_on_loop(struct scan *scan, struct plan *plan, const struct scan_options *options,
                       struct schedule_result *ret, struct err *err)
{
    const struct schedule_events events = {
        .began = on_began,
        .reading = on_reading,
        .waiting = on_waiting,
        .tick = on_tick,
        .interrupted = on_interrupted,
        .data = scan,
    };
    const struct schedule_limits limits = {
        .concurrency = plan->concurrency,
        .again_after_ms = options->player == NULL ? AGAIN_AFTER_MS : REPLAY_AFTER_MS,
        .again_until_ms = options->player == NULL ? options->wait_pending_ms : REPLAY_UNTIL_MS,
    };
    if (resolver_open(&scan->loop, plan->settings.connect_ms, &scan->visits.resolver, err) != 0) {
        return -1;
    }
    if (open_http(scan, plan, err) != 0) {
        resolver_close(scan->visits.resolver);
        return -1;
    }
    int rc = schedule_run(&scan->visits, plan->entries, plan->count, &limits, &events, ret, err);
    resolver_close(scan->visits.resolver);
    http_close(scan->visits.http);
    return rc;
}

static int run(struct scan *scan, struct plan *plan, const struct scan_options *options,
               struct scan_result *ret, struct err *err)
{
    struct schedule_result result = {0};
    int rc = -1;
    scan->clock = options->clock;
    scan->progress = progress_new(stderr, options->quiet, plan->count, clock_monotonic_ms());
    if (scan->progress == NULL) {
        (void)err_memory(err);
    } else if (load_known_hosts(scan, plan, options->player != NULL, err) == 0) {
        fill_visits(scan, plan, options);
        rc = run_on_loop(scan, plan, options, &result, err);
    }
    progress_free(scan->progress);
    known_hosts_free(scan->pins);
    known_hosts_files_free(scan->known_hosts);
    ret->interrupted = result.interrupted;
    if (rc == 0 && scan->failure.code != ERR_NONE) {
        *err = scan->failure;
        return -1;
    }
    return rc;
}

int scan_run(struct plan *plan, const struct scan_options *options, const struct scan_sink *sink,
             struct scan_result *ret, struct err *err)
{
    struct scan *scan = calloc(1, sizeof(*scan));
    if (scan == NULL) {
        return err_memory(err);
    }
    scan->sink = sink;
    if (uv_loop_init(&scan->loop) != 0) {
        free(scan);
        return err_set(err, ERR_IO, "loop", "the event loop cannot start");
    }
    int rc = run(scan, plan, options, ret, err);
    ret->stuck = run_out(&scan->loop);
    if (!ret->stuck) {
        (void)uv_loop_close(&scan->loop);
        free(scan);
    }
    return rc;
}
