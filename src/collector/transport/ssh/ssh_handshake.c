/* ssh_handshake: the key exchange, and whether the host is the one we know. */
#include "collector/transport/known_hosts/known_hosts.h"
#include "collector/transport/ssh/ssh_job.h"
#include "collector/transport/ssh_link/ssh_methods.h"
#include "collector/transport/ssh_link/ssh_offer.h"

#include <string.h>

static const char *const kind_names[SSH_METHODS_COUNT] = {[SSH_METHODS_KEX] = "key exchange",
                                                          [SSH_METHODS_HOST_KEY] = "host key",
                                                          [SSH_METHODS_CIPHER] = "cipher",
                                                          [SSH_METHODS_MAC] = "MAC"};

/* No algorithm in common: both lists are the remedy, since either side can be changed. */
static enum ssh_step fail_agreement(struct transport_job *job, int rc)
{
    char lists[SSH_METHODS_COUNT][512];
    const char *ours[SSH_METHODS_COUNT];
    struct ssh_offer theirs;
    struct slice head = {job->link.head.data, job->link.head.len};
    for (size_t i = 0; i < SSH_METHODS_COUNT; i++) {
        ssh_methods_ours(job->link.session, (enum ssh_methods_kind)i, lists[i], sizeof(lists[i]));
        ours[i] = lists[i];
    }
    enum ssh_methods_kind kind =
        ssh_offer_parse(head, &theirs) ? ssh_offer_conflict(&theirs, ours) : SSH_METHODS_COUNT;
    if (kind == SSH_METHODS_COUNT) {
        return ssh_fail_library(job, rc);
    }
    struct slice list = theirs.lists[kind];
    return ssh_fail(job, REASON_UNREACHABLE, false, rc,
                    "handshake: no %s in common: the server offers %.*s; libssh2 %s here takes %s; "
                    "allow one of these in its sshd_config",
                    kind_names[kind], (int)(list.len < 400 ? list.len : 400), list.data,
                    ssh_methods_version(), ours[kind]);
}

static void note_banner(struct transport_job *job)
{
    if (job->answer.banner == NULL && ssh_link_banner(&job->link, job->banner)) {
        job->answer.banner = job->banner;
        ssh_link_allow(&job->link, SSH_LINK_HANDSHAKE);
    }
}

/* banner: NULL while it is not whole. RFC 4253, 5.1: 1.99 speaks version 2 as well. */
static bool is_version_1(const char *banner)
{
    return banner != NULL && str_starts(banner, "SSH-") && !str_starts(banner, "SSH-2.0-") &&
           !str_starts(banner, "SSH-1.99-");
}

static enum ssh_step fail_version(struct transport_job *job)
{
    return ssh_fail(job, REASON_UNREACHABLE, false, 0,
                    "handshake: the server on port %u speaks another version of SSH than 2 (%s); "
                    "replace it by one that speaks SSH 2",
                    (unsigned)job->ask.host->port, job->banner);
}

static int handshake_begin(struct transport_job *job)
{
    char host_keys[256];
    known_hosts_preference(job->ask.known_hosts, job->ask.host->address, job->ask.host->port,
                           host_keys, sizeof(host_keys));
    return ssh_methods_prefer(job->link.session, host_keys);
}

static const char *method_of(struct transport_job *job, int kind)
{
    const char *method = libssh2_session_methods(job->link.session, kind);
    return method == NULL ? "unknown" : method;
}

enum ssh_step ssh_step_handshake(struct transport_job *job)
{
    int rc = job->link.received == 0 && libssh2_session_banner_get(job->link.session) == NULL
                 ? handshake_begin(job)
                 : 0;
    if (rc == 0) {
        rc = libssh2_session_handshake(job->link.session, job->link.fd);
    }
    note_banner(job);
    if (is_version_1(libssh2_session_banner_get(job->link.session))) {
        return fail_version(job);
    }
    switch (rc) {
    case 0:
        ssh_link_forget(&job->link, (uint64_t)job->ask.output_max * 2 + SSH_LINK_MEMORY);
        ssh_tell(job, "handshake", "%s; %s, %s, %s", job->banner,
                 method_of(job, LIBSSH2_METHOD_KEX), method_of(job, LIBSSH2_METHOD_HOSTKEY),
                 method_of(job, LIBSSH2_METHOD_CRYPT_CS));
        ssh_move(job, SSH_HOST_KEY);
        return SSH_STEP_NEXT;
    case LIBSSH2_ERROR_EAGAIN:
        return SSH_STEP_WAIT;
    case LIBSSH2_ERROR_KEX_FAILURE:
        return fail_agreement(job, rc);
    default:
        return ssh_fail_library(job, rc);
    }
}

