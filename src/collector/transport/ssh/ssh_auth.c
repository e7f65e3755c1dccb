/* ssh_auth: how the host is convinced that it is us: by key, ssh-agent or password. */
#include "collector/transport/ssh/ssh_job.h"
#include "collector/transport/ssh_key/ssh_key.h"
#include "collector/transport/ssh_link/ssh_methods.h"

#include <errno.h>
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

static enum ssh_step accepted(struct transport_job *job, const char *mechanism)
{
    job->answer.mechanism = mechanism;
    job->answer.principal = job->ask.credential->user;
    ssh_move(job, SSH_CHANNEL);
    return SSH_STEP_NEXT;
}

static enum ssh_step fail_method(struct transport_job *job, const char *method)
{
    return ssh_fail(job, REASON_AUTH, false, LIBSSH2_ERROR_METHOD_NOT_SUPPORTED,
                    "auth: the server does not take %s for %s; the server takes: %s", method,
                    job->ask.credential->user, job->methods);
}

static enum ssh_step begin(struct transport_job *job)
{
    switch (job->ask.credential->auth) {
    case AUTH_KEY:
    case AUTH_AGENT:
        if (!takes(job, "publickey")) {
            return fail_method(job, "keys");
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
        return fail_method(job, "passwords");
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
        return begin(job);
    }
    if (libssh2_userauth_authenticated(job->link.session) != 0) {
        return accepted(job, "none");
    }
    int rc = libssh2_session_last_errno(job->link.session);
    return rc == LIBSSH2_ERROR_EAGAIN ? SSH_STEP_WAIT : ssh_fail_library(job, rc);
}

/* A refusal in the server's words where it gave some ("Too many authentication failures"). */
static enum ssh_step refused(struct transport_job *job, int rc, const char *what)
{
    const char *why = job->link.goodbye;
    return ssh_fail(job, REASON_AUTH, false, rc,
                    "auth: the server refuses %s for user %s%s%s; the server takes: %s", what,
                    job->ask.credential->user, why[0] == '\0' ? "" : ": ", why, job->methods);
}

/* Hand a signature to libssh2 in memory that it may free. */
static int hand_over(struct ssh_link *link, struct slice signature, unsigned char **ret,
                     size_t *ret_len)
{
    unsigned char *copy = ssh_link_alloc(link, signature.len);
    if (copy == NULL) {
        return LIBSSH2_ERROR_ALLOC;
    }
    memcpy(copy, signature.data, signature.len);
    *ret = copy;
    *ret_len = signature.len;
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
        return LIBSSH2_ERROR_PUBLICKEY_PROTOCOL;
    }
    int rc = hand_over(&job->link, (struct slice){(char *)signature, len}, ret, ret_len);
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
        return accepted(job, "publickey");
    case LIBSSH2_ERROR_EAGAIN:
        return SSH_STEP_WAIT;
    default:
        return refused(job, rc, "the key; add its public half to authorized_keys there");
    }
}

/* ssh-agent: its keys in turn, each signature a question that the agent answers later. */

static void agent_changed(void *data)
{
    struct transport_job *job = data;
    job->run(job);
}

/* Keys that libssh2 can use here: no certificates, no hardware-backed types, RSA with SHA-2 only.
 */
static bool usable(const struct ssh_agent_key *key)
{
    static const char *const plain[] = {"ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384",
                                        "ecdsa-sha2-nistp521"};
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        if (slice_eq(key->algorithm, plain[i])) {
            return true;
        }
    }
    return slice_eq(key->algorithm, "ssh-rsa") && ssh_methods_rsa_sha2();
}

static const struct ssh_agent_key *agent_key(struct transport_job *job)
{
    while (job->agent_next < ssh_agent_key_count(job->agent)) {
        const struct ssh_agent_key *key = ssh_agent_key(job->agent, job->agent_next);
        if (usable(key)) {
            return key;
        }
        job->agent_next++;
    }
    return NULL;
}

