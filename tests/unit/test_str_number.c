/* test_str_number: numbers and durations are read whole, strictly, or not at all. */
#include "core/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct slice slice_of(const char *text)
{
    return (struct slice){text, strlen(text)};
}

static void numbers_are_whole_or_nothing(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      " 1",
                                      "1 ",
                                      "+1",
                                      "-1",
                                      "1.",
                                      "1e3",
                                      "0x1",
                                      "18446744073709551616",
                                      "99999999999999999999",
                                      "184467440737095516150"};
    uint64_t number = 7;
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_false(str_u64(slice_of(bad[i]), UINT64_MAX, &number));
        assert_int_equal(number, 7);
    }
    assert_false(str_u64((struct slice){NULL, 0}, 9, &number));
    assert_true(str_u64(slice_of("0"), 0, &number));
    assert_int_equal(number, 0);
    assert_true(str_u64(slice_of("007"), 9, &number));
    assert_int_equal(number, 7);
    assert_true(str_u64(slice_of("65535"), 65535, &number));
    assert_int_equal(number, 65535);
    assert_false(str_u64(slice_of("65536"), 65535, &number));
    assert_true(str_u64(slice_of("18446744073709551615"), UINT64_MAX, &number));
    assert_true(number == UINT64_MAX);
    assert_true(str_u64((struct slice){"123", 2}, 99, &number));
    assert_int_equal(number, 12);
}

static void signed_numbers_reach_both_ends(void **state)
{
    (void)state;
    int64_t number = 7;
    static const char *const bad[] = {
        "", "-", "--1", "+1", "- 1", "9223372036854775808", "-9223372036854775809"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_false(str_i64(slice_of(bad[i]), &number));
        assert_int_equal(number, 7);
    }
    assert_true(str_i64(slice_of("-1"), &number) && number == -1);
    assert_true(str_i64(slice_of("-0"), &number) && number == 0);
    assert_true(str_i64(slice_of("9223372036854775807"), &number) && number == INT64_MAX);
    assert_true(str_i64(slice_of("-9223372036854775807"), &number) && number == -INT64_MAX);
    assert_true(str_i64(slice_of("-9223372036854775808"), &number) && number == INT64_MIN);
}

static void hexadecimal_numbers_have_at_most_sixteen_digits(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", "0x", "x1", "0x0x1", "g", "-1", " 1", "1h", "10000000000000000", "0x00000000000000001"};
    uint64_t number = 7;
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_false(str_hex64(slice_of(bad[i]), &number));
        assert_int_equal(number, 7);
    }
    assert_true(str_hex64(slice_of("0"), &number) && number == 0);
    assert_true(str_hex64(slice_of("0xDeadBeef"), &number) && number == 0xdeadbeef);
    assert_true(str_hex64(slice_of("0Xa9"), &number) && number == 0xa9);
    assert_true(str_hex64(slice_of("ffffffffffffffff"), &number) && number == UINT64_MAX);
}

static void durations_have_a_unit_or_are_seconds(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } rows[] = {{"90", 90000},
                {"90s", 90000},
                {"15m", 900000},
                {"26h", 93600000},
                {"7d", 604800000},
                {"0", 0},
                {"106751991167d", 9223372036828800000}};
    static const char *const bad[] = {"",
                                      "d",
                                      "s",
                                      "-1d",
                                      "1.5h",
                                      "1 d",
                                      "1w",
                                      "1D",
                                      "1dd",
                                      "1h30m",
                                      " 1d",
                                      "106751991168d",
                                      "99999999999999999999s"};
    int64_t ms = 7;
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_false(str_duration_ms(slice_of(bad[i]), &ms));
        assert_int_equal(ms, 7);
    }
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_true(str_duration_ms(slice_of(rows[i].text), &ms));
        assert_true(ms == rows[i].ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_whole_or_nothing),
        cmocka_unit_test(signed_numbers_reach_both_ends),
        cmocka_unit_test(hexadecimal_numbers_have_at_most_sixteen_digits),
        cmocka_unit_test(durations_have_a_unit_or_are_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
