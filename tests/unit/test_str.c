/* test_str: slices, the nearest name, UTF-8 and patterns. */
#include "core/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct slice slice_of(const char *text)
{
    return (struct slice){text, strlen(text)};
}

static void assert_slice(struct slice slice, const char *text)
{
    assert_int_equal(slice.len, strlen(text));
    assert_memory_equal(slice.data, text, slice.len);
}

static void texts_are_equal_byte_for_byte_or_folded(void **state)
{
    (void)state;
    assert_true(str_eq(NULL, NULL) && str_ieq(NULL, NULL));
    assert_false(str_eq(NULL, "") || str_eq("", NULL) || str_ieq(NULL, "") || str_ieq("", NULL));
    assert_true(str_eq("BNPXE", "BNPXE") && str_ieq("BNPXE", "bnpxe"));
    assert_false(str_eq("BNPXE", "bnpxe") || str_ieq("BNPXE", "BNPXE2"));
    assert_false(str_ieq("@[", "`{")); /* next to the letters */
    assert_false(str_ieq("\xc3\x84", "\xc3\xa4")); /* ASCII only */
    assert_true(str_starts("pvs01", "pvs") && str_starts("pvs01", "") && str_starts("", ""));
    assert_false(str_starts("pv", "pvs") || str_starts("PVS01", "pvs"));
    assert_true(slice_eq((struct slice){"pvs01", 3}, "pvs") && slice_eq((struct slice){0}, ""));
    assert_false(slice_eq((struct slice){"pvs01", 3}, "pvs01") || slice_eq(slice_of("a"), ""));
    assert_true(slice_ieq((struct slice){"PVS01", 3}, "pvs"));
    assert_false(slice_ieq((struct slice){"PVS01", 3}, "pv"));
}

static void trimming_takes_blanks_at_both_ends_only(void **state)
{
    (void)state;
    assert_slice(slice_trim(slice_of(" \t\r\na b\t\n")), "a b");
    assert_slice(slice_trim(slice_of("ab")), "ab");
    assert_int_equal(slice_trim(slice_of(" \r\n\t ")).len, 0);
    assert_int_equal(slice_trim((struct slice){NULL, 0}).len, 0);
    assert_slice(slice_trim(slice_of("\v a\f")), "\v a\f");
}

static void lines_end_with_lf_or_crlf_or_the_text(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        bool ended;
    } lines[] = {{"one", true}, {"two", true},    {"", true},
                 {"", true},    {"a\rb\r", true}, {"x\r", 0}};
    struct slice rest = slice_of("one\ntwo\r\n\n\r\na\rb\r\r\nx\r");
    struct slice line;
    bool ended = false;
    for (size_t i = 0; i < COUNT(lines); i++) {
        assert_true(slice_line(&rest, &line, &ended));
        assert_slice(line, lines[i].line);
        assert_int_equal(ended, lines[i].ended);
    }
    assert_false(slice_line(&rest, &line, &ended));
    rest = slice_of("\n");
    assert_true(slice_line(&rest, &line, NULL));
    assert_int_equal(line.len, 0);
    assert_false(slice_line(&rest, &line, NULL));
    rest = (struct slice){NULL, 0};
    assert_false(slice_line(&rest, &line, NULL));
}

static void tokens_are_parted_by_blanks_and_tabs(void **state)
{
    (void)state;
    struct slice rest = slice_of("  udp\t*:67 \n x ");
    struct slice token;
    assert_true(slice_token(&rest, &token));
    assert_slice(token, "udp");
    assert_true(slice_token(&rest, &token));
    assert_slice(token, "*:67");
    assert_true(slice_token(&rest, &token));
    assert_slice(token, "\n");
    assert_true(slice_token(&rest, &token));
    assert_slice(token, "x");
    assert_false(slice_token(&rest, &token));
    rest = (struct slice){NULL, 0};
    assert_false(slice_token(&rest, &token));
}

static void copies_are_cut_and_say_so(void **state)
{
    (void)state;
    char to[4] = "xyz";
    assert_true(str_copy(to, sizeof(to), "abc"));
    assert_string_equal(to, "abc");
    assert_false(str_copy(to, sizeof(to), "wxyz"));
    assert_string_equal(to, "wxy");
    assert_true(str_copy(to, sizeof(to), NULL));
    assert_string_equal(to, "");
}

