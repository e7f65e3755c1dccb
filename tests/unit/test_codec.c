/* test_codec: what a reading becomes in the history, and that it comes back as it was. */
#include "history_equal.h"

#include "db/reading/codec.h"
#include "db/reading/prune.h"
#include "db/reading/tuple.h"
#include "db/reading/varint.h"
#include "model/ephemeral.h"

/* The way of a reading through the texts and the blob, with the columns that the caller keeps. */
static int pass(const struct snapshot *snapshot, struct slots *slots, struct coded *coded,
                struct snapshot *ret)
{
    struct err err = {.code = ERR_NONE};
    struct coded_view view = {.blob = NULL};
    if (codec_encode(snapshot, scene_expectations(), slots, coded, &err) != 0) {
        fail_msg("%s", err.text);
    }
    for (int i = 0; i < TEXT_COUNT; i++) {
        view.texts[i] = coded->texts[i].len > 0 ? coded->texts[i].data : NULL;
    }
    view.blob = coded->blob.data;
    view.blob_len = coded->blob.len;
    snapshot_init(ret);
    ret->visit = snapshot->visit;
    ret->visit.os = ret->visit.transport = ret->visit.address = NULL;
    ret->visit.mechanism = ret->visit.principal = ret->visit.account = NULL;
    ret->boot.boot_time_ms = snapshot->boot.boot_time_ms;
    ret->boot.host_clock_ms = snapshot->boot.host_clock_ms;
    ret->boot.uptime_ms = snapshot->boot.uptime_ms;
    return codec_decode(&view, slots, ret, &err);
}

static void judge(const struct snapshot *snapshot, const struct expectation *expectation,
                  struct verdict *ret)
{
    struct verdict_question question = {
        .expectation = expectation, .snapshot = snapshot, .declared = DECLARED_EXPECTED};
    verdict_judge(&question, ret);
}

static void equal_verdicts(const struct snapshot *a, const struct snapshot *b)
{
    const struct expectation_set *set = scene_expectations();
    for (size_t i = 0; i < set->count; i++) {
        struct verdict x;
        struct verdict y;
        judge(a, &set->items[i], &x);
        judge(b, &set->items[i], &y);
        equal_number("verdict", x.code, y.code);
        equal_number("reason", x.reason, y.reason);
        equal_text("detail", x.detail, y.detail);
        equal_number("pid", x.pid, y.pid);
        equal_number("process created", x.process_created_ms, y.process_created_ms);
        equal_number("holder", x.holder.port, y.holder.port);
        equal_number("holder pid", x.holder.pid, y.holder.pid);
        equal_number("service state", x.service_state, y.service_state);
        equal_number("startup", x.startup, y.startup);
    }
}

/* Prunes, passes and compares; the judgement of the whole reading must be the same, too. */
static void survives(struct snapshot *snapshot)
{
    struct arena arena = {.blocks = NULL};
    struct slots slots = {.arena = &arena};
    struct coded coded;
    struct snapshot decoded;
    coded_init(&coded);
    prune_snapshot(snapshot, scene_expectations());
    assert_int_equal(pass(snapshot, &slots, &coded, &decoded), 0);
    equal_snapshots(snapshot, &decoded);
    equal_verdicts(snapshot, &decoded);
    prune_snapshot(&decoded, scene_expectations());
    equal_snapshots(snapshot, &decoded);
    snapshot_done(&decoded);
    coded_done(&coded);
    arena_done(&arena);
}

struct variant {
    const char *name;
    struct scene scene;
    void (*change)(struct snapshot *snapshot);
};

static void no_pids(struct snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->endpoint_count; i++) {
        snapshot->endpoints[i].pid = i % 2 == 0 ? 0 : -1;
        snapshot->endpoints[i].created_ms = 0;
    }
}

static void no_processes(struct snapshot *snapshot)
{
    snapshot->process_count = 0;
    snapshot_set_section(snapshot, SECTION_PROCESSES, OUTCOME_DENIED, "cim", 5, "access denied");
}

static void no_range(struct snapshot *snapshot)
{
    snapshot->dynamic_first = snapshot->dynamic_last = 0;
}

