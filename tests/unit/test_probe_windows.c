/* test_probe_windows: what a Windows host is asked, and what each kind of answer becomes. */
#include "unit/prefixes.h"
#include "unit/snapshot_text.h"

#include "collector/probe/linux/linux_shell.h"
#include "collector/probe/windows/windows_shell.h"
#include "collector/probe/wmi/wmi_questions.h"
#include "collector/probes.h"
static const struct expectation pxe = {.os = "windows",
                                       .service = "BNPXE",
                                       .registry_key =
                                           "HKLM\\SOFTWARE\\Citrix\\ProvisioningServices\\Wizard"};
static const struct expectation pxe_again = {.os = "windows", .service = "bnpxe"};
static const struct expectation tftp = {.os = "windows", .service = "BNTFTP"};
static const struct expectation kea = {.os = "linux", .service = "kea-dhcp4-server"};
static const struct expectation *const watched[] = {&pxe, &pxe_again, &kea, &tftp};
enum { WATCHED = sizeof(watched) / sizeof(watched[0]) };

static void render(const char *name, struct slice bytes, struct buf *to)
{
    struct snapshot snapshot;
    (void)name;
    snapshot_init(&snapshot);
    assert_int_equal(
        probe_windows_shell.parse(bytes.data, bytes.len, watched, WATCHED, &snapshot, NULL), 0);
    snapshot_text(to, &snapshot);
    (void)buf_puts(to, probe_pids_changed(&snapshot) ? "pids changed\n" : "");
    snapshot_done(&snapshot);
}

static void every_fixture_reads_as_written_beside_it(void **state)
{
    (void)state;
    fixture_folder("answers/windows", render);
}

static const struct prefix_rule rules[] = {
    {SECTION_UDP, {"netstat"}},
    {SECTION_TCP, {"netstat"}},
    {SECTION_SERVICES, {"before:", "after:", "config:", "canary:", "interfaces"}},
    {SECTION_BOOT, {"cim"}},
    {SECTION_PROCESSES, {"cim"}},
    {SECTION_ADDRESSES, {"interfaces"}},
    {SECTION_REGISTRY, {"wizard"}},
    {SECTION_MACHINE, {"ver", "hostname", "guid"}},
};

static void no_prefix_passes_for_a_whole_answer(void **state)
{
    (void)state;
    static const char *const names[] = {"english", "german-cp850", "japanese-cp932"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[512];
        (void)snprintf(path, sizeof(path), TESTS_DIR "/fixtures/answers/windows/%s.txt", names[i]);
        prefixes_hold(path, &probe_windows_shell, watched, WATCHED, rules,
                      sizeof(rules) / sizeof(rules[0]));
    }
}

static void the_line_survives_two_shells_and_fits(void **state)
{
    (void)state;
    static const char *const names[] = {"BNPXE",         "BNTFTP",     "PVSTSB",
                                        "StreamService", "soapserver", "WDSServer"};
    struct expectation many[6] = {{0}};
    const struct expectation *list[6];
    struct buf line;
    struct err err;
    buf_init(&line, 1U << 16);
    for (size_t i = 0; i < 6; i++) {
        many[i] = (struct expectation){.os = "windows", .service = names[i]};
        list[i] = &many[i];
    }
    assert_int_equal(probe_windows_shell.command(list, 6, &line, &err), 0);
    assert_true(line.len < 8191);
    static const char head[] = "cmd.exe /d /v:on /s /c \"";
    assert_true(str_starts(line.data, head));
    const char *inside = line.data + strlen(head);
    assert_ptr_equal(strchr(inside, '"'), line.data + line.len - 1);
    assert_null(strchr(line.data, '$'));
    assert_null(strchr(line.data, '`'));
    assert_null(strchr(line.data, '\n'));
    assert_non_null(strstr(line.data, "&echo @@end all 0\""));
    buf_done(&line);
}

