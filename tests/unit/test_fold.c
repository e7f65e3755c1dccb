/* test_fold: host names fold by one number, and nothing is lost or invented. */
#include "out/fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { NAMES = 16 };

static void names_fold_as_people_write_them(void **state)
{
    static const struct {
        const char *names[NAMES];
        const char *wanted;
    } cases[] = {
        {{NULL}, ""},
        {{"pvs01"}, "pvs01"},
        {{"web", "pvs01"}, "pvs01,web"},
        {{"pvs03", "pvs01", "pvs02"}, "pvs[01-03]"},
        {{"pvs01", "pvs02"}, "pvs[01,02]"},
        {{"pvs01", "pvs02", "pvs03", "pvs05"}, "pvs[01-03,05]"},
        {{"pvs09", "pvs10", "pvs11"}, "pvs[09-11]"},
        {{"pvs9", "pvs10", "pvs11"}, "pvs[9-11]"},
        {{"pvs98", "pvs99", "pvs100"}, "pvs[98-100]"},
        {{"pvs9", "pvs010"}, "pvs[9,010]"}, /* two spellings, no run */
        {{"pvs1", "pvs01"}, "pvs[01,1]"},
        {{"pvs01", "pvs01", "pvs01"}, "pvs01"},
        {{"pvs1.a.example.org", "pvs2.a.example.org", "pvs3.a.example.org"},
         "pvs[1-3].a.example.org"},
        {{"pvs1.a", "pvs2.b"}, "pvs1.a,pvs2.b"},
        {{"site2-pvs1", "site2-pvs2", "site2-pvs3"}, "site2-pvs[1-3]"},
        {{"site1-pvs", "site2-pvs", "site3-pvs"}, "site[1-3]-pvs"},
        {{"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.1.1"}, "10.0.0.[1-3],10.0.1.1"},
        {{"fe80::1", "fe80::2"}, "fe80::1,fe80::2"},
        {{"pvs", "pvs1", "pvs2", "pvs3"}, "pvs,pvs[1-3]"},
        {{"h12345678901234567890", "h12345678901234567891"},
         "h12345678901234567890,h12345678901234567891"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct arena arena = {NULL};
        size_t count = 0;
        while (count < NAMES && cases[i].names[count] != NULL) {
            count++;
        }
        assert_string_equal(fold_names(&arena, cases[i].names, count), cases[i].wanted);
        arena_done(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_fold_as_people_write_them)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
