/* verify_wait: the time between two rounds, which Ctrl-C ends. */
#ifndef PVSAUDIT_COLLECTOR_VERIFY_WAIT_H
#define PVSAUDIT_COLLECTOR_VERIFY_WAIT_H

#include "core/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

/* Open all the while: a signal that comes between two rounds, or in one, is never lost, and ends
 * nothing by itself. */
struct verify_wait {
    uv_loop_t loop;
    uv_signal_t interrupt, terminate;
    uv_timer_t timer;
    bool is_open, ended;
};

int verify_wait_open(struct verify_wait *wait, struct err *err);
void verify_wait_close(struct verify_wait *wait); /* a zeroed one is fine */

/* false: SIGINT or SIGTERM came, now or since it was opened. */
bool verify_wait_for(struct verify_wait *wait, int64_t ms);

#endif
