/* sshd: the ssh servers of the whole farm on one loop: keys, listeners, connections. */
#ifndef PVSAUDIT_FARM_SSH_SSHD_H
#define PVSAUDIT_FARM_SSH_SSHD_H

#include "core/err.h"
#include "farm/listen.h"
#include "farm/server/fleet.h"

#include <libssh/libssh.h>
#include <libssh/server.h>
#include <uv.h>

enum { SSHD_KEYS = 17 }; /* the last key is the wrong one */

struct session;

struct sshd {
    uv_loop_t *loop;
    struct fleet *fleet;
    uint32_t listen_base;
    ssh_key host_keys[SSHD_KEYS];
    unsigned host_key_count;
    ssh_key client_key;
    ssh_bind binds[OS_COUNT][SSHD_KEYS]; /* made when first needed */
    uv_poll_t *polls;
    size_t poll_count;
    struct session *sessions; /* a list of all that are open */
};

/* Makes the keys; nothing listens yet. The client's key is written by inventory_write. */
int sshd_init(struct sshd *sshd, struct fleet *fleet, uint32_t listen_base, unsigned host_keys,
              struct err *err);
void sshd_done(struct sshd *sshd);

/* The host key that a server shows, and the bind that shows it; wrong: another one. */
ssh_key sshd_host_key(const struct sshd *sshd, const struct server *server);
ssh_bind sshd_bind(struct sshd *sshd, const struct server *server, bool wrong);

/* Accept on the loop, until sshd_stop closes every listener's poll and every connection. */
int sshd_start(struct sshd *sshd, uv_loop_t *loop, const struct listen *listen, struct err *err);
void sshd_stop(struct sshd *sshd);

#endif
