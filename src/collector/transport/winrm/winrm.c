/* winrm: the transport over WinRM: how a visit begins, what expires, and how it ends. */
#include "collector/transport/winrm/winrm_job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void stage_expired(uv_timer_t *timer)
{
    winrm_fail_deadline(timer->data, false);
}

static void total_expired(uv_timer_t *timer)
{
    winrm_fail_deadline(timer->data, true);
}

static void finish(struct transport_job *job)
{
    winrm_move(job, WINRM_DONE);
    job->answer.output = (struct slice){job->output.data, job->output.len};
    job->answer.errors = (struct slice){job->errors.data, job->errors.len};
    job->done(job->data, &job->answer);
    struct buf *const all[] = {&job->authorization, &job->plain,  &job->sealed,
                               &job->opened,        &job->output, &job->errors};
    secret_wipe(job->authorization.data, job->authorization.len);
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        buf_done(all[i]);
    }
    free(job);
}

void winrm_part_closed(void *data)
{
    struct transport_job *job = data;
    job->handles--;
    if (job->handles == 0) {
        finish(job);
    }
}

static void handle_closed(uv_handle_t *handle)
{
    winrm_part_closed(handle->data);
}

static void job_end(struct transport_job *job)
{
    uv_close((uv_handle_t *)&job->stage_timer, handle_closed);
    uv_close((uv_handle_t *)&job->total_timer, handle_closed);
    if (job->ask.played != NULL) {
        uv_close((uv_handle_t *)&job->play_timer, handle_closed);
    }
    if (job->race != NULL) {
        race_close(job->race, winrm_part_closed, job);
        job->race = NULL;
    }
    http_link_close(job->link);
    job->link = NULL;
    winrm_context_free(job->context);
    job->context = NULL;
}

static void job_trace(void *data, const char *from, const char *to)
{
    struct transport_job *job = data;
    if (job->ask.trace != NULL) {
        job->ask.trace(job->data, from, to);
    }
}

static void init_buffers(struct transport_job *job)
{
    buf_init(&job->authorization, HTTP_HEADERS_MAX);
    buf_init(&job->plain, WINRM_ENVELOPE);
    buf_init(&job->sealed, 2 * WINRM_ENVELOPE);
    buf_init(&job->opened, HTTP_BODY_MAX);
    buf_init(&job->output, job->ask.output_max);
    buf_init(&job->errors, WINRM_ERRORS_MAX);
}

static void start_timers(struct transport_job *job)
{
    (void)uv_timer_init(job->ask.loop, &job->stage_timer);
    (void)uv_timer_init(job->ask.loop, &job->total_timer);
    job->stage_timer.data = job;
    job->total_timer.data = job;
    job->handles += 2;
    winrm_restart_stage(job);
    if (job->ask.deadlines.total_ms > 0) {
        (void)uv_timer_start(&job->total_timer, total_expired,
                             (uint64_t)job->ask.deadlines.total_ms, 0);
    }
}

static int winrm_start(const struct transport_ask *ask,
                       void (*done)(void *data, const struct transport_answer *answer), void *data,
                       struct transport_job **ret, struct err *err)
{
    if (ask->address_count == 0 && ask->played == NULL) {
        return err_set(err, ERR_INTERNAL, "winrm", "there is no address to connect to");
    }
    struct transport_job *job = calloc(1, sizeof(*job));
    if (job == NULL) {
        return err_memory(err);
    }
    job->ask = *ask;
    job->done = done;
    job->data = data;
    job->stage_expired = stage_expired;
    job->end = job_end;
    job->max_envelope = WINRM_ENVELOPE;
    job->spn_service = ask->host->spn_service == NULL ? "HTTP" : ask->host->spn_service;
    job->answer = (struct transport_answer){.exit_status = -1, .stage = "connect"};
    init_buffers(job);
    winrm_state_init(job);
    job->machine.trace = job_trace;
    job->machine.data = job;
    if (ask->played != NULL) {
        winrm_replay(job);
    } else if (winrm_connect(job, err) != 0) {
        free(job);
        return -1;
    }
    start_timers(job);
    *ret = job;
    return 0;
}

static void winrm_cancel(struct transport_job *job, const char *detail)
{
    if (!job->decided) {
        winrm_fail(job, REASON_SKIPPED, false, 0, "%s", detail == NULL ? "" : detail);
    }
}

const struct transport transport_winrm = {
    .name = "winrm", .start = winrm_start, .cancel = winrm_cancel};
