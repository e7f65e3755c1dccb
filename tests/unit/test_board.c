/* test_board: what became of a server, for every verdict before and after, rebooted or not. */
#include "model/board.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { SINCE = 1000000 };

static enum board_state judge(enum verdict_code now, enum verdict_code before, bool repaired,
                              const struct board_reading *reading)
{
    const struct board_service service = {now, before, repaired};
    return board_judge(SINCE, reading, &service);
}

static const struct board_reading rebooted = {true, SINCE + 5000, SINCE};

static void what_is_bound_in_a_new_boot_is_proven(void **state)
{
    (void)state;
    assert_int_equal(judge(VERDICT_BOUND, VERDICT_BOUND, false, &rebooted), BOARD_PROVEN);
    assert_int_equal(judge(VERDICT_BOUND, VERDICT_NOT_BOUND, false, &rebooted), BOARD_PROVEN);
    assert_int_equal(judge(VERDICT_NOT_EXPECTED, VERDICT_UNKNOWN, false, &rebooted), BOARD_PROVEN);
    assert_int_equal(judge(VERDICT_NOT_INSTALLED, VERDICT_UNKNOWN, false, &rebooted), BOARD_PROVEN);
}

static void what_needed_a_hand_is_never_proven(void **state)
{
    (void)state;
    assert_int_equal(judge(VERDICT_BOUND, VERDICT_BOUND, true, &rebooted), BOARD_REPAIRED);
}

static void every_problem_was_there_before_or_was_made_in_the_change(void **state)
{
    static const enum verdict_code problems[] = {
        VERDICT_NOT_BOUND, VERDICT_PORT_IN_USE,     VERDICT_WRONG_ADDRESS, VERDICT_STOPPED,
        VERDICT_DISABLED,  VERDICT_SERVICE_REMOVED, VERDICT_RESTARTING};
    (void)state;
    for (size_t i = 0; i < sizeof(problems) / sizeof(problems[0]); i++) {
        assert_int_equal(judge(problems[i], VERDICT_BOUND, false, &rebooted), BOARD_LOST);
        assert_int_equal(judge(problems[i], VERDICT_UNKNOWN, false, &rebooted), BOARD_LOST);
        assert_int_equal(judge(problems[i], VERDICT_STOPPED, false, &rebooted),
                         BOARD_NOT_BOUND_BEFORE);
        assert_int_equal(judge(problems[i], VERDICT_BOUND, true, &rebooted), BOARD_LOST);
    }
}

static void what_is_not_known_is_neither_proven_nor_lost(void **state)
{
    (void)state;
    assert_int_equal(judge(VERDICT_UNKNOWN, VERDICT_BOUND, false, &rebooted), BOARD_NOT_READ);
    assert_int_equal(judge(VERDICT_BOUND_OWNER_UNKNOWN, VERDICT_BOUND, false, &rebooted),
                     BOARD_NOT_READ);
    assert_int_equal(judge(VERDICT_PENDING, VERDICT_BOUND, false, &rebooted), BOARD_PENDING);
}

static void an_old_boot_and_an_old_reading_prove_nothing(void **state)
{
    const struct board_reading old_boot = {true, SINCE + 5000, SINCE - 1};
    const struct board_reading old_reading = {true, SINCE - 1, SINCE - 1};
    const struct board_reading not_read = {false, SINCE + 5000, SINCE};
    const struct board_reading no_boot = {true, SINCE + 5000, 0};
    (void)state;
    for (int now = 0; now < VERDICT_COUNT; now++) {
        enum verdict_code code = (enum verdict_code)now;
        assert_int_equal(judge(code, VERDICT_BOUND, false, &old_boot), BOARD_NOT_REBOOTED);
        assert_int_equal(judge(code, VERDICT_BOUND, false, &old_reading), BOARD_NOT_READ);
        assert_int_equal(judge(code, VERDICT_BOUND, false, &not_read), BOARD_NOT_READ);
        assert_int_equal(judge(code, VERDICT_BOUND, false, &no_boot), BOARD_NOT_READ);
    }
}

static void a_missing_port_counts_without_a_reboot(void **state)
{
    (void)state;
    assert_true(board_is_problem(BOARD_LOST, VERDICT_NOT_BOUND));
    assert_true(board_is_problem(BOARD_NOT_BOUND_BEFORE, VERDICT_NOT_BOUND));
    assert_true(board_is_problem(BOARD_NOT_REBOOTED, VERDICT_NOT_BOUND));
    assert_false(board_is_problem(BOARD_NOT_REBOOTED, VERDICT_BOUND));
    assert_false(board_is_problem(BOARD_NOT_READ, VERDICT_UNKNOWN));
    assert_false(board_is_problem(BOARD_REPAIRED, VERDICT_BOUND));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_bound_in_a_new_boot_is_proven),
        cmocka_unit_test(what_needed_a_hand_is_never_proven),
        cmocka_unit_test(every_problem_was_there_before_or_was_made_in_the_change),
        cmocka_unit_test(what_is_not_known_is_neither_proven_nor_lost),
        cmocka_unit_test(an_old_boot_and_an_old_reading_prove_nothing),
        cmocka_unit_test(a_missing_port_counts_without_a_reboot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
