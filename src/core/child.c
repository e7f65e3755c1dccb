/* child: a program started by this one, which does not outlive it. */
#include "core/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Whoever started it may have ended before the wish was known: then there is no other sign. */
static void dies_with(pid_t parent)
{
    if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent) {
        _exit(CHILD_NOT_RUN);
    }
}

/* dup2 leaves one that is there already as it is, and it would be closed on the way. */
static bool put(int from, int to)
{
    return from == to ? fcntl(from, F_SETFD, 0) == 0 : dup2(from, to) >= 0;
}

int child_start(const char *path, const char *const *argv, int from, int to, pid_t *ret)
{
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid < 0) {
        return -1;
    }
    if (pid == 0) {
        dies_with(parent);
        if (from >= 0 && !put(from, to)) {
            _exit(CHILD_NOT_RUN);
        }
        (void)execv(path, (char *const *)(uintptr_t)argv);
        _exit(CHILD_NOT_RUN);
    }
    *ret = pid;
    return 0;
}

int child_wait(pid_t pid, int *ret_code)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            return -1;
        }
    }
    *ret_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return 0;
}
