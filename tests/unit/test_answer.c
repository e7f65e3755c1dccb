/* test_answer: one answer in every form, and tables that are too long to keep. */
#include "core/str.h"
#include "out/answer.h"
#include "out/progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

static const struct answer_column columns[] = {
    {"host", "HOST", ANSWER_TEXT, false},       {"port", "PORT", ANSWER_PORT, false},
    {"first_bad", "SINCE", ANSWER_TIME, false}, {"age", "AGE", ANSWER_DURATION, false},
    {"open", "OPEN", ANSWER_BOOL, true},        {"hidden", NULL, ANSWER_INT, false},
    {NULL, "ONLY SHOWN", ANSWER_TEXT, false},
};
enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

static const struct answer_meta meta = {.as_of_ms = INT64_C(1795384800000),
                                        .last_complete_scan_ms = INT64_C(1795384200000),
                                        .now_ms = INT64_C(1795402200000),
                                        .hosts = 40,
                                        .hosts_read = 39};

/* The whole text of an answer of two rows; free(3). */
static char *print(enum output_format format, bool color, const struct answer_meta *with)
{
    const struct answer_cell first[COLUMNS] = {
        answer_text("=cmd\x1b[31m,x"), answer_number(67), answer_positive(INT64_C(1795384800000)),
        answer_number(7200000),        answer_bool(true), answer_number(-3),
        answer_text("shown")};
    const struct answer_cell second[COLUMNS] = {
        answer_text("caf\xe9"), answer_none(), answer_positive(0), answer_none(),
        answer_bool(false),     answer_none(), answer_text(NULL)};
    const struct answer_counts counts = {
        .problems = 1, .unknown = 2, .pending = 4, .hosts_unread = 3};
    struct err err = {0};
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    struct answer *answer = answer_new(to, format, color, columns, COLUMNS, with);
    assert_non_null(answer);
    assert_int_equal(answer_row(answer, first, MARK_PROBLEM, &err), 0);
    assert_int_equal(answer_row(answer, second, MARK_UNKNOWN, &err), 0);
    assert_int_equal(answer_end(answer, &counts, &err), 0);
    answer_free(answer);
    (void)fclose(to);
    return text;
}

static void a_table_names_the_last_scan_first_and_escapes(void **state)
{
    char *text = print(FORMAT_TABLE, false, &meta);
    (void)state;
    assert_string_equal(
        text, "last complete scan 5 h ago (2026-11-22 21:50:00 UTC), 39 of 40 hosts read\n"
              "HOST           PORT SINCE                   AGE OPEN ONLY SHOWN\n"
              "=cmd\\x1b[31m,x   67 2026-11-22 22:00:00 UTC 2 h yes  shown\n"
              "caf\\xe9           - -                         - no   -\n");
    free(text);
}

static void colour_only_adds_to_the_words(void **state)
{
    char *plain = print(FORMAT_TABLE, false, &meta);
    char *painted = print(FORMAT_TABLE, true, &meta);
    (void)state;
    assert_string_not_equal(plain, painted);
    assert_non_null(strstr(painted, "\x1b[31m"));
    size_t to = 0;
    for (size_t from = 0; painted[from] != '\0';) {
        if (painted[from] == '\x1b') {
            from += strcspn(painted + from, "m") + 1;
        } else {
            painted[to++] = painted[from++];
        }
    }
    painted[to] = '\0';
    assert_string_equal(plain, painted);
    free(plain);
    free(painted);
}

