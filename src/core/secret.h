/* secret: bytes that are wiped before they are freed and never printed. */
#ifndef PVSAUDIT_CORE_SECRET_H
#define PVSAUDIT_CORE_SECRET_H

#include <stddef.h>

/* data is NUL-terminated at [len]; NULL when empty. Owner: whoever filled it; secret_done wipes. */
struct secret {
    char *data;
    size_t len;
};

int secret_set(struct secret *secret, const void *bytes, size_t len); /* 0, or -1: no memory */
void secret_done(struct secret *secret);
void secret_wipe(void *bytes, size_t len);

#endif
