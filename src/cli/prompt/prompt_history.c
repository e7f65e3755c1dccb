/* prompt_history: one line of the file is one line that was typed. */
#include "cli/prompt/prompt_history.h"

#include "core/buf.h"
#include "core/folder.h"
#include "core/str.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 1 << 20, KEPT = 256 << 10 };

/* The last bytes of the file, from a line's beginning on. */
static void read_tail(int fd, size_t max, struct buf *to)
{
    char bytes[4096];
    struct stat there;
    if (fstat(fd, &there) != 0) {
        return;
    }
    off_t from = there.st_size > (off_t)max ? there.st_size - (off_t)max : 0;
    off_t at = from;
    ssize_t got = pread(fd, bytes, sizeof(bytes), at);
    while (got > 0 && !to->failed) {
        (void)buf_append(to, bytes, (size_t)got);
        at += got;
        got = pread(fd, bytes, sizeof(bytes), at);
    }
    const char *begin = from > 0 && to->data != NULL ? memchr(to->data, '\n', to->len) : NULL;
    if (begin != NULL) {
        size_t cut = (size_t)(begin + 1 - to->data);
        memmove(to->data, begin + 1, to->len - cut + 1);
        to->len -= cut;
    }
}

static void cut(int fd)
{
    struct stat there;
    struct buf tail;
    if (fstat(fd, &there) != 0 || there.st_size <= FILE_MAX) {
        return;
    }
    buf_init(&tail, KEPT + 4096);
    read_tail(fd, KEPT, &tail);
    if (!tail.failed && ftruncate(fd, 0) == 0) {
        (void)!write(fd, tail.data, tail.len);
    }
    buf_done(&tail);
}

int prompt_history_open(const char *path, struct err *err)
{
    struct stat there;
    int fd =
        folder_make_above(path) != 0
            ? -1
            : open(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (fd < 0) {
        return err_set(err, ERR_IO, "history", "%s: %s", path, strerror(errno));
    }
    if (fstat(fd, &there) != 0 || !S_ISREG(there.st_mode) || fchmod(fd, 0600) != 0) {
        (void)close(fd);
        return err_set(err, ERR_IO, "history", "%s is not a file of ours", path);
    }
    cut(fd);
    return fd;
}

void prompt_history_load(int fd, void (*line)(void *data, const char *text), void *data)
{
    struct buf tail;
    buf_init(&tail, KEPT + 4096);
    read_tail(fd, KEPT, &tail);
    char *rest = tail.data;
    while (rest != NULL && *rest != '\0') {
        char *end = strchr(rest, '\n');
        if (end == NULL) {
            break;
        }
        *end = '\0';
        line(data, rest);
        rest = end + 1;
    }
    buf_done(&tail);
}

void prompt_history_add(int fd, const char *text)
{
    struct buf line;
    buf_init(&line, KEPT);
    (void)buf_printf(&line, "%s\n", text);
    if (!line.failed) {
        (void)!write(fd, line.data, line.len);
    }
    buf_done(&line);
}
