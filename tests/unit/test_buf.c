/* test_buf: a buffer never passes its maximum, and an append is whole or not at all. */
#include "core/buf.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

static void appends_follow_each_other_and_end_with_nul(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 100);
    assert_null(buf.data);
    assert_int_equal(buf_puts(&buf, "one"), 0);
    assert_int_equal(buf_putc(&buf, ','), 0);
    assert_int_equal(buf_append(&buf, "\0b", 2), 0);
    assert_int_equal(buf_printf(&buf, "<%d>", 42), 0);
    assert_int_equal(buf.len, 10);
    assert_memory_equal(buf.data, "one,\0b<42>", 11);
    buf_done(&buf);
}

static void append_up_to_the_maximum_fits_and_one_more_is_refused(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 5);
    assert_int_equal(buf_puts(&buf, "12345"), 0);
    assert_false(buf.failed);
    assert_int_equal(buf_putc(&buf, '6'), -1);
    assert_true(buf.failed);
    assert_string_equal(buf.data, "12345");
    buf_done(&buf);
}

static void refused_append_leaves_nothing_and_refuses_what_follows(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 5);
    assert_int_equal(buf_puts(&buf, "12"), 0);
    assert_int_equal(buf_printf(&buf, "%s", "3456"), -1);
    assert_int_equal(buf.len, 2);
    assert_string_equal(buf.data, "12");
    assert_int_equal(buf_putc(&buf, '3'), -1); /* would fit */
    assert_int_equal(buf_append(&buf, "", 0), -1);
    assert_null(buf_take(&buf));
    buf_clear(&buf);
    assert_false(buf.failed);
    assert_string_equal(buf.data, "");
    assert_int_equal(buf_puts(&buf, "12345"), 0);
    buf_done(&buf);
}

static void length_near_the_end_of_memory_is_refused(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 5);
    assert_int_equal(buf_puts(&buf, "1"), 0);
    assert_int_equal(buf_append(&buf, "x", SIZE_MAX), -1);
    assert_int_equal(buf.len, 1);
    buf_done(&buf);
}

static void growing_keeps_every_byte(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 20000);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(buf_printf(&buf, "%04d;", i), 0);
    }
    assert_int_equal(buf.len, 5000);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(strtoul(buf.data + (size_t)i * 5, NULL, 10), i);
    }
    buf_done(&buf);
}

static void text_that_cannot_be_formatted_is_a_failure(void **state)
{
    (void)state;
    struct buf buf;
    assert_non_null(setlocale(LC_CTYPE, "C"));
    buf_init(&buf, 100);
    assert_int_equal(buf_printf(&buf, "%ls", L"\x20ac"), -1);
    assert_true(buf.failed);
    buf_done(&buf);
}

static void taking_gives_the_bytes_away_and_leaves_an_empty_buffer(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 5);
    char *empty = buf_take(&buf);
    assert_string_equal(empty, "");
    free(empty);
    assert_int_equal(buf_puts(&buf, "12345"), 0);
    char *taken = buf_take(&buf);
    assert_int_equal(buf.len, 0);
    assert_null(buf.data);
    assert_int_equal(buf_puts(&buf, "abcde"), 0);
    assert_string_equal(taken, "12345");
    assert_int_equal(buf_putc(&buf, 'f'), -1); /* the maximum is still there */
    free(taken);
    buf_done(&buf);
}

static void buffer_of_no_room_takes_nothing_but_emptiness(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 0);
    assert_int_equal(buf_puts(&buf, ""), 0);
    assert_int_equal(buf_putc(&buf, 'a'), -1);
    buf_done(&buf);
    buf_done(&buf);
    buf_done(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends_follow_each_other_and_end_with_nul),
        cmocka_unit_test(append_up_to_the_maximum_fits_and_one_more_is_refused),
        cmocka_unit_test(refused_append_leaves_nothing_and_refuses_what_follows),
        cmocka_unit_test(length_near_the_end_of_memory_is_refused),
        cmocka_unit_test(growing_keeps_every_byte),
        cmocka_unit_test(text_that_cannot_be_formatted_is_a_failure),
        cmocka_unit_test(taking_gives_the_bytes_away_and_leaves_an_empty_buffer),
        cmocka_unit_test(buffer_of_no_room_takes_nothing_but_emptiness),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
