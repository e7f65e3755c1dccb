/* open_input: a file that is read from its beginning to its end, opened without a wait. */
#include "core/open_input.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* A FIFO lies in a folder's file system, a pipe in none. */
static bool is_fifo_of_a_folder(int fd)
{
    struct stat status;
    struct statfs system;
    return fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode) && fstatfs(fd, &system) == 0 &&
           system.f_type != PIPEFS_MAGIC;
}

int open_input(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        return -1;
    }
    if (is_fifo_of_a_folder(fd)) {
        (void)close(fd);
        errno = ESPIPE;
        return -1;
    }
    int flags = fcntl(fd, F_GETFL);
    (void)fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
    return fd;
}
