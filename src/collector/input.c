/* input: a whole file, or standard input, with a limit. */
#include "collector/input.h"

#include <errno.h>
#include <string.h>

int input_open(const char *path, FILE **ret, struct err *err)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rbe");
    if (file == NULL) {
        return err_set(err, ERR_USAGE, "input", "cannot read %s: %s", path, strerror(errno));
    }
    *ret = file;
    return 0;
}

void input_close(FILE *file)
{
    if (file != NULL && file != stdin) {
        (void)fclose(file);
    }
}

int input_read(const char *path, struct buf *to, struct err *err)
{
    char bytes[16384];
    FILE *file = NULL;
    int rc = input_open(path, &file, err);
    while (rc == 0) {
        size_t n = fread(bytes, 1, sizeof(bytes), file);
        if (n == 0) {
            break;
        }
        if (buf_append(to, bytes, n) != 0) {
            rc = err_set(err, ERR_LIMIT, "input", "%s is larger than %zu bytes", path, to->max);
        }
    }
    if (rc == 0 && ferror(file) != 0) {
        rc = err_set(err, ERR_USAGE, "input", "cannot read %s: %s", path, strerror(errno));
    }
    input_close(file);
    return rc;
}
