/* ssh_state: the states of a visit over SSH, and the one place where they change. */
#include "collector/transport/ssh/ssh_job.h"

#include <stdarg.h>
#include <stdio.h>

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

/* The stage that a state belongs to; it shares its deadline with its neighbours. */
static const char *const stages[SSH_STATE_COUNT] = {
    [SSH_CONNECTING] = "connect", [SSH_HANDSHAKE] = "handshake", [SSH_HOST_KEY] = "host-key",
    [SSH_AUTH_LIST] = "auth",     [SSH_AUTH_KEY] = "auth",       [SSH_AUTH_AGENT] = "auth",
    [SSH_AUTH_PASSWORD] = "auth", [SSH_AUTH_KEYBOARD] = "auth",  [SSH_CHANNEL] = "exec",
    [SSH_EXEC] = "exec",          [SSH_READ] = "exec",           [SSH_CLOSE_WAIT] = "close",
    [SSH_ENDING] = "close",       [SSH_DONE] = "close",
};

static enum ssh_state state_of(const struct transport_job *job)
{
    return (enum ssh_state)job->machine.state;
}

const char *ssh_stage(const struct transport_job *job)
{
    return stages[job->machine.state];
}

/* host-key is decided at once. */
static int64_t stage_deadline(const struct transport_job *job)
{
    return str_eq(ssh_stage(job), "close")
               ? SSH_FAREWELL_MS
               : transport_deadline_ms(&job->ask.deadlines, ssh_stage(job));
}

void ssh_state_init(struct transport_job *job)
{
    machine_init(&job->machine, states, SSH_CONNECTING);
}

void ssh_move(struct transport_job *job, enum ssh_state to)
{
    const char *before = ssh_stage(job);
    enum ssh_state from = state_of(job);
    machine_move(&job->machine, to);
    if (to == SSH_ENDING) {
        job->last = from;
        job->end(job);
        return;
    }
    int64_t ms = stage_deadline(job);
    if (!str_eq(before, ssh_stage(job))) {
        (void)uv_timer_stop(&job->stage_timer);
        if (ms > 0) {
            (void)uv_timer_start(&job->stage_timer, job->stage_expired, (uint64_t)ms, 0);
        }
    }
}

void ssh_tell(struct transport_job *job, const char *step, const char *format, ...)
{
    char seen[1024];
    va_list args;
    if (job->ask.step == NULL) {
        return;
    }
    va_start(args, format);
    (void)vsnprintf(seen, sizeof(seen), format, args);
    va_end(args);
    job->ask.step(job->data, &(struct transport_step){.name = step, .seen = seen, .requests = 1});
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
    ssh_tell(job, "ask", "exit status %d, %zu bytes", job->answer.exit_status, job->output.len);
    ssh_move(job, SSH_CLOSE_WAIT);
    return SSH_STEP_NEXT;
}