static void nearest_name_is_the_one_of_a_typing_error(void **state)
{
    (void)state;
    static const char *const names[] = {"status", "missing", "hosts", "why", "netstat", "history"};
    static const struct {
        const char *word, *nearest;
    } rows[] = {
        {"status", "status"}, {"stauts", "status"}, {"STATUS", "status"},   {"mising", "missing"},
        {"hsots", "hosts"},   {"host", "hosts"},    {"netsatt", "netstat"}, {"histroy", "history"},
        {"wyh", "why"},       {"collector", NULL},  {"zzzzzz", NULL},       {"inventory", NULL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *nearest = str_nearest(rows[i].word, names, COUNT(names));
        assert_true(str_eq(nearest, rows[i].nearest));
    }
    assert_null(str_nearest("status", names, 0));
}

static void word_of_any_length_has_no_accidental_neighbour(void **state)
{
    (void)state;
    static const char *const names[] = {"status", "why"};
    char word[400];
    for (size_t len = 12; len < sizeof(word); len++) {
        memset(word, 'z', len);
        word[len] = '\0';
        assert_null(str_nearest(word, names, COUNT(names)));
    }
}

static void utf8_is_well_formed_or_refused(void **state)
{
    (void)state;
    static const char *const good[] = {
        "",
        "plain",
        "\x7f",
        "\xc2\x80",
        "\xdf\xbf",
        "\xe0\xa0\x80",
        "\xed\x9f\xbf",
        "\xee\x80\x80",
        "\xef\xbf\xbf",
        "\xf0\x90\x80\x80",
        "\xf4\x8f\xbf\xbf",
        "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z",
    };
    static const char *const bad[] = {
        "\x80",
        "\xbf",
        "\xc0\x80",
        "\xc1\xbf", /* overlong */
        "\xe0\x80\x80",
        "\xe0\x9f\xbf",
        "\xf0\x80\x80\x80",
        "\xf0\x8f\xbf\xbf",
        "\xed\xa0\x80",
        "\xed\xbf\xbf", /* surrogates */
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xf8\x88\x80\x80\x80",
        "\xff",
        "\xfe", /* above */
        "\xc2",
        "\xe2\x82",
        "\xf0\x9f\x98",
        "a\xc3", /* cut */
        "\xc2\x41",
        "\xe2\x82\x41",
        "\xe2\x41\x82",
        "\xf0\x9f\x98\x41",
        "\xc2\xc0",
        "\xe1\x80\xc0",
        "\xf1\x80\x80\xc0",
        "caf\xe9",
    };
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_true(str_utf8_valid(good[i], strlen(good[i])));
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (str_utf8_valid(bad[i], strlen(bad[i]))) {
            fail_msg("bad text %zu was taken", i);
        }
    }
    assert_false(str_utf8_valid("a\0b", 3));
    assert_false(str_utf8_valid("\xe2\x82\xac", 2)); /* not past the end that was given */
}

static void patterns_match_whole_texts(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text;
        bool matches;
    } rows[] = {
        {"", "", true},
        {"", "a", false},
        {"*", "", true},
        {"*", "anything", true},
        {"?", "", false},
        {"?", "a", true},
        {"?", "ab", false},
        {"pvs*", "pvs01", true},
        {"pvs*", "pv", false},
        {"*01", "pvs01", true},
        {"*01", "pvs010", false},
        {"p*0?", "pvs01", true},
        {"a*b*c", "aXbYbZc", true},
        {"a*b*c", "aXbYbZ", false},
        {"**a**", "a", true},
        {"PVS*", "pvs01", false},
        {"[a]", "a", false},
        {"a*", "*a", false},
        {"*.example", "a.example", true},
        {"*ab", "aab", true},
        {"a?*", "a", false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (str_match(rows[i].pattern, rows[i].text) != rows[i].matches) {
            fail_msg("%s and %s", rows[i].pattern, rows[i].text);
        }
    }
}

static void hash_is_fnv_1a(void **state)
{
    (void)state;
    /* From the reference's test vectors. */
    assert_true(str_hash64("", 0) == UINT64_C(0xcbf29ce484222325));
    assert_true(str_hash64("a", 1) == UINT64_C(0xaf63dc4c8601ec8c));
    assert_true(str_hash64("foobar", 6) == UINT64_C(0x85944171f73967e8));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_equal_byte_for_byte_or_folded),
        cmocka_unit_test(trimming_takes_blanks_at_both_ends_only),
        cmocka_unit_test(lines_end_with_lf_or_crlf_or_the_text),
        cmocka_unit_test(tokens_are_parted_by_blanks_and_tabs),
        cmocka_unit_test(copies_are_cut_and_say_so),
        cmocka_unit_test(nearest_name_is_the_one_of_a_typing_error),
        cmocka_unit_test(word_of_any_length_has_no_accidental_neighbour),
        cmocka_unit_test(utf8_is_well_formed_or_refused),
        cmocka_unit_test(patterns_match_whole_texts),
        cmocka_unit_test(hash_is_fnv_1a),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
