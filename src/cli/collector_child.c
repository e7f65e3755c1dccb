/* collector_child: pvsaudit-collect as a child whose answer this program prints. */
#include "cli/collector_child.h"

#include "cli/collector_exec.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static volatile sig_atomic_t child_pid;

static void pass_on(int number)
{
    if (child_pid > 0) {
        (void)kill((pid_t)child_pid, number);
    }
}

struct handlers {
    struct sigaction interrupt, terminate;
};

static void take_signals(struct handlers *before)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction pass = {.sa_handler = pass_on, .sa_flags = SA_RESTART};
    (void)sigaction(SIGINT, &ignore, &before->interrupt);
    (void)sigaction(SIGTERM, &pass, &before->terminate);
}

static void give_back_signals(const struct handlers *before)
{
    (void)sigaction(SIGINT, &before->interrupt, NULL);
    (void)sigaction(SIGTERM, &before->terminate, NULL);
}

/* What we ignore it must not: signals that are ignored stay so in a child. */
static int spawn(const char *path, char *const *argv, int to, pid_t *ret)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t usual;
    int rc = posix_spawn_file_actions_init(&files);
    if (rc != 0) {
        return rc;
    }
    rc = posix_spawnattr_init(&attributes);
    if (rc != 0) {
        (void)posix_spawn_file_actions_destroy(&files);
        return rc;
    }
    (void)sigemptyset(&usual);
    (void)sigaddset(&usual, SIGINT);
    (void)sigaddset(&usual, SIGTERM);
    (void)posix_spawnattr_setsigdefault(&attributes, &usual);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    rc = posix_spawn_file_actions_adddup2(&files, to, STDOUT_FILENO);
    if (rc == 0) {
        rc = posix_spawn(ret, path, &files, &attributes, argv, environ);
    }
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&files);
    return rc;
}

static char **words_of(const char *path, char *const *words, size_t count)
{
    static char version[] = "--from-cli=" PVSAUDIT_VERSION;
    char **argv = calloc(count + 3, sizeof(*argv));
    if (argv != NULL) {
        argv[0] = (char *)(uintptr_t)path;
        argv[1] = version;
        for (size_t i = 0; i < count; i++) {
            argv[i + 2] = words[i];
        }
    }
    return argv;
}

static int start(char *const *words, size_t count, FILE **ret_from, pid_t *ret_pid, struct err *err)
{
    char path[COLLECTOR_PATH];
    int ends[2];
    if (collector_path(path, err) != 0) {
        return -1;
    }
    char **argv = words_of(path, words, count);
    if (argv == NULL) {
        return err_memory(err);
    }
    if (pipe2(ends, O_CLOEXEC) != 0) {
        free(argv);
        return err_set(err, ERR_IO, "child", "cannot make a pipe: %s", strerror(errno));
    }
    int rc = spawn(path, argv, ends[1], ret_pid);
    free(argv);
    (void)close(ends[1]);
    *ret_from = rc == 0 ? fdopen(ends[0], "r") : NULL;
    if (*ret_from == NULL) {
        (void)close(ends[0]);
    }
    return rc == 0 ? 0 : err_set(err, ERR_IO, "child", "cannot start %s: %s", path, strerror(rc));
}

static int wait_for(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            return 128;
        }
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int collector_child(char *const *words, size_t count, struct relay *ret, int *ret_code,
                    struct err *err)
{
    struct handlers before;
    FILE *from = NULL;
    pid_t pid = 0;
    take_signals(&before);
    int rc = start(words, count, &from, &pid, err);
    if (rc == 0) {
        child_pid = (sig_atomic_t)pid;
        rc = from == NULL ? err_memory(err) : relay_read(ret, from, err);
        if (from != NULL) {
            (void)fclose(from);
        }
        *ret_code = wait_for(pid);
        child_pid = 0;
    }
    give_back_signals(&before);
    return rc;
}
