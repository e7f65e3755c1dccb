/* winrm_fail: what ended a visit over WinRM, in sentences that say what, where and what to do. */
#include "collector/transport/reach.h"
#include "collector/transport/winrm/winrm_job.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char refused[] =
    "is WinRM switched on there (winrm quickconfig), and is the port right?";

static void fail_reach(struct transport_job *job, const struct reach_failure *failure)
{
    winrm_fail(job, failure->reason, failure->transient, failure->code, "%s", failure->text);
}

void winrm_fail_connect(struct transport_job *job, int error, size_t index)
{
    struct reach_failure failure;
    reach_failed(&job->ask, index, error, refused, &failure);
    fail_reach(job, &failure);
}

static void fail_silence(struct transport_job *job, int64_t ms)
{
    struct reach_failure failure;
    reach_expired(&job->ask, job->race, ms, refused, &failure);
    fail_reach(job, &failure);
}

static int64_t deadline_of(const struct transport_job *job, bool total)
{
    return total ? job->ask.deadlines.total_ms : winrm_stage_ms(job);
}

void winrm_fail_deadline(struct transport_job *job, bool total)
{
    if (job->parting) {
        winrm_move(job, WINRM_ENDING);
        return;
    }
    long long ms = deadline_of(job, total);
    const char *what = total ? "the whole visit" : "this stage";
    if (job->machine.state == WINRM_CONNECTING && job->race != NULL) {
        fail_silence(job, ms);
    } else if (job->machine.state == WINRM_STEPPING) {
        winrm_fail(
            job, REASON_AUTH, true, ETIMEDOUT,
            "auth: KDC unreachable: no ticket within %lld ms (%s); is a KDC of the realm up, "
            "and does DNS or the krb5.conf name it?",
            ms, what);
    } else {
        winrm_fail(job, REASON_TIMEOUT, true, ETIMEDOUT,
                   "%s: not over after %lld ms (%s; %zu bytes of answers so far); raise the "
                   "deadline, or see what holds the host up",
                   winrm_stage(job), ms, what, job->output.len);
    }
}

static bool is_asking(const struct transport_job *job)
{
    return job->machine.state >= WINRM_ASKING;
}

/* Before the first question nothing can have been read in part. */
static enum reason broken_off(const struct transport_job *job)
{
    return is_asking(job) ? REASON_PARTIAL : REASON_UNREACHABLE;
}

static void fail_lost(struct transport_job *job, const struct http_reply *reply)
{
    winrm_fail(job, broken_off(job), true, reply->code,
               "%s: the server closed the connection %s (%s); ask again, and look at its event log",
               winrm_stage(job),
               is_asking(job) ? "before its answer was over" : "without an answer", reply->detail);
}

void winrm_fail_http(struct transport_job *job, const struct http_reply *reply)
{
    unsigned port = job->ask.host->port;
    switch (reply->failure) {
    case HTTP_TLS:
        winrm_fail(job, REASON_TLS, false, reply->code,
                   "tls: %s; does port %u speak https, and is its certificate signed by "
                   "pvsaudit_ca_file, in the host's name, or the pinned one?",
                   reply->detail, port);
        return;
    case HTTP_FLOOD:
        winrm_fail(job, broken_off(job), false, reply->code,
                   "%s: the server sent more than %d bytes, or %d of headers; what it sends is no "
                   "answer to what was asked",
                   winrm_stage(job), HTTP_BODY_MAX, HTTP_HEADERS_MAX);
        return;
    case HTTP_GARBAGE:
        winrm_fail(job, REASON_UNREACHABLE, false, reply->code,
                   "%s: what listens on port %u does not speak HTTP (%s); correct the port or "
                   "pvsaudit_scheme",
                   winrm_stage(job), port, reply->detail);
        return;
    case HTTP_OK:
    case HTTP_LOST:
        break;
    }
    fail_lost(job, reply);
}

