/* answer: an envelope on its way out: encoded, sealed, framed, and bent where a server misbehaves.
 */
#include "farm/winrm/answer.h"

#include "farm/codec/utf16.h"
#include "farm/gss/seal.h"
#include "farm/http/http_reply.h"
#include "farm/winrm/multipart.h"
#include "farm/winrm/page.h"

#include <stdlib.h>
#include <string.h>

enum { GARBAGE_BYTES = 65536, LENGTH_LIE = 7, TYPE_MOST = 256, HEAD_LINES = 20000 };

void answer_write_empty(int status, const char *fields, bool close, int64_t ahead_ms,
                        struct buf *to)
{
    http_reply_write(to, &(struct http_reply){.status = status,
                                              .fields = fields,
                                              .body = {"", 0},
                                              .close = close,
                                              .ahead_ms = ahead_ms});
}

/* ---- the envelope ---- */

/* The body once more behind itself. */
static void double_body(struct buf *envelope)
{
    static const char begin[] = "<s:Body>", end[] = "</s:Envelope>";
    const char *text = envelope->data == NULL ? NULL : strstr(envelope->data, begin);
    size_t from = text == NULL ? envelope->len : (size_t)(text - envelope->data);
    size_t to = envelope->len - (sizeof(end) - 1);
    if (from >= to) {
        return;
    }
    char *copy = strndup(envelope->data + from, to - from);
    envelope->len = to;
    (void)buf_puts(envelope, copy == NULL ? "" : copy);
    (void)buf_puts(envelope, end);
    free(copy);
}

static void bend_envelope(enum misbehaviour misbehaviour, struct buf *envelope)
{
    if (misbehaviour == MISBEHAVE_CUT_XML) {
        envelope->len /= 2;
    } else if (misbehaviour == MISBEHAVE_XML_BOMB) {
        buf_clear(envelope);
        page_write_bomb(envelope);
    } else if (misbehaviour == MISBEHAVE_DEEP_XML) {
        buf_clear(envelope);
        page_write_well(envelope);
    } else if (misbehaviour == MISBEHAVE_MANY_ATTRIBUTES) {
        buf_clear(envelope);
        page_write_thorns(envelope);
    } else if (misbehaviour == MISBEHAVE_TWO_ANSWERS) {
        double_body(envelope);
    }
}

static void widen(struct buf *envelope)
{
    struct buf wide;
    buf_init(&wide, envelope->max);
    (void)buf_append(&wide, "\xff\xfe", 2);
    utf16_from_utf8((struct slice){envelope->data, envelope->len}, &wide);
    buf_done(envelope);
    *envelope = wide;
}

/* ---- sealing ---- */

static int seal(struct service *s, struct slice plain, struct buf *header, struct buf *sealed)
{
    bool kerberos = s->login.mechanism == MECHANISM_KERBEROS;
    if (s->now == MISBEHAVE_SKIPPED_MESSAGE) {
        if (seal_wrap(s->login.context, kerberos, plain, header, sealed) != 0) {
            return -1;
        }
        buf_clear(header);
        buf_clear(sealed);
    }
    int rc = seal_wrap(s->login.context, kerberos, plain, header, sealed);
    if (rc == 0 && s->now == MISBEHAVE_TAMPERED && sealed->len > 0) {
        sealed->data[sealed->len / 2] = (char)(sealed->data[sealed->len / 2] ^ 4);
    }
    return rc;
}

/* A whole multipart body in place of the plaintext. */
static int seal_body(struct service *s, const char *charset, struct buf *body)
{
    uint32_t wire = s->server->winrm.wire;
    struct buf header, sealed, parts;
    buf_init(&header, 1024);
    buf_init(&sealed, SERVICE_REPLY_MOST);
    buf_init(&parts, SERVICE_REPLY_MOST);
    struct multipart_form form = {
        .protocol = s->login.kerberos_header ? MULTIPART_KERBEROS : MULTIPART_SPNEGO,
        .charset = charset,
        .plain_headers = (wire & WIRE_PLAIN_PARTS) != 0,
        .spaced_boundary = (wire & WIRE_SPACED_BOUNDARY) != 0,
        .bare_end = (wire & WIRE_BARE_END) != 0,
        .extra_crlf = (wire & WIRE_EXTRA_CRLF) != 0,
        .other_boundary = s->now == MISBEHAVE_WRONG_BOUNDARY,
    };
    uint64_t lie = s->now == MISBEHAVE_WRONG_LENGTH ? LENGTH_LIE : 0;
    int rc = seal(s, (struct slice){body->data, body->len}, &header, &sealed);
    if (rc == 0) {
        multipart_write(&parts, &form, body->len + lie, (struct slice){header.data, header.len},
                        (struct slice){sealed.data, sealed.len});
    }
    buf_done(&header);
    buf_done(&sealed);
    buf_done(body);
    *body = parts;
    return rc;
}

/* ---- the body ---- */

static void spoil(struct buf *body)
{
    static const char nasty[] = "\x1b[2J\x1b]0;gotcha\x07\0\x80\xff\xfe\xc3\x28<s:\xed\xa0\x80";
    uint64_t dice = 1;
    buf_clear(body);
    for (size_t i = 0; i < GARBAGE_BYTES; i++) {
        dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        (void)buf_putc(body,
                       i % 3 == 0 ? (char)(dice >> 40 & 255) : nasty[i % (sizeof(nasty) - 1)]);
    }
}

