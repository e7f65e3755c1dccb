/* credential: what lets the collector in on a host, with its secrets resolved. */
#include "collector/credential.h"

#include "collector/password_command.h"
#include "collector/transport/ssh_key/ssh_key.h"
#include "core/open_input.h"
#include "core/str.h"

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

enum { SECRET_MAX = 4096, KEY_MAX = 65536 };

struct credential_entry {
    struct credential_entry *next;
    struct credential credential;
    struct ssh_key *key; /* owned; credential.key borrows it */
    char *identity; /* what the declaration amounts to: equal text, equal credential */
};

struct credential_store {
    struct credential_entry *entries;
    int64_t command_ms; /* how long a password command may take */
};

struct credential_store *credential_store_new(int64_t command_ms)
{
    struct credential_store *store = calloc(1, sizeof(*store));
    if (store != NULL) {
        store->command_ms = command_ms;
    }
    return store;
}

static void entry_free(struct credential_entry *entry)
{
    secret_done(&entry->credential.password);
    ssh_key_free(entry->key);
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
    int n = asprintf(&text, "%d\n%s\n%s\n%s\n%s\n%s", (int)host->auth, text_or_empty(host->user),
                     text_or_empty(host->key_file), text_or_empty(host->password_file),
                     text_or_empty(host->password_command), text_or_empty(host->password_env));
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

static int read_all(int fd, char *bytes, size_t size, size_t *ret_len)
{
    size_t len = 0;
    while (len < size) {
        ssize_t n = read(fd, bytes + len, size - len);
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

/* A credential that systemd gave the unit (LoadCredential=, SetCredentialEncrypted=): it lies where
 * nobody else gets in, whatever its mode. */
static int read_systemd(const char *value, char *bytes, size_t size, size_t *ret_len,
                        struct err *err)
{
    const char *name = value + strlen(HOST_CREDENTIAL_PREFIX);
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    char path[PATH_MAX];
    if (folder == NULL || folder[0] == '\0') {
        return err_set(
            err, ERR_CONFIG, "credential",
            "%s is a credential of systemd, and CREDENTIALS_DIRECTORY is not set: run as "
            "a unit with LoadCredential=%s:PATH, or name a file",
            value, name);
    }
    if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path)) {
        return err_set(err, ERR_CONFIG, "credential", "the path of %s is too long", value);
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int rc = fd < 0 ? -1 : read_all(fd, bytes, size, ret_len);
    if (rc != 0) {
        (void)err_set(err, ERR_CONFIG, "credential",
                      "cannot read %s (%s): %s; does the unit have LoadCredential=%s:PATH?", value,
                      path, strerror(errno), name);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return rc;
}

static bool is_systemd(const char *value)
{
    return str_starts(value, HOST_CREDENTIAL_PREFIX);
}

static int password_from_systemd(const char *value, struct secret *ret, struct err *err)
{
    char bytes[SECRET_MAX];
    size_t len = 0;
    if (read_systemd(value, bytes, sizeof(bytes), &len, err) != 0) {
        secret_wipe(bytes, sizeof(bytes));
        return -1;
    }
    return take_secret(bytes, len, value, ret, err);
}

static int password_from_file(const char *path, struct secret *ret, struct err *err)
{
    char bytes[SECRET_MAX];
    size_t len = 0;
    struct stat status;
    int fd = open_input(path);
    if (fd < 0 || fstat(fd, &status) != 0) {
        (void)err_set(err, ERR_CONFIG, "credential", "cannot read the password file %s: %s", path,
                      errno == ESPIPE ? "it is a FIFO" : strerror(errno));
    } else if ((status.st_mode & 077) != 0) {
        (void)err_set(err, ERR_CONFIG, "credential",
                      "the password file %s can be read by others (mode %03o): chmod 600 %s", path,
                      (unsigned)(status.st_mode & 0777), path);
    } else if (read_all(fd, bytes, sizeof(bytes), &len) != 0) {
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

static int secret_from_terminal(const char *prompt, const char *lacking, struct secret *ret,
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
                       "%s and no terminal to ask on: give pvsaudit_password_file, "
                       "pvsaudit_password_command or pvsaudit_password_env",
                       lacking);
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
    return secret_from_terminal(prompt, lacking, ret, err);
}

static int passphrase_from_terminal(const struct host *host, struct secret *ret, struct err *err)
{
    char prompt[LINE_MAX];
    char lacking[LINE_MAX];
    (void)snprintf(prompt, sizeof(prompt), "Passphrase of %s (for %s and hosts like it)",
                   host->key_file, host->name);
    (void)snprintf(lacking, sizeof(lacking), "key file %s is encrypted, no passphrase for it",
                   host->key_file);
    return secret_from_terminal(prompt, lacking, ret, err);
}

static int load_password(struct credential_entry *entry, const struct host *host,
                         int64_t command_ms, struct err *err)
{
    struct secret *to = &entry->credential.password;
    if (host->password_file != NULL) {
        return is_systemd(host->password_file) ? password_from_systemd(host->password_file, to, err)
                                               : password_from_file(host->password_file, to, err);
    }
    if (host->password_command != NULL) {
        return password_from_command(host->password_command, command_ms, to, err);
    }
    if (host->password_env != NULL) {
        return password_from_env(host->password_env, to, err);
    }
    return password_from_terminal(host, to, err);
}

static int open_key(const char *file, const char *passphrase, struct ssh_key **ret, struct err *err)
{
    if (!is_systemd(file)) {
        return ssh_key_load(file, passphrase, ret, err);
    }
    char bytes[KEY_MAX];
    size_t len = 0;
    int rc = read_systemd(file, bytes, sizeof(bytes), &len, err);
    if (rc == 0) {
        rc = ssh_key_parse(file, bytes, len, passphrase, ret, err);
    }
    secret_wipe(bytes, sizeof(bytes));
    return rc;
}

static int load_key(struct credential_entry *entry, const struct host *host, int64_t command_ms,
                    struct err *err)
{
    struct secret *passphrase = &entry->credential.password;
    bool has_source =
        host->password_file != NULL || host->password_command != NULL || host->password_env != NULL;
    if (has_source && load_password(entry, host, command_ms, err) != 0) {
        return -1;
    }
    int rc = open_key(host->key_file, passphrase->data, &entry->key, err);
    if (rc != 0 && !has_source && err->code == ERR_LOCKED) {
        rc = passphrase_from_terminal(host, passphrase, err) == 0
                 ? open_key(host->key_file, passphrase->data, &entry->key, err)
                 : -1;
    }
    if (rc == 0) {
        entry->credential.key = entry->key;
    }
    return rc;
}

static int load(struct credential_entry *entry, const struct host *host, int64_t command_ms,
                struct err *err)
{
    struct credential *credential = &entry->credential;
    credential->auth = host->auth;
    if (credential->auth == AUTH_DEFAULT) {
        credential->auth = host->key_file != NULL ? AUTH_KEY : AUTH_AGENT;
    }
    credential->user = host->user;
    if (credential->auth == AUTH_KEY) {
        if (host->key_file == NULL) {
            return err_set(err, ERR_CONFIG, "credential",
                           "pvsaudit_auth is key and no key is named: give pvsaudit_key_file");
        }
        return load_key(entry, host, command_ms, err);
    }
    if (credential->auth == AUTH_PASSWORD) {
        return load_password(entry, host, command_ms, err);
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
    if (load(entry, host, store->command_ms, err) != 0) {
        entry_free(entry);
        return err_prefix(err, "%s: ", host->name);
    }
    entry->next = store->entries;
    store->entries = entry;
    *ret = &entry->credential;
    return 0;
}
