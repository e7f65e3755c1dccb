/* winrm_exchange: an envelope goes out and its answer comes back, sealed or not. */
#include "collector/transport/winrm/winrm_job.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define SOAP "application/soap+xml;charset=UTF-8"

static const struct winrm_exchange *const exchanges[WINRM_STATE_COUNT] = {
    [WINRM_ENUMERATING] = &winrm_enumerate, [WINRM_PULLING] = &winrm_pull,
    [WINRM_INVOKING] = &winrm_invoke,       [WINRM_CREATING] = &winrm_create,
    [WINRM_COMMANDING] = &winrm_command,    [WINRM_RECEIVING] = &winrm_receive,
    [WINRM_TERMINATING] = &winrm_terminate, [WINRM_DELETING] = &winrm_delete,
    [WINRM_RELEASING] = &winrm_release,
};

static void take_reply(struct transport_job *job, const struct http_reply *reply);

static void note_server(struct transport_job *job, const struct http_reply *reply)
{
    const char *fingerprint = http_link_fingerprint(job->link);
    if (fingerprint[0] != '\0') {
        (void)snprintf(job->certificate, sizeof(job->certificate), "SHA256:%s", fingerprint);
        job->answer.host_key = job->certificate;
    }
    if (reply->server[0] != '\0') {
        (void)snprintf(job->server, sizeof(job->server), "%s", reply->server);
        job->answer.banner = job->server;
    }
}

static void on_http(void *data, const struct http_reply *reply)
{
    struct transport_job *job = data;
    job->in_flight = false;
    bool forgotten = job->machine.state >= WINRM_ASKING && reply->status == 401;
    job->broken = job->broken || reply->failure != HTTP_OK || forgotten;
    note_server(job, reply);
    if (reply->failure != HTTP_OK) {
        winrm_fail_http(job, reply);
        return;
    }
    winrm_step_tls(job);
    if (job->machine.state == WINRM_GREETING) {
        winrm_take_greeting(job, reply);
    } else if (job->machine.state == WINRM_TOKEN) {
        winrm_take_token(job, reply);
    } else {
        take_reply(job, reply);
    }
}

void winrm_post(struct transport_job *job, struct slice body, const char *content_type,
                const char *authorization)
{
    struct err err = {0};
    const struct http_request request = {
        .authorization = authorization, .content_type = content_type, .body = body};
    if (http_link_post(job->link, &request, on_http, job, &err) != 0) {
        winrm_fail(job, REASON_UNREACHABLE, true, 0, "%s: %s", winrm_stage(job), err.text);
        return;
    }
    job->requests++;
    job->in_flight = true;
}

static void make_message_id(struct transport_job *job)
{
    unsigned char bytes[16] = {0};
    (void)getrandom(bytes, sizeof(bytes), 0);
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
    size_t used = (size_t)snprintf(job->message_id, sizeof(job->message_id), "uuid:");
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bool dash = i == 4 || i == 6 || i == 8 || i == 10;
        used += (size_t)snprintf(job->message_id + used, sizeof(job->message_id) - used, "%s%02X",
                                 dash ? "-" : "", bytes[i]);
    }
}

/* The service is to give up before we do. */
static uint32_t timeout_s(const struct transport_job *job)
{
    int64_t s = winrm_stage_ms(job) * 2 / 3 / 1000;
    return s < 1 ? 1 : s > 60 ? 60 : (uint32_t)s;
}

struct wsman_header winrm_header(struct transport_job *job)
{
    make_message_id(job);
    return (struct wsman_header){.to = job->link == NULL ? "" : http_link_url(job->link),
                                 .message_id = job->message_id,
                                 .max_envelope = job->max_envelope,
                                 .timeout_s = timeout_s(job)};
}

static enum seal_protocol protocol_of(const struct transport_job *job)
{
    return job->ask.host->auth == AUTH_KERBEROS ? SEAL_KERBEROS : SEAL_SPNEGO;
}

static int seal(struct transport_job *job, struct err *err)
{
    struct buf header;
    struct buf data;
    buf_init(&header, SEAL_HEADER_MAX);
    buf_init(&data, HTTP_BODY_MAX);
    buf_clear(&job->sealed);
    int rc = winrm_context_wrap(job->context, (struct slice){job->plain.data, job->plain.len},
                                &header, &data, err);
    if (rc == 0 &&
        seal_write(protocol_of(job), job->plain.len, (struct slice){header.data, header.len},
                   (struct slice){data.data, data.len}, &job->sealed) != 0) {
        rc = err_memory(err);
    }
    buf_done(&header);
    buf_done(&data);
    return rc;
}

