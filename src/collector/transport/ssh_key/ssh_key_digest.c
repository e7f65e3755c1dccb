/* ssh_key_digest: fingerprints of host keys and the hash that hides names in known_hosts. */
#include "collector/transport/ssh_key/ssh_key_digest.h"

#include "collector/transport/base64.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

void ssh_key_fingerprint(const void *key, size_t len, char to[SSH_KEY_FINGERPRINT])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int digest_len = 0;
    struct buf text;
    buf_init(&text, SSH_KEY_FINGERPRINT);
    to[0] = '\0';
    if (EVP_Digest(key, len, digest, &digest_len, EVP_sha256(), NULL) == 1 &&
        buf_puts(&text, "SHA256:") == 0 && base64_write(digest, digest_len, false, &text) == 0) {
        (void)str_copy(to, SSH_KEY_FINGERPRINT, text.data);
    }
    buf_done(&text);
}

int ssh_key_hash_name(const unsigned char salt[SSH_KEY_SHA1], const char *text,
                      unsigned char to[SSH_KEY_SHA1])
{
    unsigned int len = 0;
    unsigned char digest[EVP_MAX_MD_SIZE];
    if (HMAC(EVP_sha1(), salt, SSH_KEY_SHA1, (const unsigned char *)text, strlen(text), digest,
             &len) == NULL ||
        len != SSH_KEY_SHA1) {
        return -1;
    }
    memcpy(to, digest, SSH_KEY_SHA1);
    return 0;
}