static void odd_numbers(struct snapshot *snapshot)
{
    scene_endpoint(snapshot, PROTO_UDP, "10.9.9.9", 67, INT64_MAX, INT64_MAX);
    scene_endpoint(snapshot, PROTO_UDP, "::ffff:10.0.0.5", 67, -7, -5);
    scene_endpoint(snapshot, PROTO_UDP, "*", 0, 5, 1);
    scene_endpoint(snapshot, PROTO_TCP, "*", 65535, 4294967295, 0);
    scene_endpoint(snapshot, PROTO_UDP, "127.0.0.7", 50000, 77777, 1);
    scene_process(snapshot, INT64_MAX, INT64_MAX, INT64_MAX, NULL);
    scene_process(snapshot, 77777, -9, -1, NULL);
    scene_process(snapshot, 0, 0, 0, "Idle");
    scene_process(snapshot, -4, 0, 0, "nobody");
    snapshot->auto_start_delay_ms = INT64_MIN;
    snapshot->visit.code = INT64_MIN;
}

static void repeated_rows(struct snapshot *snapshot)
{
    size_t count = snapshot->endpoint_count;
    for (size_t i = 0; i < count; i++) {
        struct endpoint copy = snapshot->endpoints[i];
        *snapshot_add_endpoint(snapshot) = copy;
    }
    scene_process(snapshot, 4, 8, 9, "System again");
    struct service *twin = scene_service(snapshot, "bnpxe", 12345);
    twin->state = SERVICE_STOPPED;
}

/* Two processes of one name on one port, a process ring, a parent that is younger. */
static void odd_owners(struct snapshot *snapshot)
{
    scene_process(snapshot, 70001, 70002, 500, "twin.exe");
    scene_process(snapshot, 70002, 70001, 500, "twin.exe");
    scene_process(snapshot, 70003, 70003, 0, "twin.exe");
    scene_endpoint(snapshot, PROTO_UDP, "0.0.0.0", 5353, 70001, 7);
    scene_endpoint(snapshot, PROTO_UDP, "0.0.0.0", 5353, 70002, 8);
    scene_endpoint(snapshot, PROTO_UDP, "0.0.0.0", 5353, 70003, 9);
    scene_endpoint(snapshot, PROTO_UDP, "0.0.0.0", 5353, 70004, 9); /* ended */
    scene_endpoint(snapshot, PROTO_UDP, "0.0.0.0", 60000, 70005, 9);
}

static void odd_texts(struct snapshot *snapshot)
{
    snapshot->machine.computer_name = "\x1b[31m\x01\x7f\"\\\t\n\xff\xfe gr\xc3\xbc\xc3\x9f";
    snapshot->machine.os_name = "";
    snapshot->machine.os_build = NULL;
    snapshot->visit.principal = "null";
    snapshot->services[0].display_name = "a,b],[\"c\"";
    snapshot->services[0].image = "\xed\xb3\xbf"; /* a lone surrogate in UTF-8's clothes */
    scene_process(snapshot, 80000, 4, 5, "\xc3");
    scene_endpoint(snapshot, PROTO_TCP, "0.0.0.0", 8080, 80000, 0);
    scene_process(snapshot, 80004, 4, 5, "\x80vol\n");
    scene_endpoint(snapshot, PROTO_TCP, "0.0.0.0", 55555, 80004, 0);
    *snapshot_add_file(snapshot) = (struct host_file){.path = "C:\\x\"\x80.exe", .version = "7.4"};
    *snapshot_add_file(snapshot) = (struct host_file){.path = "c:\\a.bin", .modified_ms = 77};
    *snapshot_add_network(snapshot) = (struct network){"Ethernet \x01", CATEGORY_DOMAIN};
    *snapshot_add_network(snapshot) = (struct network){"", CATEGORY_UNKNOWN};
    struct registry_value *value = snapshot_add_registry(snapshot);
    value->key = "K";
    value->name = NULL;
    value->text = NULL;
    value->is_number = true;
    value->number = UINT64_MAX;
    value = snapshot_add_registry(snapshot);
    value->key = "K";
    value->name = "text";
    value->text = "";
    value->number = 9;
}

static void tier_a(struct snapshot *snapshot)
{
    snapshot->services[0].visible = false;
    snapshot->services[0].state = SERVICE_STATE_UNKNOWN;
    snapshot->services[0].pid = snapshot->services[0].pid_after = -1;
    snapshot_set_section(snapshot, SECTION_SERVICES, OUTCOME_DENIED, "sc", 5, NULL);
}

