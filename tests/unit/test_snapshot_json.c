/* test_snapshot_json: a visit survives its line, and a line that is wrong is refused by name. */
#include "core/clock.h"
#include "core/str.h"
#include "out/snapshot_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

static const int64_t NIGHT = INT64_C(1795384800123); /* 2026-11-22T22:00:00.123Z */

static void fill_services(struct snapshot *snapshot)
{
    struct service *service = snapshot_add_service(snapshot);
    *service = (struct service){.name = "BNPXE",
                                .display_name = "Citrix PVS PXE Service",
                                .canary = PRESENCE_PRESENT,
                                .visible = true,
                                .state = SERVICE_RUNNING,
                                .startup = STARTUP_AUTOMATIC_DELAYED,
                                .pid = 1712,
                                .pid_after = 1712,
                                .exit_code = 0,
                                .image = "C:\\Program Files\\Citrix\\BNPXE.exe",
                                .account = "NT AUTHORITY\\NetworkService"};
    service = snapshot_add_service(snapshot);
    service->name = "caf\xe9"; /* not UTF-8 */
}

static void fill_lists(struct snapshot *snapshot)
{
    struct endpoint *endpoint = snapshot_add_endpoint(snapshot);
    *endpoint = (struct endpoint){.proto = PROTO_UDP, .port = 69, .pid = 1800, .created_ms = NIGHT};
    assert_true(ip_parse((struct slice){"10.1.0.11", 9}, &endpoint->address));
    endpoint = snapshot_add_endpoint(snapshot);
    *endpoint = (struct endpoint){.proto = PROTO_TCP, .port = 54321, .pid = -1};
    assert_true(ip_parse((struct slice){"fe80::1", 7}, &endpoint->address));
    struct process *process = snapshot_add_process(snapshot);
    *process =
        (struct process){.pid = 1712, .parent = 600, .created_ms = NIGHT, .name = "BNPXE.exe"};
    struct host_address *address = snapshot_add_address(snapshot);
    address->prefix = 24;
    assert_true(ip_parse((struct slice){"10.1.0.11", 9}, &address->ip));
    *snapshot_add_file(snapshot) = (struct host_file){"C:\\StreamService.exe", "7.41.0.26", 0};
    *snapshot_add_file(snapshot) = (struct host_file){"C:\\ARDBP32.BIN", NULL, NIGHT};
    *snapshot_add_network(snapshot) = (struct network){"Ethernet0", CATEGORY_PUBLIC};
    struct registry_value *value = snapshot_add_registry(snapshot);
    *value = (struct registry_value){
        .key = "HKLM\\X", .name = "PXEType", .is_number = true, .number = UINT64_MAX};
    value = snapshot_add_registry(snapshot);
    *value = (struct registry_value){.key = "HKLM\\X", .name = "", .text = "present"};
    struct boot_witness *witness = snapshot_add_witness(snapshot);
    *witness = (struct boot_witness){.name = "lsass.exe", .pid = 612, .created_ms = NIGHT};
}

static void fill(struct snapshot *snapshot)
{
    snapshot_init(snapshot);
    snapshot->visit = (struct visit){.host = "pvs07",
                                     .source = "local",
                                     .kind = VISIT_FULL,
                                     .time_ms = NIGHT,
                                     .duration_ms = 1500,
                                     .os = "windows",
                                     .transport = "ssh",
                                     .address = "10.1.0.11",
                                     .mechanism = "publickey",
                                     .principal = "svc-audit",
                                     .account = "svc-audit",
                                     .read = true};
    snapshot_set_section(snapshot, SECTION_UDP, OUTCOME_COMPLETE, "netstat", 0, NULL);
    snapshot_set_section(snapshot, SECTION_SERVICES, OUTCOME_DENIED, "sc", 5, "Access is denied");
    snapshot->machine = (struct machine_identity){
        .id = "0c5e", .computer_name = "PVS07", .os_name = "Windows Server 2019"};
    snapshot->boot.boot_time_ms = NIGHT - 60000;
    snapshot->boot.host_clock_ms = NIGHT;
    snapshot->boot.uptime_ms = 60000;
    snapshot->auto_start_delay_ms = 120000;
    snapshot->dynamic_first = 49152;
    snapshot->dynamic_last = 65535;
    fill_services(snapshot);
    fill_lists(snapshot);
}

static const struct ip pxe_address = {4, {10, 1, 0, 11}};
static const struct declaration declarations[] = {
    {"BNPXE", DECLARED_EXPECTED, {0}},
    {"BNTFTP", DECLARED_NOT_EXPECTED, {0}},
    {"PVSTSB", DECLARED_SILENT, {0}},
};
static const struct host declared_host = {.name = "pvs07",
                                          .timezone = "Europe/Paris",
                                          .site = "lon",
                                          .farm = "emea",
                                          .state = HOST_MAINTENANCE,
                                          .pxe_addresses = &pxe_address,
                                          .pxe_address_count = 1,
                                          .declarations = declarations,
                                          .declaration_count = 3};