static enum http_framing framing_of(const struct service *s)
{
    return s->now == MISBEHAVE_NO_LENGTH ? HTTP_TO_THE_END
           : s->now == MISBEHAVE_ENDLESS ? HTTP_OPEN_CHUNKS
           : s->now == MISBEHAVE_TRAILERS || (s->server->winrm.wire & WIRE_CHUNKED) != 0
               ? HTTP_CHUNKED
               : HTTP_WITH_LENGTH;
}

static size_t promised_by(const struct service *s)
{
    return s->now == MISBEHAVE_SHORT_LENGTH  ? (size_t)-LENGTH_LIE
           : s->now == MISBEHAVE_LONG_LENGTH ? LENGTH_LIE
           : s->now == MISBEHAVE_BIG         ? SERVICE_FLOOD
                                             : 0;
}

/* Header lines, far more than any server sends. */
static void write_head(struct buf *to)
{
    (void)buf_puts(to, "HTTP/1.1 200 \r\nContent-Type: application/soap+xml;charset=UTF-8\r\n");
    for (int i = 0; i < HEAD_LINES; i++) {
        (void)buf_printf(to, "X-Line-%d: of a head that does not want to end\r\n", i);
    }
    (void)buf_puts(to, "Content-Length: 0\r\n\r\n");
}

void answer_write_login(enum misbehaviour misbehaviour, struct buf *to)
{
    struct http_reply reply = {
        .status = 401, .fields = "WWW-Authenticate: Negotiate\r\n", .body = {"(nothing)", 9}};
    if (misbehaviour == MISBEHAVE_GARBAGE) {
        spoil(to);
    } else if (misbehaviour == MISBEHAVE_LONG_HEAD) {
        write_head(to);
    } else if (misbehaviour == MISBEHAVE_ENDLESS_100) {
        (void)buf_puts(to, "HTTP/1.1 100 Continue\r\n\r\n");
    } else if (misbehaviour == MISBEHAVE_HANG_HEAD) {
        (void)buf_puts(to, "HTTP/1.1 401 \r\n");
    } else {
        reply.promised = misbehaviour == MISBEHAVE_BIG           ? SERVICE_FLOOD
                         : misbehaviour == MISBEHAVE_LONG_LENGTH ? LENGTH_LIE
                                                                 : 0;
        reply.framing = misbehaviour == MISBEHAVE_ENDLESS ? HTTP_OPEN_CHUNKS : HTTP_WITH_LENGTH;
        http_reply_write(to, &reply);
    }
}

/* Before the line that ends the last chunk. */
static void put_trailers(struct buf *to)
{
    to->len -= 2;
    (void)buf_puts(to, "Content-Type: text/html\r\nWWW-Authenticate: Basic realm=\"x\"\r\n"
                       "Content-Length: 3\r\n\r\n");
}

static void write_twice(struct buf *to)
{
    size_t len = to->len;
    char *copy = malloc(len);
    if (copy != NULL) {
        memcpy(copy, to->data, len);
        (void)buf_append(to, copy, len);
    }
    free(copy);
}

int answer_write(struct service *s, struct buf *envelope, int status, const char *fields,
                 bool sealed, struct buf *to)
{
    bool wide = (s->server->winrm.wire & WIRE_UTF16) != 0;
    const char *charset = wide ? "UTF-16" : "UTF-8";
    struct buf type;
    buf_init(&type, TYPE_MOST);
    bend_envelope(s->now, envelope);
    if (wide) {
        widen(envelope);
    }
    sealed = sealed && s->now != MISBEHAVE_UNSEALED;
    int rc = sealed ? seal_body(s, charset, envelope) : 0;
    if (sealed) {
        multipart_type(&type, s->login.kerberos_header ? MULTIPART_KERBEROS : MULTIPART_SPNEGO);
    } else {
        (void)buf_printf(&type, "application/soap+xml;charset=%s", charset);
    }
    if (s->now == MISBEHAVE_GARBAGE) {
        spoil(envelope);
    }
    if (rc == 0) {
        http_reply_write(to, &(struct http_reply){.status = status,
                                                  .fields = fields,
                                                  .type = type.data,
                                                  .body = {envelope->data, envelope->len},
                                                  .framing = framing_of(s),
                                                  .promised = promised_by(s),
                                                  .ahead_ms = s->server->wall_offset_ms});
    }
    if (rc == 0 && s->now == MISBEHAVE_TRAILERS) {
        put_trailers(to);
    } else if (rc == 0 && s->now == MISBEHAVE_ENDLESS_100) {
        buf_clear(to);
        (void)buf_puts(to, "HTTP/1.1 100 Continue\r\n\r\n");
    } else if (rc == 0 && s->now == MISBEHAVE_TWO_REPLIES) {
        write_twice(to);
    } else if (rc == 0 && s->now == MISBEHAVE_LONG_HEAD) {
        buf_clear(to);
        write_head(to);
    }
    buf_done(&type);
    return rc;
}
