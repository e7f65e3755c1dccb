/* credential: what lets the collector in on a host, with its secrets resolved. */
#include "collector/credential.h"

#include "collector/transport/ssh_key/ssh_key.h"
#include "collector/transport/winrm/winrm_auth.h"
#include "core/str.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { SECRET_MAX = 4096 };

extern char **environ;

struct credential_entry {
    struct credential_entry *next;
    struct credential credential;
    struct ssh_key *key; /* owned; credential.key borrows it */
    char *identity; /* what the declaration amounts to: equal text, equal credential */
};

struct credential_store {
    struct credential_entry *entries;
};

struct credential_store *credential_store_new(void)
{
    return calloc(1, sizeof(struct credential_store));
}

static void entry_free(struct credential_entry *entry)
{
    secret_done(&entry->credential.password);
    ssh_key_free(entry->key);
    winrm_identity_free(entry->credential.identity);
    free(entry->identity);
    free(entry);
}

void credential_store_free(struct credential_store *store)
{
    if (store == NULL) {
        return;
    }
    while (store->entries != NULL) {
        struct credential_entry *next = store->entries->next;
        entry_free(store->entries);
        store->entries = next;
    }
    free(store);
}

static const char *text_or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

static char *identity_of(const struct host *host)
{
    char *text = NULL;
    int n = asprintf(&text, "%d\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s", (int)host->auth,
                     text_or_empty(host->user), text_or_empty(host->key_file),
                     text_or_empty(host->password_file), text_or_empty(host->password_command),
                     text_or_empty(host->password_env), text_or_empty(host->realm),
                     text_or_empty(host->keytab), text_or_empty(host->ccache),
                     text_or_empty(host->cert_file));
    return n < 0 ? NULL : text;
}

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

static int read_all(int fd, char *bytes, size_t *ret_len)
{
    size_t len = 0;
    while (len < SECRET_MAX) {
        ssize_t n = read(fd, bytes + len, SECRET_MAX - len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return -1;
        }
        if (n == 0) {
            *ret_len = len;
            return 0;
        }
        len += (size_t)n;
    }
    errno = EFBIG;
    return -1;
}

static int password_from_file(const char *path, struct secret *ret, struct err *err)
{
    char bytes[SECRET_MAX];
    size_t len = 0;
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) != 0) {
        (void)err_set(err, ERR_CONFIG, "credential", "cannot read the password file %s: %s", path,
                      strerror(errno));
    } else if ((status.st_mode & 077) != 0) {
        (void)err_set(err, ERR_CONFIG, "credential",
                      "the password file %s can be read by others (mode %03o): chmod 600 %s", path,
                      (unsigned)(status.st_mode & 0777), path);
    } else if (read_all(fd, bytes, &len) != 0) {
        (void)err_set(err, ERR_CONFIG, "credential", "cannot read the password file %s: %s", path,
                      strerror(errno));
    } else {
        (void)close(fd);
        return take_secret(bytes, len, path, ret, err);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return -1;
}

