/* credential_systemd: credentials that systemd gives a unit, named `credential:NAME`. */
#include "collector/credential_systemd.h"

#include "core/str.h"
#include "model/host.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool credential_is_systemd(const char *value)
{
    return str_starts(value, HOST_CREDENTIAL_PREFIX);
}

int credential_read_all(int fd, char *bytes, size_t size, size_t *ret_len)
{
    size_t len = 0;
    while (len < size) {
        ssize_t n = read(fd, bytes + len, size - len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return -1;
        }
        if (n == 0) {
            *ret_len = len;
            return 0;
        }
        len += (size_t)n;
    }
    errno = EFBIG;
    return -1;
}

/* A credential that systemd gave the unit (LoadCredential=, SetCredentialEncrypted=): it lies where
 * nobody else gets in, whatever its mode. */
int credential_systemd_read(const char *value, char *bytes, size_t size, size_t *ret_len,
                            struct err *err)
{
    const char *name = value + strlen(HOST_CREDENTIAL_PREFIX);
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    char path[PATH_MAX];
    if (folder == NULL || folder[0] == '\0') {
        return err_set(
            err, ERR_CONFIG, "credential",
            "%s is a credential of systemd, and CREDENTIALS_DIRECTORY is not set: run as "
            "a unit with LoadCredential=%s:PATH, or name a file",
            value, name);
    }
    if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path)) {
        return err_set(err, ERR_CONFIG, "credential", "the path of %s is too long", value);
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int rc = fd < 0 ? -1 : credential_read_all(fd, bytes, size, ret_len);
    if (rc != 0) {
        (void)err_set(err, ERR_CONFIG, "credential",
                      "cannot read %s (%s): %s; does the unit have LoadCredential=%s:PATH?", value,
                      path, strerror(errno), name);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return rc;
}
