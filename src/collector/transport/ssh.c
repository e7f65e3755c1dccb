/* ssh: the transport over SSH: its state table, its mover, its handles and how it begins and ends.
 */
#include "collector/transport/ssh_job.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COMMAND_MAX = 32000 };

#define ALSO_ENDING MACHINE_TO(SSH_ENDING)

static const struct machine_state states[SSH_STATE_COUNT] = {
    [SSH_CONNECTING] = {"CONNECTING", MACHINE_TO(SSH_HANDSHAKE) | ALSO_ENDING},
    [SSH_HANDSHAKE] = {"HANDSHAKE", MACHINE_TO(SSH_HOST_KEY) | ALSO_ENDING},
    [SSH_HOST_KEY] = {"HOST_KEY", MACHINE_TO(SSH_AUTH_LIST) | ALSO_ENDING},
    [SSH_AUTH_LIST] = {"AUTH_LIST", MACHINE_TO(SSH_AUTH_KEY) | MACHINE_TO(SSH_AUTH_AGENT) |
                                        MACHINE_TO(SSH_AUTH_PASSWORD) |
                                        MACHINE_TO(SSH_AUTH_KEYBOARD) | MACHINE_TO(SSH_CHANNEL) |
                                        ALSO_ENDING},
    [SSH_AUTH_KEY] = {"AUTH_KEY", MACHINE_TO(SSH_CHANNEL) | ALSO_ENDING},
    [SSH_AUTH_AGENT] = {"AUTH_AGENT", MACHINE_TO(SSH_CHANNEL) | ALSO_ENDING},
    [SSH_AUTH_PASSWORD] = {"AUTH_PASSWORD", MACHINE_TO(SSH_CHANNEL) | ALSO_ENDING},
    [SSH_AUTH_KEYBOARD] = {"AUTH_KEYBOARD", MACHINE_TO(SSH_CHANNEL) | ALSO_ENDING},
    [SSH_CHANNEL] = {"CHANNEL", MACHINE_TO(SSH_EXEC) | ALSO_ENDING},
    [SSH_EXEC] = {"EXEC", MACHINE_TO(SSH_READ) | ALSO_ENDING},
    [SSH_READ] = {"READ", MACHINE_TO(SSH_CLOSE_WAIT) | ALSO_ENDING},
    [SSH_CLOSE_WAIT] = {"CLOSE_WAIT", ALSO_ENDING},
    [SSH_ENDING] = {"ENDING", MACHINE_TO(SSH_DONE)},
    [SSH_DONE] = {"DONE", 0},
};

/* What a state does, and the stage whose deadline it shares with its neighbours. */
static const struct {
    const char *stage;
    enum ssh_step (*step)(struct transport_job *job); /* NULL: not driven by the socket */
} rows[SSH_STATE_COUNT] = {
    [SSH_CONNECTING] = {"connect", NULL},
    [SSH_HANDSHAKE] = {"handshake", ssh_step_handshake},
    [SSH_HOST_KEY] = {"host-key", ssh_step_host_key},
    [SSH_AUTH_LIST] = {"auth", ssh_step_auth_list},
    [SSH_AUTH_KEY] = {"auth", ssh_step_auth_key},
    [SSH_AUTH_AGENT] = {"auth", ssh_step_auth_agent},
    [SSH_AUTH_PASSWORD] = {"auth", ssh_step_auth_password},
    [SSH_AUTH_KEYBOARD] = {"auth", ssh_step_auth_keyboard},
    [SSH_CHANNEL] = {"exec", ssh_step_channel},
    [SSH_EXEC] = {"exec", ssh_step_exec},
    [SSH_READ] = {"exec", ssh_step_read},
    [SSH_CLOSE_WAIT] = {"close", ssh_step_close_wait},
    [SSH_ENDING] = {"close", NULL},
    [SSH_DONE] = {"close", NULL},
};

static enum ssh_state state_of(const struct transport_job *job)
{
    return (enum ssh_state)job->machine.state;
}

const char *ssh_stage(const struct transport_job *job)
{
    return rows[job->machine.state].stage;
}

static int64_t stage_deadline(const struct transport_job *job)
{
    const struct transport_deadlines *deadlines = &job->ask.deadlines;
    const struct {
        const char *stage;
        int64_t ms;
    } all[] = {{"connect", deadlines->connect_ms},
               {"handshake", deadlines->handshake_ms},
               {"auth", deadlines->auth_ms},
               {"exec", deadlines->exec_ms},
               {"close", SSH_FAREWELL_MS}};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (str_eq(all[i].stage, ssh_stage(job))) {
            return all[i].ms;
        }
    }
    return 0; /* host-key is decided at once */
}

static void stage_expired(uv_timer_t *timer)
{
    struct transport_job *job = timer->data;
    if (state_of(job) == SSH_CLOSE_WAIT) {
        ssh_move(job, SSH_ENDING); /* the answer is there; the farewell is a courtesy */
        return;
    }
    ssh_fail_deadline(job, false);
}

