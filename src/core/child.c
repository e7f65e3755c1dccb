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

/* Who is not in front is stopped where he moves the terminal, unless he blocks the signal. */
static void stand_apart(int terminal)
{
    sigset_t stop;
    sigset_t before;
    (void)setpgid(0, 0);
    if (terminal < 0) {
        return;
    }
    (void)sigemptyset(&stop);
    (void)sigaddset(&stop, SIGTTOU);
    (void)sigprocmask(SIG_BLOCK, &stop, &before);
    (void)tcsetpgrp(terminal, getpid());
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
}

struct start {
    const char *path;
    const char *const *argv;
    int from, to;
    bool apart;
    int terminal;
};

static int start_child(const struct start *start, pid_t *ret)
{
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid < 0) {
        return -1;
    }
    if (pid == 0) {
        dies_with(parent);
        if (start->apart) {
            stand_apart(start->terminal);
        }
        if (start->from >= 0 && !put(start->from, start->to)) {
            _exit(CHILD_NOT_RUN);
        }
        (void)execv(start->path, (char *const *)(uintptr_t)start->argv);
        _exit(CHILD_NOT_RUN);
    }
    if (start->apart) {
        (void)setpgid(pid, pid); /* whichever of the two comes first */
    }
    *ret = pid;
    return 0;
}

int child_start(const char *path, const char *const *argv, int from, int to, pid_t *ret)
{
    const struct start start = {.path = path, .argv = argv, .from = from, .to = to};
    return start_child(&start, ret);
}

int child_start_apart(const char *path, const char *const *argv, int from, int to, int terminal,
                      pid_t *ret)
{
    const struct start start = {
        .path = path, .argv = argv, .from = from, .to = to, .apart = true, .terminal = terminal};
    return start_child(&start, ret);
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
