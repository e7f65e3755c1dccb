/* ssh_refusal: what a server will not have at authentication, in sentences that end with a remedy.
 */
#include "collector/transport/ssh/ssh_job.h"
#include "collector/transport/ssh_link/ssh_methods.h"

#include <string.h>

static const char *user_of(const struct transport_job *job)
{
    return job->ask.credential->user;
}

enum ssh_step ssh_refuse_method(struct transport_job *job, const char *methods, const char *remedy)
{
    return ssh_fail(job, REASON_AUTH, false, LIBSSH2_ERROR_METHOD_NOT_SUPPORTED,
                    "auth: the server does not take %s for user %s; the server takes: %s; %s",
                    methods, user_of(job), job->methods, remedy);
}

/* With the server's words where it gave some ("Too many authentication failures"). */
static enum ssh_step refused(struct transport_job *job, int rc, const char *what,
                             const char *remedy)
{
    const char *why = job->link.goodbye;
    return ssh_fail(job, REASON_AUTH, false, rc,
                    "auth: the server refuses %s for user %s%s%s; the server takes: %s; %s", what,
                    user_of(job), why[0] == '\0' ? "" : ": ", why, job->methods, remedy);
}

static enum ssh_step not_enough(struct transport_job *job, int rc, const char *what)
{
    return ssh_fail(job, REASON_AUTH, false, rc,
                    "auth: the server accepts %s of user %s and wants %s as well, which is not "
                    "supported; exempt the user from AuthenticationMethods there",
                    what, user_of(job), job->link.wanted);
}

/* What is no refusal says nothing of the credential. */
static bool is_refusal(const struct transport_job *job, int rc)
{
    switch (rc) {
    case LIBSSH2_ERROR_AUTHENTICATION_FAILED:
    case LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED:
    case LIBSSH2_ERROR_PASSWORD_EXPIRED:
    case LIBSSH2_ERROR_METHOD_NOT_SUPPORTED:
        return true;
    default:
        return job->link.disconnect >= 0;
    }
}

enum ssh_step ssh_refuse_password(struct transport_job *job, int rc)
{
    if (!is_refusal(job, rc)) {
        return ssh_fail_library(job, rc);
    }
    if (job->link.wanted[0] != '\0') {
        return not_enough(job, rc, "the password");
    }
    if (rc == LIBSSH2_ERROR_PASSWORD_EXPIRED) {
        return refused(job, rc, "the password, which has expired,", "set a new one");
    }
    job->answer.password_refused = true;
    if (job->prompts > 1) {
        return ssh_fail(job, REASON_AUTH, false, rc,
                        "auth: the server asks for more than the password of user %s; the server "
                        "takes: %s; log in with a key (pvsaudit_auth: key)",
                        user_of(job), job->methods);
    }
    return refused(job, rc, "the password",
                   "correct it, and see whether the account may log in there");
}

enum ssh_refusal ssh_refusal_of_key(const struct transport_job *job)
{
    if (job->link.wanted[0] != '\0') {
        return SSH_REFUSAL_NOT_ENOUGH;
    }
    switch (job->signing) {
    case SSH_SIGN_DECLINED:
        return SSH_REFUSAL_UNSIGNED;
    case SSH_SIGN_GIVEN:
        return SSH_REFUSAL_SIGNATURE;
    case SSH_SIGN_IDLE:
    case SSH_SIGN_ASKED:
        break;
    }
    return SSH_REFUSAL_KEY;
}

static enum ssh_step refused_signature(struct transport_job *job, int rc)
{
    return ssh_fail(job, REASON_AUTH, false, rc,
                    "auth: the server knows the key of user %s and refuses the signature made with "
                    "it; see its log, and the kinds of keys that it accepts",
                    user_of(job));
}

enum ssh_step ssh_refuse_key(struct transport_job *job, int rc)
{
    if (!is_refusal(job, rc)) {
        return ssh_fail_library(job, rc);
    }
    switch (ssh_refusal_of_key(job)) {
    case SSH_REFUSAL_NOT_ENOUGH:
        return not_enough(job, rc, "the key");
    case SSH_REFUSAL_SIGNATURE:
        return refused_signature(job, rc);
    case SSH_REFUSAL_UNSIGNED:
        return ssh_fail(job, REASON_AUTH, false, rc,
                        "auth: the key of user %s cannot sign; make a new one with \"ssh-keygen -t "
                        "ed25519\"",
                        user_of(job));
    case SSH_REFUSAL_KEY:
        break;
    }
    return refused(job, rc, "the key",
                   "add its public half to authorized_keys there, and see whether the account may "
                   "log in");
}

static enum ssh_step no_usable_key(struct transport_job *job, int rc, size_t count)
{
    if (count == 0) {
        return ssh_fail(job, REASON_AUTH, false, rc,
                        "auth: the ssh-agent holds no key; add one with ssh-add, or unlock it with "
                        "\"ssh-add -X\" where it is locked");
    }
    return ssh_fail(job, REASON_AUTH, false, rc,
                    "auth: none of the %zu keys in the ssh-agent can be used: no certificates, no "
                    "hardware keys%s%s; add an ed25519 key with ssh-add",
                    count, ssh_methods_rsa_sha2() ? "" : ", no RSA with libssh2 ",
                    ssh_methods_rsa_sha2() ? "" : ssh_methods_version());
}

enum ssh_step ssh_refuse_agent(struct transport_job *job, int rc)
{
    size_t count = ssh_agent_key_count(job->agent);
    const char *why = job->link.goodbye;
    if (!is_refusal(job, rc)) {
        return ssh_fail_library(job, rc);
    }
    if (job->agent_tried == 0) {
        return no_usable_key(job, rc, count);
    }
    switch (job->refusal) {
    case SSH_REFUSAL_NOT_ENOUGH:
        return not_enough(job, rc, "the key");
    case SSH_REFUSAL_SIGNATURE:
        return refused_signature(job, rc);
    case SSH_REFUSAL_UNSIGNED:
        return ssh_fail(job, REASON_AUTH, false, rc,
                        "auth: the ssh-agent declined to sign with a key that the server knows for "
                        "user %s; does it want a confirmation (ssh-add -c) or a touch? add a key "
                        "without that, or give pvsaudit_key_file",
                        user_of(job));
    case SSH_REFUSAL_KEY:
        break;
    }
    return ssh_fail(job, REASON_AUTH, false, rc,
                    "auth: the server refuses the %zu of %zu keys in the ssh-agent that were tried "
                    "for user %s%s%s; the server takes: %s; %s",
                    job->agent_tried, count, user_of(job), why[0] == '\0' ? "" : ": ", why,
                    job->methods,
                    job->agent_tried < count
                        ? "no more are tried, so name the right one with pvsaudit_key_file, or "
                          "hold it in an agent of its own"
                        : "add the public half of one to authorized_keys there, and see whether "
                          "the account may log in");
}
