/* visit: one host is resolved, asked and understood; the result is a snapshot, read or not. */
#include "collector/visit.h"

#include "collector/probes.h"
#include "collector/recording/tape.h"
#include "collector/transport/known_hosts/known_hosts_files.h"
#include "collector/transport/reach.h"
#include "core/buf.h"
#include "core/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/*
 *              .------------- a passing failure, once -------------.
 *              v                                                    |
 *  START -> RESOLVE -> ASK ---------------------------------> WAIT -'
 *              |        |  ^                                    |
 *              |        '--' a service changed its process      |
 *              v        v       while it was looked at, once    v
 *              '------> DONE <----------------------------------'
 */
enum visit_state { VISIT_START, VISIT_RESOLVE, VISIT_ASK, VISIT_WAIT, VISIT_DONE };

static const struct machine_state visit_states[] = {
    [VISIT_START] = {"START", MACHINE_TO(VISIT_RESOLVE) | MACHINE_TO(VISIT_DONE)},
    [VISIT_RESOLVE] = {"RESOLVE",
                       MACHINE_TO(VISIT_ASK) | MACHINE_TO(VISIT_WAIT) | MACHINE_TO(VISIT_DONE)},
    [VISIT_ASK] = {"ASK", MACHINE_TO(VISIT_ASK) | MACHINE_TO(VISIT_WAIT) | MACHINE_TO(VISIT_DONE)},
    [VISIT_WAIT] = {"WAIT", MACHINE_TO(VISIT_RESOLVE) | MACHINE_TO(VISIT_DONE)},
    [VISIT_DONE] = {"DONE", 0},
};

enum { WATCHED_MAX = 64, COMMAND_MAX = 32 * 1024 };

static const struct transport *const transports[] = {
    [HOST_SSH] = &transport_ssh, [HOST_WINRM] = &transport_winrm};
static const struct transport *const replays[] = {
    [HOST_SSH] = &transport_replay, [HOST_WINRM] = &transport_winrm};

struct visit_job {
    struct machine machine;
    const struct visit_context *context;
    const struct host *host;
    const struct credential *credential;
    const struct probe *probe;
    const struct expectation *watched[WATCHED_MAX];
    size_t watched_count;
    struct buf command; /* of a probe that has one */
    struct arena questions; /* of a probe that asks several */
    uv_timer_t timer; /* the first step, the look-up's deadline, the wait before the second try */
    struct resolver_query *query;
    struct transport_job *transport;
    struct sockaddr_storage addresses[RESOLVE_MAX];
    struct transport_ask ask;
    struct snapshot snapshot;
    int64_t started_ms; /* monotonic */
    int64_t asked_ms; /* the clock when the host was asked */
    unsigned tries;
    bool cancelled;
    unsigned asked_again;
    struct buf raw; /* the bytes of the last answer */
    struct tape tape;
    visit_done *done;
    void *data;
};

static void ask(struct visit_job *job);
static void resolve(struct visit_job *job);

static void watch(struct visit_job *job)
{
    const struct expectation_set *all = job->context->expectations;
    const char *os = host_os_name(job->host->os);
    for (size_t i = 0; i < all->count && job->watched_count < WATCHED_MAX; i++) {
        const struct expectation *expectation = &all->items[i];
        bool declared = host_declared(job->host, expectation->id, NULL) == DECLARED_EXPECTED;
        if (job->context->kind == VISIT_LIGHT && !expectation_is_light(expectation)) {
            continue;
        }
        if (str_eq(expectation->os, os) && (expectation->watch != WATCH_DECLARED || declared)) {
            job->watched[job->watched_count++] = expectation;
        }
    }
}

static void fill_visit(const struct visit_context *context, const struct host *host,
                       struct snapshot *snapshot)
{
    snapshot->visit.host = arena_strdup(&snapshot->arena, host->name);
    snapshot->visit.source = arena_strdup(&snapshot->arena, context->source);
    snapshot->visit.kind = context->kind;
    snapshot->visit.os = host_os_name(host->os);
    snapshot->visit.transport = host_transport_name(host->transport);
    snapshot->visit.account = arena_strdup(&snapshot->arena, host->user);
}

