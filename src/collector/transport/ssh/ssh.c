/* ssh: the transport over SSH: what each state does, its handles, how it begins and ends. */
#include "collector/transport/reach.h"
#include "collector/transport/ssh/ssh_job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COMMAND_MAX = 32000 };

/* What a state does; NULL: it is not driven by the socket. */
static enum ssh_step (*const steps[SSH_STATE_COUNT])(struct transport_job *job) = {
    [SSH_HANDSHAKE] = ssh_step_handshake,
    [SSH_HOST_KEY] = ssh_step_host_key,
    [SSH_AUTH_LIST] = ssh_step_auth_list,
    [SSH_AUTH_KEY] = ssh_step_auth_key,
    [SSH_AUTH_AGENT] = ssh_step_auth_agent,
    [SSH_AUTH_PASSWORD] = ssh_step_auth_password,
    [SSH_AUTH_KEYBOARD] = ssh_step_auth_keyboard,
    [SSH_CHANNEL] = ssh_step_channel,
    [SSH_EXEC] = ssh_step_exec,
    [SSH_READ] = ssh_step_read,
    [SSH_CLOSE_WAIT] = ssh_step_close_wait,
};

static enum ssh_state state_of(const struct transport_job *job)
{
    return (enum ssh_state)job->machine.state;
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

static void run(struct transport_job *job);

static void socket_ready(uv_poll_t *poll, int status, int events)
{
    (void)events;
    struct transport_job *job = poll->data;
    if (status < 0) {
        job->events = 0; /* libuv has stopped it; reading and writing tell why */
    }
    run(job);
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

static void run(struct transport_job *job)
{
    enum ssh_step step = SSH_STEP_NEXT;
    job->link.turn = SSH_LINK_TURN;
    while (step == SSH_STEP_NEXT && steps[state_of(job)] != NULL) {
        step = steps[state_of(job)](job);
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

static void tell_heard(struct transport_job *job)
{
    const struct transport_exchange exchange = {
        .asked = {job->ask.command, strlen(job->ask.command)},
        .answer = job->answer.output,
        .errors = job->answer.errors,
        .status = job->answer.exit_status,
    };
    if (job->ask.heard != NULL && job->last >= SSH_READ) {
        job->ask.heard(job->data, &exchange);
    }
}

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
    tell_heard(job);
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
        race_close(job->connect, part_closed, job);
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

/* Beginning. */

static void connected(void *data, int fd, size_t index, int error)
{
    struct transport_job *job = data;
    reach_address(&job->ask.addresses[index], job->address);
    job->answer.address = job->address;
    if (fd < 0) {
        ssh_fail_connect(job, error, index);
        return;
    }
    race_close(job->connect, part_closed, job);
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
    ssh_tell(job, "connect", "%s port %u", job->address, (unsigned)job->ask.host->port);
    ssh_move(job, SSH_HANDSHAKE);
    run(job);
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
    ssh_state_init(job);
    job->stage_expired = stage_expired;
    job->run = run;
    job->end = job_end;
    job->machine.trace = job_trace;
    job->machine.data = job;
    job->connect = race_start(ask->loop, job->ask.addresses, ask->address_count, connected, job);
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
