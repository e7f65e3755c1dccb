/* test_farm_wql: what the simulated WMI takes for a query, and which instances meet it. */
#include "core/buf.h"
#include "core/str.h"
#include "farm/wql/wql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;

static int drop_arena(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static void names_and_class_are_taken_as_written(void **state)
{
    (void)state;
    const struct wql *wql = wql_parse(&arena, "\tSELECT Name,\r\n ProcessId  From Win32_Service ");
    assert_non_null(wql);
    assert_string_equal(wql->class_name, "Win32_Service");
    assert_int_equal(wql->name_count, 2);
    assert_string_equal(wql->names[0], "Name");
    assert_string_equal(wql->names[1], "ProcessId");
    assert_null(wql->where);
    wql = wql_parse(&arena, "select*from A");
    assert_non_null(wql);
    assert_null(wql->names);
}

static void and_binds_closer_than_or_and_not_closest(void **state)
{
    (void)state;
    const struct wql *wql = wql_parse(&arena, "select * from A where a=1 or not b=2 and c=3");
    assert_non_null(wql);
    assert_int_equal(wql->where->kind, WQL_OR);
    assert_string_equal(wql->where->left->property, "a");
    assert_int_equal(wql->where->right->kind, WQL_AND);
    assert_int_equal(wql->where->right->left->kind, WQL_NOT);
    assert_string_equal(wql->where->right->left->left->property, "b");
    assert_string_equal(wql->where->right->right->property, "c");
    wql = wql_parse(&arena, "select * from A where (a=1 or b=2) and c=3");
    assert_non_null(wql);
    assert_int_equal(wql->where->kind, WQL_AND);
    assert_int_equal(wql->where->left->kind, WQL_OR);
}

static void a_value_before_the_name_turns_the_operator(void **state)
{
    static const struct {
        const char *text;
        enum wql_operator operator;
    } rows[] = {{"5 < a", WQL_GT},  {"5 <= a", WQL_GE}, {"5 > a", WQL_LT},
                {"5 >= a", WQL_LE}, {"5 = a", WQL_EQ},  {"5 <> a", WQL_NE}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *query = arena_printf(&arena, "select * from A where %s", rows[i].text);
        const struct wql *wql = wql_parse(&arena, query);
        assert_non_null(wql);
        assert_string_equal(wql->where->property, "a");
        assert_int_equal(wql->where->operator, rows[i].operator);
        assert_int_equal(wql->where->value.number, 5);
    }
}

static void a_backslash_takes_the_next_character(void **state)
{
    (void)state;
    const struct wql *wql = wql_parse(&arena, "select * from A where p='c:\\\\it\\'s \"x\"'");
    assert_non_null(wql);
    assert_string_equal(wql->where->value.text, "c:\\it's \"x\"");
    wql = wql_parse(&arena, "select * from A where p=\"it's\"");
    assert_non_null(wql);
    assert_string_equal(wql->where->value.text, "it's");
}

static void what_is_no_query_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "select",
        "select * from",
        "select from A",
        "selectx * from A",
        "select * A",
        "select a b from A",
        "select a, from A",
        "select a.b from A",
        "select * from A where",
        "select * from A where a",
        "select * from A where a=",
        "select * from A where =1",
        "select * from A where a=b",
        "select * from A where a==1",
        "select * from A where a='x",
        "select * from A where a='x\\",
        "select * from A where a=1 b=2",
        "select * from A where (a=1",
        "select * from A where a=1)",
        "select * from A where a=1 and",
        "select * from A where or a=1",
        "select * from A where not",
        "select * from A where a like 1",
        "select * from A where a is 1",
        "select * from A where 'x' like a",
        "select * from A where a=1x",
        "select * from A where a=-",
        "select * from A where a=99999999999999999999",
        "select * from A, B",
        "select * from A order by a",
        "associators of {A.b=1}",
        "select * from 5",
        "select 5 from A",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (wql_parse(&arena, texts[i]) != NULL) {
            fail_msg("taken: %s", texts[i]);
        }
    }
}

