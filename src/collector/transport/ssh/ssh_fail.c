/* ssh_fail: what ended a visit over SSH, in sentences that say what, where and what to do. */
#include "collector/transport/reach.h"
#include "collector/transport/ssh/ssh_job.h"
#include "collector/transport/ssh_link/ssh_methods.h"
#include "collector/transport/ssh_link/ssh_offer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* libssh2's own words, without its line end. */
static const char *library_words(struct transport_job *job)
{
    char *words = NULL;
    (void)libssh2_session_last_error(job->link.session, &words, NULL, 0);
    return words == NULL || words[0] == '\0' ? "no reason given" : words;
}

/* What was said before a banner, or in place of one. */
static const char *greeting(const struct transport_job *job, char words[256])
{
    if (!ssh_link_greeting(&job->link, words) || words[0] == '\0') {
        (void)str_copy(words, 256, "(bytes that are no text)");
    }
    return words;
}

/* sshd that is full or does not want us, or a firewall. */
static enum ssh_step fail_kept_out(struct transport_job *job, int error, const char *words)
{
    return ssh_fail(job, REASON_THROTTLED, true, error,
                    "%s: the server closed the connection before its banner%s%s; it has too many "
                    "unauthenticated connections (raise MaxStartups there, or ask fewer hosts at a "
                    "time), or it keeps us out (see its log)",
                    job->machine.state == SSH_CONNECTING ? "connecting" : "handshake",
                    words[0] == '\0' ? "" : ": ", words);
}

static const char refused[] = "start the SSH server there, or correct the port";

static void fail_reach(struct transport_job *job, const struct reach_failure *failure)
{
    (void)ssh_fail(job, failure->reason, failure->transient, failure->code, "%s", failure->text);
}

void ssh_fail_connect(struct transport_job *job, int error, size_t index)
{
    struct reach_failure failure;
    if (error == ECONNRESET) { /* it was accepted and reset before we could look */
        (void)fail_kept_out(job, error, "");
        return;
    }
    reach_failed(&job->ask, index, error, refused, &failure);
    fail_reach(job, &failure);
}

static void fail_silence(struct transport_job *job, int64_t ms)
{
    struct reach_failure failure;
    reach_expired(&job->ask, job->connect, ms, refused, &failure);
    fail_reach(job, &failure);
}

static int64_t deadline_of(const struct transport_job *job, bool total)
{
    const struct transport_deadlines *deadlines = &job->ask.deadlines;
    return total ? deadlines->total_ms : transport_deadline_ms(deadlines, ssh_stage(job));
}

/* Words before a banner are allowed (RFC 4253, 4.2); without one they are another protocol's. */
static void fail_no_banner(struct transport_job *job, int64_t ms)
{
    char words[256];
    (void)ssh_fail(job, REASON_TIMEOUT, true, ETIMEDOUT,
                   "handshake: no SSH banner within %lld ms; what listens on port %u said \"%s\"; "
                   "correct the port where that is no SSH server",
                   (long long)ms, (unsigned)job->ask.host->port, greeting(job, words));
}

static void fail_slow(struct transport_job *job, int64_t ms, const char *what)
{
    char so_far[64] = "";
    if (job->machine.state == SSH_READ) {
        (void)snprintf(so_far, sizeof(so_far), "; %zu bytes of output so far", job->output.len);
    }
    (void)ssh_fail(job, REASON_TIMEOUT, true, ETIMEDOUT,
                   "%s: not over after %lld ms (%s%s); raise the deadline, or see what holds the "
                   "host up",
                   ssh_stage(job), (long long)ms, what, so_far);
}

void ssh_fail_deadline(struct transport_job *job, bool total)
{
    int64_t ms = deadline_of(job, total);
    const char *what = total ? "what was left of the whole visit" : "this stage";
    if (job->machine.state == SSH_CONNECTING) {
        fail_silence(job, ms);
        return;
    }
    if (job->agent != NULL && ssh_agent_state(job->agent) != SSH_AGENT_READY) {
        (void)ssh_fail(job, REASON_TIMEOUT, true, ETIMEDOUT,
                       "auth: the ssh-agent did not answer within %lld ms (%s); does it wait for a "
                       "confirmation?",
                       (long long)ms, what);
        return;
    }
    if (job->machine.state == SSH_READ && job->answer.exit_status >= 0) {
        (void)ssh_fail(job, REASON_TIMEOUT, true, ETIMEDOUT,
                       "exec: the command ended with status %d but its output stayed open for "
                       "%lld ms (%s); something that it started still holds it",
                       job->answer.exit_status, (long long)ms, what);
        return;
    }
    if (job->machine.state == SSH_HANDSHAKE && job->banner[0] == '\0' && job->link.head.len > 0) {
        fail_no_banner(job, ms);
        return;
    }
    fail_slow(job, ms, what);
}

