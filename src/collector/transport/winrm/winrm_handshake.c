/* winrm_handshake: who we are: tokens to and fro, a password, or a certificate. */
#include "collector/transport/winrm/winrm_job.h"

#include "collector/transport/base64.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define EMPTY_BODY "application/soap+xml;charset=UTF-8"
/* What Windows wants to read where a client shows its certificate (MS-WSMV 2.2.9.2). */
#define MUTUAL "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual"

bool winrm_uses_gssapi(const struct transport_job *job)
{
    return job->ask.credential->identity != NULL;
}

bool winrm_seals(const struct transport_job *job)
{
    return winrm_uses_gssapi(job) && job->ask.host->scheme == SCHEME_HTTP;
}

bool winrm_shows_ticket(const struct transport_job *job)
{
    return winrm_uses_gssapi(job) && job->ask.host->auth != AUTH_NTLM;
}

static const char *scheme_of(const struct transport_job *job)
{
    if (job->ask.credential->auth == AUTH_BASIC) {
        return "Basic";
    }
    return job->ask.host->auth == AUTH_KERBEROS ? "Kerberos" : "Negotiate";
}

/* The token that goes with a scheme; challenges come in lines, or in one line with commas.
 * false: the scheme is not offered. */
static bool find_challenge(const char *challenges, const char *scheme, struct slice *ret_token)
{
    size_t len = strlen(scheme);
    for (const char *p = challenges; *p != '\0';) {
        size_t step = strcspn(p, ",\n");
        struct slice one = slice_trim((struct slice){p, step});
        if (one.len >= len && strncasecmp(one.data, scheme, len) == 0 &&
            (one.len == len || one.data[len] == ' ')) {
            *ret_token = slice_trim((struct slice){one.data + len, one.len - len});
            return true;
        }
        p += step;
        p += *p == '\0' ? 0 : 1;
    }
    return false;
}

static void set_basic(struct transport_job *job)
{
    struct buf pair;
    const struct credential *credential = job->ask.credential;
    buf_init(&pair, 8192);
    (void)buf_printf(&pair, "%s:", credential->user);
    (void)buf_append(&pair, credential->password.data, credential->password.len);
    (void)buf_puts(&job->authorization, "Basic ");
    (void)base64_write(pair.data, pair.len, true, &job->authorization);
    secret_wipe(pair.data, pair.len);
    buf_done(&pair);
    job->proof_sent = true;
}

static void ready(struct transport_job *job, const char *mechanism, const char *principal)
{
    (void)snprintf(job->principal, sizeof(job->principal), "%s", principal);
    job->authenticated = true;
    if (winrm_uses_gssapi(job)) { /* a password or certificate is believed when it was answered */
        job->answer.mechanism = mechanism;
        job->answer.principal = job->principal;
    }
    winrm_move(job, WINRM_ASKING);
    if (winrm_uses_gssapi(job)) {
        winrm_step_login(job, mechanism, job->principal);
    }
    if (winrm_is_watched(job) && !job->identified && !job->parting) {
        job->question = (struct question){.kind = QUESTION_IDENTIFY};
        winrm_send(job, WINRM_INVOKING);
    } else {
        winrm_ask_next(job);
    }
}

static bool may_change_spn(const struct transport_job *job)
{
    return job->ask.host->spn_service == NULL && !job->spn_changed &&
           job->ask.host->auth != AUTH_NTLM;
}

static void connect_anew(struct transport_job *job)
{
    struct err err = {0};
    winrm_context_free(job->context);
    job->context = NULL;
    http_link_close(job->link);
    job->link = NULL;
    winrm_move(job, WINRM_CONNECTING);
    if (winrm_connect(job, &err) != 0) {
        winrm_fail(job, REASON_UNREACHABLE, true, 0, "connecting: %s", err.text);
    }
}

/* HTTP/host may belong to a web server's account on that machine; WSMAN/host is the service's own.
 * On a new connection, since this one has seen a token that failed. */
static void change_spn(struct transport_job *job)
{
    job->spn_service = "WSMAN";
    job->spn_changed = true;
    connect_anew(job);
}

static void send_token(struct transport_job *job, struct slice token)
{
    buf_clear(&job->authorization);
    (void)buf_printf(&job->authorization, "%s ", scheme_of(job));
    (void)base64_write(token.data, token.len, true, &job->authorization);
    winrm_move(job, WINRM_TOKEN);
    winrm_post(job, (struct slice){"", 0}, EMPTY_BODY, job->authorization.data);
}

