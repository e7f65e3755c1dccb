/* race: a TCP connection to the first of a host's addresses that answers (RFC 8305). */
#include "collector/transport/race.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <unistd.h>

struct attempt {
    struct race *race;
    size_t index;
    int fd; /* -1: not started, or over */
    uv_poll_t poll;
};

struct race {
    uv_loop_t *loop;
    const struct sockaddr_storage *addresses;
    size_t count, next; /* next: the address to be tried */
    size_t pending; /* attempts under way */
    int error; /* 0: nothing was said yet */
    size_t error_index;
    void (*found)(void *data, int fd, size_t index, int error); /* NULL once called */
    void *data;
    uv_timer_t timer;
    unsigned handles; /* that are not closed yet */
    void (*closed)(void *data);
    void *closed_data;
    struct attempt attempts[RACE_MAX];
};

/* A refusal tells that the host is there; a missing route tells more than a time-out. */
static int weight(int error)
{
    switch (error) {
    case 0:
        return 0;
    case ETIMEDOUT:
        return 1;
    case ECONNREFUSED:
        return 3;
    default:
        return 2;
    }
}

static void note_error(struct race *race, size_t index, int error)
{
    if (weight(error) > weight(race->error)) {
        race->error = error;
        race->error_index = index;
    }
}

int race_error(const struct race *race, size_t *ret_index)
{
    *ret_index = race->error_index;
    return race->error == 0 ? ETIMEDOUT : race->error;
}

static void handle_closed(uv_handle_t *handle)
{
    struct race *race = handle->data;
    race->handles--;
    if (race->handles == 0) {
        void (*closed)(void *data) = race->closed;
        void *data = race->closed_data;
        free(race);
        closed(data);
    }
}

static void poll_closed(uv_handle_t *handle)
{
    struct attempt *attempt = handle->data;
    handle->data = attempt->race;
    handle_closed(handle);
}

static void attempt_stop(struct attempt *attempt)
{
    if (attempt->fd >= 0) {
        uv_close((uv_handle_t *)&attempt->poll, poll_closed);
        (void)close(attempt->fd);
        attempt->fd = -1;
        attempt->race->pending--;
    }
}

static void tell(struct race *race, int fd, size_t index, int error)
{
    void (*found)(void *data, int fd, size_t index, int error) = race->found;
    (void)uv_timer_stop(&race->timer);
    race->found = NULL;
    if (found != NULL) {
        found(race->data, fd, index, error);
    } else if (fd >= 0) {
        (void)close(fd);
    }
}

static void try_next(struct race *race);

static void attempt_failed(struct attempt *attempt, int error)
{
    struct race *race = attempt->race;
    note_error(race, attempt->index, error);
    attempt_stop(attempt);
    try_next(race);
}

static void attempt_ready(uv_poll_t *poll, int status, int events)
{
    (void)events;
    struct attempt *attempt = poll->data;
    struct race *race = attempt->race;
    int error = 0;
    socklen_t size = sizeof(error);
    if (getsockopt(attempt->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
        error = errno;
    }
    if (error == 0 && status < 0) { /* libuv says EBADF of any error; the socket knows more */
        error = -status;
    }
    if (error != 0) {
        attempt_failed(attempt, error);
        return;
    }
    /* The caller polls this socket with a handle of its own, so ours lets go of it first. */
    int fd = attempt->fd;
    uv_close((uv_handle_t *)&attempt->poll, poll_closed);
    attempt->fd = -1;
    race->pending--;
    for (size_t i = 0; i < RACE_MAX; i++) {
        attempt_stop(&race->attempts[i]);
    }
    tell(race, fd, attempt->index, 0);
}

static socklen_t address_size(const struct sockaddr_storage *address)
{
    return address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                          : sizeof(struct sockaddr_in);
}

/* 0: under way; else errno. */
static int attempt_start(struct attempt *attempt)
{
    struct race *race = attempt->race;
    const struct sockaddr_storage *address = &race->addresses[attempt->index];
    int on = 1;
    int fd = socket(address->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return errno;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (connect(fd, (const struct sockaddr *)address, address_size(address)) != 0 &&
        errno != EINPROGRESS) {
        int error = errno;
        (void)close(fd);
        return error;
    }
    int rc = uv_poll_init(race->loop, &attempt->poll, fd);
    if (rc != 0) {
        (void)close(fd);
        return -rc;
    }
    attempt->fd = fd;
    attempt->poll.data = attempt;
    race->handles++;
    race->pending++;
    (void)uv_poll_start(&attempt->poll, UV_WRITABLE, attempt_ready);
    return 0;
}

static void timer_fired(uv_timer_t *timer)
{
    try_next(timer->data);
}

static void try_next(struct race *race)
{
    while (race->next < race->count) {
        struct attempt *attempt = &race->attempts[race->next];
        attempt->index = race->next++;
        int error = attempt_start(attempt);
        if (error == 0) {
            (void)uv_timer_start(&race->timer, timer_fired, RACE_STEP_MS, 0);
            return;
        }
        note_error(race, attempt->index, error);
    }
    if (race->pending == 0) {
        tell(race, -1, race->error_index, race->error);
    }
}

struct race *race_start(uv_loop_t *loop, const struct sockaddr_storage *addresses, size_t count,
                        void (*found)(void *data, int fd, size_t index, int error), void *data)
{
    struct race *race = calloc(1, sizeof(*race));
    if (race == NULL) {
        return NULL;
    }
    race->loop = loop;
    race->addresses = addresses;
    race->count = count < RACE_MAX ? count : RACE_MAX;
    race->found = found;
    race->data = data;
    for (size_t i = 0; i < RACE_MAX; i++) {
        race->attempts[i] = (struct attempt){.race = race, .fd = -1};
    }
    (void)uv_timer_init(loop, &race->timer);
    race->timer.data = race;
    race->handles = 1;
    (void)uv_timer_start(&race->timer, timer_fired, 0, 0);
    return race;
}

void race_close(struct race *race, void (*closed)(void *data), void *data)
{
    race->found = NULL;
    race->closed = closed;
    race->closed_data = data;
    for (size_t i = 0; i < RACE_MAX; i++) {
        attempt_stop(&race->attempts[i]);
    }
    uv_close((uv_handle_t *)&race->timer, handle_closed);
}
