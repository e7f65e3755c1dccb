/* test_reason: what is said after the name of a reason. */
#include "model/reason.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_reason_is_not_said_twice(void **state)
{
    (void)state;
    assert_string_equal(reason_detail(REASON_AUTH, "auth: no key"), "no key");
    assert_string_equal(reason_detail(REASON_AUTH, "connect: no route"), "connect: no route");
    assert_string_equal(reason_detail(REASON_AUTH, "authority: none"), "authority: none");
    assert_string_equal(reason_detail(REASON_AUTH, "auth"), "auth");
    assert_null(reason_detail(REASON_AUTH, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reason_is_not_said_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
