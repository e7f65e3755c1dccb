/* test_command_line: what words mean, and the sentence for each mistake. */
#include "command/command_line.h"
#include "command/help.h"
#include "core/clock.h"
#include "core/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { WORDS = 12 };
static const int64_t NOW = INT64_C(1795384800000); /* 2026-11-22T22:00:00Z */

static int parse(enum program program, const char *const *words, struct command_line *ret,
                 struct err *err)
{
    char copies[WORDS][128];
    char *argv[WORDS + 2] = {NULL};
    int argc = 0;
    argv[argc++] = copies[0];
    (void)str_copy(copies[0], sizeof(copies[0]), program_name(program));
    for (size_t i = 0; i < WORDS - 1 && words[i] != NULL; i++) {
        (void)str_copy(copies[i + 1], sizeof(copies[i + 1]), words[i]);
        argv[argc++] = copies[i + 1];
    }
    /* Texts point into argv: the tests only look at them through what is copied here. */
    int result = command_line_parse(program, argc, argv, NOW, ret, err);
    if (result == 0) {
        ret->db = arena_strdup(&ret->arena, ret->db);
        ret->limit = arena_strdup(&ret->arena, ret->limit);
        ret->topic_name = arena_strdup(&ret->arena, ret->topic_name);
        for (size_t i = 0; i < ret->argument_count; i++) {
            ret->arguments[i] = arena_strdup(&ret->arena, ret->arguments[i]);
        }
        for (size_t i = 0; i < ret->expectation_file_count; i++) {
            ret->expectation_files[i] = arena_strdup(&ret->arena, ret->expectation_files[i]);
        }
    }
    return result;
}

static void rows_are_in_order_and_complete(void **state)
{
    (void)state;
    for (int i = 0; i < COMMAND_COUNT; i++) {
        const struct command *row = &command_rows[i];
        assert_int_equal(row->id, i);
        assert_non_null(row->name);
        assert_non_null(row->answers);
        assert_non_null(row->description);
        assert_non_null(row->example);
        assert_true(row->exit_codes != 0);
        assert_true(row->programs != 0);
    }
    for (int i = 0; i < OPTION_COUNT; i++) {
        const struct command_option *row = &option_rows[i];
        assert_non_null(row->name);
        assert_non_null(row->help);
        assert_int_equal(row->value == NULL, row->kind == OPTION_KIND_FLAG);
        assert_int_equal(row->choices[0] != NULL, row->kind == OPTION_KIND_CHOICE);
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(row->name, option_rows[k].name);
            assert_true(row->letter == 0 || row->letter != option_rows[k].letter);
        }
    }
}

static void global_options_stand_before_and_after_the_command(void **state)
{
    static const char *const before[] = {"--db", "h.db", "-l", "emea", "missing", NULL};
    static const char *const after[] = {"missing", "-lemea", "--db=h.db", NULL};
    const char *const *both[] = {before, after};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct command_line line;
        struct err err = {0};
        assert_int_equal(parse(PROGRAM_PVSAUDIT, both[i], &line, &err), 0);
        assert_int_equal(line.command->id, COMMAND_MISSING);
        assert_string_equal(line.db, "h.db");
        assert_string_equal(line.limit, "emea");
        assert_int_equal(line.format, FORMAT_TABLE);
        assert_int_equal(line.unreachable, UNREACHABLE_WARN);
        command_line_done(&line);
    }
}

static void values_become_numbers_and_times(void **state)
{
    static const char *const scan[] = {"scan",
                                       "--wait-pending",
                                       "10m",
                                       "--concurrency",
                                       "50",
                                       "--accept-new",
                                       "-v",
                                       "-v",
                                       "--expectations",
                                       "a.yaml",
                                       NULL};
    static const char *const since[] = {
        "missing", "--since", "7d", "--json", "--as-of", "2026-11-20T00:00:00Z", NULL};
    static const char *const more[] = {
        "scan", "--expectations", "a.yaml", "--expectations=b.yaml", "--unreachable=fail", NULL};
    struct command_line line;
    struct err err = {0};
    (void)state;
    assert_int_equal(parse(PROGRAM_COLLECT, scan, &line, &err), 0);
    assert_int_equal(line.wait_pending_ms, 600000);
    assert_int_equal(line.concurrency, 50);
    assert_true(line.accept_new);
    assert_int_equal(line.verbose, 2);
    command_line_done(&line);
    assert_int_equal(parse(PROGRAM_PVSAUDIT, since, &line, &err), 0);
    assert_int_equal(line.format, FORMAT_JSON);
    assert_int_equal(line.as_of_ms, INT64_C(1795132800000));
    assert_int_equal(line.since_ms, line.as_of_ms - INT64_C(7) * 86400000); /* an age from as-of */
    command_line_done(&line);
    assert_int_equal(parse(PROGRAM_PVSAUDIT, more, &line, &err), 0);
    assert_int_equal(line.expectation_file_count, 2);
    assert_string_equal(line.expectation_files[1], "b.yaml");
    assert_int_equal(line.unreachable, UNREACHABLE_FAIL);
    command_line_done(&line);
}