static void expect_same_visit(const struct snapshot *a, const struct snapshot *b)
{
    assert_string_equal(a->visit.host, b->visit.host);
    assert_int_equal(a->visit.time_ms, b->visit.time_ms);
    assert_int_equal(a->visit.duration_ms, b->visit.duration_ms);
    assert_string_equal(a->visit.mechanism, b->visit.mechanism);
    assert_int_equal(a->visit.read, b->visit.read);
    assert_null(b->visit.detail);
    assert_int_equal(b->sections[SECTION_UDP].outcome, OUTCOME_COMPLETE);
    assert_int_equal(b->sections[SECTION_SERVICES].outcome, OUTCOME_DENIED);
    assert_int_equal(b->sections[SECTION_SERVICES].code, 5);
    assert_string_equal(b->sections[SECTION_SERVICES].detail, "Access is denied");
    assert_int_equal(b->sections[SECTION_TCP].outcome, OUTCOME_NOT_ASKED);
    assert_string_equal(b->machine.computer_name, "PVS07");
    assert_null(b->machine.pvs_build);
    assert_int_equal(b->boot.uptime_ms, 60000);
    assert_int_equal(b->boot.boot_time_ms, a->boot.boot_time_ms);
    assert_int_equal(b->auto_start_delay_ms, 120000);
    assert_int_equal(b->dynamic_last, 65535);
}

static void expect_same_lists(const struct snapshot *b)
{
    assert_int_equal(b->service_count, 2);
    assert_string_equal(b->services[0].image, "C:\\Program Files\\Citrix\\BNPXE.exe");
    assert_int_equal(b->services[0].startup, STARTUP_AUTOMATIC_DELAYED);
    assert_int_equal(b->services[0].exit_code, 0);
    assert_string_equal(b->services[1].name, "caf\xe9"); /* byte for byte */
    assert_int_equal(b->services[1].pid, -1);
    assert_int_equal(b->services[1].exit_code, -1);
    assert_int_equal(b->endpoint_count, 2);
    assert_int_equal(b->endpoints[0].created_ms, NIGHT);
    assert_int_equal(b->endpoints[0].address.family, 4);
    assert_int_equal(b->endpoints[1].pid, -1);
    assert_int_equal(b->endpoints[1].address.family, 6);
    assert_int_equal(b->process_count, 1);
    assert_int_equal(b->processes[0].parent, 600);
    assert_int_equal(b->address_count, 1);
    assert_int_equal(b->addresses[0].prefix, 24);
    assert_int_equal(b->file_count, 2);
    assert_string_equal(b->files[0].version, "7.41.0.26");
    assert_int_equal(b->files[0].modified_ms, 0);
    assert_string_equal(b->files[1].path, "C:\\ARDBP32.BIN");
    assert_null(b->files[1].version);
    assert_int_equal(b->files[1].modified_ms, NIGHT);
    assert_int_equal(b->network_count, 1);
    assert_string_equal(b->networks[0].adapter, "Ethernet0");
    assert_int_equal(b->networks[0].category, CATEGORY_PUBLIC);
    assert_int_equal(b->registry_count, 2);
    assert_true(b->registry[0].is_number && b->registry[0].number == UINT64_MAX);
    assert_false(b->registry[1].is_number);
    assert_string_equal(b->registry[1].text, "present");
    assert_int_equal(b->boot.witness_count, 1);
    assert_string_equal(b->boot.witnesses[0].name, "lsass.exe");
}

static void a_visit_survives_its_line(void **state)
{
    struct snapshot a;
    struct snapshot b;
    struct host declared;
    bool has = false;
    struct err err = {0};
    struct buf line;
    (void)state;
    fill(&a);
    buf_init(&line, 1 << 20);
    assert_int_equal(snapshot_json_write(&a, &declared_host, &line), 0);
    assert_int_equal(line.data[line.len - 1], '\n');
    assert_null(memchr(line.data, '\n', line.len - 1));
    assert_int_equal(snapshot_json_parse(line.data, line.len, &b, &declared, &has, &err), 0);
    expect_same_visit(&a, &b);
    expect_same_lists(&b);
    assert_true(has);
    assert_string_equal(declared.site, "lon");
    assert_string_equal(declared.timezone, "Europe/Paris");
    assert_int_equal(declared.state, HOST_MAINTENANCE);
    assert_int_equal(declared.os, HOST_WINDOWS);
    assert_int_equal(declared.declaration_count, 2);
    assert_int_equal(host_declared(&declared, "BNPXE", NULL), DECLARED_EXPECTED);
    assert_int_equal(host_declared(&declared, "BNTFTP", NULL), DECLARED_NOT_EXPECTED);
    assert_int_equal(host_declared(&declared, "PVSTSB", NULL), DECLARED_SILENT);
    assert_int_equal(declared.pxe_address_count, 1);
    assert_true(ip_equal(&declared.pxe_addresses[0], &pxe_address));
    struct buf again;
    buf_init(&again, 1 << 20);
    assert_int_equal(snapshot_json_write(&b, &declared, &again), 0);
    assert_string_equal(line.data, again.data);
    buf_done(&again);
    buf_done(&line);
    snapshot_done(&a);
    snapshot_done(&b);
}

