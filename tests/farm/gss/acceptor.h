/* acceptor: the credentials with which the farm's servers let others log in. */
#ifndef PVSAUDIT_FARM_GSS_ACCEPTOR_H
#define PVSAUDIT_FARM_GSS_ACCEPTOR_H

#include "core/err.h"

#include <gssapi/gssapi.h>

#define ACCEPTOR_DOMAIN "LAB" /* the NetBIOS name of the servers' domain */

/* One for all servers of a process. GSS_C_NO_CREDENTIAL: there is none. */
struct acceptor {
    gss_cred_id_t kerberos, ntlm, spnego;
    gss_cred_id_t unsealed; /* NTLM that refuses confidentiality */
};

extern const gss_OID acceptor_ntlm_oid, acceptor_spnego_oid;

/* users: the file of password hashes. keytab: NULL for no Kerberos. The environment of this
 * process tells the GSSAPI mechanisms of both, and names no other. */
int acceptor_open(struct acceptor *acceptor, const char *users, const char *keytab,
                  struct err *err);
void acceptor_close(struct acceptor *acceptor);

#endif