static void nesting_and_length_are_bounded(void **state)
{
    (void)state;
    for (int depth = 10; depth <= 100; depth += 90) {
        struct buf text;
        buf_init(&text, 1000);
        (void)buf_puts(&text, "select * from A where ");
        for (int i = 0; i < depth; i++) {
            (void)buf_putc(&text, '(');
        }
        (void)buf_puts(&text, "a=1");
        for (int i = 0; i < depth; i++) {
            (void)buf_putc(&text, ')');
        }
        assert_int_equal(wql_parse(&arena, text.data) != NULL, depth == 10);
        buf_done(&text);
    }
    assert_null(wql_parse(&arena, arena_printf(&arena, "select * from A%40000s", "")));
}

/* An instance of Name='BNPXE', ProcessId=2304, Started=true, InstallDate=NULL. */
static bool look_up(void *data, const char *property, struct wql_value *ret)
{
    (void)data;
    *ret = (struct wql_value){.type = WQL_NULL};
    if (str_ieq(property, "Name")) {
        *ret = (struct wql_value){.type = WQL_TEXT, .text = "BNPXE"};
    } else if (str_ieq(property, "ProcessId")) {
        *ret = (struct wql_value){.type = WQL_NUMBER, .number = 2304};
    } else if (str_ieq(property, "Started")) {
        *ret = (struct wql_value){.type = WQL_BOOL, .number = 1};
    } else if (!str_ieq(property, "InstallDate")) {
        return false;
    }
    return true;
}

static void conditions_are_met_or_not(void **state)
{
    static const struct {
        const char *where;
        bool met;
    } rows[] = {
        {"Name='BNPXE'", true},
        {"name='bnpxe'", true},
        {"Name<>'BNPXE'", false},
        {"Name>'BNA' and Name<'BNZ'", true},
        {"ProcessId=2304", true},
        {"ProcessId='2304'", true},
        {"ProcessId='x'", false},
        {"ProcessId>2304", false},
        {"ProcessId>=2304 and ProcessId<=2304", true},
        {"ProcessId<>4", true},
        {"Started=true", true},
        {"Started='TRUE'", true},
        {"Started=1", true},
        {"Started=false", false},
        {"InstallDate=null", true},
        {"InstallDate is null", true},
        {"InstallDate is not null", false},
        {"Name is not null", true},
        {"InstallDate='x'", false},
        {"InstallDate<>'x'", false},
        {"not InstallDate='x'", true},
        {"Other=1", false},
        {"not (Name='x' or ProcessId=4)", true},
        {"Name like 'BN%'", true},
        {"Name='x' or Started=true and ProcessId=4", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *query = arena_printf(&arena, "select * from A where %s", rows[i].where);
        const struct wql *wql = wql_parse(&arena, query);
        assert_non_null(wql);
        if (wql_match(wql->where, look_up, NULL) != rows[i].met) {
            fail_msg("%s is %s", rows[i].where, rows[i].met ? "not met" : "met");
        }
    }
}

static void patterns_of_like(void **state)
{
    static const struct {
        const char *pattern, *text;
        bool fits;
    } rows[] = {
        {"", "", true},
        {"%", "", true},
        {"_", "", false},
        {"abc", "ABC", true},
        {"a_c", "abc", true},
        {"a_c", "ac", false},
        {"a%", "a", true},
        {"%c", "abc", true},
        {"%b%", "abc", true},
        {"%b", "abc", false},
        {"a%b%c%", "axxbyyczz", true},
        {"%aab", "aaaab", true},
        {"[a-c]x", "Bx", true},
        {"[a-c]x", "dx", false},
        {"[^a-c]x", "dx", true},
        {"[abc]", "c", true},
        {"[a-]", "-", true},
        {"x[", "x", false},
        {"%%%", "anything", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (wql_like(rows[i].pattern, rows[i].text) != rows[i].fits) {
            fail_msg("'%s' like '%s'", rows[i].text, rows[i].pattern);
        }
    }
}

#define TEST(name) cmocka_unit_test_teardown(name, drop_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(names_and_class_are_taken_as_written),
        TEST(and_binds_closer_than_or_and_not_closest),
        TEST(a_value_before_the_name_turns_the_operator),
        TEST(a_backslash_takes_the_next_character),
        TEST(what_is_no_query_is_refused),
        TEST(nesting_and_length_are_bounded),
        TEST(conditions_are_met_or_not),
        TEST(patterns_of_like),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
