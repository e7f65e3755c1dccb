/* service: a server's WinRM service on one connection: a request in, the bytes of an answer out. */
#include "farm/winrm/service.h"

#include "farm/gss/seal.h"
#include "farm/server/misbehave.h"
#include "farm/winrm/answer.h"
#include "farm/winrm/multipart.h"
#include "farm/winrm/page.h"

#include <string.h>

enum {
    OK = 200,
    BAD_REQUEST = 400,
    UNAUTHORIZED = 401,
    NOT_FOUND = 404,
    NO_SUCH_METHOD = 405,
    FAULT = 500,
    FIELDS_MOST = 1 << 18,
};

/* One request at work. */
struct work {
    struct service *s;
    const struct http_request *request;
    struct service_reply *reply;
    struct buf fields; /* of the answer's head */
    struct buf plain; /* the envelope that came */
    bool sealed; /* as it came */
};

static const char *fields_of(const struct work *w)
{
    return w->fields.data == NULL ? "" : w->fields.data;
}

static void answer_empty(struct work *w, int status, bool close)
{
    answer_write_empty(status, fields_of(w), close, w->s->server->wall_offset_ms, &w->reply->bytes);
    w->reply->end = close ? SERVICE_CLOSES : SERVICE_GOES_ON;
}

void service_refuse(int status, struct service_reply *reply)
{
    answer_write_empty(status, "", true, 0, &reply->bytes);
    reply->end = SERVICE_CLOSES;
}

/* What follows the bytes of this answer. */
static enum service_end end_of(const struct service *s)
{
    switch (s->now) {
    case MISBEHAVE_CUT:
        return SERVICE_BREAKS;
    case MISBEHAVE_DRIP:
        return SERVICE_DRIPS;
    case MISBEHAVE_BIG:
        return SERVICE_FLOODS;
    case MISBEHAVE_ENDLESS:
        return SERVICE_FLOODS_ON;
    case MISBEHAVE_ENDLESS_100:
        return SERVICE_CONTINUES;
    case MISBEHAVE_LONG_LENGTH:
    case MISBEHAVE_HANG_HEAD:
    case MISBEHAVE_HANG:
        return SERVICE_HANGS;
    case MISBEHAVE_CLOSE:
    case MISBEHAVE_CLOSE_BETWEEN:
    case MISBEHAVE_NO_LENGTH:
        return SERVICE_CLOSES;
    default:
        return SERVICE_GOES_ON;
    }
}

/* ---- logging in ---- */

/* What the request's own security allows: Basic in the clear only where that is permitted. */
static bool basic_is_open(const struct service *s)
{
    return s->https || s->server->winrm.unencrypted;
}

static void ask_to_log_in(struct work *w, bool with_token)
{
    bool closes = false;
    if (!with_token) {
        login_offer(&w->s->login, basic_is_open(w->s), &w->fields);
        closes = (w->s->server->winrm.wire & WIRE_CLOSING_401) != 0;
    }
    answer_empty(w, UNAUTHORIZED, closes);
}

/* True where somebody has logged in and the request may be looked at. */
static bool log_in(struct work *w)
{
    struct service *s = w->s;
    struct slice header = http_request_field(w->request, "Authorization");
    if (header.data != NULL && s->misbehaviour == MISBEHAVE_HANG_AUTH) {
        w->reply->end = SERVICE_HANGS;
        return false;
    }
    if (s->misbehaviour == MISBEHAVE_LATE_401 && s->answers > 0) {
        login_done(&s->login);
        ask_to_log_in(w, false);
        return false;
    }
    enum login_result result = login_step(&s->login, header, &w->fields);
    bool basic = result == LOGIN_DONE && s->login.mechanism == MECHANISM_BASIC;
    if (result != LOGIN_DONE || (basic && !basic_is_open(s))) {
        ask_to_log_in(w, result == LOGIN_CONTINUES);
        return false;
    }
    if (w->request->body.len == 0) {
        answer_empty(w, OK, false);
        return false;
    }
    return true;
}

/* Everything that a request without a body may meet at its own moment; false: nothing. */
static bool spoil_login(struct work *w)
{
    struct service *s = w->s;
    bool greets = http_request_field(w->request, "Authorization").data == NULL;
    s->now = misbehave_only(&s->misdeeds, greets ? OCCASION_GREETING : OCCASION_LOGIN);
    w->reply->end = end_of(s);
    switch (s->now) {
    case BEHAVES:
        return false;
    case MISBEHAVE_HANG:
    case MISBEHAVE_CLOSE:
        return true;
    case MISBEHAVE_BAD_TOKEN:
        (void)buf_puts(&w->fields, "WWW-Authenticate: Negotiate bm8gdG9rZW4=\r\n"
                                   "WWW-Authenticate: Kerberos bm8gdG9rZW4=\r\n");
        answer_empty(w, UNAUTHORIZED, false);
        return true;
    default:
        if (!page_write(&w->reply->bytes, s->now)) {
            answer_write_login(s->now, &w->reply->bytes);
        }
        return true;
    }
}

/* ---- the body ---- */

enum opened { BODY_OPEN, BODY_FORBIDDEN, BODY_MALFORMED, BODY_FORGED };