static void everything_denied(struct snapshot *snapshot)
{
    for (int i = 0; i < SECTION_COUNT; i++) {
        snapshot_set_section(snapshot, (enum section_id)i, OUTCOME_DENIED, NULL, 5, "no");
    }
    snapshot->service_count = snapshot->endpoint_count = snapshot->process_count = 0;
    snapshot->address_count = snapshot->registry_count = 0;
    snapshot->file_count = snapshot->network_count = 0;
    snapshot->boot.witness_count = 0;
    snapshot->boot = (struct boot){.uptime_ms = -1};
    snapshot->machine = (struct machine_identity){.id = NULL};
}

static void every_variant_survives(void **state)
{
    (void)state;
    const struct scene base = scene_server("pvs01", NIGHT);
    const struct variant variants[] = {
        {"plain", base, NULL},
        {"no pids (2012)", base, no_pids},
        {"processes denied", base, no_processes},
        {"range not known", base, no_range},
        {"odd numbers", base, odd_numbers},
        {"repeated rows", base, repeated_rows},
        {"odd owners", base, odd_owners},
        {"odd texts", base, odd_texts},
        {"service manager denied", base, tier_a},
        {"everything denied", base, everything_denied},
        {"unread",
         {.host = "pvs01", .time_ms = NIGHT, .unread = true, .reason = REASON_HOST_KEY},
         NULL},
        {"lost", {.host = "p", .time_ms = NIGHT, .boot_ms = NIGHT - HOUR, .lost = true}, NULL},
        {"rival", {.host = "p", .time_ms = NIGHT, .boot_ms = NIGHT - HOUR, .rival = true}, NULL},
        {"light", {.host = "p", .time_ms = NIGHT, .boot_ms = NIGHT - HOUR, .light = true}, NULL},
        {"linux",
         {.host = "p",
          .time_ms = NIGHT,
          .boot_ms = NIGHT - HOUR,
          .linux_host = true,
          .boot_id = "b-1"},
         no_range},
    };
    for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
        struct snapshot snapshot;
        print_message("%s\n", variants[i].name);
        scene_snapshot(&variants[i].scene, &snapshot);
        if (variants[i].change != NULL) {
            variants[i].change(&snapshot);
        }
        survives(&snapshot);
        snapshot_done(&snapshot);
    }
}

/* Judged before and after: the processes that are dropped have no say. */
static void pruning_changes_no_verdict(void **state)
{
    (void)state;
    void (*const changes[])(struct snapshot *) = {no_pids, no_processes, odd_owners, tier_a};
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        struct scene scene = scene_server("pvs01", NIGHT);
        struct snapshot whole;
        struct snapshot pruned;
        scene.lost = i % 2 == 1;
        scene_snapshot(&scene, &whole);
        scene_snapshot(&scene, &pruned);
        changes[i](&whole);
        changes[i](&pruned);
        snapshot_normalise(&whole);
        prune_snapshot(&pruned, scene_expectations());
        assert_true(pruned.process_count < whole.process_count || whole.process_count == 0);
        equal_verdicts(&whole, &pruned);
        snapshot_done(&whole);
        snapshot_done(&pruned);
    }
}

static void pruning_keeps_owners_services_witnesses_and_ancestors(void **state)
{
    (void)state;
    struct scene scene = scene_server("pvs01", NIGHT);
    struct snapshot snapshot;
    scene.lost = true;
    scene_snapshot(&scene, &snapshot);
    assert_non_null(snapshot_process(&snapshot, scene_pid(&scene, 130)));
    prune_snapshot(&snapshot, scene_expectations());
    assert_non_null(snapshot_process(&snapshot, scene_pid(&scene, 1))); /* lsass, a witness */
    assert_non_null(snapshot_process(&snapshot, scene_pid(&scene, 2))); /* an ancestor */
    assert_non_null(snapshot_process(&snapshot, scene_pid(&scene, 60))); /* BNPXE owns nothing */
    assert_non_null(snapshot_process(&snapshot, scene_pid(&scene, 64))); /* owns endpoints */
    assert_null(snapshot_process(&snapshot, scene_pid(&scene, 130))); /* notepad */
    snapshot_done(&snapshot);
}

static void encode_scene(const struct scene *scene, struct coded *coded)
{
    struct arena arena = {.blocks = NULL};
    struct slots slots = {.arena = &arena};
    struct snapshot snapshot;
    struct err err = {.code = ERR_NONE};
    scene_snapshot(scene, &snapshot);
    prune_snapshot(&snapshot, scene_expectations());
    assert_int_equal(codec_encode(&snapshot, scene_expectations(), &slots, coded, &err), 0);
    snapshot_done(&snapshot);
    arena_done(&arena);
}

