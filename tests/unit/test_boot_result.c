/* test_boot_result: what a verdict makes of a boot, and when a sentence is said. */
#include "model/boot_result.h"

#include "core/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void every_verdict_has_a_result(void **state)
{
    static const enum boot_result expected[VERDICT_COUNT] = {
        [VERDICT_BOUND] = BOOT_RESULT_BOUND,
        [VERDICT_BOUND_OWNER_UNKNOWN] = BOOT_RESULT_BOUND,
        [VERDICT_NOT_BOUND] = BOOT_RESULT_LOST,
        [VERDICT_PORT_IN_USE] = BOOT_RESULT_LOST,
        [VERDICT_WRONG_ADDRESS] = BOOT_RESULT_LOST,
        [VERDICT_STOPPED] = BOOT_RESULT_LOST,
        [VERDICT_DISABLED] = BOOT_RESULT_OFF,
        [VERDICT_SERVICE_REMOVED] = BOOT_RESULT_OFF,
        [VERDICT_RESTARTING] = BOOT_RESULT_UNDECIDED,
        [VERDICT_PENDING] = BOOT_RESULT_UNDECIDED,
        [VERDICT_NOT_EXPECTED] = BOOT_RESULT_UNEXPECTED,
        [VERDICT_NOT_INSTALLED] = BOOT_RESULT_UNEXPECTED,
        [VERDICT_UNKNOWN] = BOOT_RESULT_UNDECIDED,
    };
    (void)state;
    for (int i = 0; i < VERDICT_COUNT; i++) {
        assert_int_equal(boot_result_of((enum verdict_code)i, false, true), expected[i]);
    }
}

static void what_was_restarted_is_suspect_and_never_a_success(void **state)
{
    (void)state;
    assert_int_equal(boot_result_of(VERDICT_BOUND, true, true), BOOT_RESULT_SUSPECT);
    assert_int_equal(boot_result_of(VERDICT_BOUND_OWNER_UNKNOWN, true, true), BOOT_RESULT_SUSPECT);
    struct boot_tally tally = {{[BOOT_RESULT_BOUND] = 3,
                                [BOOT_RESULT_LOST] = 2,
                                [BOOT_RESULT_SUSPECT] = 5,
                                [BOOT_RESULT_OFF] = 7,
                                [BOOT_RESULT_UNDECIDED] = 11,
                                [BOOT_RESULT_UNIDENTIFIED] = 13}};
    assert_int_equal(boot_tally_base(&tally), 5);
}

static void a_boot_of_which_the_time_is_not_known_is_none(void **state)
{
    (void)state;
    assert_int_equal(boot_result_of(VERDICT_BOUND, false, false), BOOT_RESULT_UNIDENTIFIED);
    assert_int_equal(boot_result_of(VERDICT_NOT_BOUND, false, false), BOOT_RESULT_UNIDENTIFIED);
    assert_int_equal(boot_result_of(VERDICT_NOT_EXPECTED, false, false), BOOT_RESULT_UNEXPECTED);
    assert_int_equal(boot_result_of(VERDICT_PENDING, false, false), BOOT_RESULT_UNDECIDED);
}

static const char *sentence(struct arena *arena, const struct boot_group *groups, size_t count)
{
    const char *text = "untouched";
    assert_int_equal(boot_sentence(arena, groups, count, "UDP 67", &text), 0);
    return text;
}

static void the_sentence_counts_bound_and_lost_and_nothing_else(void **state)
{
    struct arena arena = {NULL};
    const struct boot_tally delayed = {{[BOOT_RESULT_BOUND] = 212, [BOOT_RESULT_SUSPECT] = 4}};
    const struct boot_tally automatic = {
        {[BOOT_RESULT_BOUND] = 231, [BOOT_RESULT_LOST] = 9, [BOOT_RESULT_UNDECIDED] = 6}};
    const struct boot_group groups[] = {{"Automatic (Delayed Start)", &delayed},
                                        {"Automatic", &automatic}};
    (void)state;
    assert_string_equal(
        sentence(&arena, groups, 2),
        "Automatic (Delayed Start): 0 of 212 boots lost UDP 67; Automatic: 9 of 240");
    arena_done(&arena);
}

static void below_twenty_boots_nothing_is_said(void **state)
{
    struct arena arena = {NULL};
    struct boot_tally few = {{[BOOT_RESULT_BOUND] = 18, [BOOT_RESULT_LOST] = 1}};
    const struct boot_tally many = {{[BOOT_RESULT_BOUND] = 30}};
    few.counts[BOOT_RESULT_SUSPECT] = 50;
    const struct boot_group groups[] = {{"few", &few}, {"many", &many}};
    (void)state;
    assert_null(sentence(&arena, groups, 1));
    assert_string_equal(sentence(&arena, groups, 2), "many: 0 of 30 boots lost UDP 67");
    few.counts[BOOT_RESULT_BOUND]++;
    assert_string_equal(sentence(&arena, groups, 1), "few: 1 of 20 boots lost UDP 67");
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_verdict_has_a_result),
        cmocka_unit_test(what_was_restarted_is_suspect_and_never_a_success),
        cmocka_unit_test(a_boot_of_which_the_time_is_not_known_is_none),
        cmocka_unit_test(the_sentence_counts_bound_and_lost_and_nothing_else),
        cmocka_unit_test(below_twenty_boots_nothing_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
