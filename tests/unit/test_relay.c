/* test_relay: what one program puts on the pipe is what the other takes off it. */
#include "core/str.h"
#include "out/relay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { COLUMNS = 6 };
static const struct answer_column columns[COLUMNS] = {
    {"text", "TEXT", ANSWER_TEXT, false},   {"count", "COUNT", ANSWER_INT, false},
    {"time", "TIME", ANSWER_TIME, false},   {"flag", "FLAG", ANSWER_BOOL, false},
    {"age", "AGE", ANSWER_DURATION, false}, {NULL, "SHOWN", ANSWER_TEXT, false},
};

static void every_cell_comes_back(void **state)
{
    const struct answer_cell cells[COLUMNS] = {answer_text("a \"b\"\n\x1b[31m"),
                                               answer_number(-3),
                                               answer_time(1795384800123, NULL),
                                               answer_bool(true),
                                               answer_number(90000),
                                               answer_text("not sent")};
    char *text = NULL;
    size_t size = 0;
    struct err err = {.text = ""};
    struct relay *relay = relay_new();
    struct answer_cell back[COLUMNS];
    (void)state;
    FILE *to = open_memstream(&text, &size);
    assert_int_equal(relay_put(to, relay_answer, columns, cells, COLUMNS), 0);
    assert_int_equal(fclose(to), 0);
    assert_null(memchr(text, '\x1b', size));
    assert_int_equal(relay_take(relay, text, size, &err), 0);
    assert_int_equal(relay_count(relay, relay_answer), 1);
    relay_cells(relay, relay_answer, 0, columns, COLUMNS, back);
    assert_string_equal(back[0].text, cells[0].text);
    for (int i = 1; i < 5; i++) {
        assert_true(back[i].known);
        assert_int_equal(back[i].number, cells[i].number);
    }
    assert_false(back[5].known);
    relay_free(relay);
    free(text);
}

static int take(struct relay *relay, const char *line, struct err *err)
{
    return relay_take(relay, line, strlen(line), err);
}

static void what_is_no_line_is_refused(void **state)
{
    static const char *const lines[] = {
        "",
        "GO",
        "[]",
        "{}",
        "{\"kind\":1}",
        "{\"kind\":\"rows\"",
        "{\"kind\":\"a\",\"kind\":\"b\"}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct relay *relay = relay_new();
        struct err err = {.text = ""};
        assert_int_equal(take(relay, lines[i], &err), -1);
        assert_int_equal(err.code, ERR_FORMAT);
        relay_free(relay);
    }
}

static void nothing_comes_after_the_answer(void **state)
{
    struct relay *relay = relay_new();
    struct err err = {.text = ""};
    (void)state;
    assert_int_equal(take(relay, "{\"kind\":\"answer\",\"answer\":\"GO\"}", &err), 0);
    assert_int_equal(take(relay, "{\"kind\":\"answer\",\"answer\":\"NO-GO\"}", &err), -1);
    assert_int_equal(err.code, ERR_FORMAT);
    relay_free(relay);
}

static int read_text(const char *text, struct err *err)
{
    struct relay *relay = relay_new();
    FILE *from = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    assert_non_null(from);
    int rc = relay_read(relay, from, err);
    (void)fclose(from);
    relay_free(relay);
    return rc;
}

static void every_prefix_is_no_answer(void **state)
{
    static const char whole[] =
        "{\"kind\":\"rows\",\"a\":1}\n{\"kind\":\"answer\",\"answer\":\"GO\"}\n";
    (void)state;
    for (size_t len = 1; len < sizeof(whole) - 2; len++) {
        char part[sizeof(whole)];
        struct err err = {.text = ""};
        memcpy(part, whole, len);
        part[len] = '\0';
        assert_int_equal(read_text(part, &err), -1);
    }
    struct err err = {.text = ""};
    assert_int_equal(read_text(whole, &err), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_comes_back),
        cmocka_unit_test(what_is_no_line_is_refused),
        cmocka_unit_test(nothing_comes_after_the_answer),
        cmocka_unit_test(every_prefix_is_no_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