void winrm_send(struct transport_job *job, enum winrm_state state)
{
    struct err err = {0};
    winrm_move(job, state);
    struct wsman_header header = winrm_header(job);
    buf_clear(&job->plain);
    if (exchanges[state]->build(job, &header) != 0) {
        winrm_fail(job, REASON_PARTIAL, false, 0,
                   "exec: what is to be asked does not fit an envelope");
        return;
    }
    if (job->ask.played != NULL) {
        winrm_play(job);
        return;
    }
    if (!winrm_seals(job)) {
        winrm_post(job, (struct slice){job->plain.data, job->plain.len}, SOAP,
                   winrm_uses_gssapi(job) ? NULL : job->authorization.data);
        return;
    }
    if (seal(job, &err) != 0) {
        job->broken = true;
        winrm_fail(job, REASON_AUTH, false, 0, "exec: %s", err.text);
        return;
    }
    winrm_post(job, (struct slice){job->sealed.data, job->sealed.len},
               seal_content_type(protocol_of(job)), NULL);
}

/* What does not come from whom we speak with ends the visit; nothing more goes over the connection.
 */
static void distrust(struct transport_job *job, const char *why)
{
    job->broken = true;
    winrm_fail(job, REASON_PARTIAL, false, 0,
               "exec: %s; the visit is broken off: look for what stands between this machine and "
               "the host",
               why);
}

static void take_sealed(struct transport_job *job, const struct http_reply *reply)
{
    struct seal_message message;
    struct err err = {0};
    if (seal_parse(reply->body, &message, &err) != 0) {
        distrust(job, err.text);
        return;
    }
    buf_clear(&job->opened);
    if (winrm_context_unwrap(job->context, message.header, message.data, &job->opened, &err) != 0) {
        distrust(job, err.text);
    } else if (job->opened.len != message.plain_len) {
        distrust(job, "a sealed answer is not as long as it says");
    } else {
        winrm_take_envelope(job, (struct slice){job->opened.data, job->opened.len});
    }
    buf_done(&job->opened); /* hundreds of jobs wait for the next */
}

static void take_reply(struct transport_job *job, const struct http_reply *reply)
{
    struct slice type = {reply->content_type, strlen(reply->content_type)};
    bool envelope = reply->status == 200 || reply->status == 500;
    bool sealed = seal_is_sealed(type);
    job->status = reply->status;
    if (reply->status == 401 && !winrm_uses_gssapi(job)) {
        winrm_fail_refused(job, reply);
    } else if (!envelope || (winrm_seals(job) && !sealed && reply->status == 500)) {
        winrm_fail_status(job, reply);
    } else if (winrm_seals(job) && !sealed) {
        distrust(job, "the server answers without a seal");
    } else if (sealed != winrm_seals(job)) {
        winrm_fail_unexpected(job, "answers with a seal that was not agreed on");
    } else if (sealed) {
        take_sealed(job, reply);
    } else {
        winrm_take_envelope(job, reply->body);
    }
}

/* A service that was not ready says so when its time is over, not at once. */
static void repeat(struct transport_job *job, enum winrm_state state, int64_t code)
{
    if (++job->repeats > WINRM_REPEATS_MAX) {
        winrm_fail(job, REASON_TIMEOUT, true, code,
                   "exec: the service says %d times that it was not ready in time; ask again later",
                   WINRM_REPEATS_MAX);
        return;
    }
    winrm_send(job, state);
}

/* A password or certificate has been accepted when an envelope comes back for it. */
static void note_accepted(struct transport_job *job)
{
    if (!winrm_uses_gssapi(job)) {
        job->answer.mechanism = job->ask.credential->auth == AUTH_BASIC ? "basic" : "certificate";
        job->answer.principal = job->principal;
        winrm_step_login(job, job->answer.mechanism, job->principal);
    }
}

static void tell_heard(struct transport_job *job, struct slice bytes)
{
    const struct transport_exchange exchange = {
        .asked = {job->plain.data, job->plain.len}, .answer = bytes, .status = job->status};
    if (job->ask.heard != NULL) {
        job->ask.heard(job->data, &exchange);
    }
}

void winrm_take_envelope(struct transport_job *job, struct slice bytes)
{
    struct wsman_reply reply;
    struct err err = {0};
    enum winrm_state state = (enum winrm_state)job->machine.state;
    note_accepted(job);
    winrm_step_seal(job); /* an answer that opens proves it */
    tell_heard(job, bytes);
    if (wsman_reply_parse(bytes, &job->output, &job->output, &job->errors, &reply, &err) != 0) {
        winrm_fail(job, REASON_PARTIAL, false, (int64_t)err.code,
                   "exec: %s; what is sent is no answer to what was asked", err.text);
        return;
    }
    if (reply.relates_to[0] != '\0' && strcasecmp(reply.relates_to, job->message_id) != 0) {
        winrm_fail_unexpected(job, "answers a question that was not the last one");
        return;
    }
    enum wsman_fault_class class =
        reply.kind == WSMAN_FAULT ? wsman_fault_meaning(&reply.fault).class : WSMAN_FAULT_OTHER;
    if (class == WSMAN_FAULT_TIMED_OUT) {
        repeat(job, state, reply.fault.code);
    } else if (class == WSMAN_FAULT_QUOTA) {
        winrm_fail(job, REASON_THROTTLED, true, reply.fault.code, "exec: %s",
                   wsman_fault_meaning(&reply.fault).sentence);
    } else {
        exchanges[state]->take(job, &reply);
    }
}
