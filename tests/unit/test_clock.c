/* test_clock: every form of a time that is read, strictly, and the forms that are written. */
#include "core/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define NOVEMBER INT64_C(1795382240000) /* 2026-11-22T21:17:20Z, as date(1) has it */
#define JANUARY INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */
#define JULY INT64_C(1782864000000) /* 2026-07-01T00:00:00Z */

enum { MINUTE = 60000, HOUR = 3600000, DAY = 86400000 };

static struct slice slice_of(const char *text)
{
    return (struct slice){text, strlen(text)};
}

static void set_zone(const char *zone)
{
    assert_int_equal(setenv("TZ", zone, 1), 0);
    tzset();
}

/* Central European time by its rule, which needs no zone files. */
static int use_paris(void **state)
{
    (void)state;
    set_zone("CET-1CEST,M3.5.0,M10.5.0/3");
    return 0;
}

struct reading {
    const char *text;
    int64_t ms;
};

static void assert_readings(const struct reading *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int64_t ms = 7;
        if (!clock_parse(slice_of(rows[i].text), &ms) || ms != rows[i].ms) {
            fail_msg("%s is %lld", rows[i].text, (long long)ms);
        }
    }
}

static void assert_refused(const char *const *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int64_t ms = 7;
        if (clock_parse(slice_of(rows[i]), &ms)) {
            fail_msg("%s was taken: %lld", rows[i], (long long)ms);
        }
        assert_int_equal(ms, 7);
    }
}

static void times_with_a_zone_are_read(void **state)
{
    (void)state;
    static const struct reading rows[] = {
        {"2026-11-22T21:17:20Z", NOVEMBER},
        {"2026-11-22t21:17:20z", NOVEMBER},
        {"2026-11-22 21:17:20Z", NOVEMBER},
        {"2026-11-22T22:17:20+01:00", NOVEMBER},
        {"2026-11-22T22:17:20+0100", NOVEMBER},
        {"2026-11-22T15:47:20-05:30", NOVEMBER},
        {"2026-11-23T11:17:20+14:00", NOVEMBER},
        {"2026-11-22T21:17:20-00:00", NOVEMBER},
        {"2026-11-22T21:17Z", NOVEMBER - 20000},
        {"1970-01-01T00:00:00Z", 0},
        {"1969-12-31T23:59:59Z", -1000},
        {"1601-01-01T00:00:00Z", INT64_C(-11644473600000)}, /* where Windows begins */
        {"9999-12-31T23:59:59Z", INT64_C(253402300799000)},
        {"2026-11-22T21:17:60Z", NOVEMBER + 40000}, /* a leap second */
    };
    assert_readings(rows, COUNT(rows));
}

static void fractions_of_one_to_nine_digits_are_read_to_the_millisecond(void **state)
{
    (void)state;
    static const struct reading rows[] = {
        {"2026-11-22T21:17:20.1Z", NOVEMBER + 100},
        {"2026-11-22T21:17:20.12Z", NOVEMBER + 120},
        {"2026-11-22T21:17:20.123Z", NOVEMBER + 123},
        {"2026-11-22T21:17:20.1239Z", NOVEMBER + 123},
        {"2026-11-22T21:17:20.12345Z", NOVEMBER + 123},
        {"2026-11-22T21:17:20.000001Z", NOVEMBER},
        {"2026-11-22T22:17:20.1234567+01:00", NOVEMBER + 123}, /* PowerShell */
        {"2026-11-22T21:17:20.12345678Z", NOVEMBER + 123},
        {"2026-11-22T21:17:20.999999999Z", NOVEMBER + 999},
        {"1969-12-31T23:59:59.5Z", -500},
        {"2026-11-22 22:17:20.5", NOVEMBER + 500}, /* local */
    };
    static const char *const bad[] = {
        "2026-11-22T21:17:20.Z",    "2026-11-22T21:17:20.1234567890Z",
        "2026-11-22T21:17:20,5Z",   "2026-11-22T21:17.5Z", /* of a minute */
        "2026-11-22T21:17:20.5.5Z",
    };
    assert_readings(rows, COUNT(rows));
    assert_refused(bad, COUNT(bad));
}

