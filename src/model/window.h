/* window: a maintenance window as the inventory writes it, "Sat 22:00-04:00". */
#ifndef PVSAUDIT_MODEL_WINDOW_H
#define PVSAUDIT_MODEL_WINDOW_H

#include "core/clock.h"

#include <stdbool.h>

enum window_place {
    WINDOW_UNKNOWN, /* none is declared, it is not of this form, or the time is not known */
    WINDOW_INSIDE,
    WINDOW_OUTSIDE,
    WINDOW_HELD, /* a hold was in force, which stands above what the inventory says */
};

/* Days (Mon, Mon-Fri, Sat,Sun, daily; none: every day), a blank, and from-to, both HH:MM; to
 * before from, or equal to it, is on the next day. Several are separated by a semicolon. */
enum window_place window_of(const char *text, const struct clock_day *when);
const char *window_place_name(enum window_place place); /* "inside", "held"; NULL for unknown */

#endif
