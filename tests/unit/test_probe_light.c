/* test_probe_light: what each kind of host is asked in a light visit, and what its answer becomes.
 */
#include "unit/prefixes.h"
#include "unit/snapshot_text.h"

#include "collector/probes.h"

static const struct expectation pxe = {
    .os = "windows", .service = "BNPXE", .proto = PROTO_UDP, .port = 67};
static const struct expectation tftp = {
    .os = "windows", .service = "BNTFTP", .proto = PROTO_UDP, .port = 69};
static const struct expectation kea = {.os = "linux",
                                       .service = "kea-dhcp4-server",
                                       .process = "kea-dhcp4",
                                       .pid_file = "/run/kea/kea-dhcp4.pid",
                                       .proto = PROTO_UDP,
                                       .port = 67};
static const struct expectation dnsmasq = {
    .os = "linux", .service = "dnsmasq", .proto = PROTO_UDP, .port = 67};
static const struct expectation *const watched[] = {&pxe, &tftp, &kea, &dnsmasq};
enum { WATCHED = sizeof(watched) / sizeof(watched[0]) };

static const struct probe *probe_of(enum host_os os, enum host_transport transport)
{
    const struct probe *probe = probes_find(os, transport, VISIT_LIGHT);
    assert_non_null(probe);
    return probe;
}

static void render(const struct probe *probe, struct slice bytes, struct buf *to)
{
    struct snapshot snapshot;
    snapshot_init(&snapshot);
    assert_int_equal(probe->parse(bytes.data, bytes.len, watched, WATCHED, &snapshot, NULL), 0);
    snapshot_text(to, &snapshot);
    (void)buf_puts(to, probe_pids_changed(&snapshot) ? "pids changed\n" : "");
    snapshot_done(&snapshot);
}

static void render_wmi(const char *name, struct slice bytes, struct buf *to)
{
    (void)name;
    render(probe_of(HOST_WINDOWS, HOST_WINRM), bytes, to);
}

static void render_windows(const char *name, struct slice bytes, struct buf *to)
{
    (void)name;
    render(probe_of(HOST_WINDOWS, HOST_SSH), bytes, to);
}

static void render_linux(const char *name, struct slice bytes, struct buf *to)
{
    (void)name;
    render(probe_of(HOST_LINUX, HOST_SSH), bytes, to);
}

static void every_fixture_reads_as_written_beside_it(void **state)
{
    (void)state;
    fixture_folder("answers/wmi_light", render_wmi);
    fixture_folder("answers/windows_light", render_windows);
    fixture_folder("answers/linux_light", render_linux);
}

static void no_prefix_passes_for_a_whole_answer(void **state)
{
    (void)state;
    static const struct prefix_rule wmi[] = {
        {SECTION_UDP, {"udp"}}, {SECTION_SERVICES, {"services"}}, {SECTION_BOOT, {"os"}}};
    static const struct prefix_rule windows[] = {
        {SECTION_UDP, {"netstat", "netstat6"}},
        {SECTION_SERVICES, {"before:", "after:"}},
        {SECTION_BOOT, {"cim"}},
    };
    static const struct prefix_rule linux_host[] = {
        {SECTION_UDP, {"udp"}},
        {SECTION_SERVICES, {"units:before", "units:after"}},
        {SECTION_BOOT, {"clock", "bootid"}},
    };
    prefixes_hold(TESTS_DIR "/fixtures/answers/wmi_light/server-2019.txt",
                  probe_of(HOST_WINDOWS, HOST_WINRM), watched, WATCHED, wmi, 3);
    prefixes_hold(TESTS_DIR "/fixtures/answers/windows_light/english.txt",
                  probe_of(HOST_WINDOWS, HOST_SSH), watched, WATCHED, windows, 3);
    prefixes_hold(TESTS_DIR "/fixtures/answers/linux_light/systemd.txt",
                  probe_of(HOST_LINUX, HOST_SSH), watched, WATCHED, linux_host, 3);
}

