/* schedule: which host is visited when: so many at a time, and a password not too often. */
#include "collector/schedule.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { TICK_MS = 250, UNPROVEN_IN_FLIGHT = 1 };

enum turn_state { TURN_QUEUED, TURN_RUNNING, TURN_WAITING, TURN_OVER };

struct turn {
    struct schedule *schedule;
    const struct schedule_entry *entry;
    enum turn_state state;
    struct visit_job *job;
    int64_t again_ms; /* TURN_WAITING: when its next visit may begin */
};

struct schedule {
    const struct visit_context *context;
    const struct schedule_limits *limits;
    const struct schedule_events *events;
    struct turn *turns;
    size_t count;
    size_t head; /* every turn before it is not queued any more */
    size_t running;
    size_t waiting;
    int64_t started_ms;
    bool starting; /* guards against a start inside a start */
    bool stopping;
    struct schedule_result result;
    uv_timer_t tick;
    uv_signal_t interrupt;
    uv_signal_t terminate;
};

static void start_more(struct schedule *schedule);

/* Of Kerberos the KDC hears the password once, whatever the number of hosts. */
static bool is_password(const struct turn *turn)
{
    enum host_auth auth = turn->entry->credential->auth;
    return auth == AUTH_PASSWORD || auth == AUTH_NTLM || auth == AUTH_BASIC;
}

static bool is_stopped(const struct turn *turn)
{
    return is_password(turn) && turn->entry->credential->refusals >= CREDENTIAL_REFUSALS;
}

static bool must_wait(const struct turn *turn)
{
    const struct credential *credential = turn->entry->credential;
    return is_password(turn) && !credential->proven && credential->in_flight >= UNPROVEN_IN_FLIGHT;
}

static void close_all(struct schedule *schedule)
{
    uv_handle_t *const handles[] = {(uv_handle_t *)&schedule->tick,
                                    (uv_handle_t *)&schedule->interrupt,
                                    (uv_handle_t *)&schedule->terminate};
    for (size_t i = 0; i < sizeof(handles) / sizeof(handles[0]); i++) {
        if (!uv_is_closing(handles[i])) {
            uv_close(handles[i], NULL);
        }
    }
}

static bool any_queued(struct schedule *schedule)
{
    while (schedule->head < schedule->count &&
           schedule->turns[schedule->head].state != TURN_QUEUED) {
        schedule->head++;
    }
    return schedule->head < schedule->count;
}

static void end_if_over(struct schedule *schedule)
{
    bool more = !schedule->stopping && (any_queued(schedule) || schedule->waiting > 0);
    if (!more && schedule->running == 0) {
        close_all(schedule);
    }
}

static void cancel_running(struct schedule *schedule, const char *why)
{
    for (size_t i = 0; i < schedule->count; i++) {
        if (schedule->turns[i].state == TURN_RUNNING && schedule->turns[i].job != NULL) {
            visit_cancel(schedule->turns[i].job, why);
        }
    }
}

/* How much later to look again: at the end of the time at the latest. 0: no more. */
static int64_t again_in_ms(const struct schedule *schedule)
{
    int64_t elapsed = clock_monotonic_ms() - schedule->started_ms;
    int64_t left = schedule->limits->again_until_ms - elapsed;
    int64_t after = schedule->limits->again_after_ms;
    if (schedule->stopping || left <= 0) {
        return 0;
    }
    return left < after ? left : after;
}

static void wait_again(struct turn *turn)
{
    struct schedule *schedule = turn->schedule;
    int64_t after_ms = again_in_ms(schedule);
    if (after_ms > 0) {
        turn->state = TURN_WAITING;
        turn->again_ms = clock_monotonic_ms() + after_ms;
        schedule->waiting++;
        schedule->events->waiting(schedule->events->data, turn->entry->host);
    }
}

/* Hands the reading to the sink and decides what is next for the host. */
static void deliver(struct turn *turn, struct snapshot *snapshot, struct slice raw)
{
    struct schedule *schedule = turn->schedule;
    turn->state = TURN_OVER;
    if (schedule->result.interrupted && snapshot->visit.reason == REASON_SKIPPED) {
        return; /* given up, not read: the host has no row in this run */
    }
    schedule->result.visited++;
    switch (schedule->events->reading(schedule->events->data, turn->entry->host, snapshot, raw)) {
    case SCHEDULE_NEXT_AGAIN:
        wait_again(turn);
        return;
    case SCHEDULE_NEXT_STOP:
        if (!schedule->stopping) {
            schedule->stopping = true;
            cancel_running(schedule, "the run was ended");
        }
        return;
    case SCHEDULE_NEXT_DONE:
        return;
    }
}

