/* http_request: an HTTP/1.1 request, read as its bytes arrive. */
#ifndef PVSAUDIT_FARM_HTTP_HTTP_REQUEST_H
#define PVSAUDIT_FARM_HTTP_HTTP_REQUEST_H

#include "core/buf.h"
#include "core/str.h"

#include <stdint.h>

enum {
    HTTP_FIELDS = 64,
    HTTP_HEAD_MOST = 96 << 10, /* a Kerberos token may be large */
    HTTP_BODY_MOST = 4 << 20,
};

enum http_event {
    HTTP_MORE, /* there is more to come */
    HTTP_CONTINUE, /* the client waits for 100 Continue before it sends the body */
    HTTP_COMPLETE,
    HTTP_BAD, /* nothing after it can be read; status says what to answer */
};

enum http_stage {
    HTTP_IN_HEAD,
    HTTP_IN_BODY,
    HTTP_IN_CHUNK_SIZE,
    HTTP_IN_CHUNK,
    HTTP_BEHIND_CHUNK,
    HTTP_IN_TRAILER,
    HTTP_ENDED,
};

struct http_field {
    struct slice name, value; /* in head */
};

struct http_request {
    enum http_stage stage;
    struct buf head, line, body;
    struct slice method, target; /* in head */
    struct http_field fields[HTTP_FIELDS];
    size_t field_count;
    uint64_t left; /* of the body or of a chunk */
    bool close; /* the connection ends with this request */
    int status; /* HTTP_BAD: 400, 413, 431 */
};

void http_request_init(struct http_request *request);
void http_request_done(struct http_request *request);
/* Ready for the next request. */
void http_request_reset(struct http_request *request);

/* Takes up to len bytes, none behind the request's end. */
enum http_event http_request_feed(struct http_request *request, const char *bytes, size_t len,
                                  size_t *ret_used);
/* The field's value, or an empty slice with NULL data. */
struct slice http_request_field(const struct http_request *request, const char *name);

#endif
