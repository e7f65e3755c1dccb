/* winrm_state: the states of a visit over WinRM, and the one place where they change. */
#include "collector/transport/winrm/winrm_job.h"

#include <stdarg.h>
#include <stdio.h>

#define TO(state) MACHINE_TO(WINRM_##state)
/* A failure: at once, or after what is open on the server was closed, over this or a new one. */
#define ALSO_PARTING TO(ENDING) | TO(RELEASING) | TO(DELETING) | TO(CONNECTING)

static const struct machine_state states[WINRM_STATE_COUNT] = {
    [WINRM_CONNECTING] = {"CONNECTING", TO(GREETING) | TO(STEPPING) | TO(ASKING) | TO(ENDING)},
    [WINRM_GREETING] = {"GREETING", TO(STEPPING) | TO(ASKING) | TO(CONNECTING) | TO(ENDING)},
    [WINRM_STEPPING] = {"STEPPING", TO(TOKEN) | TO(ASKING) | TO(CONNECTING) | TO(ENDING)},
    [WINRM_TOKEN] = {"TOKEN", TO(STEPPING) | TO(ASKING) | TO(CONNECTING) | TO(ENDING)},
    [WINRM_ASKING] = {"ASKING", TO(ENUMERATING) | TO(INVOKING) | TO(CREATING) | ALSO_PARTING},
    [WINRM_ENUMERATING] = {"ENUMERATING",
                           TO(ENUMERATING) | TO(PULLING) | TO(ASKING) | ALSO_PARTING},
    [WINRM_PULLING] = {"PULLING", TO(PULLING) | TO(ASKING) | ALSO_PARTING},
    [WINRM_INVOKING] = {"INVOKING", TO(INVOKING) | TO(ASKING) | ALSO_PARTING},
    [WINRM_CREATING] = {"CREATING", TO(CREATING) | TO(COMMANDING) | TO(ASKING) | ALSO_PARTING},
    [WINRM_COMMANDING] = {"COMMANDING", TO(COMMANDING) | TO(RECEIVING) | ALSO_PARTING},
    [WINRM_RECEIVING] = {"RECEIVING", TO(RECEIVING) | TO(TERMINATING) | ALSO_PARTING},
    [WINRM_TERMINATING] = {"TERMINATING", TO(TERMINATING) | ALSO_PARTING},
    [WINRM_DELETING] = {"DELETING", TO(DELETING) | TO(ASKING) | ALSO_PARTING},
    [WINRM_RELEASING] = {"RELEASING", ALSO_PARTING},
    [WINRM_ENDING] = {"ENDING", TO(DONE)},
    [WINRM_DONE] = {"DONE", 0},
};

/* The stage that a state belongs to; it shares its deadline with its neighbours. */
static const char *const stages[WINRM_STATE_COUNT] = {
    [WINRM_CONNECTING] = "connect", [WINRM_GREETING] = "tls",   [WINRM_STEPPING] = "auth",
    [WINRM_TOKEN] = "auth",         [WINRM_ASKING] = "exec",    [WINRM_ENUMERATING] = "exec",
    [WINRM_PULLING] = "exec",       [WINRM_INVOKING] = "exec",  [WINRM_CREATING] = "exec",
    [WINRM_COMMANDING] = "exec",    [WINRM_RECEIVING] = "exec", [WINRM_TERMINATING] = "exec",
    [WINRM_DELETING] = "exec",      [WINRM_RELEASING] = "exec", [WINRM_ENDING] = "close",
    [WINRM_DONE] = "close",
};

void winrm_state_init(struct transport_job *job)
{
    machine_init(&job->machine, states, WINRM_CONNECTING);
}

const char *winrm_stage(const struct transport_job *job)
{
    /* Over http, where there is no TLS, it asks how one may log in. */
    bool plain = job->machine.state == WINRM_GREETING && job->ask.host->scheme == SCHEME_HTTP;
    return plain ? "auth" : stages[job->machine.state];
}

int64_t winrm_stage_ms(const struct transport_job *job)
{
    int64_t ms = transport_deadline_ms(&job->ask.deadlines, winrm_stage(job));
    return job->question.optional && ms > WINRM_OPTIONAL_MS ? WINRM_OPTIONAL_MS : ms;
}

void winrm_restart_stage(struct transport_job *job)
{
    int64_t ms = winrm_stage_ms(job);
    if (job->parting) {
        return; /* one deadline for all of it */
    }
    (void)uv_timer_stop(&job->stage_timer);
    if (ms > 0) {
        (void)uv_timer_start(&job->stage_timer, job->stage_expired, (uint64_t)ms, 0);
    }
}

void winrm_move(struct transport_job *job, enum winrm_state to)
{
    const char *before = winrm_stage(job);
    machine_move(&job->machine, to);
    if (to == WINRM_ENDING) {
        job->end(job);
    } else if (!str_eq(before, winrm_stage(job))) {
        winrm_restart_stage(job);
    }
}

void winrm_fail(struct transport_job *job, enum reason reason, bool transient, int64_t code,
                const char *format, ...)
{
    if (job->parting) {
        job->broken = true; /* the answer is made; what is open may be closed over another one */
        winrm_part(job);
        return;
    }
    va_list args;
    va_start(args, format);
    (void)vsnprintf(job->detail, sizeof(job->detail), format, args);
    va_end(args);
    job->decided = true;
    job->answer.reason = reason;
    job->answer.transient = transient;
    job->answer.code = code;
    job->answer.stage = winrm_stage(job);
    job->answer.detail = job->detail;
    winrm_part(job);
}

void winrm_succeed(struct transport_job *job)
{
    job->decided = true;
    job->answer.reason = REASON_NONE;
    job->answer.exit_status = 0;
    job->answer.stage = winrm_stage(job);
    winrm_move(job, WINRM_ENDING);
}