/* Another boot has other pids and ephemeral ports; what is shared stays the same text. */
static void a_reboot_changes_no_text_but_the_boots(void **state)
{
    (void)state;
    struct scene scene = scene_server("pvs01", NIGHT);
    struct coded before;
    struct coded after;
    coded_init(&before);
    coded_init(&after);
    encode_scene(&scene, &before);
    scene.boot = 7;
    scene.boot_ms += 5 * HOUR;
    scene.host = "pvs02";
    encode_scene(&scene, &after);
    for (int i = 0; i < TEXT_COUNT; i++) {
        if (i != TEXT_MACHINE) {
            assert_string_equal(before.texts[i].data, after.texts[i].data);
        }
    }
    assert_false(before.blob.len == after.blob.len &&
                 memcmp(before.blob.data, after.blob.data, after.blob.len) == 0);
    coded_done(&before);
    coded_done(&after);
}

static void watched_and_pinned_ports_are_never_volatile(void **state)
{
    (void)state;
    const struct row {
        enum proto proto;
        uint16_t port;
        bool is_volatile;
    } rows[] = {
        {PROTO_TCP, 54320, true},  {PROTO_TCP, 54321, false}, {PROTO_TCP, 54322, false},
        {PROTO_TCP, 54323, false}, {PROTO_TCP, 54324, true},  {PROTO_UDP, 54322, true},
        {PROTO_UDP, 49152, true},  {PROTO_UDP, 49151, false}, {PROTO_UDP, 65535, true},
        {PROTO_UDP, 67, false},    {PROTO_UDP, 50067, true},
    };
    struct scene scene = scene_server("pvs01", NIGHT);
    struct snapshot snapshot;
    scene_snapshot(&scene, &snapshot);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(
            ephemeral_port(&snapshot, scene_expectations(), rows[i].proto, rows[i].port),
            rows[i].is_volatile);
    }
    snapshot.dynamic_first = 60; /* moved below the watched ports */
    snapshot.dynamic_last = 200;
    assert_false(ephemeral_port(&snapshot, scene_expectations(), PROTO_UDP, 67));
    assert_true(ephemeral_port(&snapshot, scene_expectations(), PROTO_TCP, 67));
    assert_true(ephemeral_port(&snapshot, scene_expectations(), PROTO_UDP, 68));
    assert_false(ephemeral_port(&snapshot, scene_expectations(), PROTO_UDP, 50000));
    snapshot_done(&snapshot);
}

static void the_blob_begins_with_its_version(void **state)
{
    (void)state;
    struct scene scene = scene_server("pvs01", NIGHT);
    struct coded coded;
    coded_init(&coded);
    encode_scene(&scene, &coded);
    assert_int_equal(coded.blob.data[0], CODEC_PLAIN);
    print_message("blob of 120 bindings, 40 of them ephemeral: %zu bytes\n", coded.blob.len);
    assert_true(coded.blob.len < 1024);
    coded_done(&coded);
}

/* Every prefix of the blob, and every byte of it changed: an error or another reading, no crash. */
static void a_damaged_blob_is_refused(void **state)
{
    (void)state;
    struct scene scene = scene_server("pvs01", NIGHT);
    struct arena arena = {.blocks = NULL};
    struct slots slots = {.arena = &arena};
    struct snapshot snapshot;
    struct coded coded;
    struct err err = {.code = ERR_NONE};
    coded_init(&coded);
    scene_snapshot(&scene, &snapshot);
    prune_snapshot(&snapshot, scene_expectations());
    assert_int_equal(codec_encode(&snapshot, scene_expectations(), &slots, &coded, &err), 0);
    struct coded_view view = {.blob = coded.blob.data};
    for (int i = 0; i < TEXT_COUNT; i++) {
        view.texts[i] = coded.texts[i].data;
    }
    for (size_t len = 0; len < coded.blob.len; len++) {
        struct snapshot decoded;
        snapshot_init(&decoded);
        view.blob_len = len;
        assert_int_equal(codec_decode(&view, &slots, &decoded, &err), -1);
        assert_int_equal(err.code, ERR_HISTORY);
        snapshot_done(&decoded);
    }
    view.blob_len = coded.blob.len;
    for (size_t i = 0; i < coded.blob.len; i++) {
        struct snapshot decoded;
        char saved = coded.blob.data[i];
        snapshot_init(&decoded);
        coded.blob.data[i] = (char)(saved ^ (char)0xff);
        (void)codec_decode(&view, &slots, &decoded, &err);
        coded.blob.data[i] = saved;
        snapshot_done(&decoded);
    }
    snapshot_done(&snapshot);
    coded_done(&coded);
    arena_done(&arena);
}

