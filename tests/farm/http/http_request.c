/* http_request: an HTTP/1.1 request, read as its bytes arrive. */
#include "farm/http/http_request.h"

#include <string.h>

enum { LINE_MOST = 256, BAD = 400, TOO_LARGE = 413, HEAD_TOO_LARGE = 431 };

void http_request_init(struct http_request *r)
{
    *r = (struct http_request){.stage = HTTP_IN_HEAD};
    buf_init(&r->head, HTTP_HEAD_MOST);
    buf_init(&r->line, LINE_MOST);
    buf_init(&r->body, HTTP_BODY_MOST);
}

void http_request_done(struct http_request *r)
{
    buf_done(&r->head);
    buf_done(&r->line);
    buf_done(&r->body);
}

void http_request_reset(struct http_request *r)
{
    buf_clear(&r->head);
    buf_clear(&r->line);
    buf_clear(&r->body);
    r->stage = HTTP_IN_HEAD;
    r->field_count = 0;
    r->left = 0;
    r->close = false;
}

static enum http_event refuse(struct http_request *r, int status)
{
    r->status = status;
    return HTTP_BAD;
}

struct slice http_request_field(const struct http_request *r, const char *name)
{
    for (size_t i = 0; i < r->field_count; i++) {
        if (slice_ieq(r->fields[i].name, name)) {
            return r->fields[i].value;
        }
    }
    return (struct slice){NULL, 0};
}

/* ---- the head ---- */

static bool parse_request_line(struct http_request *r, struct slice line)
{
    struct slice version = {NULL, 0};
    if (!slice_token(&line, &r->method) || !slice_token(&line, &r->target) ||
        !slice_token(&line, &version) || slice_trim(line).len > 0) {
        return false;
    }
    r->close = slice_eq(version, "HTTP/1.0");
    return r->close || slice_eq(version, "HTTP/1.1");
}

static bool parse_field(struct http_request *r, struct slice line)
{
    const char *colon = memchr(line.data, ':', line.len);
    if (colon == NULL || colon == line.data || r->field_count == HTTP_FIELDS) {
        return false;
    }
    size_t len = (size_t)(colon - line.data);
    struct http_field *field = &r->fields[r->field_count++];
    field->name = (struct slice){line.data, len};
    field->value = slice_trim((struct slice){colon + 1, line.len - len - 1});
    return memchr(line.data, ' ', len) == NULL;
}

static enum http_event begin_body(struct http_request *r)
{
    struct slice length = http_request_field(r, "Content-Length");
    struct slice coding = http_request_field(r, "Transfer-Encoding");
    r->close |= slice_ieq(http_request_field(r, "Connection"), "close");
    if (coding.data != NULL) {
        if (!slice_ieq(coding, "chunked") || length.data != NULL) {
            return refuse(r, BAD);
        }
        r->stage = HTTP_IN_CHUNK_SIZE;
    } else {
        if (length.data != NULL && !str_u64(length, UINT64_MAX, &r->left)) {
            return refuse(r, BAD);
        }
        if (r->left > HTTP_BODY_MOST) {
            return refuse(r, TOO_LARGE);
        }
        r->stage = r->left > 0 ? HTTP_IN_BODY : HTTP_ENDED;
    }
    if (r->stage == HTTP_ENDED) {
        return HTTP_COMPLETE;
    }
    return slice_ieq(http_request_field(r, "Expect"), "100-continue") ? HTTP_CONTINUE : HTTP_MORE;
}

static enum http_event parse_head(struct http_request *r)
{
    struct slice rest = {r->head.data, r->head.len}, line;
    if (!slice_line(&rest, &line, NULL) || !parse_request_line(r, line)) {
        return refuse(r, BAD);
    }
    while (slice_line(&rest, &line, NULL) && line.len > 0) {
        if (!parse_field(r, line)) {
            return refuse(r, BAD);
        }
    }
    return begin_body(r);
}

static enum http_event feed_head(struct http_request *r, const char *bytes, size_t len,
                                 size_t *ret_used)
{
    for (*ret_used = 0; *ret_used < len;) {
        if (buf_putc(&r->head, bytes[(*ret_used)++]) != 0) {
            return refuse(r, HEAD_TOO_LARGE);
        }
        size_t n = r->head.len;
        if (n >= 4 && memcmp(r->head.data + n - 4, "\r\n\r\n", 4) == 0) {
            return parse_head(r);
        }
        if (n == 2 && memcmp(r->head.data, "\r\n", 2) == 0) {
            buf_clear(&r->head); /* a line end before a request is passed over */
        }
    }
    return HTTP_MORE;
}

/* ---- the body ---- */

static enum http_event feed_bytes(struct http_request *r, const char *bytes, size_t len,
                                  size_t *ret_used)
{
    size_t n = len < r->left ? len : (size_t)r->left;
    *ret_used = n;
    r->left -= n;
    if (buf_append(&r->body, bytes, n) != 0) {
        return refuse(r, TOO_LARGE);
    }
    if (r->left == 0) {
        r->stage = r->stage == HTTP_IN_BODY ? HTTP_ENDED : HTTP_BEHIND_CHUNK;
    }
    return r->stage == HTTP_ENDED ? HTTP_COMPLETE : HTTP_MORE;
}

static enum http_event end_line(struct http_request *r)
{
    struct slice line = slice_trim((struct slice){r->line.data, r->line.len});
    enum http_event event = HTTP_MORE;
    if (r->stage == HTTP_IN_CHUNK_SIZE) {
        size_t digits = 0;
        while (digits < line.len && line.data[digits] != ';') {
            digits++;
        }
        if (!str_hex64(slice_trim((struct slice){line.data, digits}), &r->left)) {
            return refuse(r, BAD);
        }
        if (r->left > HTTP_BODY_MOST) {
            return refuse(r, TOO_LARGE);
        }
        r->stage = r->left > 0 ? HTTP_IN_CHUNK : HTTP_IN_TRAILER;
    } else if (r->stage == HTTP_BEHIND_CHUNK) {
        r->stage = HTTP_IN_CHUNK_SIZE;
        event = line.len == 0 ? HTTP_MORE : refuse(r, BAD);
    } else if (line.len == 0) {
        r->stage = HTTP_ENDED;
        event = HTTP_COMPLETE;
    }
    buf_clear(&r->line);
    return event;
}

static enum http_event feed_line(struct http_request *r, const char *bytes, size_t len,
                                 size_t *ret_used)
{
    for (*ret_used = 0; *ret_used < len;) {
        char c = bytes[(*ret_used)++];
        if (buf_putc(&r->line, c) != 0) {
            return refuse(r, BAD);
        }
        if (c == '\n') {
            return end_line(r);
        }
    }
    return HTTP_MORE;
}

enum http_event http_request_feed(struct http_request *r, const char *bytes, size_t len,
                                  size_t *ret_used)
{
    enum http_event event = HTTP_MORE;
    *ret_used = 0;
    while (event == HTTP_MORE && *ret_used < len) {
        size_t used = 0;
        if (r->stage == HTTP_IN_HEAD) {
            event = feed_head(r, bytes + *ret_used, len - *ret_used, &used);
        } else if (r->stage == HTTP_IN_BODY || r->stage == HTTP_IN_CHUNK) {
            event = feed_bytes(r, bytes + *ret_used, len - *ret_used, &used);
        } else {
            event = feed_line(r, bytes + *ret_used, len - *ret_used, &used);
        }
        *ret_used += used;
    }
    return event;
}
