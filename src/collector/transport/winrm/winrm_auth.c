/* winrm_auth: one security context: its steps off the loop, its seal on it. */
#include "collector/transport/winrm/winrm_auth_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TOKEN_MAX = 128 * 1024, BINDING_MAX = 128 };

#define BINDING_PREFIX "tls-server-end-point:" /* RFC 5929, section 4 */

struct winrm_context {
    uv_loop_t *loop;
    struct winrm_identity *identity;
    void *wait; /* for the identity; NULL: not waiting */
    char *service_name; /* "HTTP@pvs01.example.org" */
    char binding[BINDING_MAX];
    size_t binding_len;
    gss_ctx_id_t handle;
    gss_name_t target;
    struct winrm_credential credential;
    bool complete;
    bool working; /* the work queue has it */
    bool abandoned; /* free it when the work queue gives it back */
    uv_work_t work;
    struct buf in, out; /* the server's token, ours */
    struct winrm_failure failure;
    const char *mechanism;
    char principal[256];
    void (*done)(void *data, const struct winrm_token *token);
    void *data;
};

struct winrm_context *winrm_context_new(const struct winrm_context_target *target)
{
    struct winrm_context *context = calloc(1, sizeof(*context));
    if (context == NULL) {
        return NULL;
    }
    context->loop = target->loop;
    context->identity = target->identity;
    context->handle = GSS_C_NO_CONTEXT;
    buf_init(&context->in, TOKEN_MAX);
    buf_init(&context->out, TOKEN_MAX);
    bool binds = target->binding.len > 0 &&
                 target->binding.len + sizeof(BINDING_PREFIX) <= sizeof(context->binding);
    if (binds) {
        memcpy(context->binding, BINDING_PREFIX, sizeof(BINDING_PREFIX) - 1);
        memcpy(context->binding + sizeof(BINDING_PREFIX) - 1, target->binding.data,
               target->binding.len);
        context->binding_len = sizeof(BINDING_PREFIX) - 1 + target->binding.len;
    }
    if (asprintf(&context->service_name, "%s@%s", target->service, target->host) < 0) {
        free(context);
        return NULL;
    }
    return context;
}

static void destroy(struct winrm_context *context)
{
    OM_uint32 minor = 0;
    (void)gss_delete_sec_context(&minor, &context->handle, GSS_C_NO_BUFFER);
    (void)gss_release_name(&minor, &context->target);
    winrm_credential_close(&context->credential);
    buf_done(&context->in);
    buf_done(&context->out);
    free(context->service_name);
    free(context);
}

void winrm_context_free(struct winrm_context *context)
{
    if (context == NULL) {
        return;
    }
    if (context->wait != NULL) {
        winrm_identity_forget(context->identity, context->wait);
        context->wait = NULL;
    }
    if (context->working) {
        context->abandoned = true;
        return;
    }
    destroy(context);
}

/* ---- one step, on a thread of the work queue ---- */

static gss_OID_desc wanted_mechanism(const struct winrm_context *context)
{
    switch (winrm_identity_mechanism(context->identity)) {
    case WINRM_NTLM:
        return winrm_oid_ntlm;
    case WINRM_NEGOTIATE:
        return winrm_oid_spnego;
    case WINRM_KERBEROS:
        break;
    }
    return winrm_oid_kerberos;
}

static bool prepare(struct winrm_context *context)
{
    OM_uint32 minor = 0;
    if (context->target != GSS_C_NO_NAME) {
        return true;
    }
    if (!winrm_credential_open(context->identity, &context->credential, &context->failure)) {
        return false;
    }
    gss_buffer_desc name = {strlen(context->service_name), context->service_name};
    OM_uint32 major = gss_import_name(&minor, &name, GSS_C_NT_HOSTBASED_SERVICE, &context->target);
    if (major != GSS_S_COMPLETE) {
        winrm_auth_fail(&context->failure, "naming the service", major, minor, NULL);
        return false;
    }
    return true;
}

/* "svc@EXAMPLE.ORG" and "EXAMPLE\svc" in any case; where the configured name has no domain, any
 * domain is right. */
static bool is_same_account(const char *configured, const char *taken_for)
{
    const char *separators = "@\\";
    if (strcasecmp(configured, taken_for) == 0) {
        return true;
    }
    bool has_domain = strpbrk(configured, separators) != NULL;
    const char *backslash = strchr(taken_for, '\\');
    const char *user = backslash == NULL ? taken_for : backslash + 1;
    size_t len = backslash == NULL ? strcspn(taken_for, "@") : strlen(user);
    if (!has_domain) {
        return strlen(configured) == len && strncasecmp(configured, user, len) == 0;
    }
    /* user@domain and DOMAIN\user are the same account of NTLM. */
    const char *at = strchr(configured, '@');
    return at != NULL && backslash != NULL && (size_t)(at - configured) == len &&
           strncasecmp(configured, user, len) == 0 &&
           strlen(at + 1) == (size_t)(backslash - taken_for) &&
           strncasecmp(at + 1, taken_for, (size_t)(backslash - taken_for)) == 0;
}

static void refuse(struct winrm_context *context, const char *sentence)
{
    context->failure = (struct winrm_failure){.reason = REASON_AUTH};
    (void)snprintf(context->failure.text, sizeof(context->failure.text), "auth: %s", sentence);
}

static void note_principal(struct winrm_context *context, gss_name_t name)
{
    OM_uint32 minor = 0;
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    if (gss_display_name(&minor, name, &text, NULL) == GSS_S_COMPLETE) {
        (void)snprintf(context->principal, sizeof(context->principal), "%.*s", (int)text.length,
                       (const char *)text.value);
        (void)gss_release_buffer(&minor, &text);
    }
}

