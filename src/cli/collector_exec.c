/* collector_exec: looks beside this program, then in libexec, and execs. */
#include "cli/collector_exec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = COLLECTOR_PATH - 64 };

/* The folder of this program, without a slash at its end. */
static int own_folder(char to[PATH_BYTES], struct err *err)
{
    ssize_t len = readlink("/proc/self/exe", to, PATH_BYTES - 1);
    if (len <= 0) {
        return err_set(err, ERR_IO, "exec", "cannot read /proc/self/exe: %s", strerror(errno));
    }
    to[len] = '\0';
    char *slash = strrchr(to, '/');
    if (slash != NULL) {
        *slash = '\0';
    }
    return 0;
}

static int run(const char *path, int argc, char **argv, struct err *err)
{
    static char version[] = "--from-cli=" PVSAUDIT_VERSION;
    char **words = calloc((size_t)argc + 2, sizeof(*words));
    if (words == NULL) {
        return err_memory(err);
    }
    words[0] = (char *)path;
    words[1] = version;
    for (int i = 1; i < argc; i++) {
        words[i + 1] = argv[i];
    }
    (void)execv(path, words);
    int code = errno;
    free(words);
    return err_set(err, ERR_IO, "exec", "cannot start %s: %s", path, strerror(code));
}

int collector_path(char to[COLLECTOR_PATH], struct err *err)
{
    static const char *const places[] = {"", "/../libexec/pvsaudit"};
    char folder[PATH_BYTES];
    if (own_folder(folder, err) < 0) {
        return -1;
    }
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        (void)snprintf(to, COLLECTOR_PATH, "%s%s/pvsaudit-collect", folder, places[i]);
        if (access(to, X_OK) == 0) {
            return 0;
        }
    }
    return err_set(err, ERR_IO, "exec",
                   "pvsaudit-collect is neither in %s nor in %s/../libexec/pvsaudit: install both "
                   "programs",
                   folder, folder);
}

int collector_exec(int argc, char **argv, struct err *err)
{
    char path[COLLECTOR_PATH];
    return collector_path(path, err) != 0 ? -1 : run(path, argc, argv, err);
}
