/* verify_wait: the time between two rounds, which Ctrl-C ends. */
#ifndef PVSAUDIT_COLLECTOR_VERIFY_WAIT_H
#define PVSAUDIT_COLLECTOR_VERIFY_WAIT_H

#include <stdbool.h>
#include <stdint.h>

/* false: SIGINT or SIGTERM came. */
bool verify_wait_for(int64_t ms);

#endif
