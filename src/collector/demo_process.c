/* demo_process: the demo's own child processes: the programs beside this one, and the farm. */
#include "collector/demo_process.h"

#include "core/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, READY_MS = 20000, STOP_MS = 5000, READY_FD = 3 };

static int beside(const char *name, char to[PATH_BYTES], struct err *err)
{
    char self[PATH_BYTES];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (n <= 0) {
        return err_set(err, ERR_IO, "demo", "cannot read /proc/self/exe: %s", strerror(errno));
    }
    self[n] = '\0';
    char *slash = strrchr(self, '/');
    if (slash == NULL ||
        snprintf(to, PATH_BYTES, "%.*s/%s", (int)(slash - self), self, name) >= PATH_BYTES) {
        return err_set(err, ERR_IO, "demo", "the path of this program is too long");
    }
    if (access(to, X_OK) != 0) {
        return err_set(err, ERR_IO, "demo", "%s is not there: ./run build makes it", to);
    }
    return 0;
}

int demo_process_run(const char *const *argv, bool silent, int *ret_status, struct err *err)
{
    char path[PATH_BYTES];
    pid_t pid = 0;
    if (beside(argv[0], path, err) != 0) {
        return -1;
    }
    int nowhere = silent ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;
    (void)fflush(NULL);
    int rc = child_start(path, argv, nowhere, STDOUT_FILENO, &pid);
    if (nowhere >= 0) {
        (void)close(nowhere);
    }
    if (rc != 0 || child_wait(pid, ret_status) != 0) {
        return err_set(err, ERR_IO, "demo", "cannot run %s: %s", path, strerror(errno));
    }
    return *ret_status != CHILD_NOT_RUN ? 0 : err_set(err, ERR_IO, "demo", "cannot run %s", path);
}

/* The farm writes a line to its descriptor when it serves, and closes it when it ends. */
static int wait_ready(int fd, struct err *err)
{
    char byte = 0;
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    int n = poll(&ready, 1, READY_MS);
    if (n > 0 && read(fd, &byte, 1) == 1) {
        return 0;
    }
    return err_set(err, ERR_IO, "demo",
                   n > 0 ? "the farm ended before it served (see above)"
                         : "the farm does not serve after 20 s");
}

int demo_process_start_farm(const char *const *argv, pid_t *ret_pid, struct err *err)
{
    char path[PATH_BYTES];
    int ends[2];
    pid_t pid = 0;
    if (beside(argv[0], path, err) != 0) {
        return -1;
    }
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return err_set(err, ERR_IO, "demo", "cannot make a pipe: %s", strerror(errno));
    }
    /* Descriptor 3 may be one of the two ends itself: dup2 onto itself keeps it open over exec only
     * where a copy was taken before. */
    int copy = fcntl(ends[1], F_DUPFD_CLOEXEC, 16);
    bool started = child_start(path, argv, copy, READY_FD, &pid) == 0;
    int rc = started ? 0 : err_set(err, ERR_IO, "demo", "cannot run %s: %s", path, strerror(errno));
    (void)close(ends[1]);
    (void)close(copy);
    rc = rc != 0 ? rc : wait_ready(ends[0], err);
    (void)close(ends[0]);
    if (rc != 0 && started) {
        demo_process_stop(pid);
    }
    if (rc == 0) {
        *ret_pid = pid;
    }
    return rc;
}

void demo_process_stop(pid_t pid)
{
    const struct timespec pause = {.tv_nsec = 10000000};
    (void)kill(pid, SIGTERM);
    for (int waited = 0; waited < STOP_MS; waited += 10) {
        if (waitpid(pid, NULL, WNOHANG) != 0) {
            return;
        }
        (void)nanosleep(&pause, NULL);
    }
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
}
