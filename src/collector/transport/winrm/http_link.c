/* http_link: one connection of one visit, and the requests that go over it one after the other. */
#include "collector/transport/winrm/http_link.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* The connection's socket, which libcurl keeps for longer than the link lives. */
struct taken_socket {
    int fd; /* -1: libcurl has closed it */
    bool orphan; /* the link is gone */
};

struct http_link {
    struct http_pool *pool;
    CURL *easy;
    struct curl_slist *connect_to;
    struct curl_slist *headers; /* of the request under way */
    int fd; /* until libcurl has taken it; then -1 */
    struct taken_socket *taken; /* where it has */
    uint16_t local_port;
    char pin[65]; /* "" = none */
    char url[512];
    bool https;
    bool in_flight;
    bool pin_differs;
    bool flooded;
    bool sent;
    bool head_ended;
    size_t header_bytes;
    struct http_leaf leaf;
    struct buf body, challenges;
    char content_type[256], server[128];
    int64_t date_s;
    char words[CURL_ERROR_SIZE];
    void (*done)(void *data, const struct http_reply *reply);
    void *data;
};

/* libcurl asks for a socket when it wants to connect: the first time it gets ours, then none. */
static curl_socket_t on_open(void *data, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct http_link *link = data;
    (void)purpose;
    (void)address;
    if (link->fd < 0) {
        return CURL_SOCKET_BAD;
    }
    link->taken->fd = link->fd;
    link->fd = -1;
    return link->taken->fd;
}

static int on_connected(void *data, curl_socket_t fd, curlsocktype purpose)
{
    (void)data;
    (void)fd;
    (void)purpose;
    return CURL_SOCKOPT_ALREADY_CONNECTED;
}

static int on_close(void *data, curl_socket_t fd)
{
    struct taken_socket *taken = data;
    taken->fd = -1;
    if (taken->orphan) {
        free(taken);
    }
    return close(fd);
}

/* The last look before the first byte of a request. */
static int on_request(void *data, char *remote, char *local, int remote_port, int local_port)
{
    struct http_link *link = data;
    (void)remote;
    (void)local;
    (void)remote_port;
    if (local_port != link->local_port) {
        return CURL_PREREQFUNC_ABORT;
    }
    if (link->https && link->leaf.binding_len == 0) {
        bool taken = http_leaf_take(link->easy, &link->leaf);
        link->pin_differs =
            link->pin[0] != '\0' && (!taken || strcmp(link->pin, link->leaf.fingerprint) != 0);
        if (!taken || link->pin_differs) {
            return CURL_PREREQFUNC_ABORT;
        }
    }
    link->sent = true;
    return CURL_PREREQFUNC_OK;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data)
{
    struct http_link *link = data;
    (void)size;
    if (buf_append(&link->body, bytes, count) != 0) {
        link->flooded = true;
        return 0;
    }
    return count;
}

static bool header_is(struct slice line, const char *name, struct slice *ret)
{
    size_t len = strlen(name);
    if (line.len <= len || line.data[len] != ':' || strncasecmp(line.data, name, len) != 0) {
        return false;
    }
    *ret = slice_trim((struct slice){line.data + len + 1, line.len - len - 1});
    return true;
}

static void copy(char *to, size_t size, struct slice text)
{
    size_t len = text.len < size ? text.len : size - 1;
    memcpy(to, text.data, len);
    to[len] = '\0';
}

static void begin_head(struct http_link *link)
{
    link->head_ended = false;
    link->content_type[0] = '\0';
    buf_clear(&link->challenges);
}

