/* test_probe_linux: what a Linux host is asked, and what each kind of answer becomes. */
#include "unit/prefixes.h"
#include "unit/snapshot_text.h"

#include "collector/probe/linux/linux_shell.h"
#include "collector/probe/linux/proc_stat.h"
#include "collector/probe/sections.h"

#include <time.h>

static const struct expectation kea = {.os = "linux",
                                       .service = "kea-dhcp4-server",
                                       .process = "kea-dhcp4",
                                       .pid_file = "/run/kea/kea-dhcp4.kea-dhcp4.pid"};
static const struct expectation dnsmasq = {.os = "linux",
                                           .service = "dnsmasq",
                                           .process = "dnsmasq",
                                           .pid_file = "/run/dnsmasq/dnsmasq.pid"};
static const struct expectation pxe = {.os = "windows", .service = "BNPXE"};
static const struct expectation *const watched[] = {&kea, &pxe, &dnsmasq};
enum { WATCHED = sizeof(watched) / sizeof(watched[0]) };

static void render(const char *name, struct slice bytes, struct buf *to)
{
    struct snapshot snapshot;
    (void)name;
    snapshot_init(&snapshot);
    assert_int_equal(probe_linux.parse(bytes.data, bytes.len, watched, WATCHED, &snapshot, NULL),
                     0);
    snapshot_text(to, &snapshot);
    (void)buf_puts(to, probe_pids_changed(&snapshot) ? "pids changed\n" : "");
    snapshot_done(&snapshot);
}

static void every_fixture_reads_as_written_beside_it(void **state)
{
    (void)state;
    fixture_folder("answers/linux", render);
}

static void no_prefix_passes_for_a_whole_answer(void **state)
{
    (void)state;
    static const struct prefix_rule by_systemd[] = {
        {SECTION_UDP, {"udp"}},
        {SECTION_TCP, {"tcp"}},
        {SECTION_SERVICES, {"units:before", "units:after"}},
        {SECTION_BOOT, {"clock", "bootid"}},
        {SECTION_PROCESSES, {"processes"}},
        {SECTION_ADDRESSES, {"addresses"}},
        {SECTION_MACHINE, {"os", "hostname", "machineid"}},
    };
    static const struct prefix_rule by_pid_file[] = {
        {SECTION_SERVICES, {"pidfile:", "processes"}},
    };
    prefixes_hold(TESTS_DIR "/fixtures/answers/linux/systemd.txt", &probe_linux, watched, WATCHED,
                  by_systemd, sizeof(by_systemd) / sizeof(by_systemd[0]));
    prefixes_hold(TESTS_DIR "/fixtures/answers/linux/pid-files.txt", &probe_linux, watched, WATCHED,
                  by_pid_file, 1);
}

/* Runs the question on this machine: whatever it is, sh must take it and answer to the end. */
static void this_machines_shell_answers_to_the_end(void **state)
{
    (void)state;
    struct buf line;
    struct buf answer;
    char bytes[4096];
    size_t n = 0;
    buf_init(&line, 1U << 16);
    buf_init(&answer, 16U << 20);
    assert_int_equal(probe_linux.command(watched, WATCHED, &line, NULL), 0);
    FILE *pipe = popen(line.data, "r");
    assert_non_null(pipe);
    while ((n = fread(bytes, 1, sizeof(bytes), pipe)) > 0) {
        assert_int_equal(buf_append(&answer, bytes, n), 0);
    }
    assert_int_equal(pclose(pipe), 0);
    assert_true(probe_complete(answer.data, answer.len));
    struct snapshot snapshot;
    snapshot_init(&snapshot);
    assert_int_equal(probe_linux.parse(answer.data, answer.len, watched, WATCHED, &snapshot, NULL),
                     0);
    assert_int_equal(snapshot.sections[SECTION_BOOT].outcome, OUTCOME_COMPLETE);
    assert_int_equal(snapshot.sections[SECTION_PROCESSES].outcome, OUTCOME_COMPLETE);
    assert_int_equal(snapshot.sections[SECTION_SERVICES].outcome, OUTCOME_COMPLETE);
    assert_true(llabs((long long)time(NULL) * 1000 - snapshot.boot.host_clock_ms) < 60000);
    snapshot_done(&snapshot);
    buf_done(&answer);
    buf_done(&line);
}

