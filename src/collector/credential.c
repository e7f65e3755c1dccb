/* credential: what lets the collector in on a host, with its secrets resolved. */
#include "collector/credential.h"

#include "collector/credential_password.h"
#include "collector/credential_systemd.h"
#include "collector/transport/ssh_key/ssh_key.h"
#include "collector/transport/winrm/winrm_auth.h"
#include "core/str.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KEY_MAX = 65536 };

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

static int open_key(const char *file, const char *passphrase, struct ssh_key **ret, struct err *err)
{
    if (!credential_is_systemd(file)) {
        return ssh_key_load(file, passphrase, ret, err);
    }
    char bytes[KEY_MAX];
    size_t len = 0;
    int rc = credential_systemd_read(file, bytes, sizeof(bytes), &len, err);
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
    if (has_source && credential_password_load(host, command_ms, passphrase, err) != 0) {
        return -1;
    }
    int rc = open_key(host->key_file, passphrase->data, &entry->key, err);
    if (rc != 0 && !has_source && err->code == ERR_LOCKED) {
        rc = credential_passphrase_ask(host, passphrase, err) == 0
                 ? open_key(host->key_file, passphrase->data, &entry->key, err)
                 : -1;
    }
    if (rc == 0) {
        entry->credential.key = entry->key;
    }
    return rc;
}

static int check_secret_file(const char *path, const char *what, struct err *err)
{
    int fd = credential_file_open(path, what, err);
    if (fd < 0) {
        return -1;
    }
    (void)close(fd);
    return 0;
}

/* Of a cache in a file: whether something has filled it. Other caches only Kerberos can ask. */
static int check_ccache(const char *name, struct err *err)
{
    const char *path = str_starts(name, "FILE:") ? name + strlen("FILE:") : NULL;
    if (path == NULL || access(path, R_OK) == 0) {
        return 0;
    }
    return err_set(err, ERR_CONFIG, "credential",
                   "cannot read the tickets in %s: %s; run kinit -c %s, or give pvsaudit_keytab",
                   path, strerror(errno), name);
}

/* Where tickets come from: a keytab or cache by itself, else a password. */
static int load_tickets(struct credential_entry *entry, const struct host *host, int64_t command_ms,
                        struct err *err)
{
    if (host->keytab != NULL) {
        return check_secret_file(host->keytab, "keytab", err);
    }
    if (host->ccache != NULL) {
        return check_ccache(host->ccache, err);
    }
    return credential_password_load(host, command_ms, &entry->credential.password, err);
}

/* Nothing is acquired yet: that may take as long as a KDC likes, and is done by the first visit. */
static int load_identity(struct credential_entry *entry, const struct host *host,
                         int64_t command_ms, enum winrm_mechanism mechanism, struct err *err)
{
    struct credential *credential = &entry->credential;
    int rc = mechanism == WINRM_NTLM
                 ? credential_password_load(host, command_ms, &credential->password, err)
                 : load_tickets(entry, host, command_ms, err);
    if (rc != 0) {
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

static int load_certificate(const struct host *host, struct err *err)
{
    if (access(host->cert_file, R_OK) != 0) {
        return err_set(err, ERR_CONFIG, "credential",
                       "cannot read the certificate %s: %s; correct pvsaudit_cert_file",
                       host->cert_file, strerror(errno));
    }
    return check_secret_file(host->key_file, "certificate's key", err);
}

static int load_winrm(struct credential_entry *entry, const struct host *host, int64_t command_ms,
                      struct err *err)
{
    switch (host->auth) {
    case AUTH_NEGOTIATE:
        return load_identity(entry, host, command_ms, WINRM_NEGOTIATE, err);
    case AUTH_NTLM:
        return load_identity(entry, host, command_ms, WINRM_NTLM, err);
    case AUTH_BASIC:
        return credential_password_load(host, command_ms, &entry->credential.password, err);
    case AUTH_CERTIFICATE:
        return load_certificate(host, err);
    default:
        return load_identity(entry, host, command_ms, WINRM_KERBEROS, err);
    }
}

static int load(struct credential_entry *entry, const struct host *host, int64_t command_ms,
                struct err *err)
{
    struct credential *credential = &entry->credential;
    credential->auth = host->auth;
    credential->user = host->user;
    if (host->transport == HOST_WINRM) {
        return load_winrm(entry, host, command_ms, err);
    }
    if (credential->auth == AUTH_DEFAULT) {
        credential->auth = host->key_file != NULL ? AUTH_KEY : AUTH_AGENT;
    }
    if (credential->auth == AUTH_KEY) {
        if (host->key_file == NULL) {
            return err_set(err, ERR_CONFIG, "credential",
                           "pvsaudit_auth is key and no key is named: give pvsaudit_key_file");
        }
        return load_key(entry, host, command_ms, err);
    }
    if (credential->auth == AUTH_PASSWORD) {
        return credential_password_load(host, command_ms, &entry->credential.password, err);
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
