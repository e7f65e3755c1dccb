/* winrm_step: what was learned on the way into a WinRM service, for whoever looks on. */
#include "collector/transport/winrm/winrm_job.h"

#include "core/clock.h"

#include <stdio.h>

bool winrm_is_watched(const struct transport_job *job)
{
    return job->ask.step != NULL;
}

static void tell(struct transport_job *job, struct transport_step step)
{
    step.requests = job->requests;
    if (job->ask.step != NULL) {
        job->ask.step(job->data, &step);
    }
}

void winrm_step_connected(struct transport_job *job)
{
    char seen[IP_TEXT + 32];
    if (job->greeted || job->spn_changed || job->parting) {
        return; /* not for the first time */
    }
    (void)snprintf(seen, sizeof(seen), "%s port %u", job->address, (unsigned)job->ask.host->port);
    tell(job, (struct transport_step){.name = "connect", .seen = seen});
}

void winrm_step_tls(struct transport_job *job)
{
    char seen[512];
    if (job->told_tls || job->ask.host->scheme != SCHEME_HTTPS) {
        return;
    }
    job->told_tls = true;
    (void)snprintf(
        seen, sizeof(seen), "certificate of %s, %s, %s", http_link_certificate(job->link),
        job->ask.host->cert_sha256 != NULL ? "the pinned one" : "trusted", job->certificate);
    tell(job, (struct transport_step){.name = "tls", .seen = seen});
}

static void tell_clock(struct transport_job *job, int64_t date_s)
{
    int64_t now_s = clock_now_ms(&(struct clock){0}) / 1000;
    if (date_s > 0) {
        tell(job,
             (struct transport_step){.name = "clock", .seen = "", .code = (date_s - now_s) * 1000});
    }
}

void winrm_step_mechanisms(struct transport_job *job, const struct http_reply *reply)
{
    char offer[128];
    winrm_put_offer(reply->challenges, offer, sizeof(offer));
    tell(job, (struct transport_step){.name = "mechanisms", .seen = offer});
    tell_clock(job, reply->date_s);
}

static const char *why_wsman(const struct transport_job *job)
{
    if (!job->spn_changed) {
        return "";
    }
    return job->refusal[0] != '\0' ? " (its ticket for HTTP was refused)"
                                   : " (the realm knows no HTTP service of that name)";
}

void winrm_step_login(struct transport_job *job, const char *mechanism, const char *principal)
{
    char seen[512];
    if (job->told_login) {
        return;
    }
    job->told_login = true;
    if (winrm_shows_ticket(job)) {
        (void)snprintf(seen, sizeof(seen), "%s as %s for %s/%s%s", mechanism, principal,
                       job->spn_service, winrm_service_host(job->ask.host), why_wsman(job));
    } else {
        (void)snprintf(seen, sizeof(seen), "%s as %s", mechanism, principal);
    }
    tell(job, (struct transport_step){.name = "login", .seen = seen});
}

void winrm_step_seal(struct transport_job *job)
{
    const char *seen = winrm_seals(job) ? "each message by the key of the login"
                       : job->ask.host->scheme == SCHEME_HTTPS
                           ? "by TLS"
                           : "nothing is: whoever is on the way can read it";
    if (!job->told_seal) {
        job->told_seal = true;
        tell(job, (struct transport_step){.name = "seal", .seen = seen});
    }
}

void winrm_step_answered(struct transport_job *job, const struct wsman_fault *fault)
{
    struct transport_step step = {.name = "ask", .seen = "", .question = &job->question};
    if (fault != NULL) {
        struct wsman_fault_meaning meaning = wsman_fault_meaning(fault);
        step.fault = wsman_fault_class_name(meaning.class);
        step.seen = meaning.sentence != NULL ? meaning.sentence : fault->text;
        step.code = fault->code;
    }
    tell(job, step);
}

void winrm_take_identify(struct transport_job *job, const struct wsman_reply *reply)
{
    char seen[300];
    struct transport_step step = {.name = "identify", .seen = seen};
    (void)snprintf(seen, sizeof(seen), "%s, %s", reply->vendor, reply->version);
    job->identified = true;
    if (reply->kind == WSMAN_FAULT) {
        step.fault = wsman_fault_class_name(wsman_fault_meaning(&reply->fault).class);
        step.code = reply->fault.code;
        step.seen = reply->fault.text;
    } else if (reply->kind != WSMAN_IDENTIFIED) {
        winrm_fail_unexpected(job, "does not say what it is");
        return;
    }
    tell(job, step);
    winrm_move(job, WINRM_ASKING);
    winrm_ask_next(job);
}
