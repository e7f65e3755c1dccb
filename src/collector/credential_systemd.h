/* credential_systemd: credentials that systemd gives a unit, named `credential:NAME`. */
#ifndef PVSAUDIT_COLLECTOR_CREDENTIAL_SYSTEMD_H
#define PVSAUDIT_COLLECTOR_CREDENTIAL_SYSTEMD_H

#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>

bool credential_is_systemd(const char *value);
/* All of it; ERR_CONFIG: not there, or longer than size. */
int credential_systemd_read(const char *value, char *bytes, size_t size, size_t *ret_len,
                            struct err *err);

/* Everything up to the end of fd; -1 with errno, EFBIG where that is more than size. */
int credential_read_all(int fd, char *bytes, size_t size, size_t *ret_len);

#endif
