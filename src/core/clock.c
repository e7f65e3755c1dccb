/* clock: one unit for every time, milliseconds since 1970-01-01T00:00:00Z, and its text forms. */
#include "core/clock.h"

#include "core/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int64_t clock_now_ms(const struct clock *clock)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + clock->shift_ms;
}

int64_t clock_monotonic_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

void clock_rfc3339(int64_t ms, char to[CLOCK_TEXT])
{
    time_t seconds = (time_t)floor_div(ms, 1000);
    int millis = (int)((ms % 1000 + 1000) % 1000);
    struct tm tm;
    if (gmtime_r(&seconds, &tm) == NULL || tm.tm_year > 8099 || tm.tm_year < -1900) {
        (void)snprintf(to, CLOCK_TEXT, "0000-00-00T00:00:00Z");
        return;
    }
    /* %Y alone would write the year 1 without its zeros. */
    size_t n = (size_t)snprintf(to, CLOCK_TEXT, "%04d", tm.tm_year + 1900);
    n += strftime(to + n, CLOCK_TEXT - n, "-%m-%dT%H:%M:%S", &tm);
    if (millis != 0) {
        (void)snprintf(to + n, CLOCK_TEXT - n, ".%03dZ", millis);
    } else {
        (void)snprintf(to + n, CLOCK_TEXT - n, "Z");
    }
}

void clock_local(int64_t ms, char to[CLOCK_TEXT])
{
    time_t seconds = (time_t)floor_div(ms, 1000);
    struct tm tm;
    if (localtime_r(&seconds, &tm) == NULL ||
        strftime(to, CLOCK_TEXT, "%Y-%m-%d %H:%M:%S %Z", &tm) == 0) {
        (void)snprintf(to, CLOCK_TEXT, "?");
    }
}

/* libc has one zone at a time, the one that TZ names. */
struct borrowed_zone {
    bool changed;
    char *kept; /* the process's own; NULL = it has none */
};

static struct borrowed_zone borrow_zone(const char *zone)
{
    const char *own = getenv("TZ");
    struct borrowed_zone borrowed = {.kept = own == NULL ? NULL : strdup(own)};
    borrowed.changed =
        zone_known(zone) && (own == NULL || borrowed.kept != NULL) && setenv("TZ", zone, 1) == 0;
    if (borrowed.changed) {
        tzset();
    }
    return borrowed;
}

static void return_zone(struct borrowed_zone *borrowed)
{
    if (borrowed->changed) {
        (void)(borrowed->kept == NULL ? unsetenv("TZ") : setenv("TZ", borrowed->kept, 1));
        tzset();
    }
    free(borrowed->kept);
}

void clock_local_in(int64_t ms, const char *zone, char to[CLOCK_TEXT])
{
    struct borrowed_zone borrowed = borrow_zone(zone);
    clock_local(ms, to);
    return_zone(&borrowed);
}

void clock_day_in(int64_t ms, const char *zone, struct clock_day *ret)
{
    time_t seconds = (time_t)floor_div(ms, 1000);
    struct tm tm;
    memset(&tm, 0, sizeof(tm));
    struct borrowed_zone borrowed = borrow_zone(zone);
    (void)localtime_r(&seconds, &tm);
    return_zone(&borrowed);
    *ret = (struct clock_day){.year = tm.tm_year + 1900,
                              .month = tm.tm_mon + 1,
                              .day = tm.tm_mday,
                              .weekday = tm.tm_wday,
                              .minute = tm.tm_hour * 60 + tm.tm_min};
}

int64_t clock_noon_in(const struct clock_day *day, const char *zone)
{
    struct tm tm;
    memset(&tm, 0, sizeof(tm));
    tm.tm_year = day->year - 1900;
    tm.tm_mon = day->month - 1;
    tm.tm_mday = day->day;
    tm.tm_hour = 12;
    tm.tm_isdst = -1;
    struct borrowed_zone borrowed = borrow_zone(zone);
    time_t seconds = mktime(&tm);
    return_zone(&borrowed);
    return (int64_t)seconds * 1000;
}

void clock_age(int64_t ms, char to[CLOCK_TEXT])
{
    static const struct {
        int64_t below_ms, unit_ms;
        const char *unit;
    } steps[] = {{120000, 1000, "s"}, {7200000, 60000, "min"}, {172800000, 3600000, "h"}};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (ms < steps[i].below_ms) {
            (void)snprintf(to, CLOCK_TEXT, "%lld %s", (long long)(ms / steps[i].unit_ms),
                           steps[i].unit);
            return;
        }
    }
    (void)snprintf(to, CLOCK_TEXT, "%lld d", (long long)(ms / 86400000));
}