static void fail(struct visit_job *job, enum reason reason, int64_t code, const char *detail)
{
    struct snapshot *snapshot = &job->snapshot;
    snapshot->visit.read = false;
    snapshot->visit.reason = reason;
    snapshot->visit.code = code;
    snapshot->visit.detail = arena_strdup(&snapshot->arena, detail);
}

void visit_unread(const struct visit_context *context, const struct host *host, enum reason reason,
                  const char *detail, struct snapshot *ret)
{
    snapshot_init(ret);
    fill_visit(context, host, ret);
    ret->visit.time_ms = clock_now_ms(context->clock);
    ret->visit.reason = reason;
    ret->visit.detail = arena_strdup(&ret->arena, detail);
}

static void job_closed(uv_handle_t *handle)
{
    struct visit_job *job = handle->data;
    struct slice raw = {job->raw.data, job->raw.len};
    if (job->snapshot.visit.read) {
        job->snapshot.visit.time_ms = job->asked_ms;
    } else {
        job->snapshot.visit.time_ms = clock_now_ms(job->context->clock);
    }
    job->snapshot.visit.duration_ms = clock_monotonic_ms() - job->started_ms;
    tape_end(&job->tape, &job->snapshot.visit);
    job->done(job->data, &job->snapshot, raw);
    snapshot_done(&job->snapshot);
    buf_done(&job->raw);
    buf_done(&job->command);
    arena_done(&job->questions);
    tape_done(&job->tape);
    free(job);
}

static void finish(struct visit_job *job)
{
    machine_move(&job->machine, VISIT_DONE);
    (void)uv_timer_stop(&job->timer);
    uv_close((uv_handle_t *)&job->timer, job_closed);
}

static void on_retry(uv_timer_t *timer)
{
    resolve(timer->data);
}

/* Of the visit as a whole, all tries together. */
static int64_t left_ms(const struct visit_job *job)
{
    int64_t left = job->context->deadlines.total_ms - (clock_monotonic_ms() - job->started_ms);
    return left < 1 ? 1 : left;
}

/* Whether the host can be asked once more, after a wait. */
static bool has_time(const struct visit_job *job, int64_t wait_ms)
{
    return left_ms(job) - wait_ms >= job->context->deadlines.connect_ms;
}

static void retry_or_finish(struct visit_job *job, bool transient)
{
    bool once = job->context->observer != NULL;
    if (!transient || once || job->cancelled || job->tries >= 2 ||
        !has_time(job, job->context->retry_after_ms)) {
        finish(job);
        return;
    }
    machine_move(&job->machine, VISIT_WAIT);
    (void)uv_timer_start(&job->timer, on_retry, (uint64_t)job->context->retry_after_ms, 0);
}

enum { NETBIOS_MAX = 15 };

/* The first label, case folded: "pvs01" of "PVS01.example.org". Windows cuts a long computer name
 * after 15 characters in some places. */
static bool is_named(const char *computer, const char *name)
{
    size_t computer_len = strcspn(computer, ".");
    size_t name_len = name == NULL ? 0 : strcspn(name, ".");
    bool cut = computer_len == NETBIOS_MAX && name_len > NETBIOS_MAX;
    return computer_len > 0 && (computer_len == name_len || cut) &&
           strncasecmp(computer, name, computer_len) == 0;
}

static bool is_another_host(const struct visit_job *job, const char *computer)
{
    for (size_t i = 0; i < job->context->host_count; i++) {
        const struct host *other = &job->context->hosts[i];
        if (other != job->host && is_named(computer, other->name)) {
            return true;
        }
    }
    return false;
}

/* A reading must not be taken for another machine's. A Windows server is known by its computer
 * name; names of Linux hosts in an inventory often are nicknames, so there only the name of another
 * host of this inventory proves anything. */
static bool is_wrong_host(const struct visit_job *job)
{
    const struct host *host = job->host;
    const char *computer = job->snapshot.machine.computer_name;
    if (computer == NULL) {
        return false;
    }
    if (host->computer_name != NULL) {
        return !is_named(computer, host->computer_name);
    }
    if (is_named(computer, host->name) || is_named(computer, host->address)) {
        return false;
    }
    return host->os == HOST_WINDOWS || is_another_host(job, computer);
}

