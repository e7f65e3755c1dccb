/* test_machine: a state changes only as the table allows; anything else ends the program. */
#include "core/machine.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { CLOSED, OPEN, BROKEN, LAST = 63 };

static const struct machine_state states[64] = {
    [CLOSED] = {"CLOSED", MACHINE_TO(OPEN)},
    [OPEN] = {"OPEN", MACHINE_TO(CLOSED) | MACHINE_TO(OPEN) | MACHINE_TO(LAST)},
    [BROKEN] = {"BROKEN", 0},
    [LAST] = {"LAST", 0},
};

static void keep_trace(void *data, const char *from, const char *to)
{
    char *text = data;
    size_t len = strlen(text);
    (void)snprintf(text + len, 100 - len, "%s>%s ", from, to);
}

static void allowed_moves_are_made_and_traced(void **state)
{
    (void)state;
    char trace[100] = "";
    struct machine machine;
    machine_init(&machine, states, CLOSED);
    assert_null(machine.trace);
    machine.trace = keep_trace;
    machine.data = trace;
    machine_move(&machine, OPEN);
    machine_move(&machine, OPEN);
    machine_move(&machine, CLOSED);
    machine_move(&machine, OPEN);
    machine_move(&machine, LAST);
    assert_int_equal(machine.state, LAST);
    assert_string_equal(machine_name(&machine), "LAST");
    assert_string_equal(trace, "CLOSED>OPEN OPEN>OPEN OPEN>CLOSED CLOSED>OPEN OPEN>LAST ");
}

static void silent_machine_moves_as_well(void **state)
{
    (void)state;
    struct machine machine;
    machine_init(&machine, states, CLOSED);
    machine_move(&machine, OPEN);
    assert_string_equal(machine_name(&machine), "OPEN");
}

static void table_tells_what_may_follow(void **state)
{
    (void)state;
    static const bool may[][4] = {
        /* to CLOSED, OPEN, BROKEN, LAST */
        [CLOSED] = {false, true, false, false},
        [OPEN] = {true, true, false, true},
        [BROKEN] = {false, false, false, false},
    };
    static const unsigned to[] = {CLOSED, OPEN, BROKEN, LAST};
    for (unsigned from = CLOSED; from <= BROKEN; from++) {
        struct machine machine;
        machine_init(&machine, states, from);
        for (size_t i = 0; i < 4; i++) {
            assert_int_equal(machine_may(&machine, to[i]), may[from][i]);
        }
    }
}

/* The signal that ends a child which makes this move; 0: none did. */
static int move_in_a_child(unsigned from, unsigned to)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        const struct rlimit none = {0, 0};
        struct machine machine;
        (void)setrlimit(RLIMIT_CORE, &none);
        (void)signal(SIGABRT, SIG_DFL);
        machine_init(&machine, states, from);
        machine_move(&machine, to);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void forbidden_move_aborts(void **state)
{
    (void)state;
    assert_int_equal(move_in_a_child(CLOSED, OPEN), 0);
    assert_int_equal(move_in_a_child(CLOSED, CLOSED), SIGABRT);
    assert_int_equal(move_in_a_child(CLOSED, LAST), SIGABRT);
    assert_int_equal(move_in_a_child(OPEN, BROKEN), SIGABRT);
    assert_int_equal(move_in_a_child(LAST, CLOSED), SIGABRT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allowed_moves_are_made_and_traced),
        cmocka_unit_test(silent_machine_moves_as_well),
        cmocka_unit_test(table_tells_what_may_follow),
        cmocka_unit_test(forbidden_move_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
