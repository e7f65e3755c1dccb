/* test_manual: the manual pages in docs/man are what the table of commands says. */
#include "command/manual.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PAGE_MAX = 1 << 20 };

static void expect_page(enum program program)
{
    char path[512];
    struct buf page;
    struct err err = {0};
    buf_init(&page, PAGE_MAX);
    assert_int_equal(manual_page(program, NULL, &page, &err), 0);
    (void)snprintf(path, sizeof(path), "%s/../docs/man/%s.1", TESTS_DIR, program_name(program));
    FILE *file = fopen(path, "rb");
    char *kept = calloc(1, PAGE_MAX);
    size_t len = file == NULL || kept == NULL ? 0 : fread(kept, 1, PAGE_MAX - 1, file);
    if (len != page.len || memcmp(kept, page.data, len) != 0) {
        fail_msg("%s is not what `%s help --man` prints: write it anew and read the difference",
                 path, program_name(program));
    }
    (void)fclose(file);
    free(kept);
    buf_done(&page);
}

static void the_pages_are_those_of_the_table(void **state)
{
    (void)state;
    expect_page(PROGRAM_PVSAUDIT);
    expect_page(PROGRAM_COLLECT);
}

static void a_page_of_one_command_has_its_parts(void **state)
{
    static const char *const parts[] = {".TH pvsaudit-missing 1", ".SH NAME", "\\-\\-since=T",
                                        ".SH EXIT STATUS", "pvsaudit missing \\-\\-since 7d"};
    struct buf page;
    struct err err = {0};
    (void)state;
    buf_init(&page, PAGE_MAX);
    assert_int_equal(manual_page(PROGRAM_PVSAUDIT, "missing", &page, &err), 0);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        assert_non_null(strstr(page.data, parts[i]));
    }
    buf_done(&page);
    assert_int_equal(manual_page(PROGRAM_PVSAUDIT, "mising", &page, &err), -1);
    assert_non_null(strstr(err.text, "did you mean missing"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_pages_are_those_of_the_table),
        cmocka_unit_test(a_page_of_one_command_has_its_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
