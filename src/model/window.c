/* window: a maintenance window as the inventory writes it, "Sat 22:00-04:00". */
#include "model/window.h"

#include "core/str.h"

#include <string.h>

enum { WEEK = 7, DAY_LETTERS = 3, EVERY_DAY = (1 << WEEK) - 1, DAY_MINUTES = 24 * 60 };

struct window {
    unsigned days; /* bit 0 = Sunday: the days that it begins on */
    int from, to; /* minutes of the day */
};

const char *window_place_name(enum window_place place)
{
    static const char *const names[] = {[WINDOW_UNKNOWN] = NULL,
                                        [WINDOW_INSIDE] = "inside",
                                        [WINDOW_OUTSIDE] = "outside",
                                        [WINDOW_HELD] = "held"};
    return names[place];
}

/* Cut what stands before the separator off *rest; the whole of it where there is none. */
static struct slice cut(struct slice *rest, char separator)
{
    const char *at = rest->len == 0 ? NULL : memchr(rest->data, separator, rest->len);
    struct slice part = {rest->data, at == NULL ? rest->len : (size_t)(at - rest->data)};
    size_t used = at == NULL ? rest->len : part.len + 1;
    *rest = (struct slice){rest->data + used, rest->len - used};
    return slice_trim(part);
}

static bool take_day(struct slice text, int *ret)
{
    static const char *const names[WEEK] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    for (int i = 0; i < WEEK; i++) {
        if (slice_ieq(text, names[i])) {
            *ret = i;
            return true;
        }
    }
    return false;
}

/* "Sat", "Mon-Fri" */
static bool take_days(struct slice text, unsigned *days)
{
    struct slice rest = text;
    int first = 0;
    int last = 0;
    if (slice_ieq(text, "daily")) {
        *days = EVERY_DAY;
        return true;
    }
    if (!take_day(cut(&rest, '-'), &first)) {
        return false;
    }
    last = first;
    if (text.len > DAY_LETTERS && !take_day(slice_trim(rest), &last)) {
        return false;
    }
    for (int day = first;; day = (day + 1) % WEEK) {
        *days |= 1U << day;
        if (day == last) {
            return true;
        }
    }
}

static bool take_minute(struct slice text, int *ret)
{
    struct slice rest = text;
    uint64_t hours = 0;
    uint64_t minutes = 0;
    bool taken = str_u64(cut(&rest, ':'), 24, &hours) && str_u64(slice_trim(rest), 59, &minutes) &&
                 hours * 60 + minutes <= DAY_MINUTES;
    *ret = (int)(hours * 60 + minutes);
    return taken;
}

static bool parse(struct slice text, struct window *ret)
{
    struct slice days = text;
    size_t len = text.len;
    while (len > 0 && text.data[len - 1] != ' ' && text.data[len - 1] != '\t') {
        len--;
    }
    struct slice times = {text.data + len, text.len - len};
    struct window window = {.days = 0};
    days = slice_trim((struct slice){text.data, len});
    if (days.len == 0) {
        window.days = EVERY_DAY;
    }
    while (days.len > 0) {
        if (!take_days(cut(&days, ','), &window.days)) {
            return false;
        }
    }
    struct slice from = cut(&times, '-');
    if (!take_minute(from, &window.from) || !take_minute(slice_trim(times), &window.to)) {
        return false;
    }
    *ret = window;
    return true;
}

static bool holds(const struct window *window, const struct clock_day *when)
{
    bool begun_today = (window->days >> when->weekday & 1U) != 0;
    bool begun_before = (window->days >> (when->weekday + WEEK - 1) % WEEK & 1U) != 0;
    if (window->from < window->to) {
        return begun_today && when->minute >= window->from && when->minute < window->to;
    }
    return (begun_today && when->minute >= window->from) ||
           (begun_before && when->minute < window->to);
}

enum window_place window_of(const char *text, const struct clock_day *when)
{
    struct slice rest = {text, text == NULL ? 0 : strlen(text)};
    enum window_place place = WINDOW_UNKNOWN;
    while (rest.len > 0) {
        struct window window;
        if (!parse(cut(&rest, ';'), &window)) {
            return WINDOW_UNKNOWN;
        }
        if (holds(&window, when)) {
            return WINDOW_INSIDE;
        }
        place = WINDOW_OUTSIDE;
    }
    return place;
}