static void json_is_one_object_of_ascii(void **state)
{
    char *text = print(FORMAT_JSON, true, &meta);
    json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    (void)state;
    assert_non_null(object);
    for (const char *p = text; *p != '\0'; p++) {
        assert_true((*p >= ' ' && *p < 127) || *p == '\n');
    }
    assert_string_equal(json_string_value(json_object_get(object, "as_of")),
                        "2026-11-22T22:00:00Z");
    assert_string_equal(json_string_value(json_object_get(object, "last_complete_scan")),
                        "2026-11-22T21:50:00Z");
    json_t *coverage = json_object_get(object, "coverage");
    assert_int_equal(json_integer_value(json_object_get(coverage, "hosts_unread")), 1);
    json_t *rows = json_object_get(object, "rows");
    assert_int_equal(json_array_size(rows), 2);
    json_t *first = json_array_get(rows, 0);
    assert_int_equal(json_object_size(first), 6); /* the seventh is only shown */
    assert_string_equal(json_string_value(json_object_get(first, "host")), "=cmd\x1b[31m,x");
    assert_int_equal(json_integer_value(json_object_get(first, "age")), 7200);
    assert_true(json_is_true(json_object_get(first, "open")));
    assert_int_equal(json_integer_value(json_object_get(first, "hidden")), -3);
    json_t *second = json_array_get(rows, 1);
    assert_string_equal(json_string_value(json_object_get(second, "host")), "caf\\xe9");
    assert_true(json_is_null(json_object_get(second, "first_bad")));
    json_t *summary = json_object_get(object, "summary");
    assert_int_equal(json_integer_value(json_object_get(summary, "unknown")), 2);
    assert_int_equal(json_integer_value(json_object_get(summary, "pending")), 4);
    json_decref(object);
    free(text);
}

static void json_steers_no_terminal(void **state)
{
    static const struct answer_column one[] = {{"image", "IMAGE", ANSWER_TEXT, false}};
    const struct answer_cell cell = answer_text("f\xc3\xbcr\xe2\x80\xae\xc2\x9b");
    struct err err = {0};
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    struct answer *answer = answer_new(to, FORMAT_NDJSON, false, one, 1, NULL);
    (void)state;
    assert_int_equal(answer_row(answer, &cell, MARK_NONE, &err), 0);
    assert_int_equal(answer_end(answer, NULL, &err), 0);
    answer_free(answer);
    (void)fclose(to);
    assert_string_equal(text, "{\"image\":\"f\\u00FCr\\u202E\\u009B\"}\n");
    free(text);
}

static void no_value_in_json_depends_on_when_it_was_asked(void **state)
{
    struct answer_meta later = meta;
    later.now_ms += INT64_C(86400000);
    later.stale = true;
    char *now = print(FORMAT_JSON, false, &meta);
    char *then = print(FORMAT_JSON, false, &later);
    (void)state;
    assert_string_equal(now, then);
    free(now);
    free(then);
}

static void an_empty_answer_is_still_whole(void **state)
{
    struct err err = {0};
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    struct answer *answer = answer_new(to, FORMAT_JSON, false, columns, COLUMNS, NULL);
    (void)state;
    assert_int_equal(answer_end(answer, NULL, &err), 0);
    answer_free(answer);
    (void)fclose(to);
    assert_string_equal(
        text, "{\"as_of\":null,\n\"last_complete_scan\":null,\n\"coverage\":null,\n\"rows\":[]}\n");
    free(text);
}

static void a_list_beside_the_rows_is_in_the_json_object_alone(void **state)
{
    static const struct answer_column one[] = {{"host", "HOST", ANSWER_TEXT, false}};
    static const struct {
        enum output_format format;
        const char *text;
    } rows[] = {
        {FORMAT_JSON, "{\"as_of\":null,\n\"last_complete_scan\":null,\n\"coverage\":null,\n"
                      "\"rows\":[\n{\"host\":\"a\"}\n],\n\"more\":[\n{\"host\":\"b\"},\n"
                      "{\"host\":\"b\"}\n],\n\"none\":[]}\n"},
        {FORMAT_NDJSON, "{\"host\":\"a\"}\n"},
        {FORMAT_CSV, "host\r\na\r\n"},
        {FORMAT_TABLE, "HOST\na\n"},
        {FORMAT_NAGIOS, ""},
    };
    const struct answer_cell a = answer_text("a");
    const struct answer_cell b = answer_text("b");
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct err err = {0};
        char *text = NULL;
        size_t size = 0;
        FILE *to = open_memstream(&text, &size);
        struct answer *answer = answer_new(to, rows[i].format, false, one, 1, NULL);
        assert_int_equal(answer_row(answer, &a, MARK_NONE, &err), 0);
        assert_int_equal(answer_list(answer, "more", &err), 0);
        assert_int_equal(answer_row(answer, &b, MARK_NONE, &err), 0);
        assert_int_equal(answer_row(answer, &b, MARK_NONE, &err), 0);
        assert_int_equal(answer_list(answer, "none", &err), 0);
        assert_int_equal(answer_end(answer, NULL, &err), 0);
        answer_free(answer);
        (void)fclose(to);
        assert_string_equal(text, rows[i].text);
        free(text);
    }
}

