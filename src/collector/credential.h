/* credential: what lets the collector in on a host, with its secrets resolved. */
#ifndef PVSAUDIT_COLLECTOR_CREDENTIAL_H
#define PVSAUDIT_COLLECTOR_CREDENTIAL_H

#include "core/err.h"
#include "core/secret.h"
#include "model/host.h"

#include <stdbool.h>

struct ssh_key; /* transport/ssh_key.h: parsed once, shared by every host that names the file */
struct winrm_identity; /* transport/winrm/winrm_auth.h: acquired once, likewise */

/* Owned by the credential store; borrowed by visits, alive until credential_store_free. */
struct credential {
    enum host_auth auth; /* never AUTH_DEFAULT here */
    const char *user;
    const struct ssh_key *key; /* AUTH_KEY */
    const char *agent_socket; /* AUTH_AGENT: path of SSH_AUTH_SOCK */
    struct secret password; /* AUTH_PASSWORD, AUTH_BASIC */
    struct winrm_identity *identity; /* AUTH_KERBEROS, AUTH_NEGOTIATE, AUTH_NTLM */

    /* The schedule's: a password is tried on few hosts until one has taken it, and not at all after
     * CREDENTIAL_REFUSALS in a row, so that a wrong one locks nobody's account out. */
    unsigned refusals; /* in a row */
    unsigned in_flight;
    bool proven;
};

enum { CREDENTIAL_REFUSALS = 3 };

struct credential_store;
struct credential_store *credential_store_new(int64_t command_ms); /* a command's deadline */
void credential_store_free(struct credential_store *store);

/* The credential of a host: a key file, the agent, a keytab, a cache of tickets, a certificate, or
 * a password from a file, a credential of systemd, a command, an environment variable or a prompt
 * on the terminal (files with a secret: mode checked); the same declaration yields the same object.
 * ERR_CONFIG: names the host, the file and the remedy. Blocks only for a command or a prompt: call
 * it before the loop runs. */
int credential_store_get(struct credential_store *store, const struct host *host,
                         struct credential **ret, struct err *err);

#endif