static bool take_digits(struct slice *rest, size_t count, int *ret)
{
    uint64_t value = 0;
    if (rest->len < count || !str_u64((struct slice){rest->data, count}, 9999, &value)) {
        return false;
    }
    rest->data += count;
    rest->len -= count;
    *ret = (int)value;
    return true;
}

static bool take_char(struct slice *rest, const char *any_of)
{
    if (rest->len == 0 || rest->data[0] == '\0' || strchr(any_of, rest->data[0]) == NULL) {
        return false;
    }
    rest->data++;
    rest->len--;
    return true;
}

static bool take_fraction(struct slice *rest, int *ret_millis)
{
    int digits = 0;
    int millis = 0;
    while (rest->len > 0 && rest->data[0] >= '0' && rest->data[0] <= '9') {
        if (digits < 3) {
            millis = millis * 10 + (rest->data[0] - '0');
        }
        digits++;
        rest->data++;
        rest->len--;
    }
    for (int i = digits; i < 3; i++) {
        millis *= 10;
    }
    *ret_millis = millis;
    return digits >= 1 && digits <= 9;
}

static bool take_zone(struct slice *rest, bool *ret_local, int *ret_offset_minutes)
{
    int hours = 0;
    int minutes = 0;
    *ret_local = false;
    *ret_offset_minutes = 0;
    if (rest->len == 0) {
        *ret_local = true;
        return true;
    }
    if (take_char(rest, "Zz")) {
        return rest->len == 0;
    }
    bool negative = rest->data[0] == '-';
    if (!take_char(rest, "+-") || !take_digits(rest, 2, &hours)) {
        return false;
    }
    (void)take_char(rest, ":");
    if (!take_digits(rest, 2, &minutes) || rest->len != 0 || hours > 14 || minutes > 59) {
        return false;
    }
    *ret_offset_minutes = (negative ? -1 : 1) * (hours * 60 + minutes);
    return true;
}

static int days_of(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month] + (month == 1 && leap ? 1 : 0);
}

static bool in_range(const struct tm *tm)
{
    return tm->tm_year >= -299 && tm->tm_mon >= 0 && tm->tm_mon < 12 && tm->tm_mday >= 1 &&
           tm->tm_mday <= days_of(tm->tm_year + 1900, tm->tm_mon) && tm->tm_hour < 24 &&
           tm->tm_min < 60 && tm->tm_sec < 61;
}

bool clock_parse(struct slice text, int64_t *ret_ms)
{
    struct tm tm;
    memset(&tm, 0, sizeof(tm));
    int millis = 0;
    int offset = 0;
    bool local = true;
    struct slice rest = text;
    if (!take_digits(&rest, 4, &tm.tm_year) || !take_char(&rest, "-") ||
        !take_digits(&rest, 2, &tm.tm_mon) || !take_char(&rest, "-") ||
        !take_digits(&rest, 2, &tm.tm_mday)) {
        return false;
    }
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    if (rest.len > 0) {
        if (!take_char(&rest, "Tt ") || !take_digits(&rest, 2, &tm.tm_hour) ||
            !take_char(&rest, ":") || !take_digits(&rest, 2, &tm.tm_min)) {
            return false;
        }
        bool has_seconds = take_char(&rest, ":");
        if (has_seconds && !take_digits(&rest, 2, &tm.tm_sec)) {
            return false;
        }
        if (has_seconds && take_char(&rest, ".") && !take_fraction(&rest, &millis)) {
            return false;
        }
        if (!take_zone(&rest, &local, &offset)) {
            return false;
        }
    }
    if (!in_range(&tm)) {
        return false;
    }
    tm.tm_isdst = -1;
    time_t seconds = local ? mktime(&tm) : timegm(&tm);
    *ret_ms = ((int64_t)seconds - (int64_t)offset * 60) * 1000 + millis;
    return true;
}

static int64_t midnight_before(int64_t now_ms, int days)
{
    time_t now = (time_t)floor_div(now_ms, 1000);
    struct tm tm;
    if (localtime_r(&now, &tm) == NULL) {
        return now_ms;
    }
    tm.tm_mday -= days;
    tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
    tm.tm_isdst = -1;
    return (int64_t)mktime(&tm) * 1000;
}

bool clock_parse_when(struct slice text, int64_t now_ms, int64_t *ret_ms)
{
    int64_t ago_ms = 0;
    if (slice_eq(text, "now")) {
        *ret_ms = now_ms;
    } else if (slice_eq(text, "today")) {
        *ret_ms = midnight_before(now_ms, 0);
    } else if (slice_eq(text, "yesterday")) {
        *ret_ms = midnight_before(now_ms, 1);
    } else if (clock_parse(text, ret_ms)) {
        return true;
    } else if (str_duration_ms(text, &ago_ms)) {
        *ret_ms = now_ms - ago_ms;
    } else {
        return false;
    }
    return true;
}
