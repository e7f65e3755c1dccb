/* ssh_agent: asks an ssh-agent for its keys and for signatures, on the loop, without blocking. */
#ifndef PVSAUDIT_COLLECTOR_TRANSPORT_SSH_SSH_AGENT_H
#define PVSAUDIT_COLLECTOR_TRANSPORT_SSH_SSH_AGENT_H

#include "core/err.h"
#include "core/str.h"

#include <stddef.h>
#include <uv.h>

/* Two messages of the agent's protocol (draft-miller-ssh-agent): REQUEST_IDENTITIES and
 * SIGN_REQUEST, one under way at a time. There is no deadline: cancel with ssh_agent_close. */
struct ssh_agent;

enum ssh_agent_state {
    SSH_AGENT_CONNECTING,
    SSH_AGENT_LISTING, /* asked for its keys */
    SSH_AGENT_READY, /* nothing is under way; keys are known */
    SSH_AGENT_SIGNING,
    SSH_AGENT_FAILED, /* see ssh_agent_error */
    SSH_AGENT_CLOSED
};

enum { SSH_AGENT_MESSAGE_MAX = 256 * 1024, SSH_AGENT_KEYS_MAX = 64 };

struct ssh_agent_key {
    struct slice public; /* wire form */
    struct slice algorithm;
    struct slice comment; /* raw */
};

/* Connect to the socket and ask for the keys. changed is called from the loop, never from inside a
 * call of this header, whenever READY or FAILED is reached. NULL: no memory. */
struct ssh_agent *ssh_agent_open(uv_loop_t *loop, const char *path, void (*changed)(void *data),
                                 void *data);
enum ssh_agent_state ssh_agent_state(const struct ssh_agent *agent);
const char *ssh_agent_error(const struct ssh_agent *agent); /* a sentence; after FAILED */

/* While READY: the keys, borrowed until the agent is closed. */
size_t ssh_agent_key_count(const struct ssh_agent *agent);
const struct ssh_agent_key *ssh_agent_key(const struct ssh_agent *agent, size_t index);

/* While READY: ask for a signature of data by a key (copied); state is SIGNING until the answer.
 * 0, or -1: no memory. */
int ssh_agent_sign(struct ssh_agent *agent, const struct ssh_agent_key *key, const void *data,
                   size_t len);
/* The inner signature that was asked for last; empty: none, the agent declined or sent none. */
struct slice ssh_agent_signature(const struct ssh_agent *agent);

/* closed is called once, from the loop, when no handle is left; agent is freed then. */
void ssh_agent_close(struct ssh_agent *agent, void (*closed)(void *data), void *data);

#endif
