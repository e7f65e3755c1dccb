/* winrm_question: one question after the other: enumerations with their pulls, and method calls. */
#include "collector/transport/winrm/winrm_job.h"

#include <stdio.h>
#include <string.h>

void winrm_section_begin(struct transport_job *job, const char *name)
{
    (void)buf_printf(&job->output, "@@begin %s\n", name);
}

static void fail_full(struct transport_job *job)
{
    winrm_fail(job, REASON_PARTIAL, false, 0,
               "exec: the answers are longer than %zu bytes; no host has so much to say",
               job->ask.output_max);
}

void winrm_section_end(struct transport_job *job, const char *name, int64_t code)
{
    (void)buf_printf(&job->output, "@@end %s %lld\n", name, (long long)code);
    if (job->output.failed) {
        fail_full(job);
        return;
    }
    if (code == 0) {
        winrm_step_answered(job, NULL);
    }
    winrm_move(job, WINRM_ASKING);
    winrm_ask_next(job);
}

void winrm_section_fault(struct transport_job *job, const char *name,
                         const struct wsman_fault *fault)
{
    wsman_fault_write(fault, &job->output);
    winrm_step_answered(job, fault);
    winrm_section_end(job, name, fault->code == 0 ? -1 : fault->code);
}

void winrm_part(struct transport_job *job)
{
    struct err err = {0};
    bool open = job->enumeration[0] != '\0' || job->shell_id[0] != '\0';
    if (!open) {
        winrm_move(job, WINRM_ENDING);
        return;
    }
    if (!job->parting) {
        job->parting = true;
        (void)uv_timer_stop(&job->total_timer);
        (void)uv_timer_start(&job->stage_timer, job->stage_expired, WINRM_FAREWELL_MS, 0);
    }
    bool linked = job->link != NULL || job->ask.played != NULL;
    if (linked && job->authenticated && !job->in_flight && !job->broken) {
        winrm_send(job, job->enumeration[0] != '\0' ? WINRM_RELEASING : WINRM_DELETING);
        return;
    }
    if (job->reconnected) {
        winrm_move(job, WINRM_ENDING);
        return;
    }
    /* The connection is gone, not to be believed, or waits for an answer that nobody wants: log in
     * over another one. */
    job->reconnected = true;
    job->broken = false;
    http_link_close(job->link);
    winrm_context_free(job->context);
    job->link = NULL;
    job->context = NULL;
    job->in_flight = false;
    job->authenticated = false;
    winrm_move(job, WINRM_CONNECTING);
    if (winrm_connect(job, &err) != 0) {
        winrm_move(job, WINRM_ENDING);
    }
}

void winrm_ask_next(struct transport_job *job)
{
    struct err err = {0};
    if (job->parting) {
        winrm_part(job);
        return;
    }
    const struct slice so_far = {job->output.data == NULL ? "" : job->output.data, job->output.len};
    int more = job->ask.next(job->data, so_far, &job->question, &err);
    if (more < 0) {
        winrm_fail(job, REASON_PARTIAL, false, 0, "exec: %s", err.text);
        return;
    }
    if (more == 0) {
        (void)buf_puts(&job->output, "@@end all 0\n");
        job->output.failed ? fail_full(job) : winrm_succeed(job);
        return;
    }
    winrm_restart_stage(job);
    job->repeats = 0;
    job->empty_answers = 0;
    switch (job->question.kind) {
    case QUESTION_ENUMERATE:
        job->pulls = 0;
        winrm_section_begin(job, job->question.section);
        winrm_send(job, WINRM_ENUMERATING);
        return;
    case QUESTION_INVOKE:
        winrm_section_begin(job, job->question.section);
        winrm_send(job, WINRM_INVOKING);
        return;
    case QUESTION_COMMAND:
        winrm_send(job, WINRM_CREATING);
        return;
    case QUESTION_IDENTIFY:
        winrm_send(job, WINRM_INVOKING);
        return;
    }
}

/* ---- enumerations ---- */

static int build_enumerate(struct transport_job *job, const struct wsman_header *header)
{
    return wsman_enumerate(&job->plain, header, job->question.resource, job->question.filter);
}

