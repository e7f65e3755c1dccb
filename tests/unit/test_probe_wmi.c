/* test_probe_wmi: what a Windows server is asked over WinRM, and what each kind of answer becomes.
 */
#include "unit/prefixes.h"
#include "unit/snapshot_text.h"

#include "collector/probe/wmi/wmi.h"
#include "collector/probe/wmi/wmi_questions.h"
#include "collector/probe/wmi/wmi_rows.h"

#define WIZARD "HKLM\\SOFTWARE\\Citrix\\ProvisioningServices\\Wizard"

static const struct registry_condition elsewhere[] = {{"DHCPType", 0x40000000},
                                                      {"PXEType", 0x40000000}};
static const struct registry_rule rules_of_pxe[] = {{elsewhere, 2, false, 0}};
static const struct expectation pxe = {.os = "windows",
                                       .service = "BNPXE",
                                       .proto = PROTO_UDP,
                                       .port = 67,
                                       .registry_key = WIZARD,
                                       .rules = rules_of_pxe,
                                       .rule_count = 1};
static const struct expectation tftp = {
    .os = "windows", .service = "BNTFTP", .proto = PROTO_UDP, .port = 69};
static const struct expectation *const watched[] = {&pxe, &tftp};
enum { WATCHED = sizeof(watched) / sizeof(watched[0]) };

static void render(const char *name, struct slice bytes, struct buf *to)
{
    struct snapshot snapshot;
    (void)name;
    snapshot_init(&snapshot);
    assert_int_equal(
        probe_windows_wmi.parse(bytes.data, bytes.len, watched, WATCHED, &snapshot, NULL), 0);
    snapshot_text(to, &snapshot);
    (void)buf_puts(to, probe_pids_changed(&snapshot) ? "pids changed\n" : "");
    snapshot_done(&snapshot);
}

static void every_fixture_reads_as_written_beside_it(void **state)
{
    (void)state;
    fixture_folder("answers/wmi", render);
}

static const struct prefix_rule rules[] = {
    {SECTION_UDP, {"udp"}},
    {SECTION_TCP, {"tcp"}},
    {SECTION_SERVICES, {"services", "services-after", "reg-service:"}},
    {SECTION_BOOT, {"os"}},
    {SECTION_PROCESSES, {"processes"}},
    {SECTION_ADDRESSES, {"addresses"}},
    {SECTION_REGISTRY, {"reg-key:", "reg-value:"}},
    {SECTION_MACHINE, {"os", "reg-guid"}},
    {SECTION_FILES, {"files"}},
    {SECTION_NETWORKS, {"networks"}},
};

static void no_prefix_passes_for_a_whole_answer(void **state)
{
    (void)state;
    prefixes_hold(TESTS_DIR "/fixtures/answers/wmi/server-2019.txt", &probe_windows_wmi, watched,
                  WATCHED, rules, sizeof(rules) / sizeof(rules[0]));
}

/* Asks until nothing is left to ask, answering from the sections of a fixture; each question and
 * its section must be in it. */
static void ask_through(const char *name, const char *const *expected_sections, size_t count)
{
    char path[512];
    struct buf whole;
    struct buf so_far;
    struct err err = {0};
    (void)snprintf(path, sizeof(path), TESTS_DIR "/fixtures/answers/wmi/%s.txt", name);
    fixture_load(path, &whole);
    buf_init(&so_far, 1U << 20);
    (void)buf_puts(&so_far, "");
    for (size_t i = 0;; i++) {
        struct arena arena = {NULL};
        struct question question;
        char begin[128];
        char end[128];
        int rc = probe_windows_wmi.next(watched, WATCHED, (struct slice){so_far.data, so_far.len},
                                        &arena, &question, &err);
        assert_true(rc >= 0);
        if (rc == 0) {
            assert_int_equal(i, count);
            arena_done(&arena);
            break;
        }
        const char *section =
            question.kind == QUESTION_COMMAND ? expected_sections[i] : question.section;
        assert_true(i < count);
        assert_string_equal(section, expected_sections[i]);
        assert_int_equal(question.optional, i + 2 >= count);
        (void)snprintf(begin, sizeof(begin), "@@begin %s\n", section);
        (void)snprintf(end, sizeof(end), "@@end %s ", section);
        const char *from = strstr(whole.data, begin);
        assert_non_null(from);
        const char *to = strchr(strstr(from, end), '\n') + 1;
        (void)buf_append(&so_far, from, (size_t)(to - from));
        arena_done(&arena);
    }
    buf_done(&whole);
    buf_done(&so_far);
}

static void a_current_server_is_asked_each_thing_once(void **state)
{
    (void)state;
    static const char *const sections[] = {"os",
                                           "services",
                                           "udp",
                                           "tcp",
                                           "services-after",
                                           "processes",
                                           "addresses",
                                           "dynamic",
                                           "reg-guid",
                                           "reg-delay",
                                           "reg-key:0",
                                           "reg-value:0:0",
                                           "reg-value:0:1",
                                           "reg-service:DHCPServer",
                                           "files",
                                           "networks"};
    ask_through("server-2019", sections, sizeof(sections) / sizeof(sections[0]));
}

static void an_old_server_is_asked_in_the_old_way_and_netstat_for_the_owners(void **state)
{
    (void)state;
    static const char *const sections[] = {"os",
                                           "services",
                                           "services-old",
                                           "udp",
                                           "udp-old",
                                           "tcp",
                                           "services-after",
                                           "processes",
                                           "addresses",
                                           "dynamic",
                                           "reg-guid",
                                           "reg-delay",
                                           "reg-key:0",
                                           "reg-delayed:BNPXE",
                                           "reg-delayed:BNTFTP",
                                           "reg-service:DHCPServer",
                                           "netstat",
                                           "files",
                                           "networks"};
    ask_through("server-2012-r2", sections, sizeof(sections) / sizeof(sections[0]));
}

