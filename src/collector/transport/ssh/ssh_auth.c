/* ssh_auth: how the host is convinced that it is us: by key or password. */
#include "collector/transport/ssh/ssh_job.h"
#include "collector/transport/ssh_key/ssh_key.h"

#include <stdlib.h>
#include <string.h>

/* Whether the server's list of methods has this one. */
static bool takes(const struct transport_job *job, const char *method)
{
    struct slice rest = {job->methods, strlen(job->methods)};
    while (rest.len > 0) {
        size_t len = strcspn(rest.data, ",");
        if (slice_eq((struct slice){rest.data, len}, method)) {
            return true;
        }
        len += rest.data[len] == ',' ? 1 : 0;
        rest = (struct slice){rest.data + len, rest.len - len};
    }
    return false;
}

enum ssh_step ssh_accepted(struct transport_job *job, const char *mechanism)
{
    job->answer.mechanism = mechanism;
    job->answer.principal = job->ask.credential->user;
    ssh_tell(job, "login", "%s as %s", mechanism, job->answer.principal);
    ssh_move(job, SSH_CHANNEL);
    return SSH_STEP_NEXT;
}

static enum ssh_step begin(struct transport_job *job)
{
    switch (job->ask.credential->auth) {
    case AUTH_KEY:
    case AUTH_AGENT:
        if (!takes(job, "publickey")) {
            return ssh_refuse_method(job, "keys",
                                     "allow PubkeyAuthentication there, or give a password");
        }
        ssh_move(job, job->ask.credential->auth == AUTH_KEY ? SSH_AUTH_KEY : SSH_AUTH_AGENT);
        return SSH_STEP_NEXT;
    case AUTH_PASSWORD:
        if (takes(job, "password")) {
            ssh_move(job, SSH_AUTH_PASSWORD);
            return SSH_STEP_NEXT;
        }
        if (takes(job, "keyboard-interactive")) {
            ssh_move(job, SSH_AUTH_KEYBOARD);
            return SSH_STEP_NEXT;
        }
        return ssh_refuse_method(job, "passwords", "log in with a key (pvsaudit_auth: key)");
    default:
        break;
    }
    return ssh_fail(job, REASON_AUTH, false, 0, "auth: no way to log in is configured");
}

enum ssh_step ssh_step_auth_list(struct transport_job *job)
{
    const char *user = job->ask.credential->user;
    const char *list = libssh2_userauth_list(job->link.session, user, (unsigned)strlen(user));
    if (list != NULL) {
        size_t len = strlen(list) < sizeof(job->methods) ? strlen(list) : sizeof(job->methods) - 1;
        memcpy(job->methods, list, len);
        job->methods[len] = '\0';
        ssh_tell(job, "mechanisms", "%s", job->methods);
        return begin(job);
    }
    if (libssh2_userauth_authenticated(job->link.session) != 0) {
        return ssh_accepted(job, "none");
    }
    int rc = libssh2_session_last_errno(job->link.session);
    return rc == LIBSSH2_ERROR_EAGAIN ? SSH_STEP_WAIT : ssh_fail_library(job, rc);
}

int ssh_hand_over(struct transport_job *job, struct slice bytes, unsigned char **ret,
                  size_t *ret_len)
{
    unsigned char *copy = ssh_link_alloc(&job->link, bytes.len);
    if (copy == NULL) {
        return LIBSSH2_ERROR_ALLOC;
    }
    memcpy(copy, bytes.data, bytes.len);
    *ret = copy;
    *ret_len = bytes.len;
    return 0;
}

static int sign_by_key(LIBSSH2_SESSION *session, unsigned char **ret, size_t *ret_len,
                       const unsigned char *data, size_t data_len, void **abstract)
{
    (void)session;
    struct transport_job *job = *abstract;
    unsigned char *signature = NULL;
    size_t len = 0;
    if (ssh_key_sign(job->ask.credential->key, data, data_len, &signature, &len, NULL) != 0) {
        job->signing = SSH_SIGN_DECLINED;
        return LIBSSH2_ERROR_PUBLICKEY_PROTOCOL;
    }
    job->signing = SSH_SIGN_GIVEN;
    int rc = ssh_hand_over(job, (struct slice){(char *)signature, len}, ret, ret_len);
    free(signature);
    return rc;
}

static int try_key(struct transport_job *job)
{
    const struct credential *credential = job->ask.credential;
    struct ssh_key_locked locked;
    if (ssh_key_is_locked(credential->key, &locked)) {
        return libssh2_userauth_publickey_frommemory(
            job->link.session, credential->user, strlen(credential->user), locked.public.data,
            locked.public.len, locked.private.data, locked.private.len, locked.passphrase);
    }
    size_t len = 0;
    const unsigned char *public = ssh_key_public(credential->key, &len);
    return libssh2_userauth_publickey(job->link.session, credential->user, public, len, sign_by_key,
                                      &job->self);
}

enum ssh_step ssh_step_auth_key(struct transport_job *job)
{
    int rc = try_key(job);
    switch (rc) {
    case 0:
        return ssh_accepted(job, "publickey");
    case LIBSSH2_ERROR_EAGAIN:
        return SSH_STEP_WAIT;
    default:
        return ssh_refuse_key(job, rc);
    }
}

enum ssh_step ssh_step_auth_password(struct transport_job *job)
{
    const struct credential *credential = job->ask.credential;
    const struct secret *password = &credential->password;
    int rc = libssh2_userauth_password_ex(
        job->link.session, credential->user, (unsigned)strlen(credential->user),
        password->data == NULL ? "" : password->data, (unsigned)password->len, NULL);
    switch (rc) {
    case 0:
        return ssh_accepted(job, "password");
    case LIBSSH2_ERROR_EAGAIN:
        return SSH_STEP_WAIT;
    default:
        return ssh_refuse_password(job, rc);
    }
}

/* One prompt in the whole conversation gets the password, and every other one an empty answer: a
 * second one would be a new password, or a second factor, which we do not have. */
static LIBSSH2_USERAUTH_KBDINT_RESPONSE_FUNC(answer_prompts)
{
    (void)name;
    (void)name_len;
    (void)instruction;
    (void)instruction_len;
    struct ssh_link *link = *abstract;
    struct transport_job *job = link->data;
    const struct secret *password = &job->ask.credential->password;
    for (int i = 0; i < num_prompts; i++) {
        responses[i].text = NULL;
        responses[i].length = 0;
        if (job->prompts == 0 && num_prompts == 1 && prompts[i].echo == 0 && password->len > 0) {
            char *copy = ssh_link_alloc(link, password->len);
            if (copy != NULL) {
                memcpy(copy, password->data, password->len);
                responses[i].text = copy;
                responses[i].length = (unsigned)password->len;
            }
        }
        job->prompts++;
    }
}

enum ssh_step ssh_step_auth_keyboard(struct transport_job *job)
{
    const char *user = job->ask.credential->user;
    int rc = libssh2_userauth_keyboard_interactive_ex(job->link.session, user,
                                                      (unsigned)strlen(user), answer_prompts);
    switch (rc) {
    case 0:
        return ssh_accepted(job, "password");
    case LIBSSH2_ERROR_EAGAIN:
        return SSH_STEP_WAIT;
    default:
        return ssh_refuse_password(job, rc);
    }
}
