/* output: the standard descriptors, kept from being any other file's. */
#include "out/output.h"

#include <fcntl.h>
#include <unistd.h>

void output_reserve(void)
{
    static const int modes[] = {
        [STDIN_FILENO] = O_RDONLY, [STDOUT_FILENO] = O_RDONLY, [STDERR_FILENO] = O_WRONLY};
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0) {
            (void)open("/dev/null", modes[fd]); /* it gets the lowest number that is free */
        }
    }
}
