/* inventory_winrm: what an inventory says of a host that is reached over WinRM. */
#include "config/inventory/inventory_internal.h"

#include "config/text_file.h"
#include "config/tree_read.h"
#include "core/str.h"

#include <string.h>

enum { PORT_HTTP = 5985, PORT_HTTPS = 5986 };

/* A port of https without a scheme, as many inventories of Ansible have it, says enough. */
uint16_t inventory_winrm_port(struct host_build *b, uint16_t port)
{
    size_t likely = port == PORT_HTTPS ? SCHEME_HTTPS : SCHEME_HTTP;
    b->host->scheme = (enum host_scheme)resolved_choice(b->resolved, FIELD_SCHEME, likely);
    if (port != 0) {
        return port;
    }
    return b->host->scheme == SCHEME_HTTPS ? PORT_HTTPS : PORT_HTTP;
}

/* A path is relative to the inventory's folder, also behind its type; other names are left alone:
 * KEYRING:persistent:0. */
static int tickets_set(struct host_build *b, enum inventory_field field, const char *type,
                       const char **ret)
{
    const char *text = resolved_text(b->resolved, field);
    const char *colon = text == NULL ? NULL : strchr(text, ':');
    bool typed = colon != NULL && strcspn(text, "/:") == (size_t)(colon - text);
    if (text == NULL) {
        return 0;
    }
    if (typed && !str_starts(text, "FILE:")) {
        *ret = text;
        return 0;
    }
    const char *path = text_file_path(b->in->arena, b->in->file, typed ? colon + 1 : text);
    *ret = path == NULL ? NULL : arena_printf(b->in->arena, "%s%s", type, path);
    return *ret == NULL ? err_memory(b->in->err) : 0;
}

int inventory_winrm_set(struct host_build *b)
{
    struct host *host = b->host;
    host->allow_unencrypted = resolved_choice(b->resolved, FIELD_ALLOW_UNENCRYPTED, 0) == 1;
    host->cert_sha256 = resolved_text(b->resolved, FIELD_CERT_SHA256);
    host->spn_service = resolved_text(b->resolved, FIELD_SPN_SERVICE);
    host->realm = resolved_text(b->resolved, FIELD_REALM);
    return tickets_set(b, FIELD_KEYTAB, "", &host->keytab) != 0 ||
                   tickets_set(b, FIELD_CCACHE, "FILE:", &host->ccache) != 0 ||
                   inventory_file_set(b, FIELD_CA_FILE, &host->ca_file) != 0 ||
                   inventory_file_set(b, FIELD_CERT_FILE, &host->cert_file) != 0
               ? -1
               : 0;
}

/* ---- how to log in ---- */

/* "kerberos, ntlm", or a list: the first that is named. */
static struct slice first_word(const struct tree_node *node)
{
    if (node->kind == TREE_LIST && node->count > 0) {
        node = node->items[0];
    }
    const char *text = node->kind == TREE_TEXT ? node->text : "";
    return slice_trim((struct slice){text, strcspn(text, ",")});
}

static int ansible_transport_set(struct host_build *b, const struct tree_node *node)
{
    static const struct {
        const char *name;
        enum host_auth auth;
    } names[] = {{"kerberos", AUTH_KERBEROS}, {"ntlm", AUTH_NTLM},
                 {"basic", AUTH_BASIC},       {"plaintext", AUTH_BASIC},
                 {"ssl", AUTH_BASIC},         {"certificate", AUTH_CERTIFICATE}};
    struct slice word = first_word(node);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (slice_eq(word, names[i].name)) {
            bool shows_certificate = slice_eq(word, "ssl") && b->host->cert_file != NULL;
            b->host->auth = shows_certificate ? AUTH_CERTIFICATE : names[i].auth;
            return 0;
        }
    }
    return tree_fail(b->in->err, node,
                     "ansible_winrm_transport of %.64s is none of kerberos, ntlm, basic, ssl, "
                     "plaintext, certificate; set pvsaudit_auth",
                     b->entry->name);
}

int inventory_winrm_auth_default(struct host_build *b)
{
    const struct tree_node *node = resolved_node(b->resolved, FIELD_WINRM_TRANSPORT);
    b->host->auth = AUTH_KERBEROS;
    return node == NULL ? 0 : ansible_transport_set(b, node);
}

/* ---- what does not go together ---- */