static void fill_transport(struct visit_job *job, const struct transport_answer *answer)
{
    struct snapshot *snapshot = &job->snapshot;
    struct arena *arena = &snapshot->arena;
    snapshot->visit.address = arena_strdup(arena, answer->address);
    snapshot->visit.mechanism = arena_strdup(arena, answer->mechanism);
    snapshot->visit.principal = arena_strdup(arena, answer->principal);
    snapshot->machine.host_key = arena_strdup(arena, answer->host_key);
    snapshot->visit.password_refused = answer->password_refused;
}

static void begin_snapshot(struct visit_job *job)
{
    snapshot_done(&job->snapshot);
    fill_visit(job->context, job->host, &job->snapshot);
}

/* A first line with something on it, to quote. */
static struct slice first_words(struct slice text)
{
    enum { WORDS_MAX = 200 };
    struct slice line = {"", 0};
    while (line.len == 0 && slice_line(&text, &line, NULL)) {
        line = slice_trim(line);
    }
    line.len = line.len < WORDS_MAX ? line.len : WORDS_MAX;
    return line;
}

/* ForceCommand, an account that may not log in, a password to be changed: somebody else spoke. */
static void fail_unasked(struct visit_job *job, const struct transport_answer *answer)
{
    struct slice words = first_words(answer->output);
    words = words.len > 0 ? words : first_words(answer->errors);
    fail(job, REASON_DENIED, answer->exit_status,
         arena_printf(&job->snapshot.arena,
                      "exec: the account %s runs something else than what it is asked (exit status "
                      "%d): \"%.*s\"; look at its shell and its password, and at ForceCommand and "
                      "command= there",
                      job->host->user, answer->exit_status, (int)words.len, words.data));
}

/* What broke off when only the optional sections were left: a visit that ended before them. */
static bool keep_decisive(struct visit_job *job, const struct transport_answer *answer)
{
    struct slice output = answer->output;
    bool broke_off = answer->transient && !job->cancelled && output.len > 0 &&
                     !probe_complete(output.data, output.len);
    size_t len = broke_off ? probe_decisive(output.data, output.len) : 0;
    buf_clear(&job->raw);
    (void)buf_append(&job->raw, output.data, len);
    (void)buf_puts(&job->raw, "@@end all 0\n");
    return len > 0 && !job->raw.failed;
}

static void take_answer(struct visit_job *job, const struct transport_answer *answer)
{
    struct err err = {0};
    begin_snapshot(job);
    fill_transport(job, answer);
    buf_clear(&job->raw);
    (void)buf_append(&job->raw, answer->output.data, answer->output.len);
    if (answer->reason != REASON_NONE && !keep_decisive(job, answer)) {
        buf_clear(&job->raw);
        (void)buf_append(&job->raw, answer->output.data, answer->output.len);
        fail(job, answer->reason, answer->code, answer->detail);
        retry_or_finish(job, answer->transient);
        return;
    }
    if (!probe_answered(answer->output.data, answer->output.len)) {
        fail_unasked(job, answer);
        finish(job);
        return;
    }
    if (job->probe->parse(job->raw.data, job->raw.len, job->watched, job->watched_count,
                          &job->snapshot, &err) != 0) {
        fail(job, REASON_PARTIAL, 0, err.text);
        finish(job);
        return;
    }
    job->snapshot.visit.read = true;
    if (probe_pids_changed(&job->snapshot) && job->asked_again == 0 &&
        job->context->observer == NULL && has_time(job, 0)) {
        job->asked_again++;
        ask(job);
        return;
    }
    if (is_wrong_host(job)) {
        fail(job, REASON_WRONG_HOST, 0,
             arena_printf(&job->snapshot.arena,
                          "the computer at this address calls itself %s: check the name's address "
                          "and ansible_host, or give pvsaudit_computer_name",
                          job->snapshot.machine.computer_name));
    }
    finish(job);
}