static size_t on_header(char *bytes, size_t size, size_t count, void *data)
{
    struct http_link *link = data;
    struct slice line = {bytes, count};
    struct slice value;
    (void)size;
    link->header_bytes += count;
    if (link->header_bytes > HTTP_HEADERS_MAX) {
        link->flooded = true;
        return 0;
    }
    bool begins = count > 5 && strncmp(bytes, "HTTP/", 5) == 0;
    if (begins) { /* of a 100 Continue, too */
        begin_head(link);
    }
    if (begins || link->head_ended) {
        return count; /* a trailer is no header */
    }
    link->head_ended = slice_trim(line).len == 0;
    if (header_is(line, "Content-Type", &value)) {
        copy(link->content_type, sizeof(link->content_type), value);
    } else if (header_is(line, "Server", &value)) {
        copy(link->server, sizeof(link->server), value);
    } else if (header_is(line, "Date", &value)) {
        char text[64];
        copy(text, sizeof(text), value);
        link->date_s = (int64_t)curl_getdate(text, NULL);
    } else if (header_is(line, "WWW-Authenticate", &value)) {
        (void)buf_append(&link->challenges, value.data, value.len);
        (void)buf_putc(&link->challenges, '\n');
    }
    return count;
}

static uint16_t port_of(int fd)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof(address);
    if (getsockname(fd, (struct sockaddr *)&address, &len) != 0) {
        return 0;
    }
    return address.ss_family == AF_INET6 ? ntohs(((const struct sockaddr_in6 *)&address)->sin6_port)
                                         : ntohs(((const struct sockaddr_in *)&address)->sin_port);
}

/* An IPv6 address goes in brackets and without its scope, which says nothing to the server. */
static bool url_of(const struct http_target *target, char *to, size_t size)
{
    bool brackets = strchr(target->host, ':') != NULL;
    int len = (int)strcspn(target->host, "%");
    int written = snprintf(to, size, "%s://%s%.*s%s:%u/wsman", target->https ? "https" : "http",
                           brackets ? "[" : "", len, target->host, brackets ? "]" : "",
                           (unsigned)target->port);
    return written > 0 && (size_t)written < size;
}

/* In libcurl's eyes every link connects to an address of its own (of 240.0.0.0/4, which nobody
 * has): so it never finds another link's connection when it looks for one to this host. */
static bool bind_to_itself(struct http_link *link, const struct http_target *target)
{
    char to[64];
    unsigned number = http_pool_next(link->pool) & 0x0fffffff;
    (void)snprintf(to, sizeof(to), "::%u.%u.%u.%u:%u", 240 + (number >> 24), number >> 16 & 255,
                   number >> 8 & 255, number & 255, (unsigned)target->port);
    link->connect_to = curl_slist_append(NULL, to);
    return link->connect_to != NULL;
}

static void set_pin(struct http_link *link, const char *digits)
{
    size_t len = 0;
    for (const char *p = digits; *p != '\0' && len < sizeof(link->pin) - 1; p++) {
        if (*p != ':') {
            link->pin[len++] = *p >= 'A' && *p <= 'F' ? (char)(*p - 'A' + 'a') : *p;
        }
    }
    link->pin[len] = '\0';
}

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* A pin replaces the chain and the name. The system's certificates are taken from their folder: the
 * file with all of them costs each connection 29 ms and 900 KB. */
static void set_trust(struct http_link *link, const struct http_target *target)
{
    CURL *easy = link->easy;
    bool pinned = target->cert_sha256 != NULL;
    bool folder = target->ca_file != NULL && is_folder(target->ca_file);
    const char *file = target->ca_file != NULL && !folder ? target->ca_file : NULL;
    const char *path = folder ? target->ca_file : file == NULL ? "/etc/ssl/certs" : NULL;
    if (pinned) {
        set_pin(link, target->cert_sha256);
    }
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, pinned ? 0L : 1L);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, pinned ? 0L : 2L);
    (void)curl_easy_setopt(easy, CURLOPT_CAINFO, pinned ? NULL : file);
    (void)curl_easy_setopt(easy, CURLOPT_CAPATH, pinned ? NULL : path);
    (void)curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_ENABLE_ALPN, 0L);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
    if (target->client_cert != NULL) {
        (void)curl_easy_setopt(easy, CURLOPT_SSLCERT, target->client_cert);
        (void)curl_easy_setopt(easy, CURLOPT_SSLKEY, target->client_key);
    }
}

