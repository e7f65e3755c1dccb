/* secret: bytes that are wiped before they are freed and never printed. */
#include "core/secret.h"

#include <stdlib.h>
#include <string.h>

int secret_set(struct secret *secret, const void *bytes, size_t len)
{
    char *copy = malloc(len + 1);
    if (copy == NULL) {
        return -1;
    }
    if (len > 0) {
        memcpy(copy, bytes, len);
    }
    copy[len] = '\0';
    secret_done(secret);
    secret->data = copy;
    secret->len = len;
    return 0;
}

void secret_done(struct secret *secret)
{
    if (secret == NULL || secret->data == NULL) {
        return;
    }
    secret_wipe(secret->data, secret->len);
    free(secret->data);
    secret->data = NULL;
    secret->len = 0;
}

void secret_wipe(void *bytes, size_t len)
{
    if (len > 0) { /* of nothing, bytes may be NULL */
        explicit_bzero(bytes, len);
    }
}
