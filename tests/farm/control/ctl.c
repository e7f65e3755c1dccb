/* ctl: the other end of the control socket. */
#include "farm/control/ctl.h"

#include "core/str.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int send_words(int fd, char **words, int count)
{
    for (int i = 0; i < count; i++) {
        size_t left = strlen(words[i]) + 1;
        for (const char *at = words[i]; left > 0;) {
            ssize_t n = send(fd, at, left, MSG_NOSIGNAL);
            if (n <= 0) {
                return -1;
            }
            at += n;
            left -= (size_t)n;
        }
    }
    return shutdown(fd, SHUT_WR);
}

static int read_answer(int fd, struct buf *answer)
{
    char chunk[4096];
    int status = 0;
    bool first = true;
    for (;;) {
        ssize_t n = recv(fd, chunk, sizeof(chunk), 0);
        if (n < 0) {
            return -1;
        }
        if (n == 0) {
            return status;
        }
        status = first && chunk[0] == '1' ? 1 : status;
        (void)buf_append(answer, chunk + (first ? 1 : 0), (size_t)n - (first ? 1 : 0));
        first = false;
    }
}

int ctl_ask(const char *path, char **words, int count, struct buf *answer, struct err *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!str_copy(address.sun_path, sizeof(address.sun_path), path)) {
        return err_set(err, ERR_USAGE, "ctl", "the path of the socket is too long");
    }
    int status = -1, fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        send_words(fd, words, count) != 0) {
        (void)err_set(err, ERR_IO, "ctl", "%s: no farm answers there: %s", path, strerror(errno));
    } else {
        status = read_answer(fd, answer);
        if (status < 0) {
            (void)err_set(err, ERR_IO, "ctl", "%s: the farm broke off", path);
        }
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return status;
}
