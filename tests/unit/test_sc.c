/* test_sc: sc queryex and sc qc in several languages, and what they say when they refuse. */
#include "unit/fixture.h"

#include "collector/probe/windows/sc.h"

static void render_query(struct slice bytes, struct buf *to)
{
    struct sc_query query = {0};
    enum sc_answer answer = sc_parse_query(bytes, &query);
    if (answer == SC_FOUND) {
        (void)buf_puts(to, "found ");
        fixture_put(to, query.name);
        (void)buf_printf(to, " %s exit=%lld pid=%lld\n", service_state_name(query.state),
                         (long long)query.exit_code, (long long)query.pid);
    } else if (answer == SC_REFUSED) {
        (void)buf_printf(to, "refused %lld\n", (long long)query.error);
    } else {
        (void)buf_puts(to, "bad\n");
    }
}

static void render_config(struct slice bytes, struct buf *to)
{
    struct sc_config config = {0};
    enum sc_answer answer = sc_parse_config(bytes, &config);
    if (answer == SC_FOUND) {
        (void)buf_puts(to, "found ");
        fixture_put(to, config.name);
        (void)buf_printf(to, " %s account=", startup_type_name(config.startup));
        fixture_put(to, config.account);
        (void)buf_puts(to, " display=");
        fixture_put(to, config.display_name);
        (void)buf_puts(to, " path=");
        fixture_put(to, config.path);
        (void)buf_puts(to, "\n");
    } else if (answer == SC_REFUSED) {
        (void)buf_printf(to, "refused %lld\n", (long long)config.error);
    } else {
        (void)buf_puts(to, "bad\n");
    }
}

/* query-*.txt and config-*.txt */
static void render(const char *name, struct slice bytes, struct buf *to)
{
    if (str_starts(name, "query-")) {
        render_query(bytes, to);
    } else {
        render_config(bytes, to);
    }
}

static void every_fixture_reads_as_written_beside_it(void **state)
{
    (void)state;
    fixture_folder("sc", render);
}

static void no_prefix_up_to_the_pid_is_a_found_service(void **state)
{
    (void)state;
    struct buf text;
    fixture_load(TESTS_DIR "/fixtures/sc/query-english-running.txt", &text);
    const char *pid = strstr(text.data, "2204");
    assert_non_null(pid);
    size_t last = (size_t)(pid - text.data) + 5;
    for (size_t len = 0; len <= last; len++) {
        struct sc_query query;
        assert_int_equal(sc_parse_query((struct slice){text.data, len}, &query), SC_BAD);
    }
    buf_done(&text);
}

static void startup_types_are_the_service_managers_numbers(void **state)
{
    (void)state;
    assert_int_equal(sc_startup(2, false), STARTUP_AUTOMATIC);
    assert_int_equal(sc_startup(2, true), STARTUP_AUTOMATIC_DELAYED);
    assert_int_equal(sc_startup(3, true), STARTUP_MANUAL);
    assert_int_equal(sc_startup(4, false), STARTUP_DISABLED);
    assert_int_equal(sc_startup(0, false), STARTUP_UNKNOWN);
    assert_int_equal(sc_startup(UINT64_MAX, false), STARTUP_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fixture_reads_as_written_beside_it),
        cmocka_unit_test(no_prefix_up_to_the_pid_is_a_found_service),
        cmocka_unit_test(startup_types_are_the_service_managers_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
