/* ssh_key_digest: fingerprints of host keys. */
#include "collector/transport/ssh_key/ssh_key_digest.h"

#include "collector/transport/base64.h"

#include <openssl/evp.h>

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
