/* test_window: what the text of a maintenance window means. */
#include "model/window.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { SUN, MON, TUE, WED, THU, FRI, SAT };

static void windows_hold_as_they_read(void **state)
{
    static const struct {
        const char *text;
        int weekday, hour, minute;
        enum window_place place;
    } rows[] = {
        {"Sat 22:00-04:00", SAT, 21, 59, WINDOW_OUTSIDE},
        {"Sat 22:00-04:00", SAT, 22, 0, WINDOW_INSIDE},
        {"Sat 22:00-04:00", SUN, 3, 59, WINDOW_INSIDE},
        {"Sat 22:00-04:00", SUN, 4, 0, WINDOW_OUTSIDE},
        {"Sat 22:00-04:00", SAT, 3, 0, WINDOW_OUTSIDE}, /* that would be Friday's */
        {"Sun 22:00-04:00", MON, 1, 0, WINDOW_INSIDE},
        {"Mon-Fri 01:00-03:00", SAT, 2, 0, WINDOW_OUTSIDE},
        {"Mon-Fri 01:00-03:00", WED, 2, 0, WINDOW_INSIDE},
        {"Fri-Mon 01:00-03:00", SUN, 2, 0, WINDOW_INSIDE},
        {"Fri-Mon 01:00-03:00", TUE, 2, 0, WINDOW_OUTSIDE},
        {"Tue, Thu 20:00-24:00", THU, 23, 59, WINDOW_INSIDE},
        {"Tue, Thu 20:00-24:00", FRI, 0, 0, WINDOW_OUTSIDE},
        {"22:00-06:00", WED, 5, 0, WINDOW_INSIDE},
        {"daily 22:00-06:00", WED, 12, 0, WINDOW_OUTSIDE},
        {"Sat 22:00-04:00; Wed 12:00-13:00", WED, 12, 30, WINDOW_INSIDE},
        {"sat 22:00-04:00", SAT, 23, 0, WINDOW_INSIDE},
        {"Sat 00:00-00:00", SAT, 15, 0, WINDOW_INSIDE}, /* round the clock */
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct clock_day when = {.weekday = rows[i].weekday,
                                       .minute = rows[i].hour * 60 + rows[i].minute};
        if (window_of(rows[i].text, &when) != rows[i].place) {
            fail_msg("%s on day %d at %d:%02d", rows[i].text, rows[i].weekday, rows[i].hour,
                     rows[i].minute);
        }
    }
}

static void what_is_not_of_the_form_is_unknown(void **state)
{
    static const char *const texts[] = {NULL,
                                        "",
                                        "second Saturday",
                                        "Sat",
                                        "Sat 22:00",
                                        "Sat 25:00-26:00",
                                        "Sat 22:00-4",
                                        "Sam 22-04",
                                        "Sat- 22:00-04:00",
                                        "Sat 22:60-23:00",
                                        "Sat 24:01-24:30"};
    const struct clock_day when = {.weekday = SAT, .minute = 23 * 60};
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (window_of(texts[i], &when) != WINDOW_UNKNOWN) {
            fail_msg("%s", texts[i] == NULL ? "NULL" : texts[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_hold_as_they_read),
        cmocka_unit_test(what_is_not_of_the_form_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
