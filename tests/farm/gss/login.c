/* login: how one connection proves who it is: the Authorization header, leg by leg. */
#include "farm/gss/login.h"

#include "farm/codec/base64.h"
#include "farm/gss/ntlm_users.h"

#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifndef GSS_C_CHANNEL_BOUND_FLAG
#define GSS_C_CHANNEL_BOUND_FLAG 2048
#endif

enum { TOKEN_MOST = 1 << 17, HASH_BYTES = 32, APART_MOST_MS = 5 * 60 * 1000 };

static void forget(struct login *login)
{
    OM_uint32 minor = 0;
    if (login->context != GSS_C_NO_CONTEXT) {
        (void)gss_delete_sec_context(&minor, &login->context, GSS_C_NO_BUFFER);
    }
    login->context = GSS_C_NO_CONTEXT;
    login->complete = login->seals = false;
    login->account = NULL;
}

void login_done(struct login *login)
{
    forget(login);
}

void login_offer(const struct login *login, bool basic, struct buf *to)
{
    const struct winrm_settings *settings = &login->server->winrm;
    const struct {
        const char *text;
        bool offered;
    } rows[] = {
        {"Negotiate", (settings->offers & OFFER_NEGOTIATE) != 0},
        {"Kerberos", (settings->offers & OFFER_KERBEROS) != 0},
        {"Basic realm=\"WSMAN\"", basic && (settings->offers & OFFER_BASIC) != 0},
    };
    bool comma = (settings->wire & WIRE_COMMA_CHALLENGE) != 0, begun = false;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].offered) {
            (void)buf_puts(to, !begun  ? "WWW-Authenticate: "
                               : comma ? ", "
                                       : "\r\nWWW-Authenticate: ");
            (void)buf_puts(to, rows[i].text);
            begun = true;
        }
    }
    (void)buf_puts(to, begun ? "\r\n" : "");
}

/* ---- Basic ---- */

static enum login_result step_basic(struct login *login, struct slice text)
{
    struct buf plain;
    buf_init(&plain, TOKEN_MOST);
    forget(login);
    const struct account *account = NULL;
    if (base64_decode(text, &plain) && plain.data != NULL && strchr(plain.data, ':') != NULL) {
        char *password = strchr(plain.data, ':');
        *password++ = '\0';
        account = fleet_account_of(login->fleet, plain.data);
        bool right = account != NULL && account->password[0] != '\0' &&
                     str_eq(account->password, password) && !login->deny;
        fleet_count_auth(login->fleet, account == NULL ? plain.data : account->name,
                         MECHANISM_BASIC, right);
        account = right ? account : NULL;
    }
    buf_done(&plain);
    login->account = account;
    login->mechanism = MECHANISM_BASIC;
    return account == NULL ? LOGIN_NEEDED : LOGIN_DONE;
}

/* ---- the client's certificate ---- */

static enum login_result step_certificate(struct login *login)
{
    forget(login);
    const struct account *account =
        login->certified[0] == '\0' ? NULL : fleet_account(login->fleet, login->certified);
    bool right = account != NULL && !login->deny;
    fleet_count_auth(login->fleet, login->certified, MECHANISM_CERTIFICATE, right);
    login->account = right ? account : NULL;
    login->mechanism = MECHANISM_CERTIFICATE;
    return right ? LOGIN_DONE : LOGIN_NEEDED;
}

/* ---- GSSAPI ---- */

/* Which credential a token is for; what comes later in a negotiation stays with the first. */
static gss_cred_id_t credential_for(const struct login *login, struct slice token)
{
    static const char spnego[] = "\x06\x06\x2b\x06\x01\x05\x05\x02";
    const struct acceptor *acceptor = login->acceptor;
    if (login->kerberos_header) {
        return acceptor->kerberos;
    }
    if (token.len >= 7 && memcmp(token.data, "NTLMSSP", 7) == 0) {
        return login->unsealed ? acceptor->unsealed : acceptor->ntlm;
    }
    size_t head = token.len < 20 ? token.len : 20;
    bool negotiates = (token.len > 0 && token.data[0] == '\xa1') ||
                      (head > 0 && memmem(token.data, head, spnego, sizeof(spnego) - 1) != NULL);
    return negotiates ? acceptor->spnego : acceptor->kerberos;
}

