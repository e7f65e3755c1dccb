/* handover: connections passed to the process that plays their server. */
#include "farm/winrm/handover.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FULL_MS = 200 }; /* two processes that wait for each other give up */

/* What goes beside the descriptor. */
struct note {
    uint32_t server;
    uint8_t https;
};

int handover_open(struct handover *h, unsigned count, struct err *err)
{
    *h = (struct handover){0};
    for (; h->count < count; h->count++) {
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
                       h->ends[h->count]) != 0) {
            handover_close(h);
            return err_set(err, ERR_IO, "workers", "no socket between them: %s", strerror(errno));
        }
    }
    return 0;
}

void handover_close(struct handover *h)
{
    while (h->count > 0) {
        h->count--;
        (void)close(h->ends[h->count][0]);
        (void)close(h->ends[h->count][1]);
    }
}

unsigned handover_owner(const struct handover *h, uint32_t server)
{
    return h->count == 0 ? 0 : server % h->count;
}

bool handover_send(const struct handover *h, const struct handed *handed)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {{0}};
    struct note note = {handed->server, handed->https ? 1 : 0};
    struct iovec part = {&note, sizeof(note)};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof(control.bytes)};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &handed->fd, sizeof(int));
    struct pollfd room = {.fd = h->ends[handover_owner(h, handed->server)][1], .events = POLLOUT};
    while (sendmsg(room.fd, &message, MSG_NOSIGNAL) != (ssize_t)sizeof(note)) {
        if (errno != EAGAIN || poll(&room, 1, FULL_MS) <= 0) {
            return false;
        }
    }
    return true;
}

bool handover_receive(const struct handover *h, unsigned worker, struct handed *ret)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {{0}};
    struct note note = {0};
    struct iovec part = {&note, sizeof(note)};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof(control.bytes)};
    if (recvmsg(h->ends[worker][0], &message, MSG_CMSG_CLOEXEC) != (ssize_t)sizeof(note)) {
        return false;
    }
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header == NULL || header->cmsg_type != SCM_RIGHTS) {
        return false;
    }
    memcpy(&ret->fd, CMSG_DATA(header), sizeof(int));
    ret->server = note.server;
    ret->https = note.https != 0;
    return true;
}
