/* http: requests over one connection of one visit, by libcurl on the loop. */
#ifndef PVSAUDIT_COLLECTOR_TRANSPORT_WINRM_HTTP_H
#define PVSAUDIT_COLLECTOR_TRANSPORT_WINRM_HTTP_H

#include "core/buf.h"
#include "core/err.h"
#include "core/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

/* A WinRM connection belongs to whoever was authenticated on it, and libcurl keeps connections for
 * whoever asks for the same host next. So a link is bound to one socket: the one that it was given.
 * No other link can be offered it (each has an address of its own in libcurl's eyes), a second
 * connection is refused where it would be opened, and before the first byte of each request goes
 * out its local port is compared. A request goes over that connection, or fails. */
struct http; /* shared by all links of a loop */
struct http_link;

enum {
    HTTP_BODY_MAX = 4 * 1024 * 1024, /* of a reply; an envelope has at most 512,000 bytes */
    HTTP_HEADERS_MAX = 64 * 1024,
    HTTP_BINDING_MAX = 64, /* bytes of a certificate's hash */
};

struct http *http_new(uv_loop_t *loop); /* NULL: no memory. Call it before the first thread */
/* When no link is left; its handles close as the loop runs on. NULL is allowed. */
void http_close(struct http *http);

/* Strings are copied. */
struct http_target {
    const char *host; /* a name or an address: of the URL, of SNI and of the certificate */
    uint16_t port;
    bool https;
    const char *ca_file; /* a file or a folder; NULL: what the system trusts */
    const char *cert_sha256; /* 64 hexadecimal digits: this certificate and no other; or NULL */
    const char *client_cert, *client_key; /* files, or NULL */
};

/* fd is a connected socket and the link's from now on, also where this fails. */
int http_link_open(struct http *http, const struct http_target *target, int fd,
                   struct http_link **ret, struct err *err);
/* Also while a request is under way: its done is not called any more. NULL is allowed. */
void http_link_close(struct http_link *link);

struct http_request {
    const char *authorization; /* the header's value, or NULL */
    const char *content_type;
    struct slice body; /* borrowed until done */
};

enum http_failure {
    HTTP_OK, /* a reply came, whatever its status */
    HTTP_LOST, /* the connection broke or was closed */
    HTTP_TLS, /* no TLS, or a certificate that is not trusted */
    HTTP_FLOOD, /* more than the limits allow */
    HTTP_GARBAGE, /* it is not HTTP */
};

/* Everything is the link's and valid until done returns. */
struct http_reply {
    enum http_failure failure;
    int code; /* libcurl's, of a failure */
    const char *detail; /* libcurl's words, of a failure */
    bool sent; /* bytes of the request may have reached the server */
    unsigned status; /* 200, 401, 500 ... */
    struct slice body;
    const char *content_type; /* "" where there is none */
    const char *server; /* "Microsoft-HTTPAPI/2.0"; "" */
    const char *challenges; /* every WWW-Authenticate line, a LF behind each */
    int64_t date_s; /* the server's clock, seconds since 1970; -1: it did not say */
};

/* POST /wsman. One request at a time; done is called once, never from inside. -1: no memory. */
int http_link_post(struct http_link *link, const struct http_request *request,
                   void (*done)(void *data, const struct http_reply *reply), void *data,
                   struct err *err);

/* Of the server's certificate, after the first reply over https: the hash that binds a token to
 * this TLS connection (RFC 5929, tls-server-end-point), and its SHA-256 in hexadecimal. Empty
 * before, and over http. */
struct slice http_link_binding(const struct http_link *link);
const char *http_link_fingerprint(const struct http_link *link);
const char *http_link_certificate(const struct http_link *link); /* "pvs01, until 2027-01-31" */
const char *http_link_url(const struct http_link *link); /* "http://pvs01:5985/wsman" */

#endif
