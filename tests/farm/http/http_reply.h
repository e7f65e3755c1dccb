/* http_reply: the bytes of an HTTP/1.1 answer. */
#ifndef PVSAUDIT_FARM_HTTP_HTTP_REPLY_H
#define PVSAUDIT_FARM_HTTP_HTTP_REPLY_H

#include "core/buf.h"
#include "core/str.h"

#include <stdint.h>

enum http_framing {
    HTTP_WITH_LENGTH,
    HTTP_CHUNKED,
    HTTP_OPEN_CHUNKS, /* without the last one */
    HTTP_TO_THE_END, /* the body ends with the connection */
};

struct http_reply {
    int status;
    const char *fields; /* further lines, each with its CRLF, or "" */
    const char *type; /* Content-Type, or NULL */
    struct slice body;
    enum http_framing framing;
    size_t promised; /* bytes that the length announces beyond the body */
    bool close;
    int64_t ahead_ms; /* of the date before the true one */
};

/* HTTP.sys' own form: an empty reason phrase, its Server line and a date. */
void http_reply_write(struct buf *to, const struct http_reply *reply);

#endif