static void on_answer(void *data, const struct transport_answer *answer)
{
    struct visit_job *job = data;
    struct transport_answer told = *answer;
    job->transport = NULL;
    tape_answered(&job->tape, &told);
    take_answer(job, &told);
}

static void on_heard(void *data, const struct transport_exchange *exchange)
{
    struct visit_job *job = data;
    tape_heard(&job->tape, exchange);
}

static bool on_played(void *data, struct slice asked, struct transport_exchange *ret)
{
    struct visit_job *job = data;
    return tape_play(&job->tape, asked, ret);
}

static const struct transport *transport_of(const struct visit_job *job)
{
    return job->context->player == NULL ? transports[job->host->transport]
                                        : replays[job->host->transport];
}

/* The recording ended here: before a host was asked, or where today one is asked more often. */
static void fail_unrecorded(struct visit_job *job)
{
    const struct recording *recording = &job->tape.recording;
    begin_snapshot(job);
    if (recording->try_count == 0) {
        fail(job, recording->reason, recording->code, recording->detail);
    } else {
        fail(job, REASON_PARTIAL, 0, "the recording does not hold the connection that is made now");
    }
    finish(job);
}

static void ask(struct visit_job *job)
{
    struct err err = {0};
    machine_move(&job->machine, VISIT_ASK);
    job->asked_ms = clock_now_ms(job->context->clock);
    job->ask.deadlines.total_ms = left_ms(job);
    if (!tape_connect(&job->tape, job->asked_ms)) {
        fail_unrecorded(job);
        return;
    }
    if (transport_of(job)->start(&job->ask, on_answer, job, &job->transport, &err) != 0) {
        job->transport = NULL;
        fail(job, REASON_UNREACHABLE, 0, err.text);
        finish(job);
    }
}

static void on_step(void *data, const struct transport_step *step)
{
    const struct visit_job *job = data;
    job->context->observer->step(job->context->observer->data, step);
}

static void tell_addresses(struct visit_job *job, const struct resolver_answer *answer)
{
    struct buf seen;
    char address[IP_TEXT];
    buf_init(&seen, 4096);
    for (size_t i = 0; i < answer->count; i++) {
        reach_address(&answer->addresses[i], address);
        (void)buf_printf(&seen, "%s%s", i == 0 ? "" : ", ", address);
    }
    on_step(job, &(struct transport_step){.name = "name", .seen = seen.data});
    buf_done(&seen);
}

static void on_resolved(void *data, const struct resolver_answer *answer)
{
    struct visit_job *job = data;
    job->query = NULL;
    (void)uv_timer_stop(&job->timer);
    if (answer->count == 0) {
        begin_snapshot(job);
        fail(job, REASON_DNS, answer->code, answer->detail);
        finish(job);
        return;
    }
    memcpy(job->addresses, answer->addresses, answer->count * sizeof(job->addresses[0]));
    if (job->context->observer != NULL) {
        tell_addresses(job, answer);
    }
    job->ask.addresses = job->addresses;
    job->ask.address_count = answer->count;
    ask(job);
}

static void on_resolve_late(uv_timer_t *timer)
{
    struct visit_job *job = timer->data;
    resolver_forget(job->query);
    job->query = NULL;
    begin_snapshot(job);
    fail(job, REASON_DNS, 0,
         arena_printf(&job->snapshot.arena,
                      "no name server told the address of %s within %lld ms: are those of "
                      "/etc/resolv.conf up? or give ansible_host",
                      job->host->address, (long long)job->context->resolve_ms));
    finish(job);
}

static void resolve(struct visit_job *job)
{
    struct err err = {0};
    int64_t left = left_ms(job);
    int64_t wait = job->context->resolve_ms < left ? job->context->resolve_ms : left;
    machine_move(&job->machine, VISIT_RESOLVE);
    job->tries++;
    if (job->context->player != NULL) {
        ask(job);
        return;
    }
    (void)uv_timer_start(&job->timer, on_resolve_late, (uint64_t)wait, 0);
    if (resolver_start(job->context->resolver, job->host->address, job->host->port, on_resolved,
                       job, &job->query, &err) != 0) {
        job->query = NULL;
        fail(job, REASON_DNS, 0, err.text);
        finish(job);
    }
}