static void times_without_a_zone_are_local(void **state)
{
    (void)state;
    static const struct reading rows[] = {
        {"2026-11-22 22:17:20", NOVEMBER},      {"2026-11-22T22:17:20", NOVEMBER},
        {"2026-11-22 22:17", NOVEMBER - 20000}, {"2026-01-01", JANUARY - HOUR},
        {"2026-07-01", JULY - 2 * HOUR}, /* in summer time */
        {"2026-07-01 02:00:00", JULY},
    };
    assert_readings(rows, COUNT(rows));
    set_zone("UTC0");
    static const struct reading plain[] = {{"2026-11-22 21:17:20", NOVEMBER}, {"2026-07-01", JULY}};
    assert_readings(plain, COUNT(plain));
}

static void days_that_do_not_exist_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "2026-02-29T00:00:00Z", "2026-02-30T00:00:00Z", "2026-02-31T00:00:00Z",
        "2024-02-30T00:00:00Z", "1900-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
        "2026-04-31T00:00:00Z", "2026-06-31T00:00:00Z", "2026-09-31T00:00:00Z",
        "2026-11-31T00:00:00Z", "2026-01-32T00:00:00Z", "2026-12-32T00:00:00Z",
        "2026-01-00T00:00:00Z", "2026-00-01T00:00:00Z", "2026-13-01T00:00:00Z",
        "1600-12-31T00:00:00Z", "0000-01-01T00:00:00Z", "2026-02-29",
    };
    static const struct reading rows[] = {
        {"2024-02-29T00:00:00Z", INT64_C(1709164800000)},
        {"2000-02-29T00:00:00Z", INT64_C(951782400000)},
        {"2026-01-31T00:00:00Z", JANUARY + INT64_C(30) * DAY},
        {"2026-02-28T00:00:00Z", JANUARY + INT64_C(58) * DAY},
    };
    assert_refused(bad, COUNT(bad));
    assert_readings(rows, COUNT(rows));
}

static void what_is_no_time_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "2026",
        "2026-11",
        "2026-11-22T",
        "2026-11-22 ",
        " 2026-11-22",
        "2026-11-22Z",
        "2026-11-22T21Z",
        "2026-11-22T21:17:Z",
        "2026-11-22T24:00:00Z",
        "2026-11-22T21:60:00Z",
        "2026-11-22T21:17:61Z",
        "2026-11-22T21:17:20ZZ",
        "2026-11-22T21:17:20 Z",
        "2026-11-22T21:17:20+1:00",
        "2026-11-22T21:17:20+01",
        "2026-11-22T21:17:20+01:0",
        "2026-11-22T21:17:20+01:60",
        "2026-11-22T21:17:20+15:00",
        "2026-11-22T21:17:20+01:00Z",
        "2026-11-22X21:17:20Z",
        "2026/11/22 21:17:20",
        "26-11-22T21:17:20Z",
        "12026-11-22T21:17:20Z",
        "2026-1-22T21:17:20Z",
        "2026-11-22T9:17:20Z",
        "+026-11-22T21:17:20Z",
        "2026-11-22T21:-7:20Z",
        "20261122211720.000000+060",
    };
    assert_refused(bad, COUNT(bad));
    int64_t ms = 7;
    assert_false(clock_parse((struct slice){NULL, 0}, &ms));
    assert_false(clock_parse((struct slice){"2026-11-22\0"
                                            "21:17:20Z",
                                            20},
                             &ms));
    assert_true(clock_parse((struct slice){"2026-11-22T21:17:20Z5", 20}, &ms));
}