static enum opened unseal(struct work *w)
{
    struct multipart parts;
    struct login *login = &w->s->login;
    const char *protocol = login->kerberos_header ? MULTIPART_KERBEROS : MULTIPART_SPNEGO;
    w->sealed = true;
    if (!multipart_parse((struct slice){w->request->body.data, w->request->body.len}, &parts) ||
        !slice_ieq(parts.protocol, protocol)) {
        return BODY_MALFORMED;
    }
    return login->complete && login->seals &&
                   seal_unwrap(login->context, parts.header, parts.sealed, &w->plain) == 0 &&
                   w->plain.len == parts.length
               ? BODY_OPEN
               : BODY_FORGED;
}

static enum opened open_body(struct work *w)
{
    if (multipart_is_meant(http_request_field(w->request, "Content-Type"))) {
        return unseal(w);
    }
    if (!w->s->https && !w->s->server->winrm.unencrypted) {
        return BODY_FORBIDDEN;
    }
    (void)buf_append(&w->plain, w->request->body.data, w->request->body.len);
    return BODY_OPEN;
}

/* ---- the answer ---- */

static void put_answer(struct work *w, struct exchange *x)
{
    struct service *s = w->s;
    w->reply->delay_ms = x->delay_ms;
    w->reply->end = end_of(s);
    if (s->now == MISBEHAVE_HANG_HEAD) {
        (void)buf_printf(&w->reply->bytes, "HTTP/1.1 %d \r\n", x->status);
    } else if (!page_write(&w->reply->bytes, s->now) &&
               answer_write(s, x->answer, x->status, fields_of(w), w->sealed, &w->reply->bytes) !=
                   0) {
        w->reply->end = SERVICE_CLOSES;
    }
    s->answers++;
}

static void serve(struct work *w, const struct account *account, bool forbidden)
{
    struct service *s = w->s;
    struct arena arena = {0};
    struct buf envelope;
    bool answers = false; /* else something else than the service does */
    buf_init(&envelope, SERVICE_REPLY_MOST);
    struct exchange x = {.wsman = s->wsman,
                         .server = s->server,
                         .account = account,
                         .client = s->client,
                         .misbehaviour = s->misbehaviour,
                         .arena = &arena,
                         .envelope = {.message_id = ""},
                         .answer = &envelope};
    if (forbidden) {
        exchange_fault(&x, &(struct fault){.id = FAULT_UNENCRYPTED});
    } else {
        enum occasion occasion =
            wsman_read(&x, w->plain.data == NULL ? "" : w->plain.data, w->plain.len);
        s->now = misbehave_at(&s->misdeeds, occasion);
        x.misbehaviour = s->now;
        answers = !page_is(misbehave_only(&s->misdeeds, occasion)) && s->now != MISBEHAVE_HANG &&
                  s->now != MISBEHAVE_CLOSE;
    }
    if (answers && !forbidden) {
        wsman_handle(&x);
    }
    if (x.hangs) {
        w->reply->end = SERVICE_HANGS;
    } else if (s->now == MISBEHAVE_HANG || s->now == MISBEHAVE_CLOSE) {
        w->reply->end = end_of(s);
    } else {
        put_answer(w, &x);
    }
    buf_done(&envelope);
    arena_done(&arena);
}

static void answer_body(struct work *w)
{
    if (w->s->misbehaviour == MISBEHAVE_HANG_EXEC) {
        w->reply->end = SERVICE_HANGS;
        return;
    }
    switch (open_body(w)) {
    case BODY_OPEN:
        serve(w, w->s->login.account, false);
        return;
    case BODY_FORBIDDEN:
        serve(w, NULL, true);
        return;
    case BODY_MALFORMED:
        answer_empty(w, BAD_REQUEST, true);
        return;
    case BODY_FORGED: /* whoever it is, they are not the one who logged in */
        answer_empty(w, FAULT, true);
        return;
    }
}

/* Identify is answered to nobody in particular where that is asked for. */
static bool is_anonymous(const struct http_request *request)
{
    return slice_ieq(http_request_field(request, "WSMANIDENTIFY"), "unauthenticated") ||
           slice_ieq(request->target, "/wsman-anon/identify");
}

static void handle(struct work *w)
{
    const struct http_request *request = w->request;
    size_t path = strcspn(request->target.data, "?# ");
    path = path < request->target.len ? path : request->target.len;
    struct slice target = {request->target.data, path};
    bool anonymous = is_anonymous(request);
    if (!slice_ieq(target, "/wsman") && !slice_ieq(target, "/wsman/") && !anonymous) {
        answer_empty(w, NOT_FOUND, false);
    } else if (!slice_eq(request->method, "POST")) {
        answer_empty(w, NO_SUCH_METHOD, false);
    } else if (anonymous) {
        (void)buf_append(&w->plain, request->body.data, request->body.len);
        serve(w, NULL, false);
    } else if ((request->body.len > 0 || !spoil_login(w)) && log_in(w)) {
        answer_body(w);
    }
    if (request->close && w->reply->end == SERVICE_GOES_ON) {
        w->reply->end = SERVICE_CLOSES;
    }
}

void service_handle(struct service *s, const struct http_request *request,
                    struct service_reply *reply)
{
    struct work w = {.s = s, .request = request, .reply = reply};
    s->now = s->misbehaviour;
    (void)atomic_fetch_add(&s->fleet->shared->requests, 1);
    (void)atomic_fetch_add(&s->server->requests, 1);
    buf_init(&w.fields, FIELDS_MOST);
    buf_init(&w.plain, HTTP_BODY_MOST);
    reply->delay_ms = 0;
    reply->end = SERVICE_GOES_ON;
    handle(&w);
    buf_done(&w.fields);
    buf_done(&w.plain);
}
