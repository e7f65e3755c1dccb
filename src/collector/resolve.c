/* resolve: names to addresses on the loop, without blocking it. */
#include "collector/resolve.h"

#include "core/str.h"

#include <ares.h>
#include <idn2.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct resolver_socket {
    uv_poll_t poll;
    struct resolver *resolver;
    ares_socket_t fd;
    struct resolver_socket *next;
};

struct resolver {
    uv_loop_t *loop;
    ares_channel channel;
    uv_timer_t timer; /* c-ares' own time-outs */
    struct resolver_socket *sockets;
};

struct resolver_query {
    uv_timer_t deliver; /* hands the answer over from the loop, never from inside start */
    void (*done)(void *data, const struct resolver_answer *answer);
    void *data;
    uint16_t port;
    struct sockaddr_storage addresses[RESOLVE_MAX];
    size_t count;
    int code;
    char name[256];
    char detail[512];
};

static void socket_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void on_timer(uv_timer_t *timer)
{
    struct resolver *resolver = timer->data;
    ares_process_fd(resolver->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct resolver_socket *socket = poll->data;
    struct resolver *resolver = socket->resolver;
    ares_socket_t fd = socket->fd;
    bool readable = status < 0 || (events & UV_READABLE) != 0;
    bool writable = status < 0 || (events & UV_WRITABLE) != 0;
    (void)uv_timer_again(&resolver->timer);
    ares_process_fd(resolver->channel, readable ? fd : ARES_SOCKET_BAD,
                    writable ? fd : ARES_SOCKET_BAD);
}

static void socket_forget(struct resolver *resolver, ares_socket_t fd)
{
    for (struct resolver_socket **at = &resolver->sockets; *at != NULL; at = &(*at)->next) {
        struct resolver_socket *socket = *at;
        if (socket->fd == fd) {
            *at = socket->next;
            (void)uv_poll_stop(&socket->poll);
            uv_close((uv_handle_t *)&socket->poll, socket_closed);
            break;
        }
    }
    if (resolver->sockets == NULL) {
        (void)uv_timer_stop(&resolver->timer);
    }
}

static struct resolver_socket *socket_of(struct resolver *resolver, ares_socket_t fd)
{
    for (struct resolver_socket *socket = resolver->sockets; socket != NULL;
         socket = socket->next) {
        if (socket->fd == fd) {
            return socket;
        }
    }
    struct resolver_socket *socket = calloc(1, sizeof(*socket));
    if (socket == NULL || uv_poll_init(resolver->loop, &socket->poll, fd) != 0) {
        free(socket);
        return NULL;
    }
    socket->poll.data = socket;
    socket->resolver = resolver;
    socket->fd = fd;
    socket->next = resolver->sockets;
    resolver->sockets = socket;
    return socket;
}

/* c-ares tells which of its sockets wait for what; nothing at all means that it is about to close.
 */
static void on_socket_state(void *data, ares_socket_t fd, int readable, int writable)
{
    struct resolver *resolver = data;
    if (!readable && !writable) {
        socket_forget(resolver, fd);
        return;
    }
    struct resolver_socket *socket = socket_of(resolver, fd);
    if (socket == NULL) {
        return; /* the query then ends with its time-out */
    }
    int events = (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0);
    (void)uv_poll_start(&socket->poll, events, on_poll);
    if (!uv_is_active((uv_handle_t *)&resolver->timer)) {
        (void)uv_timer_start(&resolver->timer, on_timer, 100, 100);
    }
}

int resolver_open(uv_loop_t *loop, int64_t timeout_ms, struct resolver **ret, struct err *err)
{
    int code = ares_library_init(ARES_LIB_INIT_ALL);
    struct resolver *resolver = calloc(1, sizeof(*resolver));
    if (resolver == NULL) {
        return err_memory(err);
    }
    struct ares_options options;
    memset(&options, 0, sizeof(options));
    options.sock_state_cb = on_socket_state;
    options.sock_state_cb_data = resolver;
    options.timeout = timeout_ms > 0 && timeout_ms < 60000 ? (int)timeout_ms / 2 : 2500;
    options.tries = 2;
    if (code == ARES_SUCCESS) {
        code = ares_init_options(&resolver->channel, &options,
                                 ARES_OPT_SOCK_STATE_CB | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);
    }
    if (code != ARES_SUCCESS) {
        free(resolver);
        return err_set(err, ERR_IO, "resolve", "the resolver cannot start: %s",
                       ares_strerror(code));
    }
    resolver->loop = loop;
    resolver->timer.data = resolver;
    (void)uv_timer_init(loop, &resolver->timer);
    *ret = resolver;
    return 0;
}

static void resolver_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void resolver_close(struct resolver *resolver)
{
    if (resolver == NULL) {
        return;
    }
    ares_destroy(resolver->channel);
    while (resolver->sockets != NULL) {
        socket_forget(resolver, resolver->sockets->fd);
    }
    (void)uv_timer_stop(&resolver->timer);
    uv_close((uv_handle_t *)&resolver->timer, resolver_closed);
    ares_library_cleanup();
}

static void query_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void on_deliver(uv_timer_t *timer)
{
    struct resolver_query *query = timer->data;
    if (query->done != NULL) {
        struct resolver_answer answer = {
            .addresses = query->addresses,
            .count = query->count,
            .code = query->code,
            .detail = query->detail,
        };
        query->done(query->data, &answer);
    }
    uv_close((uv_handle_t *)timer, query_closed);
}

static void deliver_soon(struct resolver_query *query)
{
    (void)uv_timer_start(&query->deliver, on_deliver, 0, 0);
}

static void add_address(struct resolver_query *query, const struct sockaddr *address, size_t len)
{
    if (query->count >= RESOLVE_MAX || len > sizeof(query->addresses[0])) {
        return;
    }
    struct sockaddr_storage *to = &query->addresses[query->count++];
    memset(to, 0, sizeof(*to));
    memcpy(to, address, len);
    uint16_t port = htons(query->port);
    if (to->ss_family == AF_INET6) {
        ((struct sockaddr_in6 *)to)->sin6_port = port;
    } else {
        ((struct sockaddr_in *)to)->sin_port = port;
    }
}

static void on_addresses(void *data, int status, int timeouts, struct ares_addrinfo *result)
{
    struct resolver_query *query = data;
    (void)timeouts;
    query->code = status;
    if (status == ARES_SUCCESS && result != NULL) {
        for (struct ares_addrinfo_node *node = result->nodes; node != NULL; node = node->ai_next) {
            if (node->ai_family == AF_INET || node->ai_family == AF_INET6) {
                add_address(query, node->ai_addr, (size_t)node->ai_addrlen);
            }
        }
    }
    if (query->count == 0) {
        (void)snprintf(query->detail, sizeof(query->detail),
                       "the name %s has no address (%s): check the name, or give ansible_host",
                       query->name, ares_strerror(status));
    }
    if (result != NULL) {
        ares_freeaddrinfo(result);
    }
    deliver_soon(query);
}

/* libuv knows an interface by its name alone, and says nothing of one that is not there. */
static bool take_scope(struct resolver_query *query, struct sockaddr_in6 *address)
{
    const char *scope = strchr(query->name, '%');
    uint64_t number = 0;
    if (scope == NULL || address->sin6_scope_id != 0) {
        return true;
    }
    scope++;
    if (!str_u64((struct slice){scope, strlen(scope)}, UINT32_MAX, &number) || number == 0) {
        query->code = ARES_EBADNAME;
        (void)snprintf(query->detail, sizeof(query->detail),
                       "%s names no network interface of this computer; `ip link` lists them",
                       query->name);
        return false;
    }
    address->sin6_scope_id = (uint32_t)number;
    return true;
}

/* true: an answer is there, maybe that the address cannot be used. */
static bool literal(struct resolver_query *query)
{
    struct sockaddr_storage address;
    memset(&address, 0, sizeof(address));
    if (uv_ip4_addr(query->name, query->port, (struct sockaddr_in *)&address) == 0) {
        add_address(query, (const struct sockaddr *)&address, sizeof(struct sockaddr_in));
        return true;
    }
    if (uv_ip6_addr(query->name, query->port, (struct sockaddr_in6 *)&address) == 0) {
        if (take_scope(query, (struct sockaddr_in6 *)&address)) {
            add_address(query, (const struct sockaddr *)&address, sizeof(struct sockaddr_in6));
        }
        return true;
    }
    return false;
}

/* An internationalised name becomes A-labels; false, with the reason, where it is none. */
static bool to_alabels(struct resolver_query *query)
{
    char *alabels = NULL;
    int code = idn2_to_ascii_8z(query->name, &alabels, IDN2_NONTRANSITIONAL);
    bool fits = code == IDN2_OK && strlen(alabels) < sizeof(query->name);
    if (fits) {
        memcpy(query->name, alabels, strlen(alabels) + 1);
    } else {
        query->code = ARES_EBADNAME;
        (void)snprintf(query->detail, sizeof(query->detail), "%s is not a host name (%s)",
                       query->name, idn2_strerror(code));
    }
    idn2_free(alabels);
    return fits;
}

static bool is_ascii(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text >= 0x80) {
            return false;
        }
    }
    return true;
}

