/* ssh_methods: which SSH algorithms we ask for, and what the libssh2 that is loaded can do. */
#include "collector/transport/ssh_link/ssh_methods.h"

#include <libssh2.h>

#include "core/str.h"

#include <string.h>

struct kind {
    int methods[2]; /* libssh2's, one for each direction; the second may repeat the first */
    const char *wanted;
};

/* Group exchange is left out: one step of it takes 27 ms. CTR stands before GCM, with which libssh2
 * 1.11 loses two small blocks of memory a session. */
static const struct kind kinds[SSH_METHODS_COUNT] = {
    [SSH_METHODS_KEX] = {{LIBSSH2_METHOD_KEX, LIBSSH2_METHOD_KEX},
                         "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,"
                         "ecdh-sha2-nistp384,ecdh-sha2-nistp521,diffie-hellman-group14-sha256,"
                         "diffie-hellman-group16-sha512,diffie-hellman-group18-sha512"},
    [SSH_METHODS_HOST_KEY] = {{LIBSSH2_METHOD_HOSTKEY, LIBSSH2_METHOD_HOSTKEY},
                              "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,"
                              "ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256,ssh-rsa"},
    [SSH_METHODS_CIPHER] = {{LIBSSH2_METHOD_CRYPT_CS, LIBSSH2_METHOD_CRYPT_SC},
                            "aes128-ctr,aes256-ctr,aes192-ctr,aes256-gcm@openssh.com,"
                            "aes128-gcm@openssh.com,chacha20-poly1305@openssh.com"},
    [SSH_METHODS_MAC] = {{LIBSSH2_METHOD_MAC_CS, LIBSSH2_METHOD_MAC_SC},
                         "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,"
                         "hmac-sha2-256,hmac-sha2-512"},
};

bool ssh_methods_rsa_sha2(void)
{
    return libssh2_version(0x010b00) != NULL;
}

const char *ssh_methods_version(void)
{
    return libssh2_version(0);
}

const char *const *ssh_methods_host_keys(void)
{
    static const char *const old[] = {"ssh-ed25519",
                                      "ecdsa-sha2-nistp256",
                                      "ecdsa-sha2-nistp384",
                                      "ecdsa-sha2-nistp521",
                                      "ssh-rsa",
                                      NULL};
    static const char *const new[] = {"ssh-ed25519",
                                      "ecdsa-sha2-nistp256",
                                      "ecdsa-sha2-nistp384",
                                      "ecdsa-sha2-nistp521",
                                      "rsa-sha2-512",
                                      "rsa-sha2-256",
                                      "ssh-rsa",
                                      NULL};
    return ssh_methods_rsa_sha2() ? new : old;
}

static bool has(const char **names, int count, struct slice name)
{
    for (int i = 0; i < count; i++) {
        if (slice_eq(name, names[i])) {
            return true;
        }
    }
    return false;
}

/* libssh2 1.10 drops names that it lacks with an overlapping memcpy, so it gets none of them. */
static void filter(LIBSSH2_SESSION *session, int method, const char *wanted, char *to, size_t size)
{
    const char **names = NULL;
    int count = libssh2_session_supported_algs(session, method, &names);
    size_t used = 0;
    to[0] = '\0';
    for (const char *at = wanted; *at != '\0';) {
        struct slice name = {at, strcspn(at, ",")};
        at += name.len + (at[name.len] == ',' ? 1 : 0);
        if (has(names, count, name) && used + name.len + 2 <= size) {
            if (used > 0) {
                to[used++] = ',';
            }
            memcpy(to + used, name.data, name.len);
            used += name.len;
            to[used] = '\0';
        }
    }
    libssh2_free(session, names);
}

void ssh_methods_ours(LIBSSH2_SESSION *session, enum ssh_methods_kind kind, char *to, size_t size)
{
    filter(session, kinds[kind].methods[0], kinds[kind].wanted, to, size);
}

int ssh_methods_prefer(LIBSSH2_SESSION *session, const char *host_keys)
{
    for (size_t i = 0; i < SSH_METHODS_COUNT; i++) {
        const char *wanted = i == SSH_METHODS_HOST_KEY ? host_keys : kinds[i].wanted;
        for (size_t k = 0; k < 2; k++) {
            char list[512];
            filter(session, kinds[i].methods[k], wanted, list, sizeof(list));
            int rc = libssh2_session_method_pref(session, kinds[i].methods[k], list);
            if (rc != 0) {
                return rc;
            }
        }
    }
    return 0;
}