/* How many questions it takes until a fixture's answer is there, which has them in order. */
static size_t questions_of(const char *name)
{
    const struct probe *probe = probe_of(HOST_WINDOWS, HOST_WINRM);
    char path[512];
    struct buf whole;
    size_t count = 0;
    size_t known = 0;
    (void)snprintf(path, sizeof(path), TESTS_DIR "/fixtures/answers/wmi_light/%s.txt", name);
    fixture_load(path, &whole);
    for (;;) {
        struct arena arena = {NULL};
        struct question question;
        char begin[128];
        int rc = probe->next(watched, WATCHED, (struct slice){whole.data, known}, &arena, &question,
                             NULL);
        assert_true(rc >= 0);
        if (rc == 0) {
            arena_done(&arena);
            break;
        }
        count++;
        const char *section = question.kind == QUESTION_COMMAND ? "shell" : question.section;
        (void)snprintf(begin, sizeof(begin), "@@begin %s\n", section);
        assert_memory_equal(whole.data + known, begin, strlen(begin));
        const char *end = strstr(whole.data + known, "@@end ");
        known = (size_t)(strchr(end, '\n') - whole.data) + 1;
        arena_done(&arena);
    }
    assert_string_equal(whole.data + known, "@@end all 0\n");
    buf_done(&whole);
    return count;
}

static void a_healthy_server_is_asked_three_times(void **state)
{
    (void)state;
    assert_int_equal(questions_of("server-2019"), 3);
}

/* Else a service that has just another process would be taken for one that lost its port. */
static void services_are_looked_at_again_where_a_port_is_not_held(void **state)
{
    (void)state;
    assert_int_equal(questions_of("lost"), 4);
}

static void only_watched_services_and_ports_are_asked_for(void **state)
{
    (void)state;
    const struct probe *probe = probe_of(HOST_WINDOWS, HOST_WINRM);
    static const char first_two[] = "@@begin os\n@@end os 0\n@@begin services\n@@end services 0\n";
    struct arena arena = {NULL};
    struct question question;
    assert_int_equal(probe->next(watched, WATCHED, (struct slice){first_two, strlen(first_two)},
                                 &arena, &question, NULL),
                     1);
    assert_string_equal(question.filter,
                        "select LocalAddress,LocalPort,OwningProcess,CreationTime from "
                        "MSFT_NetUDPEndpoint where LocalPort=67 or LocalPort=69 or LocalPort=123 "
                        "or LocalPort=137 or LocalPort=500 or LocalPort=5353 or LocalPort=6910");
    arena_done(&arena);
}

static void a_shorter_command_is_sent(void **state)
{
    (void)state;
    static const enum host_os systems[] = {HOST_WINDOWS, HOST_LINUX};
    for (size_t i = 0; i < 2; i++) {
        struct buf full;
        struct buf light;
        buf_init(&full, 65536);
        buf_init(&light, 65536);
        assert_int_equal(
            probes_find(systems[i], HOST_SSH, VISIT_FULL)->command(watched, WATCHED, &full, NULL),
            0);
        assert_int_equal(probe_of(systems[i], HOST_SSH)->command(watched, WATCHED, &light, NULL),
                         0);
        assert_true(light.len < full.len);
        assert_null(strstr(light.data, "reg query"));
        assert_null(strstr(light.data, "machine-id"));
        buf_done(&full);
        buf_done(&light);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fixture_reads_as_written_beside_it),
        cmocka_unit_test(no_prefix_passes_for_a_whole_answer),
        cmocka_unit_test(a_healthy_server_is_asked_three_times),
        cmocka_unit_test(services_are_looked_at_again_where_a_port_is_not_held),
        cmocka_unit_test(only_watched_services_and_ports_are_asked_for),
        cmocka_unit_test(a_shorter_command_is_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
