/* ssh_link: a libssh2 session together with its socket and memory, both under limits. */
#ifndef PVSAUDIT_COLLECTOR_TRANSPORT_SSH_LINK_SSH_LINK_H
#define PVSAUDIT_COLLECTOR_TRANSPORT_SSH_LINK_SSH_LINK_H

#include "core/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct _LIBSSH2_SESSION;

/* How the connection ended, as seen by reading and writing it. libssh2 is told "would block"
 * instead, so that it first hands out what had arrived; only a link that was cut tells it. */
enum ssh_link_end {
    SSH_LINK_OPEN,
    SSH_LINK_CLOSED, /* by the server, in order */
    SSH_LINK_BROKEN, /* see error */
    SSH_LINK_FLOOD, /* the server sent more than the limit of this link */
    SSH_LINK_CUT, /* by us */
};

struct ssh_link {
    struct _LIBSSH2_SESSION *session;
    int fd;
    void *data; /* the owner's */
    enum ssh_link_end end;
    int error; /* errno */
    size_t memory; /* bytes that libssh2 holds */
    size_t turn; /* bytes that may still be read in this turn of the loop */
    uint64_t sent; /* bytes that libssh2 got rid of, if only by throwing them away */
    uint64_t received;
    uint64_t received_max;
    struct buf head; /* what the server sent first, in clear; see ssh_link_forget */
    int32_t exit_seen; /* how many exit statuses arrived: libssh2 does not tell 0 from none */
    char wanted[256]; /* after a partial success: the methods that the server wants as well */
    int64_t disconnect; /* the server's reason (RFC 4253, 11.1); -1: it gave none */
    char goodbye[256]; /* the server's words for it */
};

enum {
    SSH_LINK_MEMORY = 16 * 1024 * 1024, /* for libssh2, each session */
    SSH_LINK_TURN = 256 * 1024, /* bytes a turn, so that no host delays another */
    SSH_LINK_HEAD = 16 * 1024, /* bytes before and of the banner, which are read one by one */
    SSH_LINK_HANDSHAKE = 256 * 1024, /* bytes from there to the end of the handshake */
};

/* The session is in non-blocking mode; fd stays the caller's. 0, or -1: no memory. */
int ssh_link_open(struct ssh_link *link, int fd);
/* From now on what is sent is thrown away and every receive fails, so that libssh2 cleans up
 * without waiting. */
void ssh_link_cut(struct ssh_link *link);
/* Cuts, frees session and head, and is done with it: 0; or LIBSSH2_ERROR_EAGAIN: something that was
 * being sent is in the way; call once more what was sending it, then this again. A zeroed link is
 * allowed. */
int ssh_link_close(struct ssh_link *link);
/* The banner has come: the server may send so many bytes more. */
void ssh_link_allow(struct ssh_link *link, uint64_t more);
/* The handshake is over: drop head, and from here on the server may send so many bytes more. */
void ssh_link_forget(struct ssh_link *link, uint64_t more);

/* Memory that libssh2 frees: what a callback hands to it. */
void *ssh_link_alloc(struct ssh_link *link, size_t size);

/* What the server sent before its banner, or instead of one, and the banner itself: up to 255
 * bytes of a line, raw. false: no such line came. */
bool ssh_link_banner(const struct ssh_link *link, char to[256]);
bool ssh_link_greeting(const struct ssh_link *link, char to[256]);

#endif
