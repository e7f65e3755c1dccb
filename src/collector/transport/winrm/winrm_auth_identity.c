/* winrm_auth_identity: a ticket for tickets or an NTLM credential, acquired once in a process. */
#include "collector/transport/winrm/winrm_auth_internal.h"

#include "core/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum identity_state { IDENTITY_NEW, IDENTITY_ACQUIRING, IDENTITY_READY, IDENTITY_FAILED };

struct waiter {
    struct waiter *next;
    void (*done)(void *data, const struct winrm_failure *failure);
    void *data;
};

struct winrm_identity {
    enum identity_state state;
    enum winrm_mechanism mechanism;
    char *name, *keytab, *ccache;
    struct secret password;
    uv_work_t work; /* while ACQUIRING */
    uv_idle_t idle; /* tells waiters from the loop */
    bool idle_open;
    struct waiter *waiters;
    struct winrm_failure failure;
    gss_cred_id_t ntlm;
    krb5_context krb5;
    krb5_ccache cache; /* the tickets that visits copy */
    bool cache_is_ours;
};

static char *copy(const char *text)
{
    return text == NULL ? NULL : strdup(text);
}

/* Kerberos' own form: "EXAMPLE\svc" and "svc" take the realm that the inventory names. */
static char *name_of(const struct winrm_account *account)
{
    const char *backslash = strchr(account->user, '\\');
    const char *user = backslash == NULL ? account->user : backslash + 1;
    char *name = NULL;
    if (account->mechanism == WINRM_NTLM || account->realm == NULL || strchr(user, '@') != NULL) {
        return strdup(account->mechanism == WINRM_NTLM ? account->user : user);
    }
    return asprintf(&name, "%s@%s", user, account->realm) < 0 ? NULL : name;
}

struct winrm_identity *winrm_identity_new(const struct winrm_account *account)
{
    struct winrm_identity *identity = calloc(1, sizeof(*identity));
    if (identity == NULL) {
        return NULL;
    }
    identity->mechanism = account->mechanism;
    identity->ntlm = GSS_C_NO_CREDENTIAL;
    identity->name = name_of(account);
    identity->keytab = copy(account->keytab);
    identity->ccache = copy(account->ccache);
    bool failed = identity->name == NULL || (identity->keytab == NULL && account->keytab != NULL) ||
                  (identity->ccache == NULL && account->ccache != NULL);
    if (account->password != NULL && !failed) {
        failed = secret_set(&identity->password, account->password, strlen(account->password)) != 0;
    }
    if (failed) {
        winrm_identity_free(identity);
        return NULL;
    }
    return identity;
}

static void drop_tickets(struct winrm_identity *identity)
{
    if (identity->cache != NULL && identity->cache_is_ours) {
        (void)krb5_cc_destroy(identity->krb5, identity->cache);
    } else if (identity->cache != NULL) {
        (void)krb5_cc_close(identity->krb5, identity->cache);
    }
    krb5_free_context(identity->krb5);
    identity->cache = NULL;
    identity->krb5 = NULL;
}

void winrm_identity_free(struct winrm_identity *identity)
{
    OM_uint32 minor = 0;
    if (identity == NULL || identity->state == IDENTITY_ACQUIRING) {
        return; /* a library that does not come back still has it */
    }
    (void)gss_release_cred(&minor, &identity->ntlm);
    drop_tickets(identity);
    secret_done(&identity->password);
    free(identity->name);
    free(identity->keytab);
    free(identity->ccache);
    free(identity);
}

enum winrm_mechanism winrm_identity_mechanism(const struct winrm_identity *identity)
{
    return identity->mechanism;
}

const char *winrm_identity_name(const struct winrm_identity *identity)
{
    return identity->name;
}

/* ---- acquiring, on a thread of the work queue ---- */

static void acquire_ntlm(struct winrm_identity *identity)
{
    OM_uint32 major = 0;
    OM_uint32 minor = 0;
    gss_name_t name = GSS_C_NO_NAME;
    gss_OID_desc mechanism = winrm_oid_ntlm;
    gss_OID_set_desc mechanisms = {1, &mechanism};
    gss_buffer_desc user = {strlen(identity->name), identity->name};
    gss_buffer_desc password = {identity->password.len, identity->password.data};
    major = gss_import_name(&minor, &user, GSS_C_NT_USER_NAME, &name);
    if (major == GSS_S_COMPLETE) {
        major =
            gss_acquire_cred_with_password(&minor, name, &password, GSS_C_INDEFINITE, &mechanisms,
                                           GSS_C_INITIATE, &identity->ntlm, NULL, NULL);
    }
    if (major != GSS_S_COMPLETE) {
        winrm_auth_fail(&identity->failure, "preparing NTLM", major, minor, &winrm_oid_ntlm);
    }
    OM_uint32 ignored = 0;
    (void)gss_release_name(&ignored, &name);
}

