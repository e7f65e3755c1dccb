/* http_link: what the http*.c files share of a link. */
#ifndef PVSAUDIT_COLLECTOR_TRANSPORT_WINRM_HTTP_LINK_H
#define PVSAUDIT_COLLECTOR_TRANSPORT_WINRM_HTTP_LINK_H

#include "collector/transport/winrm/http.h"

#include <curl/curl.h>

struct http_pool;

struct http_leaf {
    unsigned char binding[HTTP_BINDING_MAX];
    size_t binding_len;
    char fingerprint[65];
    char words[160]; /* whose it is, and until when */
};

/* Of the certificate that the transfer's TLS connection was shown; false: there is none. */
bool http_leaf_take(CURL *easy, struct http_leaf *ret);

/* Told by the pool when a transfer is over. */
typedef void http_over(CURL *easy, CURLcode result);

/* What a link does in its pool, the libcurl multi that it shares with others. */
struct http_pool *http_pool_join(struct http *http);
void http_pool_leave(struct http_pool *pool);
unsigned http_pool_next(struct http_pool *pool); /* a number that no other link has */
int http_pool_begin(struct http_pool *pool, CURL *easy, http_over *over);
void http_pool_end(struct http_pool *pool, CURL *easy);

#endif