static enum ssh_step pin(struct transport_job *job, const unsigned char *key, size_t len)
{
    const struct host *host = job->ask.host;
    const char *path = known_hosts_pins(job->ask.known_hosts);
    struct err err = {.text = "there is no file to keep it in; set pvsaudit_known_hosts"};
    if (path == NULL || known_hosts_pin(job->ask.known_hosts, path, host->address, host->port, key,
                                        len, &err) != 0) {
        return ssh_fail(job, REASON_HOST_KEY, false, 0,
                        "host-key: the new key %s was not accepted: %s", job->host_key, err.text);
    }
    ssh_move(job, SSH_AUTH_LIST);
    return SSH_STEP_NEXT;
}

static enum ssh_step fail_unknown(struct transport_job *job)
{
    return ssh_fail(job, REASON_HOST_KEY, false, 0,
                    "host-key: nothing is known of %s port %u, which shows %s; compare it with "
                    "ssh-keygen -l on the host, then scan once with --accept-new",
                    job->ask.host->address, (unsigned)job->ask.host->port, job->host_key);
}

static enum ssh_step fail_changed(struct transport_job *job, const char *line)
{
    return ssh_fail(job, REASON_HOST_KEY, false, 0,
                    "host-key: %s port %u shows %s, another key than %s has; it was reinstalled, "
                    "or something stands in between; if the new key is right, delete that line",
                    job->ask.host->address, (unsigned)job->ask.host->port, job->host_key, line);
}

/* RSA is the kind that an old libssh2 cannot check although it is known. */
static enum ssh_step fail_other_kind(struct transport_job *job,
                                     const struct known_hosts_found *found)
{
    bool old = str_eq(found->type, "ssh-rsa") && !ssh_methods_rsa_sha2();
    const char *kind = libssh2_session_methods(job->link.session, LIBSSH2_METHOD_HOSTKEY);
    return ssh_fail(
        job, REASON_HOST_KEY, false, 0,
        "host-key: %s port %u shows %s, an %s key, and %s has an %s key%s%s; compare it "
        "with ssh-keygen -l on the host, and add its line",
        job->ask.host->address, (unsigned)job->ask.host->port, job->host_key,
        kind == NULL ? "unknown" : kind, found->where, found->type,
        old ? ", which sshd since 8.8 does not show to libssh2 " : "",
        old ? ssh_methods_version() : "");
}

static enum ssh_step fail_revoked(struct transport_job *job, const char *line)
{
    return ssh_fail(job, REASON_HOST_KEY, false, 0,
                    "host-key: %s port %u shows %s, which %s revokes; give the host a new key",
                    job->ask.host->address, (unsigned)job->ask.host->port, job->host_key, line);
}

enum ssh_step ssh_step_host_key(struct transport_job *job)
{
    size_t len = 0;
    int type = 0;
    struct known_hosts_found found = {NULL, NULL};
    const unsigned char *key =
        (const unsigned char *)libssh2_session_hostkey(job->link.session, &len, &type);
    if (key == NULL) {
        return ssh_fail_library(job, LIBSSH2_ERROR_HOSTKEY_INIT);
    }
    ssh_key_fingerprint(key, len, job->host_key);
    job->answer.host_key = job->host_key;
    switch (known_hosts_check(job->ask.known_hosts, job->ask.host->address, job->ask.host->port,
                              key, len, &found)) {
    case KNOWN_HOSTS_MATCH:
        ssh_tell(job, "host-key", "%s, which is known", job->host_key);
        ssh_move(job, SSH_AUTH_LIST);
        return SSH_STEP_NEXT;
    case KNOWN_HOSTS_CHANGED:
        return fail_changed(job, found.where);
    case KNOWN_HOSTS_OTHER_KIND:
        return fail_other_kind(job, &found);
    case KNOWN_HOSTS_REVOKED:
        return fail_revoked(job, found.where);
    case KNOWN_HOSTS_UNKNOWN:
        break;
    }
    return job->ask.accept_new ? pin(job, key, len) : fail_unknown(job);
}