static void csv_and_ndjson_have_a_line_a_row(void **state)
{
    char *csv = print(FORMAT_CSV, true, &meta);
    char *ndjson = print(FORMAT_NDJSON, true, &meta);
    (void)state;
    assert_string_equal(csv, "host,port,first_bad,age,open,hidden\r\n"
                             "\"'=cmd\\x1b[31m,x\",67,2026-11-22T22:00:00Z,7200,true,-3\r\n"
                             "caf\\xe9,,,,false,\r\n");
    assert_string_equal(
        ndjson,
        "{\"host\":\"=cmd\\u001B[31m,x\",\"port\":67,\"first_bad\":\"2026-11-22T22:00:00Z\","
        "\"age\":7200,\"open\":true,\"hidden\":-3}\n"
        "{\"host\":\"caf\\\\xe9\",\"port\":null,\"first_bad\":null,\"age\":null,\"open\":false,"
        "\"hidden\":null}\n");
    free(csv);
    free(ndjson);
}

static void a_plugin_prints_no_rows(void **state)
{
    char *text = print(FORMAT_NAGIOS, true, &meta);
    (void)state;
    assert_string_equal(text, "");
    free(text);
}

/* Row i of a long answer; the text is borrowed by the cells. */
static void put_long_rows(struct answer *answer, size_t rows)
{
    struct err err = {0};
    for (size_t i = 0; i < rows; i++) {
        char host[64];
        (void)snprintf(host, sizeof(host), "pvs%05zu%s", i, i == 5000 ? "-with-a-longer-name" : "");
        const struct answer_cell cells[2] = {answer_text(host), answer_number((int64_t)i)};
        assert_int_equal(answer_row(answer, cells, MARK_NONE, &err), 0);
    }
}

static void a_long_table_streams_with_the_widths_of_its_first_rows(void **state)
{
    static const struct answer_column two[] = {{"host", "HOST", ANSWER_TEXT, false},
                                               {"n", "NUMBER", ANSWER_INT, false}};
    struct err err = {0};
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    struct answer *answer = answer_new(to, FORMAT_TABLE, false, two, 2, NULL);
    (void)state;
    put_long_rows(answer, 10000);
    (void)fflush(to);
    assert_int_equal(size, 0); /* kept */
    put_long_rows(answer, 1);
    (void)fflush(to);
    assert_true(size > 0); /* streaming */
    put_long_rows(answer, 2);
    assert_int_equal(answer_end(answer, NULL, &err), 0);
    answer_free(answer);
    (void)fclose(to);
    size_t lines = 0;
    struct slice rest = {text, size};
    struct slice line;
    while (slice_line(&rest, &line, NULL)) {
        if (lines == 0) {
            assert_true(slice_eq(line, "HOST     NUMBER"));
        } else if (lines == 2) {
            assert_true(slice_eq(line, "pvs00001      1"));
        } else if (lines == 5001) { /* longer than the first 1,000 rows: nothing is cut */
            assert_true(slice_eq(line, "pvs05000-with-a-longer-name   5000"));
        }
        lines++;
    }
    assert_int_equal(lines, 10004);
    free(text);
}

