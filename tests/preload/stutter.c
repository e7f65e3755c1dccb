/* stutter: preloaded, lets every other look at a socket find nothing, as if its bytes came later.
 */
#include <errno.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_uint looks;

ssize_t recv(int fd, void *bytes, size_t len, int flags)
{
    if (atomic_fetch_add(&looks, 1) % 2 == 0) {
        errno = EAGAIN;
        return -1;
    }
    return syscall(SYS_recvfrom, fd, bytes, len, flags, NULL, NULL);
}