static void on_stepped(void *data, const struct winrm_token *token)
{
    static const int32_t unknown_service = -1765328377; /* KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN */
    struct transport_job *job = data;
    if (token->failure != NULL) {
        const struct winrm_failure *failure = token->failure;
        if (failure->code == unknown_service && may_change_spn(job)) {
            change_spn(job);
            return;
        }
        if (failure->code == unknown_service && job->refusal[0] != '\0') {
            winrm_fail_only_spn(job);
            return;
        }
        winrm_fail(job, failure->reason, failure->transient, failure->code, "%s", failure->text);
    } else if (token->token.len > 0) {
        job->proof_sent = token->complete;
        send_token(job, token->token);
    } else if (token->complete) {
        ready(job, winrm_context_mechanism(job->context), winrm_context_principal(job->context));
    } else {
        winrm_fail_unexpected(job, "ends the handshake before it is over");
    }
}

static void step(struct transport_job *job, struct slice token)
{
    struct err err = {0};
    winrm_move(job, WINRM_STEPPING);
    if (winrm_context_step(job->context, token, on_stepped, job, &err) != 0) {
        winrm_fail(job, REASON_AUTH, true, 0, "auth: %s", err.text);
    }
}

const char *winrm_service_host(const struct host *host)
{
    struct ip ip;
    bool number = ip_parse((struct slice){host->address, strlen(host->address)}, &ip);
    return number ? host->name : host->address;
}

static void begin_steps(struct transport_job *job)
{
    const struct winrm_context_target target = {
        .loop = job->ask.loop,
        .identity = job->ask.credential->identity,
        .service = job->spn_service,
        .host = winrm_service_host(job->ask.host),
        .binding = http_link_binding(job->link),
    };
    job->context = winrm_context_new(&target);
    if (job->context == NULL) {
        winrm_fail(job, REASON_AUTH, true, 0, "auth: out of memory");
        return;
    }
    step(job, (struct slice){"", 0});
}

static void show_password(struct transport_job *job)
{
    set_basic(job);
    ready(job, "basic", job->ask.credential->user);
}

/* The first reply shows the certificate, to which a token is bound; and what is offered, to whoever
 * looks on. */
static bool must_greet(const struct transport_job *job)
{
    bool binds = winrm_uses_gssapi(job) && job->ask.host->scheme == SCHEME_HTTPS;
    bool looks =
        winrm_is_watched(job) && !job->greeted && job->ask.credential->auth != AUTH_CERTIFICATE;
    return binds || looks;
}

void winrm_handshake(struct transport_job *job)
{
    buf_clear(&job->authorization);
    if (must_greet(job)) {
        winrm_move(job, WINRM_GREETING);
        winrm_post(job, (struct slice){"", 0}, EMPTY_BODY, NULL);
    } else if (winrm_uses_gssapi(job)) {
        begin_steps(job);
    } else if (job->ask.credential->auth == AUTH_BASIC) {
        show_password(job);
    } else {
        (void)buf_puts(&job->authorization, MUTUAL);
        ready(job, "certificate", job->ask.credential->user);
    }
}

void winrm_take_greeting(struct transport_job *job, const struct http_reply *reply)
{
    struct slice token;
    bool watched = winrm_is_watched(job) && !job->greeted;
    job->greeted = true;
    if (reply->status == 401 && !find_challenge(reply->challenges, scheme_of(job), &token)) {
        winrm_fail_refused(job, reply);
    } else if (reply->status != 401) {
        winrm_fail_status(job, reply);
    } else {
        if (watched) {
            winrm_step_mechanisms(job, reply);
        }
        if (job->ask.host->scheme == SCHEME_HTTP) {
            connect_anew(job); /* as a visit would, from the first byte on */
        } else {
            winrm_uses_gssapi(job) ? begin_steps(job) : show_password(job);
        }
    }
}

/* 200 ends the handshake, 401 asks for more; a 401 without a token is a no. */
void winrm_take_token(struct transport_job *job, const struct http_reply *reply)
{
    struct slice text = {"", 0};
    struct buf token;
    bool offered = find_challenge(reply->challenges, scheme_of(job), &text);
    if (reply->status != 401 && reply->status != 200) {
        winrm_fail_status(job, reply);
        return;
    }
    if (reply->status == 401 && (!offered || text.len == 0)) {
        if (offered && may_change_spn(job)) {
            winrm_put_offer(reply->challenges, job->refusal, sizeof(job->refusal));
            change_spn(job);
        } else {
            winrm_fail_refused(job, reply);
        }
        return;
    }
    if (winrm_context_mechanism(job->context) != NULL && reply->status == 200) {
        ready(job, winrm_context_mechanism(job->context), winrm_context_principal(job->context));
        return;
    }
    buf_init(&token, HTTP_HEADERS_MAX);
    if (base64_parse(text, &token) != 0 || token.len == 0) {
        winrm_fail_unexpected(job, "sends a token that is not base64");
    } else {
        step(job, (struct slice){token.data, token.len});
    }
    buf_done(&token);
}
