/* fuzz_ssh_key: any bytes as a private key file; what is a key must be able to sign.
 * Covers: src/collector/transport/ssh_key/ssh_key.c
 *         src/collector/transport/ssh_key/ssh_key_openssh.c
 *         src/collector/transport/ssh_key/ssh_key_pkey.c
 *         src/collector/transport/ssh_link/ssh_wire.c
 * Beside: file_check file_read ssh_key_load lock_parse public_text ssh_key_is_locked */
#include "collector/transport/ssh_key/ssh_key.h"
#include "collector/transport/ssh_link/ssh_wire.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void sign(const struct ssh_key *key)
{
    struct buf request;
    size_t len = 0;
    unsigned char *signature = NULL;
    const unsigned char *public = ssh_key_public(key, &len);
    const char *algorithm = ssh_key_algorithm(key);
    buf_init(&request, 16384);
    ssh_wire_put_string(&request, "session", 7);
    (void)buf_putc(&request, 50);
    ssh_wire_put_string(&request, "user", 4);
    ssh_wire_put_string(&request, "ssh-connection", 14);
    ssh_wire_put_string(&request, "publickey", 9);
    (void)buf_putc(&request, 1);
    ssh_wire_put_string(&request, algorithm, strlen(algorithm));
    ssh_wire_put_string(&request, public, len);
    if (ssh_key_sign(key, (const unsigned char *)request.data, request.len, &signature, &len,
                     NULL) == 0) {
        free(signature);
    }
    buf_done(&request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ssh_key *key = NULL;
    struct err err = {.code = ERR_NONE};
    if (ssh_key_parse("fuzz", (const char *)data, size, NULL, &key, &err) != 0) {
        if (key != NULL || err.code == ERR_NONE || err.text[0] == '\0') {
            abort();
        }
        return 0;
    }
    sign(key);
    ssh_key_free(key);
    return 0;
}
