/* test_wilson: intervals beside published ones, and their ends. */
#include "model/wilson.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void expect(size_t hits, size_t n, double low, double high, double within)
{
    struct wilson got = wilson_interval(hits, n);
    if (got.low < low - within || got.low > low + within || got.high < high - within ||
        got.high > high + within) {
        fail_msg("%zu of %zu: %.6f to %.6f, not %.6f to %.6f", hits, n, got.low, got.high, low,
                 high);
    }
}

/* R. G. Newcombe, Statistics in Medicine 17 (1998), 857-872, table I: the score method. */
static void intervals_are_the_published_ones(void **state)
{
    (void)state;
    expect(81, 263, 0.2553, 0.3662, 0.00005);
    expect(15, 148, 0.0624, 0.1605, 0.00005);
    expect(0, 20, 0.0000, 0.1611, 0.00005);
    expect(1, 29, 0.0061, 0.1718, 0.00005);
}

/* z = 1.959964, z^2 = 3.841459.
 * 9 of 240: middle = (0.0375 + 3.841459/480) / (1 + 3.841459/240) = 0.0455030/1.0160061 =
 * 0.0447862; half = 1.959964/1.0160061 * sqrt(0.0375*0.9625/240 + 3.841459/(4*240^2)) = 1.9290868 *
 * sqrt(0.000150391 + 0.000016673) = 0.0249340. 0 of 212: from 0 to 3.841459/(212 + 3.841459) =
 * 0.0177976. */
static void intervals_are_those_worked_by_hand(void **state)
{
    (void)state;
    expect(9, 240, 0.0447862 - 0.0249340, 0.0447862 + 0.0249340, 0.000001);
    expect(0, 212, 0, 0.0177976, 0.0000005);
}

static void ends_are_exact(void **state)
{
    (void)state;
    expect(0, 0, 0, 1, 0);
    assert_true(wilson_interval(0, 7).low == 0);
    assert_true(wilson_interval(7, 7).high == 1);
    /* All of n is none of n, turned round. */
    expect(212, 212, 1 - 0.0177976, 1, 0.0000005);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_are_the_published_ones),
        cmocka_unit_test(intervals_are_those_worked_by_hand),
        cmocka_unit_test(ends_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
