/* scan_lock: one scan at a time, by a lock on a file beside the history. */
#include "db/file/scan_lock.h"

#include "core/arena.h"
#include "db/file/db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { FILE_MODE = 0640, PID_TEXT = 24 };

static int refuse(int fd, const char *path, struct err *err)
{
    char pid[PID_TEXT] = "";
    ssize_t len = pread(fd, pid, sizeof(pid) - 1, 0);
    size_t digits = len > 0 ? strspn(pid, "0123456789") : 0;
    pid[digits] = '\0';
    return err_set(err, ERR_LOCKED, "history",
                   "%s: another scan is running (pid %s); wait for it to end", path,
                   digits > 0 ? pid : "not known");
}

int scan_lock_take(const char *history_path, int *ret_fd, struct err *err)
{
    struct arena arena = {.blocks = NULL};
    const char *path = arena_printf(&arena, "%s.scan", history_path);
    if (path == NULL) {
        return err_memory(err);
    }
    int rc = 0;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);
    if (fd < 0) {
        rc = db_system_error(path, "make the lock file", err);
        goto out;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        rc = errno == EWOULDBLOCK ? refuse(fd, path, err) : db_system_error(path, "lock", err);
        (void)close(fd);
        goto out;
    }
    /* The number is for people; the lock holds without it. */
    char pid[PID_TEXT];
    int len = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) == 0 && len > 0) {
        ssize_t written = pwrite(fd, pid, (size_t)len, 0);
        (void)written;
    }
    *ret_fd = fd;
out:
    arena_done(&arena);
    return rc;
}

void scan_lock_release(int fd)
{
    if (fd >= 0) {
        (void)close(fd);
    }
}