static void set_callbacks(struct http_link *link)
{
    CURL *easy = link->easy;
    (void)curl_easy_setopt(easy, CURLOPT_PRIVATE, link);
    (void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, link->words);
    (void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
    (void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, link);
    (void)curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_connected);
    (void)curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    (void)curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, link->taken);
    (void)curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request);
    (void)curl_easy_setopt(easy, CURLOPT_PREREQDATA, link);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, link);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, link);
}

static bool set_up(struct http_link *link, const struct http_target *target)
{
    CURL *easy = link->easy;
    if (!url_of(target, link->url, sizeof(link->url)) || !bind_to_itself(link, target) ||
        curl_easy_setopt(easy, CURLOPT_URL, link->url) != CURLE_OK) {
        return false;
    }
    set_callbacks(link);
    set_trust(link, target);
    (void)curl_easy_setopt(easy, CURLOPT_CONNECT_TO, link->connect_to);
    (void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(easy, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    /* A refusal may be read before libcurl 8 has noted that all was sent; it would close then. */
    (void)curl_easy_setopt(easy, CURLOPT_KEEP_SENDING_ON_ERROR, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "pvsaudit/" PVSAUDIT_VERSION);
    (void)curl_easy_setopt(easy, CURLOPT_POST, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 4096L);
    (void)curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, 16384L);
    return true;
}

int http_link_open(struct http *http, const struct http_target *target, int fd,
                   struct http_link **ret, struct err *err)
{
    struct http_link *link = calloc(1, sizeof(*link));
    if (link == NULL) {
        (void)close(fd);
        return err_memory(err);
    }
    link->fd = fd;
    link->local_port = port_of(fd);
    link->https = target->https;
    link->pool = http_pool_join(http);
    link->easy = curl_easy_init();
    link->taken = calloc(1, sizeof(*link->taken));
    buf_init(&link->body, HTTP_BODY_MAX);
    buf_init(&link->challenges, HTTP_HEADERS_MAX);
    if (link->taken != NULL) {
        link->taken->fd = -1;
    }
    if (link->pool == NULL || link->easy == NULL || link->taken == NULL || !set_up(link, target)) {
        http_link_close(link);
        return err_memory(err);
    }
    *ret = link;
    return 0;
}

/* An idle connection stays in libcurl's cache until libcurl finds out that it is dead. */
static void hang_up(struct http_link *link)
{
    if (link->in_flight) {
        http_pool_end(link->pool, link->easy);
    }
    curl_easy_cleanup(link->easy);
    if (link->taken == NULL || link->taken->fd < 0) {
        free(link->taken);
    } else {
        link->taken->orphan = true;
        (void)shutdown(link->taken->fd, SHUT_RDWR);
    }
}

void http_link_close(struct http_link *link)
{
    if (link == NULL) {
        return;
    }
    hang_up(link);
    curl_slist_free_all(link->connect_to);
    curl_slist_free_all(link->headers);
    if (link->fd >= 0) {
        (void)close(link->fd);
    }
    if (link->pool != NULL) {
        http_pool_leave(link->pool);
    }
    buf_done(&link->body);
    buf_done(&link->challenges);
    free(link);
}

static bool add_header(struct http_link *link, const char *name, const char *value)
{
    struct buf line;
    buf_init(&line, HTTP_HEADERS_MAX);
    (void)buf_printf(&line, "%s:%s%s", name, value == NULL ? "" : " ", value == NULL ? "" : value);
    struct curl_slist *list = line.failed ? NULL : curl_slist_append(link->headers, line.data);
    buf_done(&line);
    link->headers = list != NULL ? list : link->headers;
    return list != NULL;
}

static void forget_reply(struct http_link *link)
{
    buf_done(&link->body); /* while hundreds of links wait for an answer, none keeps its last */
    buf_done(&link->challenges);
    curl_slist_free_all(link->headers);
    link->headers = NULL;
    link->content_type[0] = '\0';
    link->server[0] = '\0';
    link->date_s = -1;
    link->words[0] = '\0';
    link->header_bytes = 0;
    link->sent = false;
    link->head_ended = false;
}

/* A handshake that breaks off says nothing of TLS, and what speaks no TLS is no https. OpenSSL's
 * words are all that libcurl hands on of its reasons. */
static enum http_failure handshake_failure(const struct http_link *link)
{
    static const struct {
        const char *words;
        enum http_failure failure;
    } rows[] = {
        {"wrong version number", HTTP_GARBAGE}, {"packet length too long", HTTP_GARBAGE},
        {"http request", HTTP_GARBAGE},         {"unexpected eof", HTTP_LOST},
        {"SSL_ERROR_SYSCALL", HTTP_LOST},
    };
    long error = 0;
    (void)curl_easy_getinfo(link->easy, CURLINFO_OS_ERRNO, &error);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strstr(link->words, rows[i].words) != NULL) {
            return rows[i].failure;
        }
    }
    return error != 0 ? HTTP_LOST : HTTP_TLS;
}

