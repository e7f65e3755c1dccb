/* http_reply: the bytes of an HTTP/1.1 answer. */
#include "farm/http/http_reply.h"

#include <time.h>

enum { CHUNK = 16384 };

static void put_date(struct buf *to, int64_t ahead_ms)
{
    char text[64] = "";
    time_t now = time(NULL) + (time_t)(ahead_ms / 1000);
    struct tm tm = {0};
    (void)gmtime_r(&now, &tm);
    if (strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &tm) > 0) {
        (void)buf_printf(to, "Date: %s\r\n", text);
    }
}

static void put_chunks(struct buf *to, struct slice body)
{
    for (size_t at = 0; at < body.len; at += CHUNK) {
        size_t n = body.len - at < CHUNK ? body.len - at : CHUNK;
        (void)buf_printf(to, "%zx\r\n", n);
        (void)buf_append(to, body.data + at, n);
        (void)buf_puts(to, "\r\n");
    }
}

void http_reply_write(struct buf *to, const struct http_reply *reply)
{
    bool close = reply->close || reply->framing == HTTP_TO_THE_END;
    (void)buf_printf(to, "HTTP/1.1 %d \r\n", reply->status);
    if (reply->type != NULL) {
        (void)buf_printf(to, "Content-Type: %s\r\n", reply->type);
    }
    (void)buf_puts(to, "Server: Microsoft-HTTPAPI/2.0\r\n");
    (void)buf_puts(to, reply->fields);
    put_date(to, reply->ahead_ms);
    if (close) {
        (void)buf_puts(to, "Connection: close\r\n");
    }
    if (reply->framing == HTTP_CHUNKED || reply->framing == HTTP_OPEN_CHUNKS) {
        (void)buf_puts(to, "Transfer-Encoding: chunked\r\n\r\n");
        put_chunks(to, reply->body);
        (void)buf_puts(to, reply->framing == HTTP_CHUNKED ? "0\r\n\r\n" : "");
        return;
    }
    if (reply->framing != HTTP_TO_THE_END) {
        (void)buf_printf(to, "Content-Length: %zu\r\n", reply->body.len + reply->promised);
    }
    (void)buf_puts(to, "\r\n");
    (void)buf_append(to, reply->body.data, reply->body.len);
}