static void an_answer_that_cannot_be_written_is_an_error(void **state)
{
    struct err err = {0};
    FILE *to = fopen("/dev/full", "w");
    struct answer *answer = answer_new(to, FORMAT_CSV, false, columns, COLUMNS, NULL);
    (void)state;
    assert_int_equal(answer_end(answer, NULL, &err), -1);
    assert_int_equal(err.code, ERR_FULL);
    answer_free(answer);
    (void)fclose(to);
}

static void the_first_line_says_when_there_is_nothing_to_rely_on(void **state)
{
    struct answer_meta none = {.hosts = 4, .hosts_read = 1, .stale = true};
    struct answer_meta old = meta;
    char text[256];
    (void)state;
    old.stale = true;
    answer_first_line(&none, text, sizeof(text));
    assert_string_equal(text, "no complete scan yet, 1 of 4 hosts read");
    answer_first_line(&old, text, sizeof(text));
    assert_non_null(strstr(text, "; STALE: scan again"));
}

static void colour_obeys_the_choice_and_no_color(void **state)
{
    (void)state;
    assert_true(answer_color(COLOR_ALWAYS, stdout));
    assert_false(answer_color(COLOR_NEVER, stdout));
    FILE *file = fopen("/dev/null", "w");
    assert_false(answer_color(COLOR_AUTO, file)); /* not a terminal */
    (void)fclose(file);
}

static void progress_tells_rate_failures_and_who_is_slow(void **state)
{
    FILE *nowhere = fopen("/dev/null", "w");
    struct progress *progress = progress_new(nowhere, false, 40, 0);
    struct arena arena = {NULL};
    char text[256];
    (void)state;
    progress_begin(progress, "pvs01", 0);
    progress_begin(progress, "pvs02", 500);
    progress_begin(progress, "pvs03", 1000);
    progress_begin(progress, "pvs04\x1b", 1000);
    assert_string_equal(progress_running(progress, &arena), "pvs[01-03],pvs04\x1b");
    progress_end(progress, "pvs01", REASON_NONE, 2000);
    progress_end(progress, "pvs03", REASON_TIMEOUT, 2000);
    progress_text(progress, 4000, 200, text, sizeof(text));
    assert_string_equal(text, "2/40 hosts, 0.5/s, about 76 s left, 1 not read (1 timeout), slow: "
                              "pvs02 (3 s), pvs04\\x1b (3 s)");
    progress_text(progress, 4000, 10, text, sizeof(text));
    assert_string_equal(text, "2/40 hosts");
    assert_string_equal(progress_running(progress, &arena), "pvs02,pvs04\x1b");
    progress_draw(progress, 4000);
    progress_free(progress);
    assert_int_equal(ftell(nowhere), 0); /* not a terminal: never a byte */
    (void)fclose(nowhere);
    arena_done(&arena);
}

int main(void)
{
    (void)setenv("TZ", "UTC", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_names_the_last_scan_first_and_escapes),
        cmocka_unit_test(colour_only_adds_to_the_words),
        cmocka_unit_test(json_is_one_object_of_ascii),
        cmocka_unit_test(json_steers_no_terminal),
        cmocka_unit_test(no_value_in_json_depends_on_when_it_was_asked),
        cmocka_unit_test(an_empty_answer_is_still_whole),
        cmocka_unit_test(a_list_beside_the_rows_is_in_the_json_object_alone),
        cmocka_unit_test(csv_and_ndjson_have_a_line_a_row),
        cmocka_unit_test(a_plugin_prints_no_rows),
        cmocka_unit_test(a_long_table_streams_with_the_widths_of_its_first_rows),
        cmocka_unit_test(an_answer_that_cannot_be_written_is_an_error),
        cmocka_unit_test(the_first_line_says_when_there_is_nothing_to_rely_on),
        cmocka_unit_test(colour_obeys_the_choice_and_no_color),
        cmocka_unit_test(progress_tells_rate_failures_and_who_is_slow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