static void what_is_optional_is_left_out_where_the_line_is_full(void **state)
{
    (void)state;
    static const size_t counts[] = {5, 10};
    char names[10][16];
    struct expectation many[10] = {{0}};
    const struct expectation *list[10];
    for (size_t i = 0; i < 10; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "Service%zu", i);
        many[i] = (struct expectation){.os = "windows", .service = names[i]};
        list[i] = &many[i];
    }
    for (size_t i = 0; i < 2; i++) {
        struct buf line;
        buf_init(&line, 1U << 16);
        assert_int_equal(probe_windows_shell.command(list, counts[i], &line, NULL), 0);
        const char *optional = strstr(line.data, "&echo @@begin files&");
        assert_int_equal(optional != NULL, counts[i] == 5);
        assert_true(optional == NULL || optional > strstr(line.data, "@@begin bootevent"));
        assert_true(line.len < 8191 && strstr(line.data, "&echo @@end all 0\"") != NULL);
        buf_done(&line);
    }
}

static void each_service_is_asked_once_and_the_dhcp_server_too(void **state)
{
    (void)state;
    struct buf line;
    buf_init(&line, 1U << 16);
    assert_int_equal(probe_windows_shell.command(watched, WATCHED, &line, NULL), 0);
    const char *before = strstr(line.data, "echo @@begin before:BNPXE&sc.exe queryex BNPXE 2>&1&"
                                           "echo @@end before:BNPXE !ERRORLEVEL!&");
    const char *netstat = strstr(line.data, "netstat.exe -ano");
    const char *after = strstr(line.data, "@@begin after:BNPXE&");
    assert_non_null(before);
    assert_true(before < netstat && netstat < after);
    assert_null(strstr(line.data, "before:bnpxe"));
    assert_null(strstr(line.data, "kea"));
    assert_non_null(strstr(line.data, "sc.exe queryex DHCPServer"));
    buf_done(&line);
}

static void a_name_that_is_not_plain_is_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"",         "a b",   "a&calc", "a\"b", "a$b",
                                        "a%PATH%",  "a|b",   "-x",     "a\nb", "a!b",
                                        "\xc3\xa4", "a>b.c", "a^b",    "a`b",  "a;b"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const struct expectation bad = {.os = "windows", .service = names[i]};
        const struct expectation *const list[] = {&bad};
        struct buf line;
        struct err err = {0};
        buf_init(&line, 1U << 16);
        assert_int_equal(probe_windows_shell.command(list, 1, &line, &err), -1);
        assert_int_equal(err.code, ERR_CONFIG);
        buf_done(&line);
    }
}

static void too_many_services_are_refused_before_cmd_cuts_the_line(void **state)
{
    (void)state;
    char names[30][16];
    struct expectation many[30] = {{0}};
    const struct expectation *list[30];
    struct buf line;
    struct err err = {0};
    buf_init(&line, 1U << 16);
    for (size_t i = 0; i < 30; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "Service%zu", i);
        many[i] = (struct expectation){.os = "windows", .service = names[i]};
        list[i] = &many[i];
    }
    assert_int_equal(probe_windows_shell.command(list, 30, &line, &err), -1);
    assert_int_equal(err.code, ERR_LIMIT);
    buf_done(&line);
}

static void a_probe_is_found_by_system_and_transport(void **state)
{
    (void)state;
    assert_ptr_equal(probes_find(HOST_WINDOWS, HOST_SSH, VISIT_FULL), &probe_windows_shell);
    assert_ptr_equal(probes_find(HOST_LINUX, HOST_SSH, VISIT_FULL), &probe_linux);
    assert_ptr_equal(probes_find(HOST_WINDOWS, HOST_WINRM, VISIT_FULL), &probe_windows_wmi);
    assert_null(probes_find(HOST_LINUX, HOST_WINRM, VISIT_FULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fixture_reads_as_written_beside_it),
        cmocka_unit_test(no_prefix_passes_for_a_whole_answer),
        cmocka_unit_test(the_line_survives_two_shells_and_fits),
        cmocka_unit_test(what_is_optional_is_left_out_where_the_line_is_full),
        cmocka_unit_test(each_service_is_asked_once_and_the_dhcp_server_too),
        cmocka_unit_test(a_name_that_is_not_plain_is_refused),
        cmocka_unit_test(too_many_services_are_refused_before_cmd_cuts_the_line),
        cmocka_unit_test(a_probe_is_found_by_system_and_transport),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