/* Called again with the same data until the agent has answered. */
static int sign_by_agent(LIBSSH2_SESSION *session, unsigned char **ret, size_t *ret_len,
                         const unsigned char *data, size_t data_len, void **abstract)
{
    (void)session;
    struct transport_job *job = *abstract;
    struct slice signature = ssh_agent_signature(job->agent);
    switch (job->signing) {
    case SSH_SIGN_IDLE:
        if (ssh_agent_sign(job->agent, agent_key(job), data, data_len) != 0) {
            return LIBSSH2_ERROR_ALLOC;
        }
        job->signing = SSH_SIGN_ASKED;
        return LIBSSH2_ERROR_EAGAIN;
    case SSH_SIGN_ASKED:
        if (ssh_agent_state(job->agent) == SSH_AGENT_SIGNING) {
            return LIBSSH2_ERROR_EAGAIN;
        }
        job->signing = SSH_SIGN_IDLE;
        break;
    }
    return signature.len == 0 ? LIBSSH2_ERROR_PUBLICKEY_PROTOCOL
                              : hand_over(&job->link, signature, ret, ret_len);
}

static enum ssh_step fail_agent_keys(struct transport_job *job, int rc)
{
    size_t count = ssh_agent_key_count(job->agent);
    if (job->agent_tried == 0) {
        return ssh_fail(job, REASON_AUTH, false, rc,
                        "auth: the ssh-agent holds %zu keys and none that can be used; add an "
                        "ed25519 key with ssh-add",
                        count);
    }
    return ssh_fail(job, REASON_AUTH, false, rc,
                    "auth: the server refuses the %zu of %zu keys in the ssh-agent that were tried "
                    "for user %s%s%s; the server takes: %s",
                    job->agent_tried, count, job->ask.credential->user,
                    job->link.goodbye[0] == '\0' ? "" : ": ", job->link.goodbye, job->methods);
}

static enum ssh_step try_agent_key(struct transport_job *job, const struct ssh_agent_key *key)
{
    int rc = libssh2_userauth_publickey(job->link.session, job->ask.credential->user,
                                        (const unsigned char *)key->public.data, key->public.len,
                                        sign_by_agent, &job->self);
    switch (rc) {
    case 0:
        return accepted(job, "agent");
    case LIBSSH2_ERROR_EAGAIN:
        return job->signing == SSH_SIGN_ASKED ? SSH_STEP_REST : SSH_STEP_WAIT;
    default:
        job->signing = SSH_SIGN_IDLE;
        job->agent_next++;
        job->agent_tried++;
        return job->link.disconnect >= 0 || job->link.end != SSH_LINK_OPEN
                   ? fail_agent_keys(job, rc)
                   : SSH_STEP_NEXT;
    }
}

enum ssh_step ssh_step_auth_agent(struct transport_job *job)
{
    if (job->agent == NULL) {
        job->agent =
            ssh_agent_open(job->ask.loop, job->ask.credential->agent_socket, agent_changed, job);
        if (job->agent == NULL) {
            return ssh_fail(job, REASON_AUTH, false, ENOMEM, "auth: out of memory");
        }
        job->handles++;
        return SSH_STEP_REST;
    }
    switch (ssh_agent_state(job->agent)) {
    case SSH_AGENT_READY:
        break;
    case SSH_AGENT_FAILED:
        return ssh_fail(job, REASON_AUTH, false, 0, "auth: %s", ssh_agent_error(job->agent));
    case SSH_AGENT_CONNECTING:
    case SSH_AGENT_LISTING:
    case SSH_AGENT_SIGNING:
    case SSH_AGENT_CLOSED:
        return SSH_STEP_REST;
    }
    const struct ssh_agent_key *key = agent_key(job);
    if (key == NULL || job->agent_tried == SSH_AGENT_TRIES) {
        return fail_agent_keys(job, LIBSSH2_ERROR_AUTHENTICATION_FAILED);
    }
    return try_agent_key(job, key);
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
        return accepted(job, "password");
    case LIBSSH2_ERROR_EAGAIN:
        return SSH_STEP_WAIT;
    case LIBSSH2_ERROR_PASSWORD_EXPIRED:
        return refused(job, rc, "the password, which has expired; set a new one");
    default:
        return refused(job, rc, "the password; correct it");
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
        return accepted(job, "password");
    case LIBSSH2_ERROR_EAGAIN:
        return SSH_STEP_WAIT;
    default:
        return refused(job, rc,
                       job->prompts > 1 ? "the password, and asks for more than that"
                                        : "the password; correct it");
    }
}