static void a_value_may_look_like_an_option(void **state)
{
    static const char *const words[] = {"missing", "--db", "--odd.db", NULL};
    struct command_line line;
    struct err err = {0};
    (void)state;
    assert_int_equal(parse(PROGRAM_PVSAUDIT, words, &line, &err), 0);
    assert_string_equal(line.db, "--odd.db");
    command_line_done(&line);
}

static void verbs_and_arguments_are_told_apart(void **state)
{
    static const char *const origin[] = {"hosts", "origin", "pvs01", "pvsaudit_site", NULL};
    static const char *const dashes[] = {"why", "--", "-odd-host", NULL};
    static const char *const dash[] = {"ingest", "-", NULL};
    struct command_line line;
    struct err err = {0};
    (void)state;
    assert_int_equal(parse(PROGRAM_PVSAUDIT, origin, &line, &err), 0);
    assert_int_equal(line.command->id, COMMAND_HOSTS_ORIGIN);
    assert_int_equal(line.argument_count, 2);
    assert_string_equal(line.arguments[1], "pvsaudit_site");
    command_line_done(&line);
    assert_int_equal(parse(PROGRAM_PVSAUDIT, dashes, &line, &err), 0);
    assert_string_equal(line.arguments[0], "-odd-host");
    command_line_done(&line);
    assert_int_equal(parse(PROGRAM_COLLECT, dash, &line, &err), 0);
    assert_string_equal(line.arguments[0], "-");
    command_line_done(&line);
}

