/* winrm_shell: a command line in the remote cmd shell, from its creation to its deletion. */
#include "collector/transport/winrm/winrm_job.h"

#include <stdio.h>

/* The output of a command consists of sections; where there is none, this says why. */
#define SHELL_SECTION "shell"

static void refuse(struct transport_job *job, const struct wsman_fault *fault)
{
    winrm_section_begin(job, SHELL_SECTION);
    winrm_section_fault(job, SHELL_SECTION, fault);
}

static int build_create(struct transport_job *job, const struct wsman_header *header)
{
    return wsman_shell_create(&job->plain, header);
}

static void take_create(struct transport_job *job, const struct wsman_reply *reply)
{
    if (reply->kind == WSMAN_FAULT) {
        refuse(job, &reply->fault);
    } else if (reply->kind != WSMAN_SHELL_CREATED || reply->shell_id[0] == '\0') {
        winrm_fail_unexpected(job, "answers the creation of a shell with something else");
    } else {
        (void)snprintf(job->shell_id, sizeof(job->shell_id), "%s", reply->shell_id);
        winrm_send(job, WINRM_COMMANDING);
    }
}

static int build_command(struct transport_job *job, const struct wsman_header *header)
{
    return wsman_shell_command(&job->plain, header, job->shell_id, job->question.command);
}

static void take_command(struct transport_job *job, const struct wsman_reply *reply)
{
    if (reply->kind == WSMAN_COMMAND_STARTED && reply->command_id[0] != '\0') {
        (void)snprintf(job->command_id, sizeof(job->command_id), "%s", reply->command_id);
        winrm_send(job, WINRM_RECEIVING);
    } else if (reply->kind == WSMAN_FAULT) {
        winrm_section_begin(job, SHELL_SECTION);
        wsman_fault_write(&reply->fault, &job->output);
        winrm_step_answered(job, &reply->fault);
        (void)buf_printf(&job->output, "@@end " SHELL_SECTION " %lld\n",
                         (long long)(reply->fault.code == 0 ? -1 : reply->fault.code));
        winrm_send(job, WINRM_DELETING);
    } else {
        winrm_fail_unexpected(job, "answers a command with something else");
    }
}

static int build_receive(struct transport_job *job, const struct wsman_header *header)
{
    return wsman_shell_receive(&job->plain, header, job->shell_id, job->command_id);
}

/* A command that still runs and says nothing: the service waits for it before it answers. */
static bool is_endless(struct transport_job *job, const struct wsman_reply *reply)
{
    job->empty_answers = reply->streamed ? 0 : job->empty_answers + 1;
    return !reply->command_done && job->empty_answers > WINRM_EMPTY_MAX;
}

static void take_receive(struct transport_job *job, const struct wsman_reply *reply)
{
    if (reply->kind != WSMAN_RECEIVED) {
        winrm_fail(job, REASON_PARTIAL, true, reply->fault.code,
                   "exec: the output of a command broke off (fault %lld, %s)",
                   (long long)reply->fault.code, reply->fault.subcode);
    } else if (job->output.failed) {
        winrm_fail(job, REASON_PARTIAL, false, 0,
                   "exec: the command wrote more than %zu bytes; no answer is that long",
                   job->ask.output_max);
    } else if (is_endless(job, reply)) {
        winrm_fail(job, REASON_PARTIAL, false, 0, "exec: the command does not come to an end");
    } else {
        winrm_send(job, reply->command_done ? WINRM_TERMINATING : WINRM_RECEIVING);
    }
}

static int build_terminate(struct transport_job *job, const struct wsman_header *header)
{
    return wsman_shell_terminate(&job->plain, header, job->shell_id, job->command_id);
}

static void take_terminate(struct transport_job *job, const struct wsman_reply *reply)
{
    (void)reply; /* it is over in any case */
    winrm_send(job, WINRM_DELETING);
}

static int build_delete(struct transport_job *job, const struct wsman_header *header)
{
    return wsman_shell_delete(&job->plain, header, job->shell_id);
}

static void take_delete(struct transport_job *job, const struct wsman_reply *reply)
{
    (void)reply;
    job->shell_id[0] = '\0';
    if (job->parting) {
        winrm_part(job);
        return;
    }
    if (job->command_id[0] != '\0') {
        winrm_step_answered(job, NULL);
    }
    winrm_move(job, WINRM_ASKING);
    winrm_ask_next(job);
}

const struct winrm_exchange winrm_create = {build_create, take_create};
const struct winrm_exchange winrm_command = {build_command, take_command};
const struct winrm_exchange winrm_receive = {build_receive, take_receive};
const struct winrm_exchange winrm_terminate = {build_terminate, take_terminate};
const struct winrm_exchange winrm_delete = {build_delete, take_delete};
