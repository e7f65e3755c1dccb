/* acceptor: the credentials with which the farm's servers let others log in. */
#include "farm/gss/acceptor.h"

#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#include <stdint.h>
#include <stdlib.h>

#define OID(text)                                                         \
    {                                                                     \
        .length = sizeof(text) - 1, .elements = (void *)(uintptr_t)(text) \
    }

static gss_OID_desc ntlm_oid = OID("\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a");
static gss_OID_desc spnego_oid = OID("\x2b\x06\x01\x05\x05\x02");
/* gss-ntlmssp's option: which NEGOTIATE flags the acceptor grants. */
static gss_OID_desc flags_oid = OID("\x2b\x06\x01\x04\x01\xb7\x7d\x85\x0f\x01\x05");

const gss_OID acceptor_ntlm_oid = &ntlm_oid;
const gss_OID acceptor_spnego_oid = &spnego_oid;

#ifdef __SANITIZE_ADDRESS__
/* gss-ntlmssp forgets a name with every credential of a server: three times in a process. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
    return "leak:gssntlmssp.so\n";
}
#endif

/* MS-NLMP 2.2.2.5, all that a server usually grants but SEAL. */
static const uint32_t unsealed_flags = 0xe2088217U;

static gss_cred_id_t acquire(gss_OID mechanism)
{
    OM_uint32 minor = 0;
    gss_cred_id_t credential = GSS_C_NO_CREDENTIAL;
    gss_OID_set_desc set = {1, mechanism};
    OM_uint32 major = gss_acquire_cred(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &set, GSS_C_ACCEPT,
                                       &credential, NULL, NULL);
    return GSS_ERROR(major) != 0 ? GSS_C_NO_CREDENTIAL : credential;
}

static void tell_mechanisms(const char *users, const char *keytab)
{
    (void)setenv("NTLM_USER_FILE", users, 1);
    (void)setenv("NETBIOS_DOMAIN_NAME", ACCEPTOR_DOMAIN, 1);
    (void)setenv("KRB5_KTNAME", keytab == NULL ? "MEMORY:none" : keytab, 1);
    (void)setenv("KRB5RCACHENAME", "none:", 1); /* a cache of replays is a file for all of them */
}

int acceptor_open(struct acceptor *a, const char *users, const char *keytab, struct err *err)
{
    OM_uint32 minor = 0;
    uint32_t flags = unsealed_flags;
    gss_buffer_desc value = {sizeof(flags), &flags};
    *a = (struct acceptor){0};
    tell_mechanisms(users, keytab);
    a->ntlm = acquire(&ntlm_oid);
    a->unsealed = acquire(&ntlm_oid);
    if (a->ntlm == GSS_C_NO_CREDENTIAL || a->unsealed == GSS_C_NO_CREDENTIAL ||
        GSS_ERROR(gss_set_cred_option(&minor, &a->unsealed, &flags_oid, &value)) != 0) {
        acceptor_close(a);
        return err_set(err, ERR_INTERNAL, "ntlm",
                       "no NTLM: the package gss-ntlmssp is lacking or does not work");
    }
    if (keytab != NULL) {
        a->kerberos = acquire((gss_OID)(uintptr_t)gss_mech_krb5);
        if (a->kerberos == GSS_C_NO_CREDENTIAL) {
            acceptor_close(a);
            return err_set(err, ERR_CONFIG, "keytab", "%s: Kerberos finds no key in it", keytab);
        }
    }
    a->spnego = acquire(&spnego_oid);
    return 0;
}

void acceptor_close(struct acceptor *a)
{
    OM_uint32 minor = 0;
    gss_cred_id_t *all[] = {&a->kerberos, &a->ntlm, &a->spnego, &a->unsealed};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (*all[i] != GSS_C_NO_CREDENTIAL) {
            (void)gss_release_cred(&minor, all[i]);
        }
    }
}