static krb5_error_code get_tickets(struct winrm_identity *identity, krb5_principal principal,
                                   krb5_creds *ret)
{
    krb5_context krb5 = identity->krb5;
    krb5_keytab keytab = NULL;
    if (identity->keytab == NULL) {
        return krb5_get_init_creds_password(krb5, ret, principal, identity->password.data, NULL,
                                            NULL, 0, NULL, NULL);
    }
    krb5_error_code code = krb5_kt_resolve(krb5, identity->keytab, &keytab);
    if (code == 0) {
        code = krb5_get_init_creds_keytab(krb5, ret, principal, keytab, 0, NULL, NULL);
        (void)krb5_kt_close(krb5, keytab);
    }
    return code;
}

/* By password or keytab into a cache of this process. */
static krb5_error_code fill_cache(struct winrm_identity *identity)
{
    krb5_context krb5 = identity->krb5;
    krb5_principal principal = NULL;
    krb5_creds tickets;
    memset(&tickets, 0, sizeof(tickets));
    krb5_error_code code = krb5_parse_name(krb5, identity->name, &principal);
    if (code == 0) {
        code = get_tickets(identity, principal, &tickets);
    }
    if (code == 0) {
        identity->cache_is_ours = true;
        code = krb5_cc_new_unique(krb5, "MEMORY", NULL, &identity->cache);
    }
    if (code == 0) {
        code = krb5_cc_initialize(krb5, identity->cache, principal);
    }
    if (code == 0) {
        code = krb5_cc_store_cred(krb5, identity->cache, &tickets);
    }
    krb5_free_cred_contents(krb5, &tickets);
    krb5_free_principal(krb5, principal);
    return code;
}

static void acquire_kerberos(struct winrm_identity *identity)
{
    krb5_error_code code = krb5_init_context(&identity->krb5);
    if (code == 0) {
        code = identity->ccache != NULL
                   ? krb5_cc_resolve(identity->krb5, identity->ccache, &identity->cache)
                   : fill_cache(identity);
    }
    if (code != 0) {
        winrm_auth_fail_krb5(&identity->failure, "getting a ticket", identity->krb5, code);
        drop_tickets(identity); /* the next visit may acquire anew */
    }
}

static void acquire(uv_work_t *work)
{
    struct winrm_identity *identity = work->data;
    if (identity->mechanism == WINRM_NTLM) {
        acquire_ntlm(identity);
    } else {
        acquire_kerberos(identity);
    }
}

/* ---- on the loop ---- */

static void tell_waiters(struct winrm_identity *identity)
{
    while (identity->waiters != NULL) {
        struct waiter *first = identity->waiters;
        identity->waiters = first->next;
        first->done(first->data, identity->state == IDENTITY_FAILED ? &identity->failure : NULL);
        free(first);
    }
}

static void on_acquired(uv_work_t *work, int status)
{
    struct winrm_identity *identity = work->data;
    (void)status;
    identity->state = identity->failure.reason == REASON_NONE ? IDENTITY_READY : IDENTITY_FAILED;
    tell_waiters(identity);
    if (identity->failure.transient) {
        identity->failure = (struct winrm_failure){0};
        identity->state = IDENTITY_NEW; /* a KDC that was silent may speak again */
    }
}

static void on_idle_closed(uv_handle_t *handle)
{
    struct winrm_identity *identity = handle->data;
    identity->idle_open = false;
    if (identity->state == IDENTITY_READY || identity->state == IDENTITY_FAILED) {
        tell_waiters(identity);
    }
}

static void on_idle(uv_idle_t *idle)
{
    if (!uv_is_closing((uv_handle_t *)idle)) {
        uv_close((uv_handle_t *)idle, on_idle_closed);
    }
}

/* What is known already is told from the loop too. */
static void tell_soon(struct winrm_identity *identity, uv_loop_t *loop)
{
    if (!identity->idle_open) {
        identity->idle_open = true;
        (void)uv_idle_init(loop, &identity->idle);
        identity->idle.data = identity;
        (void)uv_idle_start(&identity->idle, on_idle);
    }
}