static void on_start(uv_timer_t *timer)
{
    struct visit_job *job = timer->data;
    if (job->machine.state == VISIT_START) {
        resolve(job);
    }
}

static void on_trace(void *data, const char *from, const char *to)
{
    const struct visit_job *job = data;
    job->context->trace(job->host, from, to);
}

static int on_next(void *data, struct slice so_far, struct question *ret, struct err *err)
{
    struct visit_job *job = data;
    arena_done(&job->questions);
    int more =
        job->probe->next(job->watched, job->watched_count, so_far, &job->questions, ret, err);
    if (more > 0 && job->context->observer != NULL) {
        on_step(job, &(struct transport_step){.name = "asking", .question = ret});
    }
    return more;
}

static void fill_ask(struct visit_job *job)
{
    const struct visit_context *context = job->context;
    job->ask = (struct transport_ask){
        .loop = context->loop,
        .host = job->host,
        .credential = job->credential,
        .known_hosts = job->host->known_hosts == NULL
                           ? context->pins
                           : known_hosts_files_find(context->known_hosts, job->host->known_hosts),
        .accept_new = context->accept_new,
        .http = context->http,
        .command = job->command.data,
        .next = on_next,
        .heard = context->recorder == NULL ? NULL : on_heard,
        .played = context->player == NULL ? NULL : on_played,
        .output_max = context->output_max,
        .deadlines = context->deadlines,
        .trace = context->trace == NULL ? NULL : on_trace,
        .step = context->observer == NULL ? NULL : on_step,
    };
}

static int prepare(struct visit_job *job, struct err *err)
{
    const struct host *host = job->host;
    job->probe = probes_find(host->os, host->transport, job->context->kind);
    if (job->probe == NULL) {
        return err_set(err, ERR_CONFIG, "visit",
                       "%s: %s over %s cannot be asked: set pvsaudit_transport: ssh", host->name,
                       host_os_name(host->os), host_transport_name(host->transport));
    }
    return job->probe->command == NULL
               ? 0
               : job->probe->command(job->watched, job->watched_count, &job->command, err);
}

int visit_start(const struct visit_context *context, const struct host *host,
                const struct credential *credential, visit_done *done, void *data,
                struct visit_job **ret, struct err *err)
{
    struct visit_job *job = calloc(1, sizeof(*job));
    if (job == NULL) {
        return err_memory(err);
    }
    job->context = context;
    job->host = host;
    job->credential = credential;
    job->done = done;
    job->data = data;
    job->started_ms = clock_monotonic_ms();
    snapshot_init(&job->snapshot);
    buf_init(&job->command, COMMAND_MAX);
    buf_init(&job->raw, context->output_max);
    watch(job);
    if (prepare(job, err) != 0 ||
        tape_start(&job->tape, context->recorder, context->player, host, context->kind, err) != 0) {
        buf_done(&job->command);
        free(job);
        return -1;
    }
    fill_visit(context, host, &job->snapshot);
    fill_ask(job);
    machine_init(&job->machine, visit_states, VISIT_START);
    job->timer.data = job;
    (void)uv_timer_init(context->loop, &job->timer);
    (void)uv_timer_start(&job->timer, on_start, 0, 0);
    *ret = job;
    return 0;
}

void visit_cancel(struct visit_job *job, const char *detail)
{
    job->cancelled = true; /* a try that has already failed is not followed by another one */
    switch ((enum visit_state)job->machine.state) {
    case VISIT_ASK:
        if (job->transport != NULL) {
            transport_of(job)->cancel(job->transport, detail);
        }
        return;
    case VISIT_RESOLVE:
        resolver_forget(job->query);
        job->query = NULL;
        break;
    case VISIT_START:
        break;
    case VISIT_WAIT:
        finish(job); /* the failure of the first try is the answer */
        return;
    case VISIT_DONE:
        return;
    }
    fail(job, REASON_SKIPPED, 0, detail);
    finish(job);
}
