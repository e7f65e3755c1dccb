/* known_hosts_pin: the line of a new host key, and how it gets to the end of a file. */
#include "collector/transport/known_hosts/known_hosts_pin.h"

#include "collector/transport/base64.h"
#include "collector/transport/ssh_link/ssh_wire.h"
#include "core/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char stage[] = "known-hosts";

static bool name_good(const char *name)
{
    for (const char *c = name; *c != '\0'; c++) {
        if ((unsigned char)*c <= ' ' || *c == 0x7f || strchr(",*?!|#@\"", *c) != NULL) {
            return false;
        }
    }
    return name[0] != '\0';
}

int known_hosts_pin_line(const char *name, const unsigned char *key, size_t key_len, struct buf *to)
{
    struct slice rest = {(const char *)key, key_len};
    struct slice type;
    if (!name_good(name) || !ssh_wire_string(&rest, &type) || type.len == 0) {
        return -1;
    }
    (void)buf_puts(to, name);
    (void)buf_putc(to, ' ');
    (void)buf_append(to, type.data, type.len);
    (void)buf_putc(to, ' ');
    (void)base64_write(key, key_len, true, to);
    return buf_putc(to, '\n');
}

static int no_pin(const char *path, struct err *err)
{
    return err_set(err, ERR_IO, stage, "the host key cannot be kept in %s: %s", path,
                   strerror(errno));
}

/* Whether the file ends in the middle of a line. */
static bool line_open(int fd)
{
    struct stat status;
    char last = '\n';
    if (fstat(fd, &status) == 0 && status.st_size > 0) {
        (void)!pread(fd, &last, 1, status.st_size - 1);
    }
    return last != '\n';
}

int known_hosts_pin_append(const char *path, const char *lines, size_t len, struct err *err)
{
    int fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        if (folder_make_above(path) != 0) {
            return no_pin(path, err);
        }
        fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    }
    if (fd < 0) {
        return no_pin(path, err);
    }
    struct buf text; /* written at once, so that two collectors do not mix their lines */
    buf_init(&text, len + 1);
    int result = line_open(fd) ? buf_putc(&text, '\n') : 0;
    if (result != 0 || buf_append(&text, lines, len) != 0) {
        result = err_memory(err);
    } else if (write(fd, text.data, text.len) != (ssize_t)text.len) {
        result = no_pin(path, err);
    }
    buf_done(&text);
    (void)close(fd);
    return result;
}