static void written_times_are_rfc_3339(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = {
        {NOVEMBER, "2026-11-22T21:17:20Z"},
        {NOVEMBER + 7, "2026-11-22T21:17:20.007Z"},
        {NOVEMBER + 999, "2026-11-22T21:17:20.999Z"},
        {0, "1970-01-01T00:00:00Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {-1000, "1969-12-31T23:59:59Z"},
        {-1001, "1969-12-31T23:59:58.999Z"},
        {INT64_C(253402300799999), "9999-12-31T23:59:59.999Z"},
        {INT64_C(253402300800000), "0000-00-00T00:00:00Z"}, /* five digits of a year */
        {INT64_C(-62135596800000), "0001-01-01T00:00:00Z"},
        {INT64_MAX, "0000-00-00T00:00:00Z"},
        {INT64_MIN, "0000-00-00T00:00:00Z"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[CLOCK_TEXT];
        int64_t again = 0;
        clock_rfc3339(rows[i].ms, text);
        assert_string_equal(text, rows[i].text);
        if (rows[i].ms > INT64_C(-11644473600000) && rows[i].text[0] != '0') {
            assert_true(clock_parse(slice_of(text), &again));
            assert_true(again == rows[i].ms);
        }
    }
}

static void local_times_name_their_zone(void **state)
{
    (void)state;
    char text[CLOCK_TEXT];
    clock_local(NOVEMBER, text);
    assert_string_equal(text, "2026-11-22 22:17:20 CET");
    clock_local(JULY, text);
    assert_string_equal(text, "2026-07-01 02:00:00 CEST");
    clock_local(-1, text);
    assert_string_equal(text, "1970-01-01 00:59:59 CET");
}

/* Offsets by the rules in force: Paris +1 and +2 in summer, India +5:30, Sao Paulo -3. */
static void a_time_in_another_zone_leaves_the_own_zone_alone(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *zone, *text;
    } rows[] = {
        {NOVEMBER, "Europe/Paris", "2026-11-22 22:17:20 CET"},
        {JULY, "Europe/Paris", "2026-07-01 02:00:00 CEST"},
        {NOVEMBER, "Asia/Kolkata", "2026-11-23 02:47:20 IST"},
        {NOVEMBER, "America/Sao_Paulo", "2026-11-22 18:17:20 -03"},
        {NOVEMBER, "UTC", "2026-11-22 21:17:20 UTC"},
        {NOVEMBER, NULL, "2026-11-22 23:17:20 XYZ"},
        {NOVEMBER, "Nowhere/At_All", "2026-11-22 23:17:20 XYZ"},
        {NOVEMBER, "../zoneinfo/Europe/Paris", "2026-11-22 23:17:20 XYZ"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[CLOCK_TEXT];
        set_zone("XYZ-2");
        clock_local_in(rows[i].ms, rows[i].zone, text);
        assert_string_equal(text, rows[i].text);
        assert_string_equal(getenv("TZ"), "XYZ-2");
        clock_local(rows[i].ms, text);
        assert_non_null(strstr(text, " XYZ"));
        int64_t midnight = 0;
        assert_true(clock_parse(slice_of("2026-01-01"), &midnight));
        assert_true(midnight == JANUARY - 2 * HOUR);
        assert_int_equal(unsetenv("TZ"), 0);
        clock_local_in(rows[i].ms, rows[i].zone, text);
        assert_null(getenv("TZ"));
    }
}

static void ages_have_one_unit(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = {
        {0, "0 s"},        {999, "0 s"},
        {3000, "3 s"},     {119999, "119 s"},
        {120000, "2 min"}, {2 * HOUR - 1, "119 min"},
        {2 * HOUR, "2 h"}, {2 * DAY - 1, "47 h"},
        {2 * DAY, "2 d"},  {INT64_C(400) * DAY, "400 d"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[CLOCK_TEXT];
        clock_age(rows[i].ms, text);
        assert_string_equal(text, rows[i].text);
    }
}

static void times_before_now_are_read(void **state)
{
    (void)state;
    /* The clocks go back at 03:00 on 2026-10-25, so the day before that midnight is 25 hours away.
     */
    const int64_t autumn = INT64_C(1792972800000); /* 2026-10-26T00:00:00Z: 01:00 CET */
    const struct {
        const char *text;
        int64_t now_ms, ms;
    } rows[] = {
        {"now", NOVEMBER, NOVEMBER},
        {"15m", NOVEMBER, NOVEMBER - 15 * MINUTE},
        {"26h", NOVEMBER, NOVEMBER - 26 * HOUR},
        {"7d", NOVEMBER, NOVEMBER - INT64_C(7) * DAY},
        {"90", NOVEMBER, NOVEMBER - 90000},
        {"2026-01-01T00:00:00Z", NOVEMBER, JANUARY},
        {"today", JULY, JULY - 2 * HOUR},
        {"yesterday", JULY, JULY - 26 * HOUR},
        {"today", autumn, autumn - HOUR},
        {"yesterday", autumn, autumn - 26 * HOUR},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t ms = 7;
        if (!clock_parse_when(slice_of(rows[i].text), rows[i].now_ms, &ms) || ms != rows[i].ms) {
            fail_msg("%s is %lld", rows[i].text, (long long)ms);
        }
    }
    static const char *const bad[] = {"", "later", "Now", "-1d", "2026-02-30", "7w", "tomorrow"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        int64_t ms = 7;
        assert_false(clock_parse_when(slice_of(bad[i]), NOVEMBER, &ms));
        assert_int_equal(ms, 7);
    }
}

static int64_t at(const char *text)
{
    int64_t ms = 0;
    assert_true(clock_parse(slice_of(text), &ms));
    return ms;
}

/* In Berlin the clocks go forward on 2026-03-29 and back on 2026-10-25. */
static void noons_follow_the_clock_on_the_wall(void **state)
{
    static const struct {
        int month, day;
        const char *zone, *noon;
    } rows[] = {
        {3, 28, "Europe/Berlin", "2026-03-28T11:00:00Z"},
        {3, 29, "Europe/Berlin", "2026-03-29T10:00:00Z"},
        {10, 24, "Europe/Berlin", "2026-10-24T10:00:00Z"},
        {10, 25, "Europe/Berlin", "2026-10-25T11:00:00Z"},
        {10, 32, "Europe/Berlin", "2026-11-01T11:00:00Z"},
        {7, 1, "Asia/Kolkata", "2026-07-01T06:30:00Z"},
        {7, 1, NULL, "2026-07-01T10:00:00Z"},
        {7, 1, "No/Where", "2026-07-01T10:00:00Z"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct clock_day day = {.year = 2026, .month = rows[i].month, .day = rows[i].day};
        assert_int_equal(clock_noon_in(&day, rows[i].zone), at(rows[i].noon));
    }
}

static void a_day_is_the_one_on_the_wall(void **state)
{
    struct clock_day day;
    (void)state;
    /* A Saturday, and in Kolkata the Sunday after it. */
    clock_day_in(at("2026-11-21T22:30:00Z"), "Europe/Berlin", &day);
    assert_int_equal(day.day, 21);
    assert_int_equal(day.weekday, 6);
    assert_int_equal(day.minute, 23 * 60 + 30);
    clock_day_in(at("2026-11-21T22:30:00Z"), "Asia/Kolkata", &day);
    assert_int_equal(day.year, 2026);
    assert_int_equal(day.month, 11);
    assert_int_equal(day.day, 22);
    assert_int_equal(day.weekday, 0);
    assert_int_equal(day.minute, 4 * 60);
    assert_string_equal(getenv("TZ"), "CET-1CEST,M3.5.0,M10.5.0/3");
}

static void clock_is_shifted_as_a_whole(void **state)
{
    (void)state;
    const struct clock real = {0};
    const struct clock shifted = {.shift_ms = -INT64_C(365) * DAY};
    int64_t before = (int64_t)time(NULL) * 1000;
    int64_t now_ms = clock_now_ms(&real);
    int64_t then_ms = clock_now_ms(&shifted);
    assert_true(now_ms >= before && now_ms < before + MINUTE);
    assert_true(then_ms - shifted.shift_ms >= now_ms && then_ms < now_ms - INT64_C(364) * DAY);
    int64_t first = clock_monotonic_ms();
    assert_true(clock_monotonic_ms() >= first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(times_with_a_zone_are_read, use_paris),
        cmocka_unit_test_setup(fractions_of_one_to_nine_digits_are_read_to_the_millisecond,
                               use_paris),
        cmocka_unit_test_setup(times_without_a_zone_are_local, use_paris),
        cmocka_unit_test_setup(days_that_do_not_exist_are_refused, use_paris),
        cmocka_unit_test_setup(what_is_no_time_is_refused, use_paris),
        cmocka_unit_test_setup(written_times_are_rfc_3339, use_paris),
        cmocka_unit_test_setup(local_times_name_their_zone, use_paris),
        cmocka_unit_test_setup(a_time_in_another_zone_leaves_the_own_zone_alone, use_paris),
        cmocka_unit_test_setup(ages_have_one_unit, use_paris),
        cmocka_unit_test_setup(times_before_now_are_read, use_paris),
        cmocka_unit_test_setup(noons_follow_the_clock_on_the_wall, use_paris),
        cmocka_unit_test_setup(a_day_is_the_one_on_the_wall, use_paris),
        cmocka_unit_test_setup(clock_is_shifted_as_a_whole, use_paris),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
