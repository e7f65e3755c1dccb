/* inventory: what a client needs to find the farm: hosts, a key, known host keys, passwords. */
#include "farm/inventory.h"

#include "core/str.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct writer {
    const struct sshd *sshd;
    const struct listen *listen;
    const struct fleet *fleet;
    char folder[PATH_MAX];
    struct err *err;
};

static void write_address(FILE *file, uint32_t ip)
{
    (void)fprintf(file, "%u.%u.%u.%u", ip >> 24, ip >> 16 & 255U, ip >> 8 & 255U, ip & 255U);
}

static uint32_t address_of(const struct writer *w, const struct server *server)
{
    if (server->reach == REACH_BLACKHOLE && w->listen->hole_ip != 0) {
        return w->listen->hole_ip;
    }
    return w->sshd->listen_base + 1 + server->index;
}

static unsigned port_of(const struct writer *w, const struct server *server)
{
    return server->reach == REACH_REFUSED     ? w->listen->refused_port
           : server->reach == REACH_BLACKHOLE ? w->listen->hole_port
                                              : w->listen->port;
}

/* A single-quoted YAML scalar. */
static void write_quoted(FILE *file, const char *text)
{
    (void)fputc('\'', file);
    for (; *text != '\0'; text++) {
        (void)fputs(*text == '\'' ? "''" : (char[]){*text, '\0'}, file);
    }
    (void)fputc('\'', file);
}

static FILE *create(struct writer *w, const char *name, mode_t mode, char path[PATH_MAX])
{
    FILE *file = NULL;
    if (snprintf(path, PATH_MAX, "%s/%s", w->folder, name) < PATH_MAX) {
        (void)unlink(path);
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        file = fd < 0 ? NULL : fdopen(fd, "w");
    }
    if (file == NULL) {
        (void)err_set(w->err, ERR_IO, "inventory", "%s/%s: cannot be written: %s", w->folder, name,
                      strerror(errno));
    }
    return file;
}

static int finish(struct writer *w, FILE *file, const char *path)
{
    bool failed = ferror(file) != 0;
    if (fclose(file) != 0 || failed) {
        return err_set(w->err, ERR_IO, "inventory", "%s: cannot be written: %s", path,
                       strerror(errno));
    }
    return 0;
}

static const struct account *account_of(const struct writer *w, const struct server *server)
{
    const struct account *account =
        server->account[0] == '\0' ? NULL : fleet_account(w->fleet, server->account);
    return account == NULL ? &w->fleet->accounts[0] : account;
}

static void write_login(struct writer *w, FILE *file, const struct account *account,
                        const char *indent)
{
    (void)fprintf(file, "%sansible_user: ", indent);
    write_quoted(file, account->name);
    if (account->key) {
        (void)fprintf(file, "\n%spvsaudit_key_file: ", indent);
        char path[PATH_MAX + 32];
        (void)snprintf(path, sizeof(path), "%s/client_key", w->folder);
        write_quoted(file, path);
    } else {
        char path[PATH_MAX + FLEET_NAME + 32];
        (void)snprintf(path, sizeof(path), "%s/password_%s", w->folder, account->name);
        (void)fprintf(file, "\n%spvsaudit_auth: password\n%spvsaudit_password_file: ", indent,
                      indent);
        write_quoted(file, path);
    }
    (void)fputc('\n', file);
}

static void write_server(struct writer *w, FILE *file, const struct server *server)
{
    const struct server *first = &w->fleet->servers[0];
    (void)fprintf(file, "        %s:\n          ansible_host: ", server->name);
    write_address(file, address_of(w, server));
    (void)fprintf(file, "\n          ansible_port: %u\n", port_of(w, server));
    if (!str_eq(server->farm, first->farm)) {
        (void)fputs("          pvsaudit_farm: ", file);
        write_quoted(file, server->farm);
        (void)fputc('\n', file);
    }
    if (account_of(w, server) != &w->fleet->accounts[0]) {
        write_login(w, file, account_of(w, server), "          ");
    }
    if (server->expect[0] != '\0') {
        (void)fprintf(file, "          pvsaudit_expect: %s\n", server->expect);
    }
}

/* The site of server i comes first at i. */
static bool site_begins(const struct fleet *fleet, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (str_eq(fleet->servers[k].site, fleet->servers[i].site)) {
            return false;
        }
    }
    return true;
}

/* What the site's first server expects stands once, in the group's vars. */
static void write_site(struct writer *w, FILE *file, size_t first)
{
    const struct server *servers = w->fleet->servers;
    (void)fprintf(file, "    %s:\n      vars:\n        pvsaudit_site: ", servers[first].site);
    write_quoted(file, servers[first].site);
    bool shared = true;
    for (size_t i = first; i < w->fleet->count; i++) {
        shared &= !str_eq(servers[i].site, servers[first].site) ||
                  str_eq(servers[i].expect, servers[first].expect);
    }
    if (shared && servers[first].expect[0] != '\0') {
        (void)fprintf(file, "\n        pvsaudit_expect: %s", servers[first].expect);
    }
    (void)fputs("\n      hosts:\n", file);
    for (size_t i = first; i < w->fleet->count; i++) {
        if (str_eq(servers[i].site, servers[first].site)) {
            struct server copy = servers[i];
            if (shared) {
                copy.expect[0] = '\0';
            }
            write_server(w, file, &copy);
        }
    }
}