static bool name_text(gss_name_t name, struct buf *to)
{
    OM_uint32 minor = 0;
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    if (name == GSS_C_NO_NAME || GSS_ERROR(gss_display_name(&minor, name, &text, NULL)) != 0) {
        return false;
    }
    (void)buf_append(to, text.value, text.length);
    (void)gss_release_buffer(&minor, &text);
    return to->data != NULL;
}

/* HTTP/pvs01@REALM: the service class and the host must be this server's own. */
static bool is_own_principal(const struct login *login, const char *principal)
{
    uint8_t spn = login->server->winrm.spn;
    size_t service = strcspn(principal, "/"), host = 0;
    bool http = slice_ieq((struct slice){principal, service}, "HTTP") && spn != SPN_WSMAN;
    bool wsman = slice_ieq((struct slice){principal, service}, "WSMAN") && spn != SPN_HTTP;
    const char *name = principal + service + (principal[service] == '/' ? 1 : 0);
    host = strcspn(name, "@");
    if (slice_eq((struct slice){name, host}, login->address)) {
        return http || wsman;
    }
    size_t label = strcspn(name, ".@");
    return (http || wsman) && (slice_ieq((struct slice){name, host}, login->server->name) ||
                               slice_ieq((struct slice){name, label}, login->server->name));
}

static bool is_kerberos(gss_OID mechanism)
{
    return gss_oid_equal(mechanism, (gss_OID)(uintptr_t)gss_mech_krb5) != 0;
}

struct outcome {
    gss_OID mechanism;
    OM_uint32 flags;
    struct buf client, server; /* names */
};

/* Only Kerberos is asked whose ticket it was: gss-ntlmssp 1.2.0 crashes over that question. */
static bool inspect(struct login *login, struct outcome *outcome)
{
    OM_uint32 minor = 0;
    gss_name_t client = GSS_C_NO_NAME, server = GSS_C_NO_NAME;
    OM_uint32 major = gss_inquire_context(&minor, login->context, &client, NULL, NULL,
                                          &outcome->mechanism, &outcome->flags, NULL, NULL);
    bool named = GSS_ERROR(major) == 0 && name_text(client, &outcome->client);
    if (named && is_kerberos(outcome->mechanism)) {
        (void)gss_inquire_context(&minor, login->context, NULL, &server, NULL, NULL, NULL, NULL,
                                  NULL);
        (void)name_text(server, &outcome->server);
    }
    (void)gss_release_name(&minor, &client);
    (void)gss_release_name(&minor, &server);
    return named;
}

static bool may_enter(const struct login *login, const struct outcome *outcome, OM_uint32 flags)
{
    const struct winrm_settings *settings = &login->server->winrm;
    bool bound = (flags & GSS_C_CHANNEL_BOUND_FLAG) != 0;
    int64_t ahead_ms = login->server->wall_offset_ms;
    bool apart = ahead_ms > APART_MOST_MS || ahead_ms < -APART_MOST_MS; /* RFC 4120, 3.2.3 */
    if (login->deny || (apart && is_kerberos(outcome->mechanism)) ||
        (login->binding != NULL && settings->cbt == CBT_STRICT && !bound)) {
        return false;
    }
    return is_kerberos(outcome->mechanism)
               ? is_own_principal(login, outcome->server.data == NULL ? "" : outcome->server.data)
               : (settings->offers & OFFER_NTLM) != 0;
}

/* The context is complete: who is it, and may they come in? */
static enum login_result finish(struct login *login, OM_uint32 flags)
{
    struct outcome outcome = {0};
    buf_init(&outcome.client, TOKEN_MOST);
    buf_init(&outcome.server, TOKEN_MOST);
    bool named = inspect(login, &outcome);
    login->mechanism = is_kerberos(outcome.mechanism) ? MECHANISM_KERBEROS : MECHANISM_NTLM;
    const struct account *account =
        named ? fleet_account_of(login->fleet, outcome.client.data) : NULL;
    bool enters = account != NULL && may_enter(login, &outcome, flags);
    fleet_count_auth(login->fleet, account == NULL ? "" : account->name, login->mechanism, enters);
    login->complete = enters;
    login->seals = (outcome.flags & GSS_C_CONF_FLAG) != 0;
    buf_done(&outcome.client);
    buf_done(&outcome.server);
    if (!enters) {
        forget(login);
        return LOGIN_NEEDED;
    }
    login->account = account;
    return LOGIN_DONE;
}

