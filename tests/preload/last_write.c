/* last_write: preloaded, ends a program by SIGKILL at its n-th change to a history. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A change is the creation, writing, truncation, syncing or removal of a file whose path begins
 * with LAST_WRITE_FILES. The program ends after change LAST_WRITE_AT, or within it, a write half
 * done, where LAST_WRITE_TORN is set. LAST_WRITE_TOTAL: a file where the number of changes is left
 * by a program that comes to its own end. */
static atomic_ulong changes;

static bool is_counted_path(const char *path)
{
    const char *files = getenv("LAST_WRITE_FILES");
    return files != NULL && strncmp(path, files, strlen(files)) == 0;
}

static bool is_counted(int fd)
{
    char link[64];
    char path[PATH_MAX];
    (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof(path) - 1);
    if (len < 0) {
        return false;
    }
    path[len] = '\0';
    return is_counted_path(path);
}

static bool is_last(void)
{
    const char *at = getenv("LAST_WRITE_AT");
    char number[32];
    (void)snprintf(number, sizeof(number), "%lu", atomic_fetch_add(&changes, 1) + 1);
    return at != NULL && strcmp(number, at) == 0;
}

static void end_here(void)
{
    (void)kill(getpid(), SIGKILL);
}

static long after(long result)
{
    int code = errno;
    if (is_last()) {
        end_here();
    }
    errno = code;
    return result;
}

__attribute__((destructor)) static void leave_total(void)
{
    const char *path = getenv("LAST_WRITE_TOTAL");
    FILE *file = path == NULL ? NULL : fopen(path, "we");
    if (file != NULL) {
        (void)fprintf(file, "%lu\n", atomic_load(&changes));
        (void)fclose(file);
    }
}

static ssize_t write_at(int fd, const void *bytes, size_t len, const off_t *at)
{
    bool counted = is_counted(fd);
    bool last = counted && is_last();
    size_t part = last && getenv("LAST_WRITE_TORN") != NULL ? len / 2 : len;
    long written = at == NULL ? syscall(SYS_write, fd, bytes, part)
                              : syscall(SYS_pwrite64, fd, bytes, part, *at);
    if (last) {
        end_here();
    }
    return written;
}

ssize_t write(int fd, const void *bytes, size_t len)
{
    return write_at(fd, bytes, len, NULL);
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
    return write_at(fd, bytes, len, &at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
    return write_at(fd, bytes, len, &at);
}

int ftruncate(int fd, off_t size)
{
    long result = syscall(SYS_ftruncate, fd, size);
    return (int)(is_counted(fd) ? after(result) : result);
}

int ftruncate64(int fd, off64_t size)
{
    return ftruncate(fd, size);
}

int fsync(int fd)
{
    long result = syscall(SYS_fsync, fd);
    return (int)(is_counted(fd) ? after(result) : result);
}

int fdatasync(int fd)
{
    long result = syscall(SYS_fdatasync, fd);
    return (int)(is_counted(fd) ? after(result) : result);
}

int unlink(const char *path)
{
    long result = syscall(SYS_unlink, path);
    return (int)(is_counted_path(path) ? after(result) : result);
}

static int open_at(const char *path, int flags, mode_t mode)
{
    bool makes = (flags & O_CREAT) != 0 && is_counted_path(path) && access(path, F_OK) != 0;
    long fd = syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    return (int)(makes ? after(fd) : fd);
}

int open(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return open_at(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return open_at(path, flags, mode);
}