static void names_with_brackets_and_line_breaks_are_read(void **state)
{
    (void)state;
    static const char bracket[] = "900 (a) (b) R 1 1 1 0 -1 1 1 0 0 0 1 2 0 0 20 0 1 0 2000 1 2";
    static const char broken[] = "901 (new";
    static const char short_of_fields[] = "902 (c) S 1 1 1 0";
    struct proc_stat stat;
    assert_true(proc_stat_parse((struct slice){bracket, sizeof(bracket) - 1}, &stat));
    assert_true(slice_eq(stat.name, "a) (b"));
    assert_int_equal(stat.parent, 1);
    assert_int_equal(stat.start_tick, 2000);
    assert_true(proc_stat_parse((struct slice){broken, sizeof(broken) - 1}, &stat));
    assert_int_equal(stat.pid, 901);
    assert_int_equal(stat.parent, -1);
    assert_false(
        proc_stat_parse((struct slice){short_of_fields, sizeof(short_of_fields) - 1}, &stat));
}

static void a_marker_of_another_hand_spoils_the_section_it_ends(void **state)
{
    (void)state;
    static const char *const spoiled[] = {
        "@@begin a\n1\n@@end a 0\nrest\n@@end a 0\n@@end all 0\n", /* text behind the end */
        "@@begin a\n@@begin b\n@@end a 0\n@@end all 0\n", /* a begin inside */
        "@@begin a\n@@end b 0\n@@end a 0\n@@end all 0\n", /* another's end inside */
        "@@begin a\n@@end a 0\n@@begin a\n@@end a 0\n@@end all 0\n", /* twice */
        "@@begin a\n@@end a\n@@end all 0\n", /* no code */
        "@@begin a\n@@end a 0", /* no line end */
    };
    for (size_t i = 0; i < sizeof(spoiled) / sizeof(spoiled[0]); i++) {
        struct sections sections;
        sections_parse((struct slice){spoiled[i], strlen(spoiled[i])}, &sections);
        const struct answer_section *section = sections_find(&sections, "a");
        assert_non_null(section);
        assert_false(section->ended);
    }
}

static void a_million_markers_are_bounded(void **state)
{
    (void)state;
    struct buf text;
    struct sections sections;
    buf_init(&text, 64U << 20);
    for (int i = 0; i < 1000000; i++) {
        assert_int_equal(buf_printf(&text, "@@begin s%d\n@@end s%d 0\n", i, i), 0);
    }
    assert_int_equal(buf_puts(&text, "@@end all 0\n"), 0);
    sections_parse((struct slice){text.data, text.len}, &sections);
    assert_int_equal(sections.count, SECTIONS_MAX);
    assert_false(sections.whole);
    buf_done(&text);
}

static void a_path_that_a_shell_would_read_is_refused(void **state)
{
    (void)state;
    static const char *const paths[] = {"run/x.pid", "/run/a b", "/run/$(id)", "/run/x;id", ""};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        const struct expectation bad = {.os = "linux", .service = "a", .pid_file = paths[i]};
        const struct expectation *const list[] = {&bad};
        struct buf line;
        struct err err = {0};
        buf_init(&line, 1U << 16);
        assert_int_equal(probe_linux.command(list, 1, &line, &err), -1);
        assert_int_equal(err.code, ERR_CONFIG);
        buf_done(&line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fixture_reads_as_written_beside_it),
        cmocka_unit_test(no_prefix_passes_for_a_whole_answer),
        cmocka_unit_test(this_machines_shell_answers_to_the_end),
        cmocka_unit_test(names_with_brackets_and_line_breaks_are_read),
        cmocka_unit_test(a_marker_of_another_hand_spoils_the_section_it_ends),
        cmocka_unit_test(a_million_markers_are_bounded),
        cmocka_unit_test(a_path_that_a_shell_would_read_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
