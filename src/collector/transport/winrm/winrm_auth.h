/* winrm_auth: who we are towards a WinRM service, and the seal of what is said there, by GSSAPI. */
#ifndef PVSAUDIT_COLLECTOR_TRANSPORT_WINRM_WINRM_AUTH_H
#define PVSAUDIT_COLLECTOR_TRANSPORT_WINRM_WINRM_AUTH_H

#include "core/buf.h"
#include "core/err.h"
#include "core/str.h"
#include "model/reason.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

enum winrm_mechanism {
    WINRM_KERBEROS, /* a Kerberos token of its own */
    WINRM_NEGOTIATE, /* SPNEGO in which nothing but Kerberos is offered */
    WINRM_NTLM, /* an NTLM token of its own, which `Authorization: Negotiate` takes as well */
};

/* Whether a krb5.conf, or what it includes, names a default realm. */
bool winrm_auth_config_has_realm(const char *path);

/* ---- Identities: one for each credential, shared by all visits that use it. ---- */

/* Acquired once in a process, by the first visit that needs it: a ticket for tickets, or an NTLM
 * credential (each acquisition of those costs 8 KB that are never given back). */
struct winrm_identity;

/* Strings are copied, the password is wiped when it is freed. */
struct winrm_account {
    enum winrm_mechanism mechanism;
    const char *user; /* "svc", "svc@EXAMPLE.ORG", "EXAMPLE\svc" */
    const char *realm; /* of Kerberos, where the user names none; or NULL */
    const char *keytab, *ccache; /* of Kerberos; NULL: by password */
    const char *password; /* or NULL */
};

struct winrm_identity *winrm_identity_new(const struct winrm_account *account); /* NULL: no memory
                                                                                 */
/* When no visit uses it any more, and the loop has run out. NULL is allowed. */
void winrm_identity_free(struct winrm_identity *identity);

/* ---- Contexts: one for each connection. ---- */

struct winrm_context;

struct winrm_failure {
    enum reason reason;
    bool transient;
    int64_t code; /* GSSAPI's minor status: Kerberos', NTLM's */
    char text[512]; /* a sentence, with what to do */
};

struct winrm_context_target {
    uv_loop_t *loop;
    struct winrm_identity *identity;
    const char *service; /* "HTTP" or "WSMAN" */
    const char *host; /* the name that the user gave */
    struct slice binding; /* of the TLS connection; empty over http. Copied */
};

/* NULL: no memory. */
struct winrm_context *winrm_context_new(const struct winrm_context_target *target);
/* Also while a step is under way: its done is not called any more, and what it holds is freed when
 * the library lets go of it. NULL is allowed. */
void winrm_context_free(struct winrm_context *context);

struct winrm_token {
    const struct winrm_failure *failure; /* NULL: all is well */
    struct slice token; /* to be sent; empty: nothing is left to send */
    bool complete; /* the context is there: what is said may be sealed */
};

/* Takes the server's token (empty at first) a step further. Asking a KDC can take as long as it
 * likes, so it runs on the work queue; done comes on the loop, never from inside. -1: the queue
 * takes nothing. The token is valid until done returns. */
int winrm_context_step(struct winrm_context *context, struct slice token,
                       void (*done)(void *data, const struct winrm_token *token), void *data,
                       struct err *err);

/* Of a complete context: "kerberos", "ntlm", and who we were taken for. */
const char *winrm_context_mechanism(const struct winrm_context *context);
const char *winrm_context_principal(const struct winrm_context *context);

/* The two halves of a sealed message, see seal.h. -1: it cannot be sealed; ERR_FORMAT: it was not
 * sealed by whom we speak with, or out of its turn. */
int winrm_context_wrap(struct winrm_context *context, struct slice plain, struct buf *header,
                       struct buf *data, struct err *err);
int winrm_context_unwrap(struct winrm_context *context, struct slice header, struct slice data,
                         struct buf *plain, struct err *err);

#endif