static void total_expired(uv_timer_t *timer)
{
    struct transport_job *job = timer->data;
    if (state_of(job) == SSH_CLOSE_WAIT) {
        ssh_move(job, SSH_ENDING);
        return;
    }
    ssh_fail_deadline(job, true);
}

static void job_end(struct transport_job *job);

void ssh_move(struct transport_job *job, enum ssh_state to)
{
    const char *before = ssh_stage(job);
    enum ssh_state from = state_of(job);
    machine_move(&job->machine, to);
    if (to == SSH_ENDING) {
        job->last = from;
        job_end(job);
        return;
    }
    int64_t ms = stage_deadline(job);
    if (!str_eq(before, ssh_stage(job))) {
        (void)uv_timer_stop(&job->stage_timer);
        if (ms > 0) {
            (void)uv_timer_start(&job->stage_timer, stage_expired, (uint64_t)ms, 0);
        }
    }
}

static void socket_ready(uv_poll_t *poll, int status, int events)
{
    (void)events;
    struct transport_job *job = poll->data;
    if (status < 0) {
        job->events = 0; /* libuv has stopped it; reading and writing tell why */
    }
    ssh_run(job);
}

/* The one place where libssh2's "would block" becomes what the loop waits for. */
static void wait_for_socket(struct transport_job *job)
{
    int directions = libssh2_session_block_directions(job->link.session);
    int events = UV_READABLE;
    if ((directions & LIBSSH2_SESSION_BLOCK_OUTBOUND) != 0) {
        events |= UV_WRITABLE;
    }
    if (events != job->events) {
        job->events = events;
        (void)uv_poll_start(&job->poll, events, socket_ready);
    }
}

void ssh_run(struct transport_job *job)
{
    enum ssh_step step = SSH_STEP_NEXT;
    job->link.turn = SSH_LINK_TURN;
    while (step == SSH_STEP_NEXT && rows[state_of(job)].step != NULL) {
        step = rows[state_of(job)].step(job);
    }
    if (step == SSH_STEP_WAIT && job->link.end != SSH_LINK_OPEN) {
        step = ssh_fail_lost(job);
    }
    if (step == SSH_STEP_WAIT) {
        wait_for_socket(job);
    } else if (state_of(job) != SSH_ENDING) {
        (void)uv_poll_stop(&job->poll);
        job->events = 0;
    }
}

/* Ending: close what is open, and call done when the last of it is closed. */

static void part_closed(void *data)
{
    struct transport_job *job = data;
    job->handles--;
    if (job->handles > 0) {
        return;
    }
    ssh_move(job, SSH_DONE);
    job->answer.output = (struct slice){job->output.data, job->output.len};
    job->answer.errors = (struct slice){job->errors.data, job->errors.len};
    job->done(job->data, &job->answer);
    buf_done(&job->output);
    buf_done(&job->errors);
    free(job);
}

static void handle_closed(uv_handle_t *handle)
{
    part_closed(handle->data);
}

/* libssh2 frees what an operation holds only where the operation itself ends; so the one that was
 * under way is called again, to fail. */
static void session_close(struct transport_job *job)
{
    if (job->last > SSH_HANDSHAKE && job->link.end == SSH_LINK_OPEN) {
        (void)libssh2_session_disconnect_ex(job->link.session, SSH_DISCONNECT_BY_APPLICATION,
                                            "done", "");
    }
    ssh_link_cut(&job->link);
    if (job->last == SSH_HANDSHAKE) {
        (void)libssh2_session_handshake(job->link.session, job->link.fd);
    }
    if (ssh_link_close(&job->link) == LIBSSH2_ERROR_EAGAIN) {
        ssh_exec_unwind(job);
        (void)ssh_link_close(&job->link);
    }
    job->channel = NULL;
}

static void job_end(struct transport_job *job)
{
    uv_close((uv_handle_t *)&job->stage_timer, handle_closed);
    uv_close((uv_handle_t *)&job->total_timer, handle_closed);
    if (job->connect != NULL) {
        ssh_connect_close(job->connect, part_closed, job);
        job->connect = NULL;
    }
    if (job->agent != NULL) {
        ssh_agent_close(job->agent, part_closed, job);
        job->agent = NULL;
    }
    if (job->link.session != NULL) {
        session_close(job);
    }
    if (job->link.fd >= 0) {
        uv_close((uv_handle_t *)&job->poll, handle_closed);
        (void)close(job->link.fd);
        job->link.fd = -1;
    }
}

enum ssh_step ssh_fail(struct transport_job *job, enum reason reason, bool transient, int64_t code,
                       const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(job->detail, sizeof(job->detail), format, args);
    va_end(args);
    job->answer.reason = reason;
    job->answer.transient = transient;
    job->answer.code = code;
    job->answer.stage = ssh_stage(job);
    job->answer.detail = job->detail;
    ssh_move(job, SSH_ENDING);
    return SSH_STEP_REST;
}

