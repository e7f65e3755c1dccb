/* winrm_auth_failure: what GSSAPI and Kerberos say, as sentences with what to do. */
#include "collector/transport/winrm/winrm_auth_internal.h"

#include <stdio.h>
#include <string.h>

const gss_OID_desc winrm_oid_kerberos = {9, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"};
const gss_OID_desc winrm_oid_spnego = {6, "\x2b\x06\x01\x05\x05\x02"};
const gss_OID_desc winrm_oid_ntlm = {10, "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a"};

bool winrm_oid_equal(const gss_OID_desc *a, const gss_OID_desc *b)
{
    return a != NULL && b != NULL && a->length == b->length &&
           memcmp(a->elements, b->elements, a->length) == 0;
}

/* The codes of Kerberos that an administrator meets. */
static const struct {
    krb5_error_code code;
    bool transient;
    const char *sentence;
} known[] = {
    {KRB5_KDC_UNREACH, true,
     "KDC unreachable: no KDC of the realm answers; is it up, and does DNS or the krb5.conf name "
     "it?"},
    {KRB5_REALM_CANT_RESOLVE, true,
     "KDC unreachable: the realm's KDC has no address; is the realm right, and the name server "
     "up?"},
    {KRB5_REALM_UNKNOWN, false,
     "KDC unreachable: no KDC of the realm is known; give pvsaudit_realm, or name it in krb5.conf"},
    {KRB5KDC_ERR_PREAUTH_FAILED, false, "the password or keytab of the account is wrong"},
    {KRB5KRB_AP_ERR_BAD_INTEGRITY, false, "the password or keytab of the account is wrong"},
    {KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN, false,
     "the realm does not know the account; look at pvsaudit_user and pvsaudit_realm"},
    {KRB5KDC_ERR_CLIENT_REVOKED, false, "the account is disabled or locked out"},
    {KRB5KDC_ERR_NAME_EXP, false, "the account has expired"},
    {KRB5KDC_ERR_KEY_EXP, false, "the password of the account has expired"},
    {KRB5KRB_AP_ERR_SKEW, false,
     "the clocks of this machine and the KDC or host differ by more than Kerberos allows"},
    {KRB5KRB_AP_ERR_TKT_EXPIRED, false, "the ticket has expired; get a new one"},
    {KRB5_FCC_NOFILE, false,
     "there is no ticket in the cache; run kinit, or look at pvsaudit_ccache"},
    {KRB5_CC_NOTFOUND, false,
     "there is no ticket in the cache; run kinit, or look at pvsaudit_ccache"},
    {KRB5_KT_NOTFOUND, false, "the keytab has no key of the account; look at pvsaudit_user"},
    {KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN, false,
     "the realm knows no such service; is the host's name here the one in its domain (setspn -L), "
     "and pvsaudit_spn_service right?"},
    {KRB5_CONFIG_NODEFREALM, false, "no realm is named; give pvsaudit_realm"},
};

static void fail(struct winrm_failure *failure, const char *what, int64_t code, const char *words)
{
    const char *sentence = NULL;
    bool transient = false;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (known[i].code == (krb5_error_code)code) {
            sentence = known[i].sentence;
            transient = known[i].transient;
        }
    }
    *failure = (struct winrm_failure){.reason = REASON_AUTH, .transient = transient, .code = code};
    if (sentence != NULL) {
        (void)snprintf(failure->text, sizeof(failure->text), "auth: %s: %s (%s)", what, sentence,
                       words);
    } else {
        (void)snprintf(failure->text, sizeof(failure->text), "auth: %s: %s", what, words);
    }
}

static void put_status(OM_uint32 status, int kind, const gss_OID_desc *mechanism, char *to,
                       size_t size)
{
    OM_uint32 minor = 0;
    OM_uint32 more = 0;
    gss_OID_desc oid = mechanism == NULL ? winrm_oid_kerberos : *mechanism;
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    to[0] = '\0';
    if (gss_display_status(&minor, status, kind, &oid, &more, &text) == GSS_S_COMPLETE) {
        (void)snprintf(to, size, "%.*s", (int)text.length, (const char *)text.value);
        (void)gss_release_buffer(&minor, &text);
    }
}

void winrm_auth_fail(struct winrm_failure *failure, const char *what, OM_uint32 major,
                     OM_uint32 minor, const gss_OID_desc *mechanism)
{
    char general[160];
    char special[160];
    char words[sizeof(general) + sizeof(special) + 2];
    put_status(major, GSS_C_GSS_CODE, mechanism, general, sizeof(general));
    put_status(minor, GSS_C_MECH_CODE, mechanism, special, sizeof(special));
    (void)snprintf(words, sizeof(words), "%s%s%s", general, special[0] == '\0' ? "" : ": ",
                   special);
    fail(failure, what, (int32_t)minor, words);
}

void winrm_auth_fail_krb5(struct winrm_failure *failure, const char *what, krb5_context context,
                          krb5_error_code code)
{
    const char *words = krb5_get_error_message(context, code);
    fail(failure, what, code, words);
    krb5_free_error_message(context, words);
}
