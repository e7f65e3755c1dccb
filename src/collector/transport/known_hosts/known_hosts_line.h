/* known_hosts_line: one line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
#ifndef PVSAUDIT_COLLECTOR_TRANSPORT_KNOWN_HOSTS_KNOWN_HOSTS_LINE_H
#define PVSAUDIT_COLLECTOR_TRANSPORT_KNOWN_HOSTS_KNOWN_HOSTS_LINE_H

#include "collector/transport/ssh_key/ssh_key_hmac.h"
#include "core/buf.h"
#include "core/str.h"

#include <stdbool.h>

enum { KNOWN_HOSTS_LINE_MAX = 64 * 1024, KNOWN_HOSTS_NAME_MAX = 1024 };

struct known_hosts_line {
    bool revoked;
    bool hashed;
    struct slice names; /* comma list; in the line that was parsed */
    unsigned char salt[SSH_KEY_SHA1], hash[SSH_KEY_SHA1]; /* where hashed */
    struct slice type; /* "ssh-ed25519" */
};

/* NULL: good (an empty names: a comment or blank line), the key's wire form appended to key. Else
 * why the line is bad. */
const char *known_hosts_line_parse(struct slice text, struct known_hosts_line *ret,
                                   struct buf *key);

/* How one name of a comma list speaks of a host: with * or ?, or with ! in front. */
bool known_hosts_line_plain(struct slice names);
/* true: the list of patterns means name (a NUL-terminated, lower-case one). */
bool known_hosts_line_match(struct slice names, const char *name);

/* What is looked up: name in lower case, or [name]:port. false: too long. */
bool known_hosts_line_name(const char *name, uint16_t port, char to[KNOWN_HOSTS_NAME_MAX]);

#endif