static void a_buffer_that_is_too_small_fails_whole(void **state)
{
    struct snapshot a;
    struct buf line;
    (void)state;
    fill(&a);
    buf_init(&line, 100);
    assert_int_equal(snapshot_json_write(&a, NULL, &line), -1);
    assert_int_equal(line.len, 0);
    assert_true(line.failed);
    buf_done(&line);
    snapshot_done(&a);
}

#define HEAD "{\"host\":\"a\",\"time\":\"2026-11-22T22:00:00Z\",\"kind\":\"full\",\"read\":true"

static void unknown_members_are_carried_along(void **state)
{
    static const char text[] = HEAD ",\"weather\":{\"rain\":[1,2]}}";
    struct snapshot a;
    struct host declared;
    bool has = true;
    struct err err = {0};
    struct buf line;
    (void)state;
    assert_int_equal(snapshot_json_parse(text, strlen(text), &a, &declared, &has, &err), 0);
    assert_false(has);
    assert_string_equal(a.extra, "{\"weather\":{\"rain\":[1,2]}}");
    buf_init(&line, 1 << 20);
    assert_int_equal(snapshot_json_write(&a, NULL, &line), 0);
    assert_non_null(strstr(line.data, "\"weather\":{\"rain\":[1,2]}"));
    buf_done(&line);
    snapshot_done(&a);
}

