/* test_escape: nothing that a host sends can steer a terminal or start a formula. */
#include "out/escape.h"

#include "core/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void expect_escaped(const char *bytes, size_t len, const char *wanted)
{
    struct buf buf;
    buf_init(&buf, 4096);
    assert_int_equal(escape_append(&buf, bytes, len), 0);
    assert_string_equal(buf.data == NULL ? "" : buf.data, wanted);
    buf_done(&buf);
}

static void control_and_hidden_characters_are_shown_as_hex(void **state)
{
    static const struct {
        const char *bytes;
        const char *wanted;
    } cases[] = {
        {"BNPXE.exe", "BNPXE.exe"},
        {"", ""},
        {"\x1b[31mred", "\\x1b[31mred"},
        {"a\nb\tc\rd", "a\\x0ab\\x09c\\x0dd"},
        {"del\x7f", "del\\x7f"},
        {"c1 \xc2\x9b"
         "31m",
         "c1 \\xc2\\x9b31m"},
        {"bidi \xe2\x80\xae"
         "exe.txt",
         "bidi \\xe2\\x80\\xaeexe.txt"},
        {"isolate \xe2\x81\xa6x", "isolate \\xe2\\x81\\xa6x"},
        {"line\xe2\x80\xa8separator", "line\\xe2\\x80\\xa8separator"},
        {"tag \xf3\xa0\x81\x81", "tag \\xf3\\xa0\\x81\\x81"},
        {"\xef\xbb\xbf"
         "bom",
         "\\xef\\xbb\\xbf"
         "bom"},
        {"Dienst f\xc3\xbcr \xe6\x97\xa5\xe6\x9c\xac",
         "Dienst f\xc3\xbcr \xe6\x97\xa5\xe6\x9c\xac"},
        {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
        {"C:\\xampp", "C:\\xampp"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        expect_escaped(cases[i].bytes, strlen(cases[i].bytes), cases[i].wanted);
    }
    expect_escaped("a\0b", 3, "a\\x00b");
}

static void bytes_that_are_not_utf8_are_shown_one_by_one(void **state)
{
    (void)state;
    expect_escaped("caf\xe9", 4, "caf\\xe9");
    expect_escaped("\xc0\x80", 2, "\\xc0\\x80"); /* overlong NUL */
    expect_escaped("\xed\xa0\x80", 3, "\\xed\\xa0\\x80"); /* surrogate */
    expect_escaped("\xf4\x90\x80\x80", 4, "\\xf4\\x90\\x80\\x80"); /* above U+10FFFF */
    expect_escaped("\xe6\x97", 2, "\\xe6\\x97"); /* cut short */
    expect_escaped("\xe6\x97z", 3, "\\xe6\\x97z");
    expect_escaped("\x80z", 2, "\\x80z");
}

/* Whatever goes in: printable ASCII or well-formed UTF-8 comes out, without C0 and C1. */
static void every_pair_of_bytes_comes_out_harmless(void **state)
{
    (void)state;
    for (unsigned pair = 0; pair < 65536; pair++) {
        char bytes[2] = {(char)(unsigned char)(pair >> 8), (char)(unsigned char)(pair & 0xff)};
        struct buf buf;
        buf_init(&buf, 64);
        assert_int_equal(escape_append(&buf, bytes, 2), 0);
        assert_true(str_utf8_valid(buf.data, buf.len));
        for (size_t i = 0; i < buf.len; i++) {
            unsigned char c = (unsigned char)buf.data[i];
            assert_true(c >= 0x20 && c != 0x7f);
            assert_false(c == 0xc2 && (unsigned char)buf.data[i + 1] < 0xa0);
        }
        buf_done(&buf);
    }
}

static void safe_text_is_not_copied(void **state)
{
    struct arena arena = {NULL};
    const char *safe = "pvs01";
    (void)state;
    assert_ptr_equal(escape_text(&arena, safe), safe);
    assert_null(escape_text(&arena, NULL));
    assert_string_equal(escape_text(&arena, "a\x1b"), "a\\x1b");
    arena_done(&arena);
}

static void csv_cells_are_quoted_and_start_no_formula(void **state)
{
    static const struct {
        const char *text;
        const char *wanted;
    } cases[] = {
        {"plain", "plain"},
        {"", ""},
        {"a,b", "\"a,b\""},
        {"say \"hi\"", "\"say \"\"hi\"\"\""},
        {"two\nlines", "two\\x0alines"},
        {"=1+1", "'=1+1"},
        {"+1", "'+1"},
        {"-1", "'-1"},
        {"@sum(a1)", "'@sum(a1)"},
        {" =1", "' =1"},
        {"=a,b", "\"'=a,b\""},
        {"\t=1", "\\x09=1"},
        {"\xef\xbc\x9d"
         "1",
         "'\xef\xbc\x9d"
         "1"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf buf;
        buf_init(&buf, 4096);
        assert_int_equal(escape_csv(&buf, cases[i].text), 0);
        assert_string_equal(buf.data == NULL ? "" : buf.data, cases[i].wanted);
        buf_done(&buf);
    }
}

static void the_maximum_is_kept(void **state)
{
    struct buf buf;
    (void)state;
    buf_init(&buf, 3);
    assert_int_equal(escape_append(&buf, "\x1b", 1), -1);
    buf_done(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(control_and_hidden_characters_are_shown_as_hex),
        cmocka_unit_test(bytes_that_are_not_utf8_are_shown_one_by_one),
        cmocka_unit_test(every_pair_of_bytes_comes_out_harmless),
        cmocka_unit_test(safe_text_is_not_copied),
        cmocka_unit_test(csv_cells_are_quoted_and_start_no_formula),
        cmocka_unit_test(the_maximum_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
