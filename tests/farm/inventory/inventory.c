/* inventory: what a client needs to find the farm: hosts, keys, certificates, passwords. */
#include "farm/inventory/inventory_writer.h"

#include "core/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define VARS "    "
#define HOST "          "

void inventory_address(FILE *file, uint32_t ip)
{
    (void)fprintf(file, "%u.%u.%u.%u", ip >> 24, ip >> 16 & 255U, ip >> 8 & 255U, ip & 255U);
}

uint32_t inventory_ip(const struct inventory_writer *w, const struct server *server)
{
    uint32_t hole = w->source->listeners->nowhere.hole_ip;
    return server->reach == REACH_BLACKHOLE && hole != 0
               ? hole
               : w->source->listen_base + 1 + server->index;
}

unsigned inventory_port(const struct inventory_writer *w, const struct server *server)
{
    const struct listeners *l = w->source->listeners;
    return server->reach == REACH_REFUSED       ? l->nowhere.refused_port
           : server->reach == REACH_BLACKHOLE   ? l->nowhere.hole_port
           : server->transport == TRANSPORT_SSH ? l->ssh.port
           : server->winrm.https                ? l->https.port
                                                : l->http.port;
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

static void write_key(FILE *file, const char *indent, const char *key, const char *value)
{
    (void)fprintf(file, "%s%s: ", indent, key);
    write_quoted(file, value);
    (void)fputc('\n', file);
}

/* The value is a file beside the inventory. */
static void write_file_key(const struct inventory_writer *w, FILE *file, const char *indent,
                           const char *key, const char *name)
{
    char path[INVENTORY_PATH];
    (void)snprintf(path, sizeof(path), "%s/%s", w->folder, name);
    write_key(file, indent, key, path);
}

/* ---- who logs in, and how ---- */

static bool is_winrm(const struct server *server)
{
    return server->transport == TRANSPORT_WINRM;
}

/* The account named, else the first one; over WinRM the first one that has a password. */
static const struct account *account_of(const struct inventory_writer *w,
                                        const struct server *server)
{
    const struct account *account =
        server->account[0] == '\0' ? NULL : fleet_account(w->fleet, server->account);
    for (size_t i = 0; account == NULL && is_winrm(server) && i < w->fleet->account_count; i++) {
        if (w->fleet->accounts[i].password[0] != '\0') {
            account = &w->fleet->accounts[i];
        }
    }
    return account == NULL ? &w->fleet->accounts[0] : account;
}

static void write_password(const struct inventory_writer *w, FILE *file, const char *indent,
                           const struct account *account)
{
    char name[FLEET_NAME + 16];
    inventory_password_name(account, name);
    write_file_key(w, file, indent, "pvsaudit_password_file", name);
}

static void write_ssh_login(const struct inventory_writer *w, FILE *file, const char *indent,
                            const struct account *account)
{
    write_key(file, indent, "ansible_user", account->name);
    if (account->key) {
        write_file_key(w, file, indent, "pvsaudit_key_file", "client_key");
    } else {
        write_key(file, indent, "pvsaudit_auth", "password");
        write_password(w, file, indent, account);
    }
}

static void write_winrm(const struct inventory_writer *w, FILE *file, const struct server *server)
{
    static const char *const auths[AUTH_COUNT] = {[AUTH_NTLM] = "ntlm",
                                                  [AUTH_NEGOTIATE] = "negotiate",
                                                  [AUTH_KERBEROS] = "kerberos",
                                                  [AUTH_BASIC] = "basic",
                                                  [AUTH_CERTIFICATE] = "certificate"};
    const struct account *account = account_of(w, server);
    bool domain = server->winrm.auth == AUTH_KERBEROS || server->winrm.auth == AUTH_NEGOTIATE;
    write_key(file, HOST, "pvsaudit_transport", "winrm");
    write_key(file, HOST, "pvsaudit_scheme", server->winrm.https ? "https" : "http");
    write_key(file, HOST, "pvsaudit_auth", auths[server->winrm.auth]);
    write_key(file, HOST, "pvsaudit_user", account->name);
    if (server->winrm.auth == AUTH_CERTIFICATE) {
        char name[FLEET_NAME + 16];
        inventory_client_name(account, name);
        write_file_key(w, file, HOST, "pvsaudit_cert_file", name);
        write_file_key(w, file, HOST, "pvsaudit_key_file", name);
    } else {
        write_password(w, file, HOST, account);
    }
    if (server->winrm.https) {
        write_file_key(w, file, HOST, "pvsaudit_ca_file", "ca.pem");
    }
    if (domain && w->source->realm[0] != '\0') {
        write_key(file, HOST, "pvsaudit_realm", w->source->realm);
    }
}

/* ---- hosts and groups ---- */

static void write_server(const struct inventory_writer *w, FILE *file, const struct server *server)
{
    const struct server *first = &w->fleet->servers[0];
    (void)fprintf(file, "        %s:\n" HOST "ansible_host: ", server->name);
    inventory_address(file, inventory_ip(w, server));
    (void)fprintf(file, "\n" HOST "%s: %u\n", is_winrm(server) ? "pvsaudit_port" : "ansible_port",
                  inventory_port(w, server));
    if (is_winrm(server)) {
        write_winrm(w, file, server);
    } else if (account_of(w, server) != &w->fleet->accounts[0]) {
        write_ssh_login(w, file, HOST, account_of(w, server));
    }
    if (!str_eq(server->farm, first->farm)) {
        write_key(file, HOST, "pvsaudit_farm", server->farm);
    }
    if (server->expect[0] != '\0') {
        (void)fprintf(file, HOST "pvsaudit_expect: %s\n", server->expect);
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
static void write_site(const struct inventory_writer *w, FILE *file, size_t first)
{
    const struct server *servers = w->fleet->servers;
    (void)fprintf(file, "    %s:\n      vars:\n", servers[first].site);
    write_key(file, "        ", "pvsaudit_site", servers[first].site);
    bool shared = true;
    for (size_t i = first; i < w->fleet->count; i++) {
        shared &= !str_eq(servers[i].site, servers[first].site) ||
                  str_eq(servers[i].expect, servers[first].expect);
    }
    if (shared && servers[first].expect[0] != '\0') {
        (void)fprintf(file, "        pvsaudit_expect: %s\n", servers[first].expect);
    }
    (void)fputs("      hosts:\n", file);
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

static void write_hosts(const struct inventory_writer *w, FILE *file)
{
    (void)fputs("# Written by pvsfarm; gone stale when the farm stops.\nall:\n  vars:\n", file);
    if (w->source->listeners->ssh.count > 0) {
        write_ssh_login(w, file, VARS, &w->fleet->accounts[0]);
        write_key(file, VARS, "pvsaudit_transport", "ssh");
        write_file_key(w, file, VARS, "pvsaudit_known_hosts", "known_hosts");
    }
    write_key(file, VARS, "pvsaudit_os", "windows");
    write_key(file, VARS, "pvsaudit_farm", w->fleet->servers[0].farm);
    (void)fputs("  children:\n", file);
    const char *last = "";
    for (size_t i = 0; i < w->fleet->count; i++) {
        const char *site = w->fleet->servers[i].site;
        if (!str_eq(site, last) && site_begins(w->fleet, i)) {
            write_site(w, file, i);
        }
        last = site;
    }
}

static int find_folder(struct inventory_writer *w, const char *path, char base[PATH_MAX])
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

/* Who logs in over WinRM needs a password to do it with. */
static int check_accounts(const struct inventory_writer *w)
{
    for (size_t i = 0; i < w->fleet->count; i++) {
        const struct server *server = &w->fleet->servers[i];
        if (is_winrm(server) && server->winrm.auth != AUTH_CERTIFICATE &&
            account_of(w, server)->password[0] == '\0') {
            return err_set(w->err, ERR_CONFIG, "inventory",
                           "%s: over WinRM an account with a password is needed", server->name);
        }
    }
    return 0;
}

int inventory_write(const char *path, const struct inventory_source *source, char users[PATH_MAX],
                    struct err *err)
{
    struct inventory_writer w = {.source = source, .fleet = source->fleet, .err = err};
    char name[PATH_MAX], made[PATH_MAX];
    if (check_accounts(&w) != 0 || find_folder(&w, path, name) != 0 ||
        inventory_write_files(&w) != 0) {
        return -1;
    }
    if (snprintf(users, PATH_MAX, "%s/ntlm_users", w.folder) >= PATH_MAX) {
        return err_set(err, ERR_USAGE, "inventory", "the path is too long");
    }
    FILE *file = inventory_create(&w, name, 0644, made);
    if (file == NULL) {
        return -1;
    }
    write_hosts(&w, file);
    return inventory_finish(&w, file, made);
}
