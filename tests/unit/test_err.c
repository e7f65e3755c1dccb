/* test_err: an error carries its code, stage and sentence, cut but never torn out of its arrays. */
#include "core/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void error_is_what_was_set(void **state)
{
    (void)state;
    struct err err = {0};
    assert_int_equal(err_set(&err, ERR_CONFIG, "inventory", "%s:%d: no", "hosts.yaml", 3), -1);
    assert_int_equal(err.code, ERR_CONFIG);
    assert_string_equal(err.stage, "inventory");
    assert_string_equal(err.text, "hosts.yaml:3: no");
    assert_int_equal(err_set(&err, ERR_IO, NULL, "later"), -1);
    assert_string_equal(err.stage, "");
    assert_string_equal(err.text, "later");
}

static void nobody_need_listen(void **state)
{
    (void)state;
    assert_int_equal(err_set(NULL, ERR_IO, "stage", "text"), -1);
    assert_int_equal(err_prefix(NULL, "text"), -1);
    assert_int_equal(err_memory(NULL), -1);
}

static void long_text_is_cut_to_its_array(void **state)
{
    (void)state;
    char text[3000];
    struct err err = {0};
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    (void)err_set(&err, ERR_IO, text, "%s", text);
    assert_int_equal(strlen(err.stage), sizeof(err.stage) - 1);
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
}

static void prefix_goes_in_front_and_keeps_the_rest(void **state)
{
    (void)state;
    struct err err = {0};
    (void)err_set(&err, ERR_FORMAT, "probe", "no such line");
    assert_int_equal(err_prefix(&err, "%s: ", "pvs01"), -1);
    assert_string_equal(err.text, "pvs01: no such line");
    assert_int_equal(err.code, ERR_FORMAT);
    assert_string_equal(err.stage, "probe");
}

static void prefix_cuts_the_end_of_what_no_longer_fits(void **state)
{
    (void)state;
    char text[1024];
    struct err err = {0};
    memset(text, 'b', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    (void)err_set(&err, ERR_IO, "", "%s", text);
    (void)err_prefix(&err, "host: ");
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
    assert_memory_equal(err.text, "host: bbb", 9);
    (void)err_prefix(&err, "%s", text);
    assert_string_equal(err.text, text);
}

static void prefix_longer_than_the_array_stays_in_it(void **state)
{
    (void)state;
    char text[2000];
    struct {
        struct err err;
        char guard[4000];
    } place = {.guard = ""};
    memset(text, 'c', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    (void)err_set(&place.err, ERR_IO, "", "old");
    (void)err_prefix(&place.err, "%s", text);
    assert_int_equal(strlen(place.err.text), sizeof(place.err.text) - 1);
    for (size_t i = 0; i < sizeof(place.guard); i++) {
        assert_int_equal(place.guard[i], 0);
    }
}

static void memory_is_named(void **state)
{
    (void)state;
    struct err err = {0};
    assert_int_equal(err_memory(&err), -1);
    assert_int_equal(err.code, ERR_MEMORY);
    assert_string_equal(err.text, "out of memory");
}

static void exit_codes_tell_the_users_mistakes_from_ours(void **state)
{
    (void)state;
    static const struct {
        enum err_code code;
        int exit_code;
    } rows[] = {
        {ERR_NONE, 0},        {ERR_USAGE, 2},   {ERR_CONFIG, 2}, {ERR_HISTORY, 2},
        {ERR_FORMAT, 5},      {ERR_PARTIAL, 5}, {ERR_IO, 5},     {ERR_FULL, 5},
        {ERR_LOCKED, 5},      {ERR_LIMIT, 5},   {ERR_MEMORY, 5}, {ERR_INTERNAL, 5},
        {ERR_CANCELLED, 130}, {ERR_UNREAD, 3},
    };
    assert_int_equal(sizeof(rows) / sizeof(rows[0]), ERR_INTERNAL + 1);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(err_exit_code(rows[i].code), rows[i].exit_code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(error_is_what_was_set),
        cmocka_unit_test(nobody_need_listen),
        cmocka_unit_test(long_text_is_cut_to_its_array),
        cmocka_unit_test(prefix_goes_in_front_and_keeps_the_rest),
        cmocka_unit_test(prefix_cuts_the_end_of_what_no_longer_fits),
        cmocka_unit_test(prefix_longer_than_the_array_stays_in_it),
        cmocka_unit_test(memory_is_named),
        cmocka_unit_test(exit_codes_tell_the_users_mistakes_from_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