/* What came of it is asked of the finished context: its mechanism, whether it seals, and as whom
 * we are known. */
static void inspect(struct winrm_context *context)
{
    OM_uint32 minor = 0;
    OM_uint32 flags = 0;
    gss_OID mechanism = GSS_C_NO_OID;
    gss_name_t initiator = GSS_C_NO_NAME;
    OM_uint32 left_s = 0;
    /* MIT's library gives back nothing of what it has made for a context that is over. */
    if (gss_context_time(&minor, context->handle, &left_s) == GSS_S_CONTEXT_EXPIRED) {
        refuse(context, "the ticket has expired; get a new one");
        return;
    }
    OM_uint32 major = gss_inquire_context(&minor, context->handle, &initiator, NULL, NULL,
                                          &mechanism, &flags, NULL, NULL);
    bool ntlm = winrm_identity_mechanism(context->identity) == WINRM_NTLM;
    if (major != GSS_S_COMPLETE) {
        winrm_auth_fail(&context->failure, "looking at the context", major, minor, NULL);
        return;
    }
    note_principal(context, initiator);
    (void)gss_release_name(&minor, &initiator);
    if (!winrm_oid_equal(mechanism, ntlm ? &winrm_oid_ntlm : &winrm_oid_kerberos)) {
        refuse(context, "the server chose another mechanism than the one that was asked for");
    } else if ((flags & GSS_C_CONF_FLAG) == 0) {
        refuse(context, "the server does not seal what is said; nothing is sent to it");
    } else if (!is_same_account(winrm_identity_name(context->identity), context->principal)) {
        refuse(context, "the library used another account than the configured one");
    }
    context->mechanism = ntlm ? "ntlm" : "kerberos";
}

static void step(uv_work_t *work)
{
    struct winrm_context *context = work->data;
    OM_uint32 minor = 0;
    if (!prepare(context)) {
        return;
    }
    struct gss_channel_bindings_struct bindings = {
        .application_data = {context->binding_len, context->binding}};
    gss_OID_desc mechanism = wanted_mechanism(context);
    gss_buffer_desc in = {context->in.len, context->in.data};
    gss_buffer_desc out = GSS_C_EMPTY_BUFFER;
    const OM_uint32 flags = GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG |
                            GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG;
    OM_uint32 major = gss_init_sec_context(
        &minor, context->credential.handle, &context->handle, context->target, &mechanism, flags,
        GSS_C_INDEFINITE, context->binding_len == 0 ? GSS_C_NO_CHANNEL_BINDINGS : &bindings,
        context->in.len == 0 ? GSS_C_NO_BUFFER : &in, NULL, &out, NULL, NULL);
    if (GSS_ERROR(major)) {
        bool ntlm = winrm_identity_mechanism(context->identity) == WINRM_NTLM;
        winrm_auth_fail(&context->failure,
                        ntlm ? "agreeing on NTLM" : "asking for a ticket for the host", major,
                        minor, &mechanism);
    } else if (buf_append(&context->out, out.value, out.length) != 0) {
        refuse(context, "the library's token is larger than any");
    }
    OM_uint32 ignored = 0;
    (void)gss_release_buffer(&ignored, &out);
    context->complete = major == GSS_S_COMPLETE;
    if (context->complete && context->failure.reason == REASON_NONE) {
        inspect(context);
    }
}

/* ---- on the loop ---- */

static void tell(struct winrm_context *context)
{
    const struct winrm_token token = {
        .failure = context->failure.reason == REASON_NONE ? NULL : &context->failure,
        .token = {context->out.data == NULL ? "" : context->out.data, context->out.len},
        .complete = context->complete,
    };
    context->done(context->data, &token);
}

static void on_stepped(uv_work_t *work, int status)
{
    struct winrm_context *context = work->data;
    (void)status;
    context->working = false;
    if (context->abandoned) {
        destroy(context);
        return;
    }
    tell(context);
}

static bool queue(struct winrm_context *context)
{
    context->work.data = context;
    context->working = uv_queue_work(context->loop, &context->work, step, on_stepped) == 0;
    return context->working;
}

static void on_identity(void *data, const struct winrm_failure *failure)
{
    struct winrm_context *context = data;
    context->wait = NULL;
    if (failure != NULL) {
        context->failure = *failure;
        tell(context);
    } else if (!queue(context)) {
        refuse(context, "the work queue takes nothing");
        tell(context);
    }
}

int winrm_context_step(struct winrm_context *context, struct slice token,
                       void (*done)(void *data, const struct winrm_token *token), void *data,
                       struct err *err)
{
    buf_clear(&context->in);
    buf_clear(&context->out);
    if (buf_append(&context->in, token.data, token.len) != 0) {
        return err_set(err, ERR_LIMIT, "auth", "the server's token is larger than any");
    }
    context->done = done;
    context->data = data;
    if (context->target == GSS_C_NO_NAME) {
        return winrm_identity_ready(context->identity, context->loop, on_identity, context,
                                    &context->wait, err);
    }
    return queue(context) ? 0 : err_set(err, ERR_INTERNAL, "auth", "the work queue takes nothing");
}

gss_ctx_id_t winrm_context_handle(const struct winrm_context *context)
{
    return context->handle;
}

const char *winrm_context_mechanism(const struct winrm_context *context)
{
    return context->mechanism;
}

const char *winrm_context_principal(const struct winrm_context *context)
{
    return context->principal;
}