static void on_visited(void *data, struct snapshot *snapshot, struct slice raw)
{
    struct turn *turn = data;
    struct schedule *schedule = turn->schedule;
    struct credential *credential = turn->entry->credential;
    turn->job = NULL;
    schedule->running--;
    credential->in_flight--;
    if (snapshot->visit.password_refused) {
        credential->refusals++;
    } else if (snapshot->visit.mechanism != NULL) {
        credential->refusals = 0;
        credential->proven = true;
    }
    deliver(turn, snapshot, raw);
    start_more(schedule);
    end_if_over(schedule);
}

static void unread(struct turn *turn, enum reason reason, const char *detail)
{
    struct snapshot snapshot;
    visit_unread(turn->schedule->context, turn->entry->host, reason, detail, &snapshot);
    deliver(turn, &snapshot, (struct slice){NULL, 0});
    snapshot_done(&snapshot);
}

static void start_turn(struct turn *turn)
{
    struct schedule *schedule = turn->schedule;
    struct err err = {0};
    if (is_stopped(turn)) {
        unread(turn, REASON_CREDENTIAL_STOPPED,
               "the password was refused three times in a row and is not tried on more hosts: "
               "check it, since further tries could lock the account");
        return;
    }
    if (visit_start(schedule->context, turn->entry->host, turn->entry->credential, on_visited, turn,
                    &turn->job, &err) != 0) {
        unread(turn, REASON_SKIPPED, err.text);
        return;
    }
    turn->state = TURN_RUNNING;
    schedule->running++;
    turn->entry->credential->in_flight++;
    schedule->events->began(schedule->events->data, turn->entry->host);
}

static void start_more(struct schedule *schedule)
{
    if (schedule->starting) {
        return;
    }
    schedule->starting = true;
    (void)any_queued(schedule);
    for (size_t i = schedule->head; i < schedule->count && !schedule->stopping &&
                                    schedule->running < schedule->limits->concurrency;
         i++) {
        struct turn *turn = &schedule->turns[i];
        if (turn->state == TURN_QUEUED && (is_stopped(turn) || !must_wait(turn))) {
            start_turn(turn);
        }
    }
    schedule->starting = false;
}

static void wake_waiting(struct schedule *schedule)
{
    int64_t now_ms = clock_monotonic_ms();
    for (size_t i = 0; i < schedule->count && schedule->waiting > 0; i++) {
        struct turn *turn = &schedule->turns[i];
        if (turn->state == TURN_WAITING && (schedule->stopping || turn->again_ms <= now_ms)) {
            turn->state = schedule->stopping ? TURN_OVER : TURN_QUEUED;
            schedule->waiting--;
            schedule->head = i < schedule->head ? i : schedule->head;
        }
    }
}

static void on_tick(uv_timer_t *timer)
{
    struct schedule *schedule = timer->data;
    schedule->events->tick(schedule->events->data);
    wake_waiting(schedule);
    start_more(schedule);
    end_if_over(schedule);
}

static void on_signal(uv_signal_t *signal, int number)
{
    struct schedule *schedule = signal->data;
    (void)number;
    if (schedule->result.interrupted) {
        _exit(130);
    }
    schedule->result.interrupted = true;
    schedule->stopping = true;
    schedule->events->interrupted(schedule->events->data, schedule->running);
    cancel_running(schedule, "interrupted");
    wake_waiting(schedule);
    end_if_over(schedule);
}

static void open_handles(struct schedule *schedule)
{
    uv_loop_t *loop = schedule->context->loop;
    schedule->tick.data = schedule;
    schedule->interrupt.data = schedule;
    schedule->terminate.data = schedule;
    (void)uv_timer_init(loop, &schedule->tick);
    (void)uv_timer_start(&schedule->tick, on_tick, TICK_MS, TICK_MS);
    (void)uv_signal_init(loop, &schedule->interrupt);
    (void)uv_signal_start(&schedule->interrupt, on_signal, SIGINT);
    (void)uv_signal_init(loop, &schedule->terminate);
    (void)uv_signal_start(&schedule->terminate, on_signal, SIGTERM);
}

int schedule_run(const struct visit_context *context, const struct schedule_entry *entries,
                 size_t count, const struct schedule_limits *limits,
                 const struct schedule_events *events, struct schedule_result *ret, struct err *err)
{
    struct schedule schedule = {
        .context = context,
        .limits = limits,
        .events = events,
        .count = count,
        .started_ms = clock_monotonic_ms(),
    };
    schedule.turns = calloc(count == 0 ? 1 : count, sizeof(*schedule.turns));
    if (schedule.turns == NULL) {
        return err_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        schedule.turns[i].schedule = &schedule;
        schedule.turns[i].entry = &entries[i];
    }
    open_handles(&schedule);
    start_more(&schedule);
    end_if_over(&schedule);
    /* Every handle of this run closes itself when the last visit is over; the resolver's stays. */
    while (uv_is_active((uv_handle_t *)&schedule.tick) || schedule.running > 0) {
        (void)uv_run(context->loop, UV_RUN_ONCE);
    }
    (void)uv_run(context->loop, UV_RUN_NOWAIT);
    free(schedule.turns);
    *ret = schedule.result;
    return 0;
}
