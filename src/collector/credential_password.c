/* credential_password: a password from a file, a command, the environment or the terminal. */
#include "collector/credential_password.h"

#include "collector/credential_systemd.h"
#include "collector/password_command.h"
#include "core/open_input.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

enum { SECRET_MAX = 4096 };

/* A secret is one line: a final CR LF or LF is not part of it. from: where it came from. */
static int take_secret(char *bytes, size_t len, const char *from, struct secret *ret,
                       struct err *err)
{
    int rc = -1;
    while (len > 0 && (bytes[len - 1] == '\n' || bytes[len - 1] == '\r')) {
        len--;
    }
    if (len == 0) {
        (void)err_set(err, ERR_CONFIG, "credential", "the password from %s is empty", from);
    } else if (memchr(bytes, '\0', len) != NULL) {
        (void)err_set(err, ERR_CONFIG, "credential",
                      "the password from %s has a NUL byte, which no server takes", from);
    } else if (secret_set(ret, bytes, len) != 0) {
        (void)err_memory(err);
    } else {
        rc = 0;
    }
    secret_wipe(bytes, SECRET_MAX);
    return rc;
}

int credential_file_open(const char *path, const char *what, struct err *err)
{
    struct stat status;
    int fd = open_input(path);
    if (fd < 0 || fstat(fd, &status) != 0) {
        (void)err_set(err, ERR_CONFIG, "credential",
                      "cannot read the %s %s: %s; correct the path, or let this account read it",
                      what, path, errno == ESPIPE ? "it is a FIFO" : strerror(errno));
    } else if ((status.st_mode & 077) != 0) {
        (void)err_set(err, ERR_CONFIG, "credential",
                      "the %s %s can be read by others (mode %03o): chmod 600 %s", what, path,
                      (unsigned)(status.st_mode & 0777), path);
    } else {
        return fd;
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return -1;
}

static int password_from_file(const char *path, struct secret *ret, struct err *err)
{
    char bytes[SECRET_MAX];
    size_t len = 0;
    int fd = credential_file_open(path, "password file", err);
    if (fd < 0) {
        return -1;
    }
    int rc = credential_read_all(fd, bytes, sizeof(bytes), &len);
    if (rc != 0) {
        (void)err_set(err, ERR_CONFIG, "credential", "cannot read the password file %s: %s", path,
                      strerror(errno));
    }
    (void)close(fd);
    return rc == 0 ? take_secret(bytes, len, path, ret, err) : -1;
}

/* The user's own command line from the inventory. */
static int password_from_command(const char *command, int64_t deadline_ms, struct secret *ret,
                                 struct err *err)
{
    char bytes[SECRET_MAX];
    size_t len = 0;
    return password_command_run(command, deadline_ms, bytes, sizeof(bytes), &len, err) != 0
               ? -1
               : take_secret(bytes, len, command, ret, err);
}

static int password_from_env(const char *name, struct secret *ret, struct err *err)
{
    char bytes[SECRET_MAX];
    const char *value = getenv(name);
    if (value == NULL) {
        return err_set(err, ERR_CONFIG, "credential", "the environment has no variable %s", name);
    }
    if (strlen(value) >= sizeof(bytes)) {
        return err_set(err, ERR_CONFIG, "credential", "the variable %s is longer than a password",
                       name);
    }
    size_t len = strlen(value);
    memcpy(bytes, value, len + 1);
    return take_secret(bytes, len, name, ret, err);
}

/* Set while a password is typed: Ctrl-C must give the terminal its echo back. */
static volatile sig_atomic_t prompt_signal;

static void on_prompt_signal(int number)
{
    prompt_signal = number;
}

/* One line without echo; -1 with errno EINTR where SIGINT or SIGTERM came. */
static ssize_t read_silently(int fd, const struct termios *old, char *bytes, size_t size)
{
    const struct sigaction noted = {.sa_handler = on_prompt_signal};
    struct sigaction interrupt;
    struct sigaction terminate;
    struct termios silent = *old;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    prompt_signal = 0;
    (void)sigaction(SIGINT, &noted, &interrupt);
    (void)sigaction(SIGTERM, &noted, &terminate);
    (void)tcsetattr(fd, TCSAFLUSH, &silent);
    ssize_t n;
    do {
        n = read(fd, bytes, size);
    } while (n < 0 && errno == EINTR && prompt_signal == 0);
    (void)tcsetattr(fd, TCSAFLUSH, old);
    (void)sigaction(SIGINT, &interrupt, NULL);
    (void)sigaction(SIGTERM, &terminate, NULL);
    return n;
}

static int secret_from_terminal(const char *prompt, const char *lacking, const char *others,
                                struct secret *ret, struct err *err)
{
    char bytes[SECRET_MAX];
    struct termios old;
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
    if (fd < 0 || tcgetattr(fd, &old) != 0) {
        if (fd >= 0) {
            (void)close(fd);
        }
        return err_set(err, ERR_CONFIG, "credential",
                       "%s and no terminal to ask on: give %spvsaudit_password_file, "
                       "pvsaudit_password_command or pvsaudit_password_env",
                       lacking, others);
    }
    (void)dprintf(fd, "%s: ", prompt);
    ssize_t n = read_silently(fd, &old, bytes, sizeof(bytes));
    (void)dprintf(fd, "\n");
    (void)close(fd);
    if (prompt_signal != 0) {
        return err_set(err, ERR_CANCELLED, "credential", "interrupted at the password");
    }
    if (n <= 0) {
        return err_set(err, ERR_CONFIG, "credential", "no password was typed");
    }
    return take_secret(bytes, (size_t)n, "the terminal", ret, err);
}

static int password_from_terminal(const struct host *host, struct secret *ret, struct err *err)
{
    char prompt[LINE_MAX];
    char lacking[LINE_MAX];
    (void)snprintf(prompt, sizeof(prompt), "Password of %s (for %s and hosts like it)", host->user,
                   host->name);
    (void)snprintf(lacking, sizeof(lacking), "no password for %s", host->user);
    bool tickets = host->auth == AUTH_KERBEROS || host->auth == AUTH_NEGOTIATE;
    return secret_from_terminal(prompt, lacking,
                                tickets ? "pvsaudit_keytab, pvsaudit_ccache, " : "", ret, err);
}

int credential_passphrase_ask(const struct host *host, struct secret *ret, struct err *err)
{
    char prompt[LINE_MAX];
    char lacking[LINE_MAX];
    (void)snprintf(prompt, sizeof(prompt), "Passphrase of %s (for %s and hosts like it)",
                   host->key_file, host->name);
    (void)snprintf(lacking, sizeof(lacking), "key file %s is encrypted, no passphrase for it",
                   host->key_file);
    return secret_from_terminal(prompt, lacking, "", ret, err);
}

static int password_from_systemd(const char *value, struct secret *ret, struct err *err)
{
    char bytes[SECRET_MAX];
    size_t len = 0;
    if (credential_systemd_read(value, bytes, sizeof(bytes), &len, err) != 0) {
        secret_wipe(bytes, sizeof(bytes));
        return -1;
    }
    return take_secret(bytes, len, value, ret, err);
}

int credential_password_load(const struct host *host, int64_t command_ms, struct secret *ret,
                             struct err *err)
{
    if (host->password_file != NULL) {
        return credential_is_systemd(host->password_file)
                   ? password_from_systemd(host->password_file, ret, err)
                   : password_from_file(host->password_file, ret, err);
    }
    if (host->password_command != NULL) {
        return password_from_command(host->password_command, command_ms, ret, err);
    }
    if (host->password_env != NULL) {
        return password_from_env(host->password_env, ret, err);
    }
    return password_from_terminal(host, ret, err);
}
