/* winrm_auth_internal: what the winrm_auth*.c files share. */
#ifndef PVSAUDIT_COLLECTOR_TRANSPORT_WINRM_WINRM_AUTH_INTERNAL_H
#define PVSAUDIT_COLLECTOR_TRANSPORT_WINRM_WINRM_AUTH_INTERNAL_H

#include "collector/transport/winrm/winrm_auth.h"

#include <gssapi/gssapi_ext.h>
#include <krb5.h>

extern const gss_OID_desc winrm_oid_kerberos, winrm_oid_spnego, winrm_oid_ntlm;

bool winrm_oid_equal(const gss_OID_desc *a, const gss_OID_desc *b);

/* What GSSAPI says, as a failure of authentication with its remedy; what: "asking for a ticket". */
void winrm_auth_fail(struct winrm_failure *failure, const char *what, OM_uint32 major,
                     OM_uint32 minor, const gss_OID_desc *mechanism);
void winrm_auth_fail_krb5(struct winrm_failure *failure, const char *what, krb5_context context,
                          krb5_error_code code);

/* Where it is not there yet, get it, off the loop; waits for another that is getting it. done comes
 * on the loop, never from inside. */
int winrm_identity_ready(struct winrm_identity *identity, uv_loop_t *loop,
                         void (*done)(void *data, const struct winrm_failure *failure), void *data,
                         void **ret_wait, struct err *err);
/* done is not called any more. */
void winrm_identity_forget(struct winrm_identity *identity, void *wait);

enum winrm_mechanism winrm_identity_mechanism(const struct winrm_identity *identity);
/* The principal or user as it must come out again, "svc@EXAMPLE.ORG" or "EXAMPLE\svc". */
const char *winrm_identity_name(const struct winrm_identity *identity);

/* Of a ready identity, from any thread: the credential to initiate with. Kerberos: of a cache of
 * its own, which a service ticket goes into: a cache that all visits share is a linear list. */
struct winrm_credential {
    gss_cred_id_t handle;
    bool owned; /* not the identity's */
    krb5_context krb5;
    krb5_ccache cache;
};

gss_ctx_id_t winrm_context_handle(const struct winrm_context *context);

bool winrm_credential_open(struct winrm_identity *identity, struct winrm_credential *ret,
                           struct winrm_failure *failure);
void winrm_credential_close(struct winrm_credential *credential);

#endif
