/* test_reg: keys and values as reg query prints them, in several languages. */
#include "unit/fixture.h"

#include "collector/probe/windows/reg.h"

static void put_value(struct buf *to, const struct reg_row *row)
{
    (void)buf_puts(to, "value ");
    fixture_put(to, row->name);
    (void)buf_printf(to, " %.*s ", (int)row->type.len, row->type.data);
    if (row->is_number) {
        (void)buf_printf(to, "%llu\n", (unsigned long long)row->number);
    } else {
        (void)buf_puts(to, "\"");
        fixture_put(to, row->data);
        (void)buf_puts(to, "\"\n");
    }
}

static void render(const char *name, struct slice bytes, struct buf *to)
{
    (void)name;
    struct reg_row row = {0};
    enum reg_line line;
    while ((line = reg_next(&bytes, &row)) != REG_END) {
        if (line == REG_KEY) {
            (void)buf_puts(to, "key ");
            fixture_put(to, row.key);
            (void)buf_puts(to, "\n");
        } else if (line == REG_VALUE) {
            put_value(to, &row);
        } else {
            (void)buf_puts(to, line == REG_BAD ? "bad\n" : "other\n");
        }
    }
}

static void every_fixture_reads_as_written_beside_it(void **state)
{
    (void)state;
    fixture_folder("reg", render);
}

static void a_value_is_found_under_the_first_key_only(void **state)
{
    (void)state;
    static const char text[] = "HKEY_LOCAL_MACHINE\\A\r\n    Start    REG_DWORD    0x2\r\n\r\n"
                               "HKEY_LOCAL_MACHINE\\A\\B\r\n    Other    REG_DWORD    0x3\r\n";
    const struct slice output = {text, sizeof(text) - 1};
    struct reg_row row;
    assert_true(reg_find(output, "start", &row));
    assert_int_equal(row.number, 2);
    assert_false(reg_find(output, "Other", &row));
}

static void texts_of_a_multi_value_are_cut_at_backslash_zero(void **state)
{
    (void)state;
    static const char data[] = "10.0.0.5\\010.0.0.6\\0";
    struct slice rest = {data, sizeof(data) - 1};
    struct slice text;
    assert_true(reg_multi_next(&rest, &text));
    assert_true(slice_eq(text, "10.0.0.5"));
    assert_true(reg_multi_next(&rest, &text));
    assert_true(slice_eq(text, "10.0.0.6"));
    assert_false(reg_multi_next(&rest, &text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fixture_reads_as_written_beside_it),
        cmocka_unit_test(a_value_is_found_under_the_first_key_only),
        cmocka_unit_test(texts_of_a_multi_value_are_cut_at_backslash_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