static void where_services_are_denied_their_keys_are_asked(void **state)
{
    (void)state;
    static const char *const sections[] = {"os",
                                           "services",
                                           "udp",
                                           "tcp",
                                           "services-after",
                                           "processes",
                                           "addresses",
                                           "dynamic",
                                           "reg-guid",
                                           "reg-delay",
                                           "reg-key:0",
                                           "reg-service:BNPXE",
                                           "reg-start:BNPXE",
                                           "reg-delayed:BNPXE",
                                           "reg-image:BNPXE",
                                           "reg-service:BNTFTP",
                                           "reg-start:BNTFTP",
                                           "reg-delayed:BNTFTP",
                                           "reg-image:BNTFTP",
                                           "reg-service:DHCPServer",
                                           "files",
                                           "networks"};
    ask_through("wmi-rights-only", sections, sizeof(sections) / sizeof(sections[0]));
}

static void where_wmi_is_closed_the_shell_is_asked_once(void **state)
{
    (void)state;
    static const char *const sections[] = {"os",
                                           "services",
                                           "udp",
                                           "tcp",
                                           "tcp-old",
                                           "services-after",
                                           "processes",
                                           "addresses",
                                           "dynamic",
                                           "reg-guid",
                                           "reg-delay",
                                           "reg-key:0",
                                           "reg-service:BNPXE",
                                           "reg-service:BNTFTP",
                                           "reg-service:DHCPServer",
                                           "shell",
                                           "files",
                                           "networks"};
    ask_through("everything-denied", sections, sizeof(sections) / sizeof(sections[0]));
}

static void a_question_names_its_services_and_nothing_else(void **state)
{
    (void)state;
    struct arena arena = {NULL};
    struct question question;
    static const char so_far[] = "@@begin os\n@@end os 0\n";
    assert_int_equal(probe_windows_wmi.next(watched, WATCHED,
                                            (struct slice){so_far, sizeof(so_far) - 1}, &arena,
                                            &question, NULL),
                     1);
    assert_string_equal(question.resource, "root/cimv2/*");
    assert_string_equal(
        question.filter,
        "select Name,DisplayName,State,StartMode,ProcessId,ExitCode,PathName,StartName,"
        "DelayedAutoStart from Win32_Service where Name='BNPXE' or Name='BNTFTP' or "
        "Name='DHCPServer'");
    arena_done(&arena);
}

/* The stream service's row or key tells where its executable lies; a path that does not end in its
 * name, or that would end the query's string, is not believed. */
static void the_files_are_asked_for_by_their_whole_names(void **state)
{
    (void)state;
    static const char usual[] = "C:\\\\Program Files\\\\Citrix\\\\Provisioning "
                                "Services\\\\StreamService.exe";
    static const struct {
        const char *image, *name;
    } rows[] = {
        {"\"D:\\\\PVS\\\\StreamService.exe\" -x", "D:\\\\PVS\\\\StreamService.exe"},
        {"D:\\\\P V S\\\\streamservice.EXE", "D:\\\\P V S\\\\streamservice.EXE"},
        {"D:\\\\PVS\\\\other.exe", usual},
        {"StreamService.exe", usual},
        {"\"D:\\\\x' or Name like '%\\\\StreamService.exe\"", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena arena = {NULL};
        struct sections sections;
        char *answer = arena_printf(&arena,
                                    "@@begin services\nitem\n.Name StreamService\n.PathName %s\n"
                                    "@@end services 0\n@@end all 0\n",
                                    rows[i].image);
        sections_parse((struct slice){answer, strlen(answer)}, &sections);
        const char *tail =
            rows[i].name == NULL ? "" : arena_printf(&arena, "Name='%s' or ", rows[i].name);
        const char *wanted =
            arena_printf(&arena,
                         "select Name,Version,LastModified from CIM_DataFile where %s"
                         "Name='C:\\\\ProgramData\\\\Citrix\\\\Provisioning "
                         "Services\\\\Tftpboot\\\\ARDBP32.BIN' or "
                         "Name='C:\\\\ProgramData\\\\Citrix\\\\Provisioning "
                         "Services\\\\Tftpboot\\\\tsbbdm.bin' or "
                         "Name='C:\\\\ProgramData\\\\Citrix\\\\Provisioning "
                         "Services\\\\Tftpboot\\\\pvsnbpx64.efi'",
                         tail);
        assert_string_equal(wmi_files_query(&sections, &arena), wanted);
        arena_done(&arena);
    }
}

static void a_value_keeps_its_bytes(void **state)
{
    (void)state;
    struct arena arena = {NULL};
    static const char text[] = "a\\\\b\\x0a\\x1bc\\q\\";
    char *value = wmi_text(&arena, (struct slice){text, sizeof(text) - 1});
    assert_string_equal(value, "a\\b\n\033c\\q\\");
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fixture_reads_as_written_beside_it),
        cmocka_unit_test(no_prefix_passes_for_a_whole_answer),
        cmocka_unit_test(a_current_server_is_asked_each_thing_once),
        cmocka_unit_test(an_old_server_is_asked_in_the_old_way_and_netstat_for_the_owners),
        cmocka_unit_test(where_services_are_denied_their_keys_are_asked),
        cmocka_unit_test(where_wmi_is_closed_the_shell_is_asked_once),
        cmocka_unit_test(a_question_names_its_services_and_nothing_else),
        cmocka_unit_test(the_files_are_asked_for_by_their_whole_names),
        cmocka_unit_test(a_value_keeps_its_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
