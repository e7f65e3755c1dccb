/* realms: which krb5.conf Kerberos reads: the machine's, or one of ours for the realms in use. */
#include "collector/realms.h"

#include "collector/transport/winrm/winrm_auth.h"
#include "core/buf.h"
#include "core/log.h"
#include "core/str.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { REALMS_MAX = 200, FILE_MAX = 1 << 20 };

struct realms {
    struct settings_realm items[REALMS_MAX];
    size_t count;
};

/* ---- the realms in use ---- */

static bool needs_ticket(const struct host *host)
{
    return host->transport == HOST_WINRM && host->state != HOST_RETIRED &&
           (host->auth == AUTH_KERBEROS || host->auth == AUTH_NEGOTIATE);
}

static bool any_needs_ticket(const struct host *hosts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (needs_ticket(&hosts[i])) {
            return true;
        }
    }
    return false;
}

/* The account's own, "svc@EXAMPLE.ORG", before the one that the host names; NULL: none. */
static const char *realm_of(const struct host *host)
{
    const char *sign = host->user == NULL ? NULL : strrchr(host->user, '@');
    return sign == NULL ? host->realm : sign + 1;
}

static bool is_realm(const char *name)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    return name[0] != '\0' && name[strspn(name, letters)] == '\0';
}

static int realm_add(struct realms *realms, const struct settings_realm *realm, struct err *err)
{
    for (size_t i = 0; i < realms->count; i++) {
        if (str_eq(realms->items[i].name, realm->name)) {
            return 0;
        }
    }
    if (realms->count == REALMS_MAX) {
        return err_set(err, ERR_LIMIT, "kerberos",
                       "there are more than %d realms; write a "
                       "krb5.conf and name it in KRB5_CONFIG",
                       (int)REALMS_MAX);
    }
    realms->items[realms->count++] = *realm;
    return 0;
}

static int realms_collect(struct realms *realms, const struct settings *settings,
                          const struct host *hosts, size_t count, struct err *err)
{
    for (size_t i = 0; i < settings->realm_count; i++) {
        if (realm_add(realms, &settings->realms[i], err) != 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < count; i++) {
        const struct settings_realm realm = {.name = realm_of(&hosts[i])};
        if (!needs_ticket(&hosts[i]) || realm.name == NULL) {
            continue;
        }
        if (!is_realm(realm.name)) {
            return err_set(err, ERR_CONFIG, "kerberos",
                           "%s: the realm of the account %s is no name; write svc@EXAMPLE.ORG",
                           hosts[i].name, hosts[i].user);
        }
        if (realm_add(realms, &realm, err) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- the file ---- */

static bool dns_knows_one(const struct realms *realms)
{
    bool lacks = realms->count == 0; /* the tickets of a cache name theirs */
    for (size_t i = 0; i < realms->count; i++) {
        lacks = lacks || realms->items[i].kdc_count == 0;
    }
    return lacks;
}

static void put_realm(struct buf *to, const struct settings_realm *realm)
{
    if (realm->kdc_count == 0) {
        return;
    }
    (void)buf_printf(to, "    %s = {\n", realm->name);
    for (size_t i = 0; i < realm->kdc_count; i++) {
        (void)buf_printf(to, "        kdc = %s\n", realm->kdcs[i]);
    }
    (void)buf_puts(to, "    }\n");
}

static void put_file(struct buf *to, const struct realms *realms)
{
    (void)buf_puts(to, "# Made by pvsaudit-collect for one scan; docs/SETTINGS.md tells of it.\n"
                       "[libdefaults]\n");
    if (realms->count == 1) {
        (void)buf_printf(to, "    default_realm = %s\n", realms->items[0].name);
    }
    (void)buf_printf(to,
                     "    dns_lookup_kdc = %s\n"
                     "    dns_lookup_realm = false\n"
                     "    dns_canonicalize_hostname = false\n"
                     "    rdns = false\n"
                     "[realms]\n",
                     dns_knows_one(realms) ? "true" : "false");
    for (size_t i = 0; i < realms->count; i++) {
        put_realm(to, &realms->items[i]);
    }
}

static int no_file(struct err *err)
{
    return err_set(err, ERR_IO, "kerberos",
                   "no krb5.conf can be made in memory: %s; name one in KRB5_CONFIG",
                   strerror(errno));
}

static int write_all(int fd, const struct buf *text)
{
    size_t done = 0;
    while (done < text->len) {
        ssize_t n = write(fd, text->data + done, text->len - done);
        if (n < 0 && errno != EINTR) {
            return -1;
        }
        done += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

/* In memory, so that no other scan can replace it and nothing of it outlives this one; its
 * descriptor stays open, and the path names this process, so that a password command may read it.
 */
static int use_ours(const struct realms *realms, struct err *err)
{
    char path[64];
    struct buf text;
    buf_init(&text, FILE_MAX);
    put_file(&text, realms);
    int fd = text.failed ? -1 : memfd_create("krb5.conf", MFD_CLOEXEC);
    int rc = 0;
    if (text.failed) {
        rc = err_memory(err);
    } else if (fd < 0 || write_all(fd, &text) != 0) {
        rc = no_file(err);
    } else {
        (void)snprintf(path, sizeof(path), "/proc/%ld/fd/%d", (long)getpid(), fd);
        rc = setenv("KRB5_CONFIG", path, 1) == 0 ? 0 : err_memory(err);
    }
    if (rc != 0 && fd >= 0) {
        (void)close(fd);
    }
    buf_done(&text);
    return rc;
}

int realms_choose(const struct settings *settings, const struct host *hosts, size_t count,
                  const char *system_file, struct err *err)
{
    const char *chosen = getenv("KRB5_CONFIG");
    if (!any_needs_ticket(hosts, count)) {
        return 0;
    }
    if (chosen != NULL && chosen[0] != '\0') {
        log_line(LOG_INFO, NULL, "Kerberos reads %s (KRB5_CONFIG)", chosen);
        return 0;
    }
    if (settings->realm_count == 0 && winrm_auth_config_has_realm(system_file)) {
        log_line(LOG_INFO, NULL, "Kerberos reads %s", system_file);
        (void)unsetenv("KRB5_CONFIG"); /* an empty one would be taken for a file */
        return 0;
    }
    struct realms *realms = calloc(1, sizeof(*realms));
    if (realms == NULL) {
        return err_memory(err);
    }
    int rc = realms_collect(realms, settings, hosts, count, err);
    rc = rc == 0 ? use_ours(realms, err) : rc;
    free(realms);
    return rc;
}