static void write_hosts(struct writer *w, FILE *file)
{
    char path[PATH_MAX + 32];
    (void)fputs("# Written by pvsfarm; gone stale when the farm stops.\nall:\n  vars:\n", file);
    write_login(w, file, &w->fleet->accounts[0], "    ");
    (void)fputs("    pvsaudit_transport: ssh\n    pvsaudit_os: windows\n    pvsaudit_known_hosts: ",
                file);
    (void)snprintf(path, sizeof(path), "%s/known_hosts", w->folder);
    write_quoted(file, path);
    (void)fputs("\n    pvsaudit_farm: ", file);
    write_quoted(file, w->fleet->servers[0].farm);
    (void)fputs("\n  children:\n", file);
    const char *last = "";
    for (size_t i = 0; i < w->fleet->count; i++) {
        const char *site = w->fleet->servers[i].site;
        if (!str_eq(site, last) && site_begins(w->fleet, i)) {
            write_site(w, file, i);
        }
        last = site;
    }
}

static int write_known_hosts(struct writer *w)
{
    char path[PATH_MAX];
    FILE *file = create(w, "known_hosts", 0644, path);
    char *keys[SSHD_KEYS] = {NULL};
    if (file == NULL) {
        return -1;
    }
    for (unsigned k = 0; k < w->sshd->host_key_count; k++) {
        (void)ssh_pki_export_pubkey_base64(w->sshd->host_keys[k], &keys[k]);
    }
    for (size_t i = 0; i < w->fleet->count; i++) {
        const struct server *server = &w->fleet->servers[i];
        const char *key = keys[server->index % w->sshd->host_key_count];
        (void)fputc('[', file);
        write_address(file, address_of(w, server));
        (void)fprintf(file, "]:%u ssh-ed25519 %s\n", port_of(w, server), key == NULL ? "" : key);
    }
    for (unsigned k = 0; k < w->sshd->host_key_count; k++) {
        ssh_string_free_char(keys[k]);
    }
    return finish(w, file, path);
}

static int write_client_key(struct writer *w)
{
    char path[PATH_MAX + 16];
    (void)snprintf(path, sizeof(path), "%s/client_key", w->folder);
    (void)unlink(path);
    mode_t before = umask(0177);
    int rc = ssh_pki_export_privkey_file(w->sshd->client_key, NULL, NULL, NULL, path);
    (void)umask(before);
    if (rc != SSH_OK) {
        return err_set(w->err, ERR_IO, "inventory", "%s: cannot be written", path);
    }
    (void)strncat(path, ".pub", sizeof(path) - strlen(path) - 1);
    return ssh_pki_export_pubkey_file(w->sshd->client_key, path) == SSH_OK
               ? 0
               : err_set(w->err, ERR_IO, "inventory", "%s: cannot be written", path);
}

static int write_passwords(struct writer *w)
{
    for (size_t i = 0; i < w->fleet->account_count; i++) {
        const struct account *account = &w->fleet->accounts[i];
        char name[FLEET_NAME + 16], path[PATH_MAX];
        if (account->password[0] == '\0') {
            continue;
        }
        (void)snprintf(name, sizeof(name), "password_%s", account->name);
        for (char *at = name; *at != '\0'; at++) {
            *at = *at == '/' ? '_' : *at;
        }
        FILE *file = create(w, name, 0600, path);
        if (file == NULL) {
            return -1;
        }
        (void)fprintf(file, "%s\n", account->password);
        if (finish(w, file, path) != 0) {
            return -1;
        }
    }
    return 0;
}

static int find_folder(struct writer *w, const char *path, char base[PATH_MAX])
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL ? 0 : (size_t)(slash - path);
    if (strlen(path) >= sizeof(folder)) {
        return err_set(w->err, ERR_USAGE, "inventory", "the path is too long");
    }
    (void)snprintf(folder, sizeof(folder), "%.*s", (int)len, path);
    const char *name = slash == NULL ? "." : len == 0 ? "/" : folder;
    if (realpath(name, w->folder) == NULL) {
        return err_set(w->err, ERR_IO, "inventory", "%s: %s", name, strerror(errno));
    }
    (void)str_copy(base, PATH_MAX, slash == NULL ? path : slash + 1);
    return 0;
}

int inventory_write(const char *path, const struct sshd *sshd, const struct listen *listen,
                    struct err *err)
{
    struct writer w = {.sshd = sshd, .listen = listen, .fleet = sshd->fleet, .err = err};
    char name[PATH_MAX], made[PATH_MAX];
    if (find_folder(&w, path, name) != 0 || write_client_key(&w) != 0 ||
        write_known_hosts(&w) != 0 || write_passwords(&w) != 0) {
        return -1;
    }
    FILE *file = create(&w, name, 0644, made);
    if (file == NULL) {
        return -1;
    }
    write_hosts(&w, file);
    return finish(&w, file, made);
}