static void every_mistake_has_its_sentence(void **state)
{
    static const struct {
        enum program program;
        const char *words[8];
        const char *says;
    } cases[] = {
        {PROGRAM_PVSAUDIT, {NULL}, "a command is needed"},
        {PROGRAM_PVSAUDIT, {"mising"}, "unknown command mising; did you mean missing?"},
        {PROGRAM_PVSAUDIT, {"frobnicate"}, "unknown command frobnicate; see: pvsaudit --help"},
        {PROGRAM_PVSAUDIT, {"ingest", "x"}, "unknown command ingest"},
        {PROGRAM_COLLECT, {"missing"}, "unknown command missing"},
        {PROGRAM_PVSAUDIT,
         {"missing", "--sinse", "7d"},
         "unknown option --sinse; did you mean --since?"},
        {PROGRAM_PVSAUDIT, {"missing", "--sin=7d"}, "unknown option --sin"}, /* no beginnings */
        {PROGRAM_PVSAUDIT, {"status", "-x"}, "unknown option -x"},
        {PROGRAM_PVSAUDIT,
         {"status", "--since", "7d"},
         "status does not take --since; see: pvsaudit status --help"},
        {PROGRAM_PVSAUDIT, {"missing", "--since"}, "--since needs a value, T"},
        {PROGRAM_PVSAUDIT, {"missing", "--db="}, "--db needs a value, FILE"},
        {PROGRAM_PVSAUDIT, {"missing", "--json=x"}, "--json takes no value"},
        {PROGRAM_PVSAUDIT, {"missing", "--since", "soon"}, "--since: soon is not a time"},
        {PROGRAM_PVSAUDIT, {"missing", "--json", "--csv"}, "--json and --csv exclude each other"},
        {PROGRAM_PVSAUDIT, {"status", "--format", "xml"}, "--format: xml is not nagios"},
        {PROGRAM_PVSAUDIT,
         {"status", "--color=red"},
         "--color: red is not auto or always or never"},
        {PROGRAM_PVSAUDIT, {"status", "--db", "a", "--db", "b"}, "--db is given twice"},
        {PROGRAM_PVSAUDIT, {"why"}, "why needs HOST"},
        {PROGRAM_PVSAUDIT, {"why", "a", "b"}, "one argument too many: b"},
        {PROGRAM_PVSAUDIT, {"hosts"}, "hosts needs one of: check, list, origin"},
        {PROGRAM_PVSAUDIT, {"hosts", "chek"}, "unknown hosts command chek; did you mean check?"},
        {PROGRAM_COLLECT,
         {"scan", "--concurrency", "0"},
         "--concurrency: 0 is not a number from 1"},
        {PROGRAM_COLLECT, {"scan", "--wait-pending", "-5"}, "--wait-pending: -5 is not a duration"},
        {PROGRAM_COLLECT, {"--from-cli=9.9", "scan"}, "pvsaudit 9.9 started pvsaudit-collect"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct command_line line;
        struct err err = {0};
        if (parse(cases[i].program, cases[i].words, &line, &err) == 0) {
            fail_msg("no error, not: %s", cases[i].says);
        }
        if (strstr(err.text, cases[i].says) == NULL) {
            fail_msg("%s, not: %s", err.text, cases[i].says);
        }
        assert_int_equal(err_exit_code(err.code), 2);
    }
}

static void the_version_of_the_other_half_is_checked_and_skipped(void **state)
{
    static const char *const words[] = {"--from-cli=" PVSAUDIT_VERSION, "scan", "-q", NULL};
    struct command_line line;
    struct err err = {0};
    (void)state;
    assert_int_equal(parse(PROGRAM_COLLECT, words, &line, &err), 0);
    assert_int_equal(line.command->id, COMMAND_SCAN);
    assert_true(line.quiet);
    command_line_done(&line);
}

static void expect_help(enum program program, const char *const *words, const char *const *wanted,
                        const char *unwanted)
{
    struct command_line line;
    struct err err = {0};
    struct buf text;
    buf_init(&text, 1 << 20);
    assert_int_equal(parse(program, words, &line, &err), 0);
    assert_true(help_wanted(&line));
    assert_int_equal(help_answer(&line, &text, &err), 0);
    for (size_t i = 0; wanted[i] != NULL; i++) {
        if (strstr(text.data, wanted[i]) == NULL) {
            fail_msg("not in the help: %s\n%s", wanted[i], text.data);
        }
    }
    if (unwanted != NULL && strstr(text.data, unwanted) != NULL) {
        fail_msg("in the help: %s\n%s", unwanted, text.data);
    }
    struct slice rest = {text.data, text.len};
    struct slice one;
    while (slice_line(&rest, &one, NULL)) {
        assert_true(one.len <= 79);
    }
    buf_done(&text);
    command_line_done(&line);
}

static void help_tells_what_it_answers_options_codes_and_an_example(void **state)
{
    static const char *const by_option[] = {"missing", "--help", NULL};
    static const char *const by_command[] = {"help", "missing", NULL};
    static const char *const of_missing[] = {"Usage: pvsaudit missing",
                                             "Answers: which expected",
                                             "--since=T",
                                             "--db=FILE",
                                             "Exit codes:",
                                             "Example:\n  pvsaudit missing",
                                             NULL};
    static const char *const doctor[] = {"doctor", "--help", NULL};
    /* Codes in their order, each with what it means of this command. */
    static const char *const of_doctor[] = {
        "Exit codes:\n  0                     all that a visit needs works\n  1  ",
        "\n  3                     the host cannot be read\n  4  ", "\n  130  ", NULL};
    static const char *const incomplete[] = {"why", "-h", NULL};
    static const char *const of_why[] = {"Usage: pvsaudit why HOST", NULL};
    static const char *const verbs[] = {"hosts", "--help", NULL};
    static const char *const of_hosts[] = {"hosts check", "hosts origin HOST [KEY]", NULL};
    static const char *const all[] = {"--help", NULL};
    static const char *const of_all[] = {"  scan ", "  missing ", "  130", NULL};
    static const char *const of_collect[] = {"  ingest FILE", "  parse FORM FILE", NULL};
    (void)state;
    expect_help(PROGRAM_PVSAUDIT, by_option, of_missing, "--wait-pending");
    expect_help(PROGRAM_PVSAUDIT, by_command, of_missing, "--wait-pending");
    expect_help(PROGRAM_PVSAUDIT, doctor, of_doctor, "every expected endpoint");
    expect_help(PROGRAM_PVSAUDIT, incomplete, of_why, NULL);
    expect_help(PROGRAM_PVSAUDIT, verbs, of_hosts, "ingest");
    expect_help(PROGRAM_PVSAUDIT, all, of_all, "ingest");
    expect_help(PROGRAM_COLLECT, all, of_collect, "  missing ");
}

static void help_with_nothing_names_the_nearest(void **state)
{
    static const char *const words[] = {"help", "statsu", NULL};
    struct command_line line;
    struct err err = {0};
    struct buf text;
    (void)state;
    buf_init(&text, 1 << 20);
    assert_int_equal(parse(PROGRAM_PVSAUDIT, words, &line, &err), 0);
    assert_int_equal(help_answer(&line, &text, &err), -1);
    assert_non_null(strstr(err.text, "did you mean status"));
    buf_done(&text);
    command_line_done(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_in_order_and_complete),
        cmocka_unit_test(global_options_stand_before_and_after_the_command),
        cmocka_unit_test(values_become_numbers_and_times),
        cmocka_unit_test(a_value_may_look_like_an_option),
        cmocka_unit_test(verbs_and_arguments_are_told_apart),
        cmocka_unit_test(every_mistake_has_its_sentence),
        cmocka_unit_test(the_version_of_the_other_half_is_checked_and_skipped),
        cmocka_unit_test(help_tells_what_it_answers_options_codes_and_an_example),
        cmocka_unit_test(help_with_nothing_names_the_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