int winrm_identity_ready(struct winrm_identity *identity, uv_loop_t *loop,
                         void (*done)(void *data, const struct winrm_failure *failure), void *data,
                         void **ret_wait, struct err *err)
{
    struct waiter *waiter = calloc(1, sizeof(*waiter));
    if (waiter == NULL) {
        return err_memory(err);
    }
    if (identity->state == IDENTITY_NEW) {
        identity->work.data = identity;
        if (uv_queue_work(loop, &identity->work, acquire, on_acquired) != 0) {
            free(waiter);
            return err_set(err, ERR_INTERNAL, "auth", "the work queue takes nothing");
        }
        identity->state = IDENTITY_ACQUIRING;
    } else if (identity->state != IDENTITY_ACQUIRING) {
        tell_soon(identity, loop);
    }
    *waiter = (struct waiter){identity->waiters, done, data};
    identity->waiters = waiter;
    *ret_wait = waiter;
    return 0;
}

void winrm_identity_forget(struct winrm_identity *identity, void *wait)
{
    for (struct waiter **at = &identity->waiters; *at != NULL; at = &(*at)->next) {
        if (*at == wait) {
            struct waiter *found = *at;
            *at = found->next;
            free(found);
            return;
        }
    }
}

/* ---- from any thread, once the identity is ready ---- */

static krb5_error_code copy_cache(struct winrm_identity *identity, struct winrm_credential *to)
{
    krb5_principal principal = NULL;
    krb5_error_code code = krb5_init_context(&to->krb5);
    if (code == 0) {
        code = krb5_cc_get_principal(to->krb5, identity->cache, &principal);
    }
    if (code == 0) {
        code = krb5_cc_new_unique(to->krb5, "MEMORY", NULL, &to->cache);
    }
    if (code == 0) {
        code = krb5_cc_initialize(to->krb5, to->cache, principal);
    }
    if (code == 0) {
        code = krb5_cc_copy_creds(to->krb5, identity->cache, to->cache);
    }
    if (principal != NULL) {
        krb5_free_principal(to->krb5, principal);
    }
    return code;
}

static bool open_kerberos(struct winrm_identity *identity, struct winrm_credential *ret,
                          struct winrm_failure *failure)
{
    OM_uint32 minor = 0;
    char cache[256];
    krb5_error_code code = copy_cache(identity, ret);
    if (code != 0) {
        winrm_auth_fail_krb5(failure, "reading the tickets", ret->krb5, code);
        return false;
    }
    (void)snprintf(cache, sizeof(cache), "MEMORY:%s", krb5_cc_get_name(ret->krb5, ret->cache));
    gss_key_value_element_desc element = {"ccache", cache};
    gss_key_value_set_desc store = {1, &element};
    gss_OID_desc mechanism = winrm_oid_kerberos;
    gss_OID_set_desc kerberos = {1, &mechanism};
    gss_OID_desc wrapped = winrm_oid_spnego;
    gss_OID_set_desc spnego = {1, &wrapped};
    bool negotiates = identity->mechanism == WINRM_NEGOTIATE;
    OM_uint32 major = gss_acquire_cred_from(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE,
                                            negotiates ? &spnego : &kerberos, GSS_C_INITIATE,
                                            &store, &ret->handle, NULL, NULL);
    ret->owned = true;
    if (major == GSS_S_COMPLETE && negotiates) {
        major = gss_set_neg_mechs(&minor, ret->handle, &kerberos);
    }
    if (major != GSS_S_COMPLETE) {
        winrm_auth_fail(failure, "using the tickets", major, minor, &winrm_oid_kerberos);
        return false;
    }
    return true;
}

bool winrm_credential_open(struct winrm_identity *identity, struct winrm_credential *ret,
                           struct winrm_failure *failure)
{
    if (identity->mechanism != WINRM_NTLM) {
        return open_kerberos(identity, ret, failure);
    }
    ret->handle = identity->ntlm;
    return true;
}

void winrm_credential_close(struct winrm_credential *credential)
{
    OM_uint32 minor = 0;
    if (credential->owned) {
        (void)gss_release_cred(&minor, &credential->handle);
    }
    if (credential->cache != NULL) {
        (void)krb5_cc_destroy(credential->krb5, credential->cache);
    }
    krb5_free_context(credential->krb5);
    *credential = (struct winrm_credential){0};
}
