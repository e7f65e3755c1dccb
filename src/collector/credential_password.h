/* credential_password: a password from a file, systemd, a command, the environment or the terminal.
 */
#ifndef PVSAUDIT_COLLECTOR_CREDENTIAL_PASSWORD_H
#define PVSAUDIT_COLLECTOR_CREDENTIAL_PASSWORD_H

#include "core/err.h"
#include "core/secret.h"
#include "model/host.h"

/* The password of the source that the host names; of none: asked for.
 * command_ms: how long a command may take. ERR_CONFIG, ERR_CANCELLED.
 * What was asked for or read stands in no message. */
int credential_password_load(const struct host *host, int64_t command_ms, struct secret *ret,
                             struct err *err);

/* The passphrase of the host's key file, asked for on the terminal. */
int credential_passphrase_ask(const struct host *host, struct secret *ret, struct err *err);

/* A file with a secret, open for reading; -1 and ERR_CONFIG: it cannot be read, or others can read
 * it too. what: "keytab". */
int credential_file_open(const char *path, const char *what, struct err *err);

#endif
