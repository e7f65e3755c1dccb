/* password_command: the command that prints a password, run as the user would, for a time. */
#include "collector/password_command.h"

#include "core/child.h"
#include "core/clock.h"
#include "core/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOOK_MS = 10 };

struct run {
    pid_t child; /* and its process group */
    int output;
    int terminal; /* that it was lent, -1 = none */
    int64_t until_ms; /* monotonic */
    bool late;
};

/* The command gets the terminal where we have it: it may ask for a PIN. */
static int terminal_in_front(void)
{
    int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (terminal >= 0 && tcgetpgrp(terminal) != getpgrp()) {
        (void)close(terminal);
        return -1;
    }
    return terminal;
}

/* Who is not in front is stopped where he moves the terminal, unless he blocks the signal. */
static void take_terminal_back(const struct run *run)
{
    sigset_t stop;
    sigset_t before;
    if (run->terminal < 0) {
        return;
    }
    (void)sigemptyset(&stop);
    (void)sigaddset(&stop, SIGTTOU);
    (void)sigprocmask(SIG_BLOCK, &stop, &before);
    (void)tcsetpgrp(run->terminal, getpgrp());
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    (void)close(run->terminal);
}

static int left_ms(const struct run *run)
{
    int64_t left = run->until_ms - clock_monotonic_ms();
    return left < 0 ? 0 : (int)left;
}

/* To the end of what it writes; false: too much, or late. */
static bool read_output(struct run *run, char *bytes, size_t size, size_t *ret_len)
{
    size_t len = 0;
    while (len < size) {
        struct pollfd ready = {.fd = run->output, .events = POLLIN};
        int rc = poll(&ready, 1, left_ms(run));
        if (rc < 0 && errno == EINTR) {
            continue;
        }
        run->late = rc == 0;
        ssize_t n = rc > 0 ? read(run->output, bytes + len, size - len) : -1;
        if (n <= 0) {
            *ret_len = len;
            return n == 0;
        }
        len += (size_t)n;
    }
    return false;
}

/* It may close its output and stay. */
static int wait_for_end(struct run *run)
{
    int status = 0;
    pid_t ended = 0;
    while (ended != run->child && !run->late) {
        ended = waitpid(run->child, &status, WNOHANG);
        if (ended < 0 && errno != EINTR) {
            return -1;
        }
        run->late = ended == 0 && left_ms(run) == 0;
        if (ended == 0 && !run->late) {
            (void)poll(NULL, 0, LOOK_MS);
        }
    }
    return ended == run->child ? status : -1;
}

/* -1: it was killed; else as wait(2) has it. */
static int finish(struct run *run, bool wrote)
{
    int status = wrote ? wait_for_end(run) : -1;
    if (!wrote || run->late) {
        (void)kill(-run->child, SIGKILL);
        while (waitpid(run->child, &status, 0) < 0 && errno == EINTR) {
        }
        return -1;
    }
    return status;
}

static int refuse(const struct run *run, const char *command, int64_t deadline_ms, int status,
                  struct err *err)
{
    if (run->late) {
        return err_set(err, ERR_CONFIG, "credential",
                       "the password command did not end within %lld ms and was killed: run it by "
                       "hand to see why, or raise deadlines.password_command: %s",
                       (long long)deadline_ms, command);
    }
    if (status >= 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGINT) {
        return err_set(err, ERR_CANCELLED, "credential", "interrupted at the password command");
    }
    return err_set(err, ERR_CONFIG, "credential",
                   "the password command failed: run it by hand to see why: %s", command);
}

int password_command_run(const char *command, int64_t deadline_ms, char *bytes, size_t size,
                         size_t *ret_len, struct err *err)
{
    const char *const arguments[] = {"sh", "-c", command, NULL};
    int ends[2];
    size_t len = 0;
    struct run run = {.until_ms = clock_monotonic_ms() + deadline_ms};
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return err_set(err, ERR_IO, "credential", "cannot make a pipe: %s", strerror(errno));
    }
    run.output = ends[0];
    run.terminal = terminal_in_front();
    int rc =
        child_start_apart("/bin/sh", arguments, ends[1], STDOUT_FILENO, run.terminal, &run.child);
    (void)close(ends[1]);
    int status = rc == 0 ? finish(&run, read_output(&run, bytes, size, &len)) : -1;
    take_terminal_back(&run);
    (void)close(ends[0]);
    if (status < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        secret_wipe(bytes, size);
        return refuse(&run, command, deadline_ms, status, err);
    }
    *ret_len = len;
    return 0;
}
