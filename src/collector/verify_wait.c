/* verify_wait: the time between two rounds, which Ctrl-C ends. */
#include "collector/verify_wait.h"

#include <signal.h>
#include <time.h>

bool verify_wait_for(int64_t ms)
{
    const struct timespec time = {.tv_sec = (time_t)(ms / 1000),
                                  .tv_nsec = (long)(ms % 1000) * 1000000};
    sigset_t ends;
    sigset_t before;
    (void)sigemptyset(&ends);
    (void)sigaddset(&ends, SIGINT);
    (void)sigaddset(&ends, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &ends, &before);
    int number = sigtimedwait(&ends, NULL, &time);
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    return number < 0;
}
