/* login: how one connection proves who it is: the Authorization header, leg by leg. */
#ifndef PVSAUDIT_FARM_GSS_LOGIN_H
#define PVSAUDIT_FARM_GSS_LOGIN_H

#include "core/buf.h"
#include "core/str.h"
#include "farm/gss/acceptor.h"
#include "farm/server/fleet.h"

enum login_result {
    LOGIN_NEEDED, /* 401 with what is offered */
    LOGIN_CONTINUES, /* 401 with a token */
    LOGIN_DONE, /* the account is known; there may be a token for the answer */
};

/* The context belongs to the TCP connection, and every request on it is of the same account. */
struct login {
    const struct acceptor *acceptor;
    struct fleet *fleet;
    const struct server *server;
    const char *address; /* where the server is reached: a ticket may be for that name */
    const unsigned char *binding; /* SHA-256 of the TLS certificate; NULL over http */
    bool deny, unsealed; /* misbehaves */
    gss_ctx_id_t context;
    bool kerberos_header; /* "Kerberos", not "Negotiate" */
    bool complete, seals;
    enum mechanism mechanism;
    const struct account *account; /* NULL until somebody has logged in */
};

void login_done(struct login *login);

/* header: the Authorization field, empty where there was none. field: gets a whole
 * WWW-Authenticate line where there is a token to be sent. */
enum login_result login_step(struct login *login, struct slice header, struct buf *field);
/* The lines that a 401 without a token carries. */
void login_offer(const struct login *login, bool basic, struct buf *to);

#endif