enum ssh_step ssh_succeed(struct transport_job *job)
{
    job->answer.reason = REASON_NONE;
    job->answer.stage = ssh_stage(job);
    ssh_move(job, SSH_CLOSE_WAIT);
    return SSH_STEP_NEXT;
}

/* Beginning. */

static void address_text(const struct sockaddr_storage *address, char to[IP_TEXT])
{
    const void *bytes = address->ss_family == AF_INET6
                            ? (const void *)&((const struct sockaddr_in6 *)address)->sin6_addr
                            : (const void *)&((const struct sockaddr_in *)address)->sin_addr;
    if (inet_ntop(address->ss_family, bytes, to, IP_TEXT) == NULL) {
        to[0] = '\0';
    }
}

static void connected(void *data, int fd, size_t index, int error)
{
    struct transport_job *job = data;
    address_text(&job->ask.addresses[index], job->address);
    job->answer.address = job->address;
    if (fd < 0) {
        ssh_fail_connect(job, error, index);
        return;
    }
    ssh_connect_close(job->connect, part_closed, job);
    job->connect = NULL;
    if (uv_poll_init(job->ask.loop, &job->poll, fd) != 0) {
        (void)close(fd);
        (void)ssh_fail(job, REASON_UNREACHABLE, true, 0, "the socket cannot be watched");
        return;
    }
    job->poll.data = job;
    job->handles++;
    if (ssh_link_open(&job->link, fd) != 0) {
        (void)ssh_fail(job, REASON_UNREACHABLE, true, LIBSSH2_ERROR_ALLOC, "out of memory");
        return;
    }
    job->link.data = job;
    ssh_move(job, SSH_HANDSHAKE);
    ssh_run(job);
}

static void job_trace(void *data, const char *from, const char *to)
{
    struct transport_job *job = data;
    if (job->ask.trace != NULL) {
        job->ask.trace(job->data, from, to);
    }
}

static int ask_check(const struct transport_ask *ask, struct err *err)
{
    if (ask->address_count == 0) {
        return err_set(err, ERR_INTERNAL, "ssh", "there is no address to connect to");
    }
    if (strlen(ask->command) > COMMAND_MAX) {
        return err_set(err, ERR_LIMIT, "ssh", "the command is longer than %d bytes", COMMAND_MAX);
    }
    return 0;
}

static int ssh_start(const struct transport_ask *ask,
                     void (*done)(void *data, const struct transport_answer *answer), void *data,
                     struct transport_job **ret, struct err *err)
{
    if (ask_check(ask, err) != 0) {
        return -1;
    }
    struct transport_job *job = calloc(1, sizeof(*job));
    if (job == NULL) {
        return err_memory(err);
    }
    job->ask = *ask;
    job->done = done;
    job->data = data;
    job->self = job;
    job->link.fd = -1;
    job->answer = (struct transport_answer){.exit_status = -1, .stage = "connect"};
    buf_init(&job->output, ask->output_max);
    buf_init(&job->errors, SSH_ERRORS_MAX);
    machine_init(&job->machine, states, SSH_CONNECTING);
    job->machine.trace = job_trace;
    job->machine.data = job;
    job->connect =
        ssh_connect_start(ask->loop, job->ask.addresses, ask->address_count, connected, job);
    if (job->connect == NULL) {
        free(job);
        return err_memory(err);
    }
    (void)uv_timer_init(ask->loop, &job->stage_timer);
    (void)uv_timer_init(ask->loop, &job->total_timer);
    job->stage_timer.data = job;
    job->total_timer.data = job;
    job->handles = 3; /* two timers and the connecting */
    if (ask->deadlines.connect_ms > 0) {
        (void)uv_timer_start(&job->stage_timer, stage_expired, (uint64_t)ask->deadlines.connect_ms,
                             0);
    }
    if (ask->deadlines.total_ms > 0) {
        (void)uv_timer_start(&job->total_timer, total_expired, (uint64_t)ask->deadlines.total_ms,
                             0);
    }
    *ret = job;
    return 0;
}

static void ssh_cancel(struct transport_job *job, const char *detail)
{
    if (machine_may(&job->machine, SSH_ENDING)) {
        (void)ssh_fail(job, REASON_SKIPPED, false, 0, "%s", detail == NULL ? "" : detail);
        return;
    }
    (void)snprintf(job->detail, sizeof(job->detail), "%s", detail == NULL ? "" : detail);
    job->answer.reason = REASON_SKIPPED;
    job->answer.transient = false;
    job->answer.detail = job->detail;
}

const struct transport transport_ssh = {.name = "ssh", .start = ssh_start, .cancel = ssh_cancel};
