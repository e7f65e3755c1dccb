/* winrm_replay: a recording in place of the connection: its envelopes are taken as if they came. */
#include "collector/transport/winrm/winrm_job.h"

#include <stdio.h>
#include <string.h>

enum { STATUS_OK = 200, STATUS_FAULT = 500 };

static void on_turn(uv_timer_t *timer)
{
    struct transport_job *job = timer->data;
    if (job->machine.state == WINRM_ENDING) {
        return;
    }
    if (job->machine.state == WINRM_CONNECTING) {
        job->authenticated = true;
        winrm_move(job, WINRM_ASKING);
        winrm_ask_next(job);
        return;
    }
    job->in_flight = false;
    job->status = job->played.status;
    if (job->status == STATUS_OK || job->status == STATUS_FAULT) {
        winrm_take_envelope(job, job->played.answer);
    } else {
        winrm_fail(job, REASON_PARTIAL, false, job->status,
                   "exec: the service answered with HTTP's status %lld", (long long)job->status);
    }
}

void winrm_replay(struct transport_job *job)
{
    (void)uv_timer_init(job->ask.loop, &job->play_timer);
    job->play_timer.data = job;
    job->handles++;
    (void)uv_timer_start(&job->play_timer, on_turn, 0, 0);
}

/* The answer relates to the message that was asked then. */
static void take_message_id(struct transport_job *job)
{
    static const char name[] = "<a:MessageID";
    const struct slice asked = job->played.asked;
    const char *from = memmem(asked.data, asked.len, name, sizeof(name) - 1);
    const char *end = asked.data + asked.len;
    const char *text = from == NULL ? NULL : memchr(from, '>', (size_t)(end - from));
    const char *last = text == NULL ? NULL : memchr(text, '<', (size_t)(end - text));
    if (last != NULL) {
        (void)snprintf(job->message_id, sizeof(job->message_id), "%.*s", (int)(last - text - 1),
                       text + 1);
    }
}

void winrm_play(struct transport_job *job)
{
    const struct slice asked = {job->plain.data, job->plain.len};
    if (!job->ask.played(job->data, asked, &job->played)) {
        if (job->question.optional && !job->parting) {
            static const struct wsman_fault not_recorded = {
                .subcode = "NotRecorded", .text = "the recording does not hold this question"};
            winrm_section_fault(job, job->question.section, &not_recorded);
            return;
        }
        winrm_fail(job, REASON_PARTIAL, false, 0,
                   "exec: the recording does not hold what is asked now (%s)",
                   job->question.section == NULL ? "a command" : job->question.section);
        return;
    }
    take_message_id(job);
    job->in_flight = true;
    (void)uv_timer_start(&job->play_timer, on_turn, 0, 0);
}