/* Statuses that are no answer to an envelope. */
void winrm_fail_status(struct transport_job *job, const struct http_reply *reply)
{
    static const struct {
        unsigned from, to;
        enum reason reason;
        bool transient;
        const char *sentence;
    } rows[] = {
        {300, 399, REASON_UNREACHABLE, false,
         "the server sends us to another place, which is never followed; correct the address"},
        {401, 401, REASON_PARTIAL, true, "the server has forgotten who we are; ask again"},
        {403, 403, REASON_DENIED, false,
         "the server forbids it; look at its IPv4Filter and its web server's rules"},
        {404, 404, REASON_UNREACHABLE, false,
         "something else than WinRM answers there; correct the port"},
        {407, 407, REASON_UNREACHABLE, false,
         "a proxy wants a password; WinRM is spoken without one: let the port through"},
        {413, 413, REASON_PARTIAL, false,
         "the server takes no request of that size; raise MaxEnvelopeSizekb"},
        {500, 500, REASON_PARTIAL, true,
         "the server fails before it opens what was sealed; look at its event log"},
        {502, 504, REASON_THROTTLED, true, "the server, or what stands before it, is overloaded"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (reply->status >= rows[i].from && reply->status <= rows[i].to) {
            enum reason reason =
                rows[i].reason == REASON_PARTIAL ? broken_off(job) : rows[i].reason;
            winrm_fail(job, reason, rows[i].transient, reply->status, "%s: HTTP status %u: %s",
                       winrm_stage(job), reply->status, rows[i].sentence);
            return;
        }
    }
    winrm_fail(job, REASON_UNREACHABLE, false, reply->status,
               "%s: HTTP status %u, which no WinRM service answers; correct the port",
               winrm_stage(job), reply->status);
}

/* "Negotiate, Kerberos": the first word of each line or part. */
void winrm_put_offer(const char *challenges, char *to, size_t size)
{
    size_t used = 0;
    to[0] = '\0';
    for (const char *p = challenges; *p != '\0' && used + 1 < size;) {
        p += strspn(p, " ,\n");
        size_t len = strcspn(p, " ,\n");
        for (size_t i = 0; i < len && used + 3 < size; i++) {
            if (i == 0 && used > 0) {
                to[used++] = ',';
                to[used++] = ' ';
            }
            to[used++] = p[i];
        }
        p += strcspn(p, ",\n");
    }
    to[used] = '\0';
}

void winrm_fail_refused(struct transport_job *job, const struct http_reply *reply)
{
    char offer[128];
    char ticket[320] = "";
    winrm_put_offer(reply->challenges, offer, sizeof(offer));
    if (winrm_shows_ticket(job) && job->machine.state == WINRM_TOKEN) {
        (void)snprintf(ticket, sizeof(ticket), " for %s/%s", job->spn_service,
                       winrm_service_host(job->ask.host));
    }
    job->answer.password_refused = job->proof_sent;
    winrm_fail(job, REASON_AUTH, false, reply->status,
               "auth: the server does not take %s by %s%s (it offers %s); look at the password, at "
               "pvsaudit_auth, and for a local account at LocalAccountTokenFilterPolicy",
               job->ask.credential->user, host_auth_name(job->ask.credential->auth), ticket,
               offer[0] == '\0' ? "nothing" : offer);
}

void winrm_fail_only_spn(struct transport_job *job)
{
    winrm_fail(
        job, REASON_AUTH, false, 401,
        "auth: the server does not take %s by %s: it refuses the ticket for HTTP/%s (it "
        "offers %s), and the realm knows no WSMAN service of that name; see to whom HTTP/NAME "
        "is registered (setspn -Q), and register WSMAN/NAME for the host",
        job->ask.credential->user, host_auth_name(job->ask.credential->auth),
        winrm_service_host(job->ask.host), job->refusal);
}

void winrm_fail_unexpected(struct transport_job *job, const char *what)
{
    winrm_fail(job, is_asking(job) ? REASON_PARTIAL : REASON_AUTH, false, 0,
               "%s: the server %s; look at what stands between this machine and the host",
               winrm_stage(job), what);
}