static void count_refusal(const struct login *login, struct slice token)
{
    struct buf user;
    buf_init(&user, TOKEN_MOST);
    bool ntlm = ntlm_users_named(token, &user) && user.data != NULL;
    const struct account *account = ntlm ? fleet_account_of(login->fleet, user.data) : NULL;
    fleet_count_auth(login->fleet, account == NULL ? "" : account->name,
                     ntlm ? MECHANISM_NTLM : MECHANISM_KERBEROS, false);
    buf_done(&user);
}

static OM_uint32 accept_token(struct login *login, struct slice token, gss_buffer_t reply,
                              OM_uint32 *ret_flags)
{
    static const char prefix[] = "tls-server-end-point:";
    char bound[sizeof(prefix) + HASH_BYTES], hostname[FLEET_NAME];
    OM_uint32 minor = 0;
    gss_buffer_desc input = {token.len, (void *)(uintptr_t)token.data};
    struct gss_channel_bindings_struct bindings = {0};
    bool binds = login->binding != NULL && login->server->winrm.cbt != CBT_NONE;
    if (binds) {
        memcpy(bound, prefix, sizeof(prefix) - 1);
        memcpy(bound + sizeof(prefix) - 1, login->binding, HASH_BYTES);
        bindings.application_data = (gss_buffer_desc){sizeof(prefix) - 1 + HASH_BYTES, bound};
    }
    gss_cred_id_t credential = credential_for(login, token);
    if (credential == GSS_C_NO_CREDENTIAL) {
        return GSS_S_NO_CRED;
    }
    server_hostname(login->server, hostname);
    (void)setenv("NETBIOS_COMPUTER_NAME", hostname, 1); /* what the challenge calls itself */
    return gss_accept_sec_context(&minor, &login->context, credential, &input,
                                  binds ? &bindings : GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL, reply,
                                  ret_flags, NULL, NULL);
}

static void put_token(const struct login *login, const gss_buffer_desc *token, struct buf *field)
{
    if (token->length > 0) {
        (void)buf_printf(field, "WWW-Authenticate: %s ",
                         login->kerberos_header ? "Kerberos" : "Negotiate");
        base64_encode(token->value, token->length, field);
        (void)buf_puts(field, "\r\n");
    }
}

static enum login_result step_token(struct login *login, struct slice text, struct buf *field)
{
    OM_uint32 minor = 0, flags = 0;
    gss_buffer_desc reply = GSS_C_EMPTY_BUFFER;
    struct buf token;
    buf_init(&token, TOKEN_MOST);
    enum login_result result = LOGIN_NEEDED;
    if (login->complete) {
        forget(login); /* a new login on an old connection */
    }
    if (base64_decode(text, &token) && token.len > 0) {
        struct slice bytes = {token.data, token.len};
        OM_uint32 major = accept_token(login, bytes, &reply, &flags);
        if (GSS_ERROR(major) != 0) {
            count_refusal(login, bytes);
            forget(login);
        } else if ((major & GSS_S_CONTINUE_NEEDED) != 0) {
            result = LOGIN_CONTINUES;
            put_token(login, &reply, field);
        } else {
            result = finish(login, flags);
            if (result == LOGIN_DONE) {
                put_token(login, &reply, field);
            }
        }
        (void)gss_release_buffer(&minor, &reply);
    }
    buf_done(&token);
    return result;
}

enum login_result login_step(struct login *login, struct slice header, struct buf *field)
{
    struct slice scheme = {NULL, 0}, rest = header;
    uint8_t offers = login->server->winrm.offers;
    if (header.data == NULL || !slice_token(&rest, &scheme)) {
        bool by_context = login->complete;
        return by_context ? LOGIN_DONE : LOGIN_NEEDED;
    }
    rest = slice_trim(rest);
    if (slice_ieq(scheme, "Basic") && (offers & OFFER_BASIC) != 0) {
        return step_basic(login, rest);
    }
    if (slice_ieq(scheme, LOGIN_CERTIFICATE) && (offers & OFFER_CERTIFICATE) != 0) {
        return step_certificate(login);
    }
    if (slice_ieq(scheme, "Kerberos") && (offers & OFFER_KERBEROS) != 0) {
        login->kerberos_header = true;
        return step_token(login, rest, field);
    }
    if (slice_ieq(scheme, "Negotiate") && (offers & OFFER_NEGOTIATE) != 0) {
        login->kerberos_header = false;
        return step_token(login, rest, field);
    }
    forget(login);
    return LOGIN_NEEDED;
}
