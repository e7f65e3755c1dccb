/* clock: one unit for every time, milliseconds since 1970-01-01T00:00:00Z, and its text forms. */
#ifndef PVSAUDIT_CORE_CLOCK_H
#define PVSAUDIT_CORE_CLOCK_H

#include "core/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CLOCK_TEXT = 40 }; /* room for any text that clock writes */

/* A wall clock that may be shifted as a whole (--as-of); shift_ms is added to the real time. */
struct clock {
    int64_t shift_ms;
};

int64_t clock_now_ms(const struct clock *clock);
int64_t clock_monotonic_ms(void);

/* "2026-11-22T21:17:20Z", with ".123" only where the milliseconds are not zero. */
void clock_rfc3339(int64_t ms, char to[CLOCK_TEXT]);
/* "2026-11-22 22:17:20 CET" in the zone of the process (TZ). */
void clock_local(int64_t ms, char to[CLOCK_TEXT]);
/* The same in the zone of that name; in the process's where it is NULL or not known here. It
 * changes TZ for a moment, so it must not run beside another thread. */
void clock_local_in(int64_t ms, const char *zone, char to[CLOCK_TEXT]);
/* The day and the minute that a clock on the wall shows there, by the zone as above. */
struct clock_day {
    int year, month, day; /* 2026, 1 to 12, 1 to 31 */
    int weekday; /* 0 = Sunday */
    int minute; /* of the day */
};
void clock_day_in(int64_t ms, const char *zone, struct clock_day *ret);
/* Noon of that day there; days after the end of a month run into the next one. */
int64_t clock_noon_in(const struct clock_day *day, const char *zone);
/* "3 s", "12 min", "5 h", "9 d": an age for people. */
void clock_age(int64_t ms, char to[CLOCK_TEXT]);

/* RFC 3339, WMI's CIM form over WS-Man and PowerShell's 'o': a T or a blank between date and time,
 * 0-9 fraction digits, Z or a numeric offset. A date alone or a time without a zone is local time.
 * false leaves *ret alone. */
bool clock_parse(struct slice text, int64_t *ret_ms);
/* clock_parse, or a time before now: "15m", "26h", "7d", "now", "yesterday" (local midnight). */
bool clock_parse_when(struct slice text, int64_t now_ms, int64_t *ret_ms);

#endif