static void varints_come_back(void **state)
{
    (void)state;
    const int64_t numbers[] = {0,         1,         -1,        63,        64,
                               -64,       -65,       127,       128,       1795140000000,
                               INT64_MAX, INT64_MIN, INT32_MAX, INT32_MIN, 300};
    struct buf buf;
    buf_init(&buf, 4096);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        varint_put_signed(&buf, numbers[i]);
    }
    varint_put(&buf, UINT64_MAX);
    struct varint_reader reader = {.at = (const unsigned char *)buf.data,
                                   .end = (const unsigned char *)buf.data + buf.len};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        assert_true(varint_next_signed(&reader) == numbers[i]);
    }
    assert_true(varint_next(&reader) == UINT64_MAX);
    assert_false(reader.failed);
    (void)varint_next(&reader);
    assert_true(reader.failed);
    buf_done(&buf);
}

static void a_number_of_more_than_64_bits_is_no_number(void **state)
{
    (void)state;
    const unsigned char bytes[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02};
    struct varint_reader reader = {.at = bytes, .end = bytes + sizeof(bytes)};
    (void)varint_next(&reader);
    assert_true(reader.failed);
}

static void a_tuple_is_json_and_comes_back(void **state)
{
    (void)state;
    struct buf buf;
    struct tuple_writer writer;
    struct tuple_reader reader;
    struct arena arena = {.blocks = NULL};
    const char *text = NULL;
    int64_t number = 0;
    buf_init(&buf, 4096);
    tuple_begin(&writer, &buf);
    tuple_row(&writer);
    tuple_text(&writer, "a\"\\\n\x80z");
    tuple_int(&writer, INT64_MIN);
    tuple_text(&writer, NULL);
    tuple_row_end(&writer);
    tuple_row(&writer);
    tuple_row_end(&writer);
    tuple_end(&writer);
    assert_string_equal(buf.data, "[[\"a\\\"\\\\\\u000a\\udc80z\",-9223372036854775808,null],[]]");
    tuple_open(&reader, &arena, buf.data);
    assert_true(tuple_next(&reader));
    assert_true(tuple_next_text(&reader, &text));
    assert_string_equal(text, "a\"\\\n\x80z");
    assert_true(tuple_next_int(&reader, &number));
    assert_true(number == INT64_MIN);
    assert_true(tuple_next_text(&reader, &text));
    assert_null(text);
    assert_true(tuple_next(&reader));
    assert_false(tuple_next(&reader));
    assert_true(tuple_close(&reader));
    arena_done(&arena);
    buf_done(&buf);
}

static void a_text_that_is_no_tuple_is_refused(void **state)
{
    (void)state;
    const char *const texts[] = {"",        "[",
                                 "[[",      "[[]",
                                 "[[]]x",   "{}",
                                 "[[\"a]]", "[[\"\\x\"]]",
                                 "[[1 ]]",  "[ []]",
                                 "[[],[]",  "[[\"\\u0\"]]",
                                 "[[]]]",   "[[\"a\"\"b\"]]",
                                 "[,[]]"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct arena arena = {.blocks = NULL};
        struct tuple_reader reader;
        const char *text = NULL;
        tuple_open(&reader, &arena, texts[i]);
        while (tuple_next(&reader)) {
            (void)tuple_next_text(&reader, &text);
        }
        assert_false(tuple_close(&reader));
        arena_done(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_variant_survives),
        cmocka_unit_test(pruning_changes_no_verdict),
        cmocka_unit_test(pruning_keeps_owners_services_witnesses_and_ancestors),
        cmocka_unit_test(a_reboot_changes_no_text_but_the_boots),
        cmocka_unit_test(watched_and_pinned_ports_are_never_volatile),
        cmocka_unit_test(the_blob_begins_with_its_version),
        cmocka_unit_test(a_damaged_blob_is_refused),
        cmocka_unit_test(varints_come_back),
        cmocka_unit_test(a_number_of_more_than_64_bits_is_no_number),
        cmocka_unit_test(a_tuple_is_json_and_comes_back),
        cmocka_unit_test(a_text_that_is_no_tuple_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
