/* fuzz_ssh_offer: any bytes as the first that an SSH server sends.
 * Covers: src/collector/transport/ssh_link/ssh_offer.c */
#include "collector/transport/ssh_link/ssh_offer.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const ours[SSH_METHODS_COUNT] = {"curve25519-sha256,ecdh-sha2-nistp256",
                                                        "ssh-ed25519", "aes128-ctr,aes256-ctr",
                                                        "hmac-sha2-256"};
    struct ssh_offer offer;
    if (ssh_offer_parse((struct slice){(const char *)data, size}, &offer) &&
        ssh_offer_conflict(&offer, ours) > SSH_METHODS_COUNT) {
        abort();
    }
    return 0;
}