static void note_context(struct transport_job *job, const struct wsman_reply *reply)
{
    bool over = reply->end_of_sequence || reply->context[0] == '\0';
    (void)snprintf(job->enumeration, sizeof(job->enumeration), "%s", over ? "" : reply->context);
    (void)snprintf(job->enumerated, sizeof(job->enumerated), "%s", job->question.resource);
}

/* A service that goes on for ever is left, and told so. */
static bool is_endless(struct transport_job *job, const struct wsman_reply *reply)
{
    job->pulls++;
    job->empty_answers = reply->items == 0 ? job->empty_answers + 1 : 0;
    return job->pulls > WINRM_PULLS_MAX || job->empty_answers > WINRM_EMPTY_MAX;
}

static void take_items(struct transport_job *job, const struct wsman_reply *reply)
{
    note_context(job, reply);
    if (job->output.failed) {
        fail_full(job);
    } else if (job->enumeration[0] == '\0') {
        winrm_section_end(job, job->question.section, 0);
    } else if (is_endless(job, reply)) {
        winrm_fail(job, REASON_PARTIAL, false, 0,
                   "exec: the enumeration of %s does not come to an end", job->question.resource);
    } else {
        winrm_send(job, WINRM_PULLING);
    }
}

static void take_enumerate(struct transport_job *job, const struct wsman_reply *reply)
{
    if (reply->kind == WSMAN_ENUMERATED) {
        take_items(job, reply);
    } else if (reply->kind != WSMAN_FAULT) {
        winrm_fail_unexpected(job, "answers an enumeration with something else");
    } else if (wsman_fault_meaning(&reply->fault).class == WSMAN_FAULT_TOO_LARGE &&
               job->max_envelope > WINRM_ENVELOPE_OLD) {
        job->max_envelope = WINRM_ENVELOPE_OLD;
        winrm_send(job, WINRM_ENUMERATING);
    } else {
        winrm_section_fault(job, job->question.section, &reply->fault);
    }
}

static int build_pull(struct transport_job *job, const struct wsman_header *header)
{
    return wsman_pull(&job->plain, header, job->enumerated, job->enumeration);
}

static void take_pull(struct transport_job *job, const struct wsman_reply *reply)
{
    if (reply->kind == WSMAN_PULLED) {
        take_items(job, reply);
    } else if (reply->kind != WSMAN_FAULT) {
        winrm_fail_unexpected(job, "answers a pull with something else");
    } else {
        if (wsman_fault_meaning(&reply->fault).class == WSMAN_FAULT_GONE) {
            job->enumeration[0] = '\0';
        }
        winrm_fail(job, REASON_PARTIAL, true, reply->fault.code,
                   "exec: the enumeration of %s broke off (fault %lld, %s)", job->question.resource,
                   (long long)reply->fault.code, reply->fault.subcode);
    }
}

static int build_release(struct transport_job *job, const struct wsman_header *header)
{
    return wsman_release(&job->plain, header, job->enumerated, job->enumeration);
}

/* Whatever the answer: it was said. */
static void take_release(struct transport_job *job, const struct wsman_reply *reply)
{
    (void)reply;
    job->enumeration[0] = '\0';
    winrm_part(job);
}

/* ---- method calls ---- */

static int build_invoke(struct transport_job *job, const struct wsman_header *header)
{
    const struct question *question = &job->question;
    if (question->kind == QUESTION_IDENTIFY) {
        return wsman_identify(&job->plain);
    }
    return wsman_invoke(&job->plain, header, question->resource, question->method,
                        question->arguments, question->argument_count);
}

static void take_invoke(struct transport_job *job, const struct wsman_reply *reply)
{
    if (job->question.kind == QUESTION_IDENTIFY) {
        winrm_take_identify(job, reply);
    } else if (reply->kind == WSMAN_INVOKED) {
        winrm_section_end(job, job->question.section, 0);
    } else if (reply->kind == WSMAN_FAULT) {
        winrm_section_fault(job, job->question.section, &reply->fault);
    } else {
        winrm_fail_unexpected(job, "answers a method call with something else");
    }
}

const struct winrm_exchange winrm_enumerate = {build_enumerate, take_enumerate};
const struct winrm_exchange winrm_pull = {build_pull, take_pull};
const struct winrm_exchange winrm_release = {build_release, take_release};
const struct winrm_exchange winrm_invoke = {build_invoke, take_invoke};
