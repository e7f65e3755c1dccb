/* test_child: a program that is started gives its code, and does not outlive who started it. */
#include "core/child.h"
#include "core/str.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { DEADLINE_S = 20 };

static int code_of(const char *path, const char *script)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    pid_t pid = 0;
    int code = -1;
    assert_int_equal(child_start(path, argv, -1, -1, &pid), 0);
    assert_int_equal(child_wait(pid, &code), 0);
    return code;
}

static void a_child_gives_its_code_or_its_signal(void **state)
{
    (void)state;
    assert_int_equal(code_of("/bin/sh", "exit 7"), 7);
    assert_int_equal(code_of("/bin/sh", "kill -9 $$"), 128 + SIGKILL);
    assert_int_equal(code_of("/nonexistent", ""), CHILD_NOT_RUN);
}

/* At another number, and at its own. */
static void descriptor_is_at(int to)
{
    const char *const argv[] = {"sh", "-c", to == 5 ? "echo done >&5" : "echo done >&9", NULL};
    char text[16] = "";
    int ends[2];
    pid_t pid = 0;
    int code = -1;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(dup3(ends[1], 9, O_CLOEXEC), 9);
    (void)close(ends[1]);
    assert_int_equal(child_start("/bin/sh", argv, 9, to, &pid), 0);
    (void)close(9);
    assert_int_equal(read(ends[0], text, sizeof(text) - 1), 5);
    assert_string_equal(text, "done\n");
    assert_int_equal(read(ends[0], text, 1), 0);
    assert_int_equal(child_wait(pid, &code), 0);
    assert_int_equal(code, 0);
    (void)close(ends[0]);
}

static void a_descriptor_is_where_it_was_wanted(void **state)
{
    (void)state;
    descriptor_is_at(5);
    descriptor_is_at(9);
}

/* Starts a child that says so and sleeps, and waits for its own end. */
static void start_and_wait(int to)
{
    const char *const argv[] = {"sh", "-c", "echo $$ >&5; exec sleep 60", NULL};
    pid_t pid = 0;
    if (child_start("/bin/sh", argv, to, 5, &pid) == 0) {
        (void)pause();
    }
    _exit(1);
}

static void a_child_ends_with_the_one_that_started_it(void **state)
{
    (void)state;
    int ends[2];
    int status = 0;
    char text[32] = "";
    uint64_t grandchild = 0;
    /* What its parent leaves becomes a child of this process, which can wait for it. */
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t parent = fork();
    assert_true(parent >= 0);
    if (parent == 0) {
        start_and_wait(ends[1]);
    }
    ssize_t len = read(ends[0], text, sizeof(text));
    assert_true(len > 1 && str_u64((struct slice){text, (size_t)len - 1}, INT32_MAX, &grandchild));
    assert_int_equal(kill(parent, SIGKILL), 0);
    assert_int_equal(waitpid(parent, &status, 0), parent);
    (void)alarm(DEADLINE_S);
    assert_int_equal(waitpid((pid_t)grandchild, &status, 0), (pid_t)grandchild);
    (void)alarm(0);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_gives_its_code_or_its_signal),
        cmocka_unit_test(a_descriptor_is_where_it_was_wanted),
        cmocka_unit_test(a_child_ends_with_the_one_that_started_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