/* Where the first of the fields that somebody sets is set, else the host itself. */
static const struct tree_node *place_of(const struct host_build *b, enum inventory_field first,
                                        enum inventory_field second)
{
    const struct tree_node *node = resolved_node(b->resolved, first);
    node = node != NULL ? node : resolved_node(b->resolved, second);
    return node != NULL ? node : b->entry->at;
}

static int certificate_check(struct host_build *b, const struct tree_node *at)
{
    const struct host *host = b->host;
    if (host->cert_file == NULL || host->key_file == NULL) {
        return tree_fail(b->in->err, at,
                         "%.64s logs in with a certificate, but none is named; set "
                         "pvsaudit_cert_file and pvsaudit_key_file",
                         b->entry->name);
    }
    if (host->scheme == SCHEME_HTTP) {
        return tree_fail(b->in->err, at,
                         "%.64s logs in with a certificate, which goes over https only; set "
                         "pvsaudit_scheme: https",
                         b->entry->name);
    }
    return 0;
}

static int basic_check(struct host_build *b, const struct tree_node *at)
{
    if (b->host->scheme == SCHEME_HTTPS) {
        return 0;
    }
    if (!b->host->allow_unencrypted) {
        return tree_fail(b->in->err, at,
                         "%.64s would send its password over http for everybody to read; set "
                         "pvsaudit_scheme: https, or pvsaudit_allow_unencrypted: true if that is "
                         "what you want",
                         b->entry->name);
    }
    return inventory_warn(b->in, at,
                          "basic over http: everybody on the way can read the password, and the "
                          "answers (pvsaudit_allow_unencrypted); set pvsaudit_scheme: https");
}

static bool is_number(const char *text)
{
    struct ip ip;
    return ip_parse((struct slice){text, strlen(text)}, &ip);
}

static int capitals_check(struct host_build *b)
{
    const char *user = b->host->user;
    const char *sign = user == NULL ? NULL : strrchr(user, '@');
    const char *realm = sign == NULL ? b->host->realm : sign + 1;
    if (realm == NULL || strpbrk(realm, "abcdefghijklmnopqrstuvwxyz") == NULL) {
        return 0;
    }
    enum inventory_field field = sign == NULL ? FIELD_REALM : FIELD_USER;
    return inventory_warn(b->in, place_of(b, field, field),
                          "the Kerberos realm %.64s has small letters; those of Active Directory "
                          "are written in capitals, and the difference counts",
                          realm);
}

static int kerberos_check(struct host_build *b)
{
    const struct host *host = b->host;
    if (host->keytab != NULL && host->ccache != NULL) {
        const struct variable *keytab = b->resolved->winner[FIELD_KEYTAB].variable;
        return tree_fail(b->in->err, b->resolved->winner[FIELD_CCACHE].variable->at,
                         "%.64s has two sources of a ticket, pvsaudit_ccache and pvsaudit_keytab "
                         "at %u:%u; keep one, or set the other to null",
                         b->entry->name, keytab->at->line, keytab->at->column);
    }
    if (is_number(host->name) && is_number(host->address) &&
        inventory_warn(b->in, b->entry->at,
                       "%s has no name, and a Kerberos ticket is for a name: write the host's name "
                       "here and the number as ansible_host, or set pvsaudit_auth: ntlm",
                       host->name) != 0) {
        return -1;
    }
    return capitals_check(b);
}

static int auth_check(struct host_build *b)
{
    const struct tree_node *at = place_of(b, FIELD_AUTH, FIELD_WINRM_TRANSPORT);
    switch (b->host->auth) {
    case AUTH_CERTIFICATE:
        return certificate_check(b, at);
    case AUTH_BASIC:
        return basic_check(b, at);
    case AUTH_KERBEROS:
    case AUTH_NEGOTIATE:
        return kerberos_check(b);
    default:
        return 0;
    }
}

int inventory_winrm_check(struct host_build *b)
{
    const struct host *host = b->host;
    const struct tree_node *pin = resolved_node(b->resolved, FIELD_CERT_SHA256);
    if (host->os == HOST_LINUX) {
        return tree_fail(b->in->err, place_of(b, FIELD_TRANSPORT, FIELD_OS),
                         "%.64s has pvsaudit_os linux, which is not asked over winrm; set "
                         "pvsaudit_transport: ssh, or pvsaudit_os: windows",
                         b->entry->name);
    }
    if (pin != NULL && host->scheme == SCHEME_HTTP &&
        inventory_warn(b->in, pin,
                       "pvsaudit_cert_sha256 checks nothing over http; set pvsaudit_scheme: "
                       "https") != 0) {
        return -1;
    }
    return auth_check(b);
}
