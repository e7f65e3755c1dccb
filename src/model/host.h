/* host: one target as the inventory declares it. */
#ifndef PVSAUDIT_MODEL_HOST_H
#define PVSAUDIT_MODEL_HOST_H

#include "core/ip.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum host_os { HOST_WINDOWS, HOST_LINUX };
enum host_transport { HOST_SSH, HOST_WINRM };
enum host_state { HOST_ACTIVE, HOST_MAINTENANCE, HOST_RETIRED };
enum host_auth {
    AUTH_DEFAULT,
    AUTH_KEY, /* these three over SSH */
    AUTH_AGENT,
    AUTH_PASSWORD,
    AUTH_KERBEROS, /* these five over WinRM */
    AUTH_NEGOTIATE,
    AUTH_NTLM,
    AUTH_BASIC,
    AUTH_CERTIFICATE,
};
enum host_scheme { SCHEME_HTTP, SCHEME_HTTPS };

/* In front of the name of a credential that systemd hands to the unit, in place of a path. */
#define HOST_CREDENTIAL_PREFIX "credential:"

/* What the inventory says of one expectation on this host. */
enum declared { DECLARED_SILENT, DECLARED_EXPECTED, DECLARED_NOT_EXPECTED };

/* Where a value came from: "hosts.yaml:12:7 (group emea)". */
struct origin {
    const char *file;
    unsigned line, column;
    const char *where; /* "host", "group emea", "all", "default" */
};

struct declaration {
    const char *expectation; /* id */
    enum declared declared;
    struct origin origin;
};

/* Strings are owned by the inventory that the host belongs to and live as long as it. */
struct host {
    const char *name; /* the inventory's, unique */
    const char *address; /* ansible_host, else the name: a name, IPv4 or IPv6 with %scope */
    const char *computer_name; /* what the machine calls itself where its name here is another */
    uint16_t port;
    enum host_os os;
    enum host_transport transport;
    enum host_auth auth;
    const char *user;
    const char *key_file;
    const char *known_hosts; /* NULL = the default pins file */
    const char *password_file, *password_command, *password_env; /* at most one */
    enum host_scheme scheme; /* WinRM */
    bool allow_unencrypted; /* WinRM over http with a password that everybody on the way can read */
    const char *ca_file; /* NULL = what the system trusts */
    const char *cert_sha256; /* the one certificate to trust, 64 hexadecimal digits; or NULL */
    const char *cert_file; /* our own certificate, for AUTH_CERTIFICATE; its key is key_file */
    const char *spn_service; /* "HTTP" or "WSMAN"; NULL = the one, then the other */
    const char *realm, *keytab, *ccache; /* Kerberos */
    const char *site, *farm;
    enum host_state state;
    const char *timezone, *maintenance;
    const struct ip *pxe_addresses; /* every one must be served; none declared = count 0 */
    size_t pxe_address_count;
    const struct declaration
        *declarations; /* one for each expectation that the inventory speaks of */
    size_t declaration_count;
    const char *const *groups; /* nearest last: "all", ..., "pvs_emea" */
    size_t group_count;
};

enum declared host_declared(const struct host *host, const char *expectation,
                            const struct origin **ret_origin); /* ret_origin may be NULL */
const char *host_os_name(enum host_os os);
const char *host_transport_name(enum host_transport transport);
const char *host_state_name(enum host_state state);
const char *host_auth_name(enum host_auth auth);

#endif