/* Before or instead of a banner: sshd that is full, a firewall, or no SSH server at all. */
static enum ssh_step lost_greeting(struct transport_job *job)
{
    char words[256] = "";
    bool spoke = job->link.head.len > 0;
    if (spoke) {
        (void)greeting(job, words);
    }
    bool busy = str_starts(words, "Exceeded MaxStartups") || str_starts(words, "Not allowed");
    if (!spoke || busy) {
        return fail_kept_out(job, job->link.error, words);
    }
    return ssh_fail(job, REASON_UNREACHABLE, false, job->link.error,
                    "handshake: what listens on port %u is no SSH server; it said \"%s\"; correct "
                    "the port",
                    (unsigned)job->ask.host->port, words);
}

static const char *how_it_ended(const struct transport_job *job)
{
    return job->link.end == SSH_LINK_CLOSED ? "closed the connection" : "broke the connection off";
}

static enum ssh_step lost_flood(struct transport_job *job)
{
    enum reason reason = job->machine.state == SSH_READ ? REASON_PARTIAL : REASON_UNREACHABLE;
    return ssh_fail(job, reason, false, LIBSSH2_ERROR_OUT_OF_BOUNDARY,
                    "%s: the server sent more than %llu bytes; what it sends is no answer to what "
                    "was asked; see what listens on port %u",
                    ssh_stage(job), (unsigned long long)job->link.received_max,
                    (unsigned)job->ask.host->port);
}

enum ssh_step ssh_fail_lost(struct transport_job *job)
{
    int64_t code = job->link.disconnect >= 0 ? job->link.disconnect : job->link.error;
    const char *why = job->link.goodbye;
    if (job->machine.state == SSH_CLOSE_WAIT) {
        ssh_move(job, SSH_ENDING);
        return SSH_STEP_REST;
    }
    if (job->machine.state == SSH_HANDSHAKE && job->banner[0] == '\0') {
        return lost_greeting(job);
    }
    if (job->link.end == SSH_LINK_FLOOD) {
        return lost_flood(job);
    }
    if (job->machine.state == SSH_READ) {
        return ssh_fail(job, REASON_PARTIAL, true, code,
                        "exec: the server %s after %zu bytes of output, before the command's end"
                        "%s%s; ask again, and look at its log",
                        how_it_ended(job), job->output.len, why[0] == '\0' ? "" : ": ", why);
    }
    return ssh_fail(job, REASON_UNREACHABLE, true, code,
                    "%s: the server %s%s%s; ask again, and look at its log%s", ssh_stage(job),
                    how_it_ended(job), why[0] == '\0' ? "" : ": ", why,
                    str_eq(ssh_stage(job), "auth") ? ": is the account expired or locked there?"
                                                   : "");
}

enum ssh_step ssh_fail_library(struct transport_job *job, int rc)
{
    if (job->machine.state == SSH_HANDSHAKE && job->banner[0] == '\0') {
        return lost_greeting(job);
    }
    if (job->link.disconnect >= 0) {
        return ssh_fail(job, REASON_UNREACHABLE, true, job->link.disconnect,
                        "%s: the server ended the connection: %s; look at its log", ssh_stage(job),
                        job->link.goodbye);
    }
    if (job->machine.state == SSH_HANDSHAKE) {
        return ssh_fail(job, REASON_UNREACHABLE, false, rc,
                        "handshake: the server's bytes are not understood (%s, libssh2 error %d); "
                        "see what listens on port %u",
                        library_words(job), rc, (unsigned)job->ask.host->port);
    }
    return ssh_fail(job, job->machine.state == SSH_READ ? REASON_PARTIAL : REASON_UNREACHABLE, true,
                    rc,
                    "%s: the server's bytes are not understood (%s, libssh2 error %d); ask again, "
                    "and look at its log",
                    ssh_stage(job), library_words(job), rc);
}