int resolver_start(struct resolver *resolver, const char *name, uint16_t port,
                   void (*done)(void *data, const struct resolver_answer *answer), void *data,
                   struct resolver_query **ret, struct err *err)
{
    struct resolver_query *query = calloc(1, sizeof(*query));
    if (query == NULL) {
        return err_memory(err);
    }
    query->done = done;
    query->data = data;
    query->port = port;
    query->deliver.data = query;
    (void)uv_timer_init(resolver->loop, &query->deliver);
    *ret = query;
    if (strlen(name) >= sizeof(query->name)) {
        query->code = ARES_EBADNAME;
        (void)snprintf(query->detail, sizeof(query->detail), "the name is longer than 255 bytes");
        deliver_soon(query);
        return 0;
    }
    memcpy(query->name, name, strlen(name) + 1);
    if (literal(query) || (!is_ascii(name) && !to_alabels(query))) {
        deliver_soon(query);
        return 0;
    }
    struct ares_addrinfo_hints hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    char service[8];
    (void)snprintf(service, sizeof(service), "%u", (unsigned)port);
    ares_getaddrinfo(resolver->channel, query->name, service, &hints, on_addresses, query);
    return 0;
}

void resolver_forget(struct resolver_query *query)
{
    if (query != NULL) {
        query->done = NULL;
    }
}
