/* inventory_files: the files beside the inventory: keys, certificates, passwords. */
#include "farm/gss/ntlm_users.h"
#include "farm/inventory/inventory_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_MOST = 1 << 20 };

FILE *inventory_create(struct inventory_writer *w, const char *name, mode_t mode,
                       char path[PATH_MAX])
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

int inventory_finish(struct inventory_writer *w, FILE *file, const char *path)
{
    bool failed = ferror(file) != 0;
    if (fclose(file) != 0 || failed) {
        return err_set(w->err, ERR_IO, "inventory", "%s: cannot be written: %s", path,
                       strerror(errno));
    }
    return 0;
}

void inventory_password_name(const struct account *account, char to[FLEET_NAME + 16])
{
    (void)snprintf(to, FLEET_NAME + 16, "password_%s", account->name);
    for (char *at = to; *at != '\0'; at++) {
        *at = *at == '/' ? '_' : *at;
    }
}

static int write_text(struct inventory_writer *w, const char *name, mode_t mode,
                      const struct buf *text)
{
    char path[PATH_MAX];
    FILE *file = inventory_create(w, name, mode, path);
    if (file == NULL) {
        return -1;
    }
    (void)fwrite(text->data == NULL ? "" : text->data, 1, text->len, file);
    return inventory_finish(w, file, path);
}

/* ---- ssh ---- */

static int write_known_hosts(struct inventory_writer *w)
{
    const struct sshd *sshd = w->source->sshd;
    char path[PATH_MAX];
    FILE *file = inventory_create(w, "known_hosts", 0644, path);
    char *keys[SSHD_KEYS] = {NULL};
    if (file == NULL) {
        return -1;
    }
    for (unsigned k = 0; k < sshd->host_key_count; k++) {
        (void)ssh_pki_export_pubkey_base64(sshd->host_keys[k], &keys[k]);
    }
    for (size_t i = 0; i < w->fleet->count; i++) {
        const struct server *server = &w->fleet->servers[i];
        const char *key = keys[server->index % sshd->host_key_count];
        if (server->transport == TRANSPORT_SSH) {
            (void)fputc('[', file);
            inventory_address(file, inventory_ip(w, server));
            (void)fprintf(file, "]:%u ssh-ed25519 %s\n", inventory_port(w, server),
                          key == NULL ? "" : key);
        }
    }
    for (unsigned k = 0; k < sshd->host_key_count; k++) {
        ssh_string_free_char(keys[k]);
    }
    return inventory_finish(w, file, path);
}

static int write_client_key(struct inventory_writer *w)
{
    ssh_key key = w->source->sshd->client_key;
    char path[PATH_MAX + 16];
    (void)snprintf(path, sizeof(path), "%s/client_key", w->folder);
    (void)unlink(path);
    mode_t before = umask(0177);
    int rc = ssh_pki_export_privkey_file(key, NULL, NULL, NULL, path);
    (void)umask(before);
    if (rc != SSH_OK) {
        return err_set(w->err, ERR_IO, "inventory", "%s: cannot be written", path);
    }
    (void)strncat(path, ".pub", sizeof(path) - strlen(path) - 1);
    return ssh_pki_export_pubkey_file(key, path) == SSH_OK
               ? 0
               : err_set(w->err, ERR_IO, "inventory", "%s: cannot be written", path);
}

/* ---- winrm ---- */

static int write_authority(struct inventory_writer *w)
{
    struct buf pem;
    buf_init(&pem, TEXT_MOST);
    int rc = authority_write(&w->source->winrmd->authority, &pem) != 0
                 ? err_set(w->err, ERR_INTERNAL, "inventory", "no certificate to write")
                 : write_text(w, "ca.pem", 0644, &pem);
    buf_done(&pem);
    return rc;
}

static int write_ntlm_users(struct inventory_writer *w)
{
    struct buf users;
    buf_init(&users, TEXT_MOST);
    ntlm_users_write(w->fleet, ACCEPTOR_DOMAIN, &users);
    int rc = write_text(w, "ntlm_users", 0600, &users);
    buf_done(&users);
    return rc;
}

/* ---- both ---- */

static int write_passwords(struct inventory_writer *w)
{
    for (size_t i = 0; i < w->fleet->account_count; i++) {
        const struct account *account = &w->fleet->accounts[i];
        char name[FLEET_NAME + 16], path[PATH_MAX];
        if (account->password[0] == '\0') {
            continue;
        }
        inventory_password_name(account, name);
        FILE *file = inventory_create(w, name, 0600, path);
        if (file == NULL) {
            return -1;
        }
        (void)fprintf(file, "%s\n", account->password);
        if (inventory_finish(w, file, path) != 0) {
            return -1;
        }
    }
    return 0;
}

int inventory_write_files(struct inventory_writer *w)
{
    bool ssh = w->source->listeners->ssh.count > 0, winrm = w->source->listeners->http.count > 0;
    return (ssh && (write_client_key(w) != 0 || write_known_hosts(w) != 0)) ||
                   (winrm && (write_authority(w) != 0 || write_ntlm_users(w) != 0)) ||
                   write_passwords(w) != 0
               ? -1
               : 0;
}
