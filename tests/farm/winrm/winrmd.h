/* winrmd: the WinRM services of the whole farm on one loop: listeners, credentials, certificates.
 */
#ifndef PVSAUDIT_FARM_WINRM_WINRMD_H
#define PVSAUDIT_FARM_WINRM_WINRMD_H

#include "farm/gss/acceptor.h"
#include "farm/listen.h"
#include "farm/tls/authority.h"
#include "farm/winrm/handover.h"
#include "farm/wsman/wsman.h"

#include <uv.h>

enum { WINRMD_CHUNK = 65536 };

struct connection;

struct winrmd {
    uv_loop_t *loop;
    struct fleet *fleet;
    uint32_t listen_base;
    const char *users, *keytab; /* files; borrowed */
    struct handover handover;
    unsigned worker; /* which of the processes this one is */
    struct acceptor acceptor;
    struct authority authority, stranger; /* the stranger signs where a server misbehaves */
    struct certificate *certificates; /* of each server, made when first needed */
    struct wsman wsman;
    uv_poll_t *polls; /* those of http first */
    size_t poll_count, http_polls;
    uv_timer_t sweep;
    bool sweeping;
    struct connection *connections; /* a list of all that are open */
    char chunk[WINRMD_CHUNK]; /* what any of them reads, for as long as a callback takes */
};

/* Makes the authorities; nothing listens yet. Before the processes part. */
int winrmd_init(struct winrmd *winrmd, struct fleet *fleet, uint32_t listen_base, unsigned workers,
                struct err *err);
void winrmd_done(struct winrmd *winrmd);

/* Accept on the loop until winrmd_stop. */
int winrmd_start(struct winrmd *winrmd, uv_loop_t *loop, unsigned worker, const struct listen *http,
                 const struct listen *https, struct err *err);
void winrmd_stop(struct winrmd *winrmd);

/* NULL where none could be made. */
const struct certificate *winrmd_certificate(struct winrmd *winrmd, const struct server *server);

#endif