/* The user's own command line from the inventory, run by /bin/sh as the user would. */
static int password_from_command(const char *command, struct secret *ret, struct err *err)
{
    int ends[2];
    char bytes[SECRET_MAX];
    size_t len = 0;
    pid_t child = 0;
    int status = 0;
    char *const arguments[] = {"sh", "-c", (char *)(uintptr_t)command, NULL};
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return err_set(err, ERR_IO, "credential", "cannot make a pipe: %s", strerror(errno));
    }
    posix_spawn_file_actions_t actions;
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    int rc = posix_spawn(&child, "/bin/sh", &actions, NULL, arguments, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)close(ends[1]);
    int got = rc == 0 ? read_all(ends[0], bytes, &len) : -1;
    (void)close(ends[0]);
    while (rc == 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (rc != 0 || got != 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        secret_wipe(bytes, sizeof(bytes));
        return err_set(err, ERR_CONFIG, "credential",
                       "the password command failed: run it by hand to see why: %s", command);
    }
    return take_secret(bytes, len, command, ret, err);
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

static int password_from_terminal(const char *user, const char *host, struct secret *ret,
                                  struct err *err)
{
    char bytes[SECRET_MAX];
    struct termios old;
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
    if (fd < 0 || tcgetattr(fd, &old) != 0) {
        if (fd >= 0) {
            (void)close(fd);
        }
        return err_set(err, ERR_CONFIG, "credential",
                       "no password for %s and no terminal to ask on: give pvsaudit_password_file, "
                       "pvsaudit_password_command or pvsaudit_password_env",
                       user);
    }
    (void)dprintf(fd, "Password of %s (for %s and hosts like it): ", user, host);
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

static int load_password(struct credential_entry *entry, const struct host *host, struct err *err)
{
    struct secret *to = &entry->credential.password;
    if (host->password_file != NULL) {
        return password_from_file(host->password_file, to, err);
    }
    if (host->password_command != NULL) {
        return password_from_command(host->password_command, to, err);
    }
    if (host->password_env != NULL) {
        return password_from_env(host->password_env, to, err);
    }
    return password_from_terminal(host->user, host->name, to, err);
}

static int load_key(struct credential_entry *entry, const struct host *host, struct err *err)
{
    struct secret passphrase = {NULL, 0};
    if (host->password_file != NULL || host->password_command != NULL ||
        host->password_env != NULL) {
        if (load_password(entry, host, err) != 0) {
            return -1;
        }
        passphrase = entry->credential.password;
    }
    if (ssh_key_load(host->key_file, passphrase.data, &entry->key, err) != 0) {
        return -1;
    }
    entry->credential.key = entry->key;
    return 0;
}

/* Nothing is acquired yet: that may take as long as a KDC likes, and is done by the first visit. */
static int load_identity(struct credential_entry *entry, const struct host *host,
                         enum winrm_mechanism mechanism, struct err *err)
{
    struct credential *credential = &entry->credential;
    bool by_file = mechanism != WINRM_NTLM && (host->keytab != NULL || host->ccache != NULL);
    if (!by_file && load_password(entry, host, err) != 0) {
        return -1;
    }
    const struct winrm_account account = {.mechanism = mechanism,
                                          .user = host->user,
                                          .realm = host->realm,
                                          .keytab = host->keytab,
                                          .ccache = host->ccache,
                                          .password = credential->password.data};
    credential->identity = winrm_identity_new(&account);
    secret_done(&credential->password);
    return credential->identity == NULL ? err_memory(err) : 0;
}

static int check_readable(const char *path, const char *what, struct err *err)
{
    if (access(path, R_OK) == 0) {
        return 0;
    }
    return err_set(err, ERR_CONFIG, "credential", "%s: cannot read the %s: %s", path, what,
                   strerror(errno));
}

static int load_winrm(struct credential_entry *entry, const struct host *host, struct err *err)
{
    switch (host->auth) {
    case AUTH_NEGOTIATE:
        return load_identity(entry, host, WINRM_NEGOTIATE, err);
    case AUTH_NTLM:
        return load_identity(entry, host, WINRM_NTLM, err);
    case AUTH_BASIC:
        return load_password(entry, host, err);
    case AUTH_CERTIFICATE:
        return check_readable(host->cert_file, "certificate", err) != 0 ||
                       check_readable(host->key_file, "certificate's key", err) != 0
                   ? -1
                   : 0;
    default:
        return load_identity(entry, host, WINRM_KERBEROS, err);
    }
}

static int load(struct credential_entry *entry, const struct host *host, struct err *err)
{
    struct credential *credential = &entry->credential;
    credential->auth = host->auth;
    credential->user = host->user;
    if (host->transport == HOST_WINRM) {
        return load_winrm(entry, host, err);
    }
    if (credential->auth == AUTH_DEFAULT) {
        credential->auth = host->key_file != NULL ? AUTH_KEY : AUTH_AGENT;
    }
    if (credential->auth == AUTH_KEY) {
        if (host->key_file == NULL) {
            return err_set(err, ERR_CONFIG, "credential",
                           "pvsaudit_auth is key and no key is named: give pvsaudit_key_file");
        }
        return load_key(entry, host, err);
    }
    if (credential->auth == AUTH_PASSWORD) {
        return load_password(entry, host, err);
    }
    credential->agent_socket = getenv("SSH_AUTH_SOCK");
    if (credential->agent_socket == NULL || *credential->agent_socket == '\0') {
        return err_set(err, ERR_CONFIG, "credential",
                       "no key is named and SSH_AUTH_SOCK names no agent: give pvsaudit_key_file, "
                       "or start ssh-agent");
    }
    return 0;
}

int credential_store_get(struct credential_store *store, const struct host *host,
                         struct credential **ret, struct err *err)
{
    if (host->user == NULL) {
        return err_set(err, ERR_CONFIG, "credential",
                       "%s: no user is named: give ansible_user or pvsaudit_user", host->name);
    }
    char *identity = identity_of(host);
    if (identity == NULL) {
        return err_memory(err);
    }
    for (struct credential_entry *entry = store->entries; entry != NULL; entry = entry->next) {
        if (str_eq(entry->identity, identity)) {
            free(identity);
            *ret = &entry->credential;
            return 0;
        }
    }
    struct credential_entry *entry = calloc(1, sizeof(*entry));
    if (entry == NULL) {
        free(identity);
        return err_memory(err);
    }
    entry->identity = identity;
    if (load(entry, host, err) != 0) {
        entry_free(entry);
        return err_prefix(err, "%s: ", host->name);
    }
    entry->next = store->entries;
    store->entries = entry;
    *ret = &entry->credential;
    return 0;
}