static enum http_failure failure_of(const struct http_link *link, CURLcode result)
{
    if (link->flooded) {
        return HTTP_FLOOD;
    }
    switch (result) {
    case CURLE_OK: /* also where the connection ends within the head */
        return link->head_ended ? HTTP_OK : HTTP_LOST;
    case CURLE_SSL_CONNECT_ERROR:
        return handshake_failure(link);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
        return HTTP_TLS;
    case CURLE_ABORTED_BY_CALLBACK:
        return link->pin_differs ? HTTP_TLS : HTTP_LOST;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_BAD_CONTENT_ENCODING:
        return HTTP_GARBAGE;
    default:
        return HTTP_LOST;
    }
}

static void on_over(CURL *easy, CURLcode result)
{
    struct http_link *link = NULL;
    long status = 0;
    (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&link);
    (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    link->in_flight = false;
    (void)curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 0L);
    const struct http_reply reply = {
        .failure = failure_of(link, result),
        .code = (int)result,
        .detail = link->pin_differs        ? "the certificate is not the pinned one"
                  : link->words[0] != '\0' ? link->words
                                           : curl_easy_strerror(result),
        .sent = link->sent,
        .status = (unsigned)status,
        .body = {link->body.data == NULL ? "" : link->body.data, link->body.len},
        .content_type = link->content_type,
        .server = link->server,
        .challenges = link->challenges.data == NULL ? "" : link->challenges.data,
        .date_s = link->date_s,
    };
    link->done(link->data, &reply);
}

int http_link_post(struct http_link *link, const struct http_request *request,
                   void (*done)(void *data, const struct http_reply *reply), void *data,
                   struct err *err)
{
    CURL *easy = link->easy;
    forget_reply(link);
    bool ok = add_header(link, "Content-Type", request->content_type) &&
              add_header(link, "Expect", NULL) && add_header(link, "Accept", NULL) &&
              (request->authorization == NULL ||
               add_header(link, "Authorization", request->authorization));
    if (!ok) {
        return err_memory(err);
    }
    link->done = done;
    link->data = data;
    (void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, link->headers);
    (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
                           request->body.data == NULL ? "" : request->body.data);
    (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)request->body.len);
    if (http_pool_begin(link->pool, easy, on_over) != 0) {
        return err_memory(err);
    }
    link->in_flight = true;
    return 0;
}

struct slice http_link_binding(const struct http_link *link)
{
    return (struct slice){(const char *)link->leaf.binding, link->leaf.binding_len};
}

const char *http_link_fingerprint(const struct http_link *link)
{
    return link->leaf.fingerprint;
}

const char *http_link_certificate(const struct http_link *link)
{
    return link->leaf.words;
}

const char *http_link_url(const struct http_link *link)
{
    return link->url;
}