static void a_wrong_line_is_refused_by_name(void **state)
{
    static const struct {
        const char *text;
        const char *says;
    } cases[] = {
        {"", "not JSON"},
        {"[]", "must be an object"},
        {"{\"host\":\"a\"", "not JSON"},
        {"{} x", "not JSON"},
        {"{}", "host: is lacking"},
        {"{\"host\":\"a\"}", "time: is lacking"},
        {"{\"host\":\"a\",\"host\":\"b\"}", "not JSON: duplicate"},
        {"{\"host\":7}", "host: must be text"},
        {"{\"host\":\"a\\u0000b\"}", "not JSON"},
        {"{\"host\":\"a\",\"time\":\"2026-11-22T22:00:00\"}", "is not a time with its zone"},
        {"{\"host\":\"a\",\"time\":1795384800}", "is not a time with its zone"},
        {"{\"host\":\"a\",\"time\":\"2026-11-22T22:00:00Z\",\"kind\":\"deep\"}",
         "kind: deep is not a kind of visit"},
        {"{\"host\":\"\",\"time\":\"2026-11-22T22:00:00Z\",\"kind\":\"full\",\"read\":true}",
         "host: is empty"},
        {HEAD ",\"endpoints\":[{\"proto\":\"udp\",\"address\":\"0.0.0.0\",\"port\":67},"
              "{\"proto\":\"udp\",\"address\":\"0.0.0.0\",\"port\":70000}]}",
         "endpoints[1].port: 70000 is not a port"},
        {HEAD ",\"endpoints\":[{\"proto\":\"udp\",\"address\":\"0.0.0.0\",\"port\":-1}]}",
         "-1 is not a port"},
        {HEAD ",\"endpoints\":[{\"proto\":\"udp\",\"address\":\"0.0.0.0\",\"port\":67.5}]}",
         "endpoints[0].port: must be a port"},
        {HEAD ",\"endpoints\":[{\"proto\":\"sctp\",\"address\":\"0.0.0.0\",\"port\":67}]}",
         "endpoints[0].proto: sctp is not udp or tcp"},
        {HEAD ",\"endpoints\":[{\"proto\":\"udp\",\"address\":\"here\",\"port\":67}]}",
         "endpoints[0].address: here is not an IP address"},
        {HEAD ",\"endpoints\":[{\"proto\":\"udp\",\"address\":\"::\",\"port\":6,\"pid\":-2}]}",
         "endpoints[0].pid: -2 is not a number"},
        {HEAD ",\"endpoints\":[{\"proto\":\"udp\",\"address\":\"::\",\"port\":6,"
              "\"pid\":99999999999999999999}]}",
         "not JSON: too big integer"},
        {HEAD ",\"endpoints\":{}}", "endpoints: must be a list"},
        {HEAD ",\"endpoints\":[7]}", "endpoints[0]: must be an object"},
        {HEAD ",\"services\":[{\"name\":\"x\",\"state\":\"Gone\"}]}",
         "services[0].state: Gone is not a service's state"},
        {HEAD ",\"services\":[{\"name\":{\"hex\":\"6\"}}]}", "services[0].name: hex of 1 digits"},
        {HEAD ",\"services\":[{\"name\":{\"hex\":\"00\"}}]}", "00 is not a byte"},
        {HEAD ",\"boot\":{\"witnesses\":[{}]}}", "boot.witnesses[0].name: is lacking"},
        {HEAD ",\"boot\":7}", "boot: must be an object"},
        {HEAD ",\"sections\":{\"udp\":{\"outcome\":\"fine\"}}}",
         "sections.udp.outcome: fine is not an outcome"},
        {HEAD ",\"networks\":[{\"adapter\":\"a\",\"category\":\"home\"}]}",
         "networks[0].category: home is not a category of a network"},
        {HEAD ",\"files\":[{\"version\":\"1\"}]}", "files[0].path: is lacking"},
        {HEAD ",\"registry\":[{\"key\":\"k\",\"name\":\"n\",\"number\":-1}]}",
         "registry[0].number: must be a number"},
        {HEAD ",\"addresses\":[{\"ip\":\"10.0.0.1\",\"prefix\":129}]}",
         "addresses[0].prefix: 129 is not a prefix length"},
        {HEAD ",\"declared\":{\"state\":\"asleep\"}}", "declared.state: asleep"},
        {HEAD ",\"declared\":{\"state\":\"active\",\"expect\":{\"BNPXE\":1}}}",
         "declared.expect.BNPXE: must be true or false"},
        {HEAD ",\"declared\":{\"state\":\"active\",\"pxe_addresses\":[\"x\"]}}",
         "declared.pxe_addresses: row 0"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct snapshot snapshot;
        struct host declared;
        bool has = false;
        struct err err = {0};
        if (snapshot_json_parse(cases[i].text, strlen(cases[i].text), &snapshot, &declared, &has,
                                &err) == 0) {
            fail_msg("taken: %s", cases[i].text);
        }
        assert_int_equal(err.code, ERR_FORMAT);
        if (strstr(err.text, cases[i].says) == NULL) {
            fail_msg("%s, not: %s", err.text, cases[i].says);
        }
    }
}

static void every_prefix_of_a_line_is_refused(void **state)
{
    struct snapshot a;
    struct buf line;
    (void)state;
    fill(&a);
    buf_init(&line, 1 << 20);
    assert_int_equal(snapshot_json_write(&a, &declared_host, &line), 0);
    for (size_t len = 0; len + 1 < line.len; len++) {
        struct snapshot b;
        struct host declared;
        bool has = false;
        struct err err = {0};
        assert_int_equal(snapshot_json_parse(line.data, len, &b, &declared, &has, &err), -1);
    }
    buf_done(&line);
    snapshot_done(&a);
}

static void text_and_lists_are_bounded(void **state)
{
    size_t size = 70000;
    char *text = malloc(size + 200);
    struct snapshot snapshot;
    struct host declared;
    bool has = false;
    struct err err = {0};
    (void)state;
    assert_non_null(text);
    int head = snprintf(text, 200, "%s", "{\"host\":\"");
    memset(text + head, 'x', size);
    (void)snprintf(text + head + size, 100, "\"}");
    assert_int_equal(snapshot_json_parse(text, strlen(text), &snapshot, &declared, &has, &err), -1);
    assert_non_null(strstr(err.text, "host: text of 70000 bytes, at most 65536 are taken"));
    free(text);
    struct buf many;
    buf_init(&many, 1 << 20);
    (void)buf_puts(&many, HEAD ",\"addresses\":[{\"ip\":\"10.0.0.1\"}");
    for (int i = 0; i < 8192; i++) {
        (void)buf_puts(&many, ",{\"ip\":\"10.0.0.1\"}");
    }
    (void)buf_puts(&many, "]}");
    assert_int_equal(snapshot_json_parse(many.data, many.len, &snapshot, &declared, &has, &err),
                     -1);
    assert_non_null(strstr(err.text, "addresses: must be a list of at most 8192 rows"));
    buf_done(&many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_visit_survives_its_line),
        cmocka_unit_test(a_buffer_that_is_too_small_fails_whole),
        cmocka_unit_test(unknown_members_are_carried_along),
        cmocka_unit_test(a_wrong_line_is_refused_by_name),
        cmocka_unit_test(every_prefix_of_a_line_is_refused),
        cmocka_unit_test(text_and_lists_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
