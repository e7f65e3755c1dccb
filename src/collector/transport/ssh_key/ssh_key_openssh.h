/* ssh_key_openssh: the parser of OpenSSH's own private key format (PROTOCOL.key). */
#ifndef PVSAUDIT_COLLECTOR_TRANSPORT_SSH_KEY_SSH_KEY_OPENSSH_H
#define PVSAUDIT_COLLECTOR_TRANSPORT_SSH_KEY_SSH_KEY_OPENSSH_H

#include "core/err.h"
#include "core/str.h"

#include <openssl/types.h>
#include <stdbool.h>

struct ssh_key_openssh {
    bool encrypted;
    EVP_PKEY *pkey; /* NULL where encrypted; the caller frees it */
    struct slice public; /* the public key's wire form, in the bytes that were parsed */
};

extern const char ssh_key_openssh_begin[]; /* the line that such a file starts with */

/* The text between the BEGIN and END lines, decoded into bytes by the caller. ERR_FORMAT or
 * ERR_PARTIAL, without the file's name. */
int ssh_key_openssh_parse(struct slice bytes, struct ssh_key_openssh *ret, struct err *err);

#endif
