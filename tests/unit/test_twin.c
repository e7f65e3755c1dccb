/* test_twin: which of several names of one machine counts, and when an old problem is settled. */
#include "model/twin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct twin *find(const struct twin *rows, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].name, name) == 0) {
            return &rows[i];
        }
    }
    fail_msg("no row of %s", name);
    return NULL;
}

/* Name a was not read at 30 and has an open problem, seen last at problem_ms; b was read at 20. */
static void an_open_problem_counts_until_a_reading_under_another_name_settles_it(void **state)
{
    static const struct {
        int64_t problem_ms;
        enum verdict_code code;
        const char *counts;
    } rows[] = {
        {10, VERDICT_BOUND, "b"},   {25, VERDICT_BOUND, "a"},   {10, VERDICT_NOT_EXPECTED, "a"},
        {10, VERDICT_PENDING, "a"}, {10, VERDICT_UNKNOWN, "a"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct twin twins[] = {
            {"m", "BNPXE", "b", true, rows[i].code, true, 20, 0, 0, NULL},
            {"m", "BNPXE", "a", false, VERDICT_UNKNOWN, true, 30, rows[i].problem_ms, 1, NULL},
        };
        twin_settle(twins, 2);
        const struct twin *counts = find(twins, 2, rows[i].counts);
        assert_null(counts->counted_as);
        const struct twin *other = counts == &twins[0] ? &twins[1] : &twins[0];
        assert_ptr_equal(other->counted_as, counts);
    }
}

static void expectations_and_machines_are_apart(void **state)
{
    struct twin twins[] = {
        {"m", "BNPXE", "a", true, VERDICT_BOUND, true, 20, 0, 0, NULL},
        {"n", "BNPXE", "b", true, VERDICT_NOT_BOUND, true, 20, 20, 1, NULL},
        {"m", "BNTFTP", "c", true, VERDICT_NOT_BOUND, true, 20, 20, 2, NULL},
    };
    (void)state;
    twin_settle(twins, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_null(twins[i].counted_as);
    }
    twin_settle(NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_open_problem_counts_until_a_reading_under_another_name_settles_it),
        cmocka_unit_test(expectations_and_machines_are_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
