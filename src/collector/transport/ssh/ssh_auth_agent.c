/* ssh_auth_agent: logging in by ssh-agent: its keys in turn, each signature a question that it
 * answers later. */
#include "collector/transport/ssh/ssh_job.h"
#include "collector/transport/ssh_link/ssh_methods.h"

#include <errno.h>
#include <string.h>

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
    case SSH_SIGN_GIVEN:
    case SSH_SIGN_DECLINED:
        if (ssh_agent_sign(job->agent, agent_key(job), data, data_len) != 0) {
            return LIBSSH2_ERROR_ALLOC;
        }
        job->signing = SSH_SIGN_ASKED;
        return LIBSSH2_ERROR_EAGAIN;
    case SSH_SIGN_ASKED:
        if (ssh_agent_state(job->agent) == SSH_AGENT_SIGNING) {
            return LIBSSH2_ERROR_EAGAIN;
        }
        break;
    }
    job->signing = signature.len == 0 ? SSH_SIGN_DECLINED : SSH_SIGN_GIVEN;
    return signature.len == 0 ? LIBSSH2_ERROR_PUBLICKEY_PROTOCOL
                              : ssh_hand_over(job, signature, ret, ret_len);
}

/* This key is refused: on to the next, unless it told more than any other could. */
static enum ssh_step key_refused(struct transport_job *job, int rc)
{
    enum ssh_refusal refusal = ssh_refusal_of_key(job);
    job->refusal = refusal > job->refusal ? refusal : job->refusal;
    job->signing = SSH_SIGN_IDLE;
    job->agent_next++;
    job->agent_tried++;
    bool next = job->link.disconnect < 0 && job->link.end == SSH_LINK_OPEN &&
                refusal != SSH_REFUSAL_NOT_ENOUGH;
    return next ? SSH_STEP_NEXT : ssh_refuse_agent(job, rc);
}

static enum ssh_step try_agent_key(struct transport_job *job, const struct ssh_agent_key *key)
{
    int rc = libssh2_userauth_publickey(job->link.session, job->ask.credential->user,
                                        (const unsigned char *)key->public.data, key->public.len,
                                        sign_by_agent, &job->self);
    switch (rc) {
    case 0:
        return ssh_accepted(job, "agent");
    case LIBSSH2_ERROR_EAGAIN:
        return job->signing == SSH_SIGN_ASKED ? SSH_STEP_REST : SSH_STEP_WAIT;
    default:
        return key_refused(job, rc);
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
        return ssh_refuse_agent(job, LIBSSH2_ERROR_AUTHENTICATION_FAILED);
    }
    return try_agent_key(job, key);
}
