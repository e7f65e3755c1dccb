/* text_file: a whole configuration file in memory, and paths relative to the file that names them.
 */
#include "config/text_file.h"

#include "core/buf.h"
#include "core/open_input.h"
#include "core/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int load_fail(struct err *err, const char *path, const char *what, const char *remedy)
{
    return err_set(err, ERR_CONFIG, "config", "%s: %s; %s", path, what, remedy);
}

static int open_fail(struct err *err, const char *path, int code)
{
    if (code == ENOENT || code == ENOTDIR) {
        return load_fail(err, path, "there is no such file", "check the path");
    }
    if (code == EACCES || code == EPERM) {
        return load_fail(err, path, "it may not be read", "check its mode and owner");
    }
    if (code == ESPIPE) {
        return load_fail(err, path, "it is a FIFO, which nobody may be writing to",
                         "name a file, or - for standard input");
    }
    return load_fail(err, path, strerror(code), "check the path");
}

static int read_all(int fd, const char *path, struct buf *to, struct err *err)
{
    char chunk[16384];
    for (;;) {
        ssize_t n = read(fd, chunk, sizeof(chunk));
        if (n == 0) {
            return 0;
        }
        if (n < 0 && errno != EINTR) {
            return open_fail(err, path, errno);
        }
        if (n > 0 && buf_append(to, chunk, (size_t)n) != 0) {
            if (to->max - to->len < (size_t)n) {
                return err_set(err, ERR_CONFIG, "config",
                               "%s: larger than %zu bytes; split the file", path, to->max);
            }
            return err_memory(err);
        }
    }
}

int text_file_load(const char *path, size_t max, char **ret_bytes, size_t *ret_len,
                   bool *ret_absent, struct err *err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open_input(path);
    struct stat status;
    struct buf bytes;
    int rc = -1;
    if (ret_absent != NULL) {
        *ret_absent = fd < 0 && (errno == ENOENT || errno == ENOTDIR);
    }
    if (fd < 0) {
        return open_fail(err, path, errno);
    }
    buf_init(&bytes, max);
    if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
        (void)load_fail(err, path, "it is a folder", "name one file in it");
        goto out;
    }
    if (read_all(fd, path, &bytes, err) != 0) {
        goto out;
    }
    size_t len = bytes.len;
    char *data = buf_take(&bytes);
    if (data == NULL) {
        (void)err_memory(err);
        goto out;
    }
    *ret_bytes = data;
    *ret_len = len;
    rc = 0;
out:
    buf_done(&bytes);
    if (!is_stdin) {
        (void)close(fd);
    }
    return rc;
}

const char *text_file_path(struct arena *arena, const char *from, const char *path)
{
    const char *home = getenv("HOME");
    const char *slash = strrchr(from, '/');
    if (str_starts(path, "~/") && home != NULL && home[0] == '/') {
        return arena_printf(arena, "%s/%s", home, path + 2);
    }
    if (path[0] == '/' || path[0] == '~' || slash == NULL) {
        return arena_strdup(arena, path);
    }
    return arena_printf(arena, "%.*s/%s", (int)(slash - from), from, path);
}
