/* http: libcurl's multi interface on the loop, a few hundred links to each multi. */
#include "collector/transport/winrm/http_link.h"

#include <stdlib.h>

/* What one transfer costs grows with what is in flight on its multi. */
enum { LINKS_A_POOL = 500, KEPT_CONNECTIONS = 4 * LINKS_A_POOL };

struct http_pool {
    struct http *http;
    struct http_pool *next;
    CURLM *multi;
    uv_timer_t timer;
    unsigned links;
    http_over *over;
    bool timer_closed;
    unsigned sockets; /* whose handles are not closed yet */
};

struct http {
    uv_loop_t *loop;
    struct http_pool *pools;
    unsigned count; /* links so far */
    bool closing;
};

struct watched_socket {
    uv_poll_t poll;
    curl_socket_t fd;
    struct http_pool *pool;
};

struct http *http_new(uv_loop_t *loop)
{
    struct http *http = calloc(1, sizeof(*http));
    if (http == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(http);
        return NULL;
    }
    http->loop = loop;
    return http;
}

/* Links learn that they are over only here, when libcurl is not on the stack any more. */
static void tell(struct http_pool *pool)
{
    int left = 0;
    for (CURLMsg *message = curl_multi_info_read(pool->multi, &left); message != NULL;
         message = curl_multi_info_read(pool->multi, &left)) {
        if (message->msg == CURLMSG_DONE) {
            CURL *easy = message->easy_handle;
            CURLcode result = message->data.result;
            (void)curl_multi_remove_handle(pool->multi, easy);
            pool->over(easy, result);
        }
    }
}

static void on_timer(uv_timer_t *timer)
{
    struct http_pool *pool = timer->data;
    int running = 0;
    (void)curl_multi_socket_action(pool->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    tell(pool);
}

static int on_timer_change(CURLM *multi, long ms, void *data)
{
    struct http_pool *pool = data;
    (void)multi;
    if (ms < 0) {
        (void)uv_timer_stop(&pool->timer);
    } else {
        (void)uv_timer_start(&pool->timer, on_timer, (uint64_t)ms, 0);
    }
    return 0;
}

static void on_socket_ready(uv_poll_t *poll, int status, int events)
{
    struct watched_socket *watched = poll->data;
    struct http_pool *pool = watched->pool;
    int running = 0;
    int action = 0;
    action |= (events & UV_READABLE) != 0 ? CURL_CSELECT_IN : 0;
    action |= (events & UV_WRITABLE) != 0 ? CURL_CSELECT_OUT : 0;
    action |= status < 0 ? CURL_CSELECT_ERR : 0;
    (void)curl_multi_socket_action(pool->multi, watched->fd, action, &running);
    tell(pool);
}

static void free_if_closed(struct http_pool *pool);

static void on_poll_closed(uv_handle_t *handle)
{
    struct watched_socket *watched = handle->data;
    struct http_pool *pool = watched->pool;
    pool->sockets--;
    free(watched);
    free_if_closed(pool);
}

static struct watched_socket *watch(struct http_pool *pool, curl_socket_t fd)
{
    struct watched_socket *watched = calloc(1, sizeof(*watched));
    if (watched == NULL || uv_poll_init_socket(pool->http->loop, &watched->poll, fd) != 0) {
        free(watched);
        return NULL;
    }
    watched->fd = fd;
    watched->pool = pool;
    watched->poll.data = watched;
    pool->sockets++;
    (void)curl_multi_assign(pool->multi, fd, watched);
    return watched;
}

static int on_socket_change(CURL *easy, curl_socket_t fd, int what, void *data, void *socket_data)
{
    struct http_pool *pool = data;
    struct watched_socket *watched = socket_data;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (watched != NULL) {
            (void)curl_multi_assign(pool->multi, fd, NULL);
            uv_close((uv_handle_t *)&watched->poll, on_poll_closed);
        }
        return 0;
    }
    watched = watched == NULL ? watch(pool, fd) : watched;
    if (watched == NULL) {
        return -1;
    }
    int events = (what & CURL_POLL_IN) != 0 ? UV_READABLE : 0;
    events |= (what & CURL_POLL_OUT) != 0 ? UV_WRITABLE : 0;
    return uv_poll_start(&watched->poll, events, on_socket_ready) == 0 ? 0 : -1;
}

static struct http_pool *pool_new(struct http *http)
{
    struct http_pool *pool = calloc(1, sizeof(*pool));
    if (pool == NULL) {
        return NULL;
    }
    pool->multi = curl_multi_init();
    if (pool->multi == NULL) {
        free(pool);
        return NULL;
    }
    pool->http = http;
    (void)uv_timer_init(http->loop, &pool->timer);
    pool->timer.data = pool;
    (void)curl_multi_setopt(pool->multi, CURLMOPT_SOCKETFUNCTION, on_socket_change);
    (void)curl_multi_setopt(pool->multi, CURLMOPT_SOCKETDATA, pool);
    (void)curl_multi_setopt(pool->multi, CURLMOPT_TIMERFUNCTION, on_timer_change);
    (void)curl_multi_setopt(pool->multi, CURLMOPT_TIMERDATA, pool);
    (void)curl_multi_setopt(pool->multi, CURLMOPT_MAXCONNECTS, (long)KEPT_CONNECTIONS);
    (void)curl_multi_setopt(pool->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
    pool->next = http->pools;
    http->pools = pool;
    return pool;
}

struct http_pool *http_pool_join(struct http *http)
{
    struct http_pool *pool = http->pools;
    while (pool != NULL && pool->links >= LINKS_A_POOL) {
        pool = pool->next;
    }
    pool = pool == NULL ? pool_new(http) : pool;
    if (pool != NULL) {
        pool->links++;
    }
    return pool;
}

void http_pool_leave(struct http_pool *pool)
{
    pool->links--;
}

unsigned http_pool_next(struct http_pool *pool)
{
    return pool->http->count++;
}

int http_pool_begin(struct http_pool *pool, CURL *easy, http_over *over)
{
    pool->over = over;
    return curl_multi_add_handle(pool->multi, easy) == CURLM_OK ? 0 : -1;
}

void http_pool_end(struct http_pool *pool, CURL *easy)
{
    (void)curl_multi_remove_handle(pool->multi, easy);
}

static void free_if_closed(struct http_pool *pool)
{
    struct http *http = pool->http;
    if (!http->closing || !pool->timer_closed || pool->sockets > 0) {
        return;
    }
    struct http_pool **at = &http->pools;
    while (*at != pool) {
        at = &(*at)->next;
    }
    *at = pool->next;
    free(pool);
    if (http->pools == NULL) {
        free(http);
    }
}

static void on_pool_timer_closed(uv_handle_t *handle)
{
    struct http_pool *pool = handle->data;
    pool->timer_closed = true;
    free_if_closed(pool);
}

void http_close(struct http *http)
{
    if (http == NULL) {
        return;
    }
    http->closing = true;
    if (http->pools == NULL) {
        free(http);
        return;
    }
    for (struct http_pool *pool = http->pools; pool != NULL; pool = pool->next) {
        (void)curl_multi_cleanup(pool->multi); /* closes what it has kept */
        uv_close((uv_handle_t *)&pool->timer, on_pool_timer_closed);
    }
}
