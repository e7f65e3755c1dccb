/* replay: the transport that plays what one command answered, from a recording. */
#include "collector/transport/transport.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct transport_job {
    uv_timer_t timer; /* the answer's turn on the loop */
    struct transport_ask ask;
    void (*done)(void *data, const struct transport_answer *answer);
    void *data;
    struct transport_answer answer;
    char detail[1024];
};

static void closed(uv_handle_t *handle)
{
    struct transport_job *job = handle->data;
    job->done(job->data, &job->answer);
    free(job);
}

static void end(struct transport_job *job)
{
    if (!uv_is_closing((uv_handle_t *)&job->timer)) {
        uv_close((uv_handle_t *)&job->timer, closed);
    }
}

static void on_turn(uv_timer_t *timer)
{
    struct transport_job *job = timer->data;
    const struct slice command = {job->ask.command, strlen(job->ask.command)};
    struct transport_exchange exchange;
    if (job->ask.played(job->data, command, &exchange)) {
        job->answer.output = exchange.answer;
        job->answer.errors = exchange.errors;
        job->answer.exit_status = (int)exchange.status;
    } else {
        job->answer.reason = REASON_PARTIAL;
        job->answer.detail = "exec: the recording does not hold the command that is sent now: it "
                             "is of another version, or not of this kind of visit";
    }
    end(job);
}

static int replay_start(const struct transport_ask *ask,
                        void (*done)(void *data, const struct transport_answer *answer), void *data,
                        struct transport_job **ret, struct err *err)
{
    struct transport_job *job = calloc(1, sizeof(*job));
    if (job == NULL) {
        return err_memory(err);
    }
    job->ask = *ask;
    job->done = done;
    job->data = data;
    job->answer = (struct transport_answer){.exit_status = -1, .stage = "exec"};
    job->timer.data = job;
    (void)uv_timer_init(ask->loop, &job->timer);
    (void)uv_timer_start(&job->timer, on_turn, 0, 0);
    *ret = job;
    return 0;
}

static void replay_cancel(struct transport_job *job, const char *detail)
{
    (void)snprintf(job->detail, sizeof(job->detail), "%s", detail == NULL ? "" : detail);
    job->answer.reason = REASON_SKIPPED;
    job->answer.detail = job->detail;
    end(job);
}

const struct transport transport_replay = {
    .name = "replay", .start = replay_start, .cancel = replay_cancel};
