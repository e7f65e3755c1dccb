/* test_facts: what is compared of two readings, and of a server and its siblings. */
#include "core/str.h"
#include "model/peers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct scene {
    struct snapshot snapshot;
    struct facts facts;
};

static struct service *add_service(struct scene *scene, const char *name, enum startup_type type)
{
    struct service *service = snapshot_add_service(&scene->snapshot);
    assert_non_null(service);
    service->name = name;
    service->canary = PRESENCE_PRESENT;
    service->visible = true;
    service->state = SERVICE_RUNNING;
    service->startup = type;
    return service;
}

static void add_endpoint(struct scene *scene, enum proto proto, const char *address, uint16_t port,
                         int64_t pid)
{
    struct endpoint *endpoint = snapshot_add_endpoint(&scene->snapshot);
    assert_non_null(endpoint);
    endpoint->proto = proto;
    endpoint->port = port;
    endpoint->pid = pid;
    assert_true(ip_parse((struct slice){address, strlen(address)}, &endpoint->address));
}

static void add_process(struct scene *scene, int64_t pid, const char *name)
{
    struct process *process = snapshot_add_process(&scene->snapshot);
    assert_non_null(process);
    process->pid = pid;
    process->name = name;
}

/* BNPXE, delayed, holds UDP 67; an ephemeral port and a listener stand beside it. */
static void server(struct scene *scene)
{
    snapshot_init(&scene->snapshot);
    for (int i = 0; i < SECTION_COUNT; i++) {
        snapshot_set_section(&scene->snapshot, (enum section_id)i, OUTCOME_COMPLETE, "cim", 0,
                             NULL);
    }
    scene->snapshot.visit.os = "windows";
    scene->snapshot.machine.pvs_build = "7.41";
    add_service(scene, "BNPXE", STARTUP_AUTOMATIC_DELAYED);
    add_endpoint(scene, PROTO_UDP, "0.0.0.0", 67, 100);
    add_endpoint(scene, PROTO_UDP, "0.0.0.0", 50123, 100);
    add_endpoint(scene, PROTO_TCP, "10.0.0.5", 54321, 200);
    add_process(scene, 100, "BNPXE.exe");
    add_process(scene, 200, "soapserver.exe");
}

static void list(struct scene *scene, enum fact_view view)
{
    snapshot_normalise(&scene->snapshot);
    assert_int_equal(facts_of(&scene->snapshot, NULL, view, &scene->snapshot.arena, &scene->facts),
                     0);
}

static const char *value(const struct scene *scene, enum fact_kind kind, const char *item)
{
    const struct fact *fact = facts_find(&scene->facts, kind, item);
    return fact == NULL ? NULL : fact->value;
}

static void ports_have_addresses_and_owners(void **state)
{
    struct scene scene;
    (void)state;
    server(&scene);
    add_endpoint(&scene, PROTO_UDP, "10.0.0.5", 67, 200);
    list(&scene, FACTS_OF_ONE);
    assert_string_equal(value(&scene, FACT_UDP, "udp/67"), "0.0.0.0, 10.0.0.5");
    assert_string_equal(value(&scene, FACT_OWNER, "udp/67"), "BNPXE.exe, soapserver.exe");
    assert_string_equal(value(&scene, FACT_TCP, "tcp/54321"), "10.0.0.5");
    assert_null(value(&scene, FACT_UDP, "udp/50123"));
    list(&scene, FACTS_OF_SIBLINGS);
    assert_string_equal(value(&scene, FACT_UDP, "udp/67"), "0.0.0.0, own address");
    assert_null(value(&scene, FACT_STATE, "BNPXE"));
    snapshot_done(&scene.snapshot);
}

static void what_is_not_known_is_no_fact(void **state)
{
    struct scene scene;
    (void)state;
    server(&scene);
    scene.snapshot.services[0].startup = STARTUP_UNKNOWN;
    scene.snapshot.machine.pvs_build = NULL;
    scene.snapshot.endpoints[0].pid = -1;
    list(&scene, FACTS_OF_ONE);
    assert_null(value(&scene, FACT_STARTUP, "BNPXE"));
    assert_null(value(&scene, FACT_PVS_BUILD, ""));
    assert_null(value(&scene, FACT_OWNER, "udp/67"));
    assert_null(value(&scene, FACT_ACCOUNT, "BNPXE"));
    assert_string_equal(value(&scene, FACT_UDP, "udp/67"), "0.0.0.0");
    snapshot_done(&scene.snapshot);
}

static void add_file(struct scene *scene, const char *path, const char *version, int64_t modified)
{
    struct host_file *file = snapshot_add_file(&scene->snapshot);
    assert_non_null(file);
    file->path = path;
    file->version = version;
    file->modified_ms = modified;
}

static void files_have_a_version_or_a_date(void **state)
{
    struct scene scene;
    (void)state;
    server(&scene);
    add_file(&scene, "C:\\Program Files\\BNPXE.exe", "7.41.3.2", 1700000000000);
    add_file(&scene, "C:\\ProgramData\\ARDBP32.BIN", NULL, 1700000000000);
    add_file(&scene, "C:\\ProgramData\\OTHER.BIN", NULL, 0);
    list(&scene, FACTS_OF_SIBLINGS);
    assert_string_equal(value(&scene, FACT_FILE, "C:\\Program Files\\BNPXE.exe"), "7.41.3.2");
    /* 1,700,000,000 s after the epoch. */
    assert_string_equal(value(&scene, FACT_FILE, "C:\\ProgramData\\ARDBP32.BIN"),
                        "2023-11-14T22:13:20Z");
    assert_null(value(&scene, FACT_FILE, "C:\\ProgramData\\OTHER.BIN"));
    assert_true(scene.facts.whole[FACT_FILE]);
    snapshot_set_section(&scene.snapshot, SECTION_FILES, OUTCOME_UNSUPPORTED, "cim", 0, NULL);
    list(&scene, FACTS_OF_SIBLINGS);
    assert_false(scene.facts.whole[FACT_FILE]);
    snapshot_done(&scene.snapshot);
}

static size_t differences(const struct scene *before, struct scene *after,
                          struct fact_difference **ret)
{
    size_t count = 99;
    assert_int_equal(
        facts_compare(&before->facts, &after->facts, &after->snapshot.arena, ret, &count), 0);
    return count;
}

static void only_what_both_tell_differs(void **state)
{
    struct scene before;
    struct scene after;
    struct fact_difference *rows = NULL;
    (void)state;
    server(&before);
    server(&after);
    after.snapshot.services[0].startup = STARTUP_AUTOMATIC;
    after.snapshot.endpoints[0].port = 4011; /* 67 went, 4011 came */
    after.snapshot.machine.pvs_build = NULL; /* not known: no difference */
    list(&before, FACTS_OF_ONE);
    list(&after, FACTS_OF_ONE);
    assert_int_equal(differences(&before, &after, &rows), 3);
    assert_int_equal(rows[0].kind, FACT_STARTUP);
    assert_string_equal(rows[0].before, "Automatic (Delayed Start)");
    assert_string_equal(rows[0].after, "Automatic");
    assert_string_equal(rows[1].item, "udp/4011");
    assert_null(rows[1].before);
    assert_string_equal(rows[2].item, "udp/67");
    assert_null(rows[2].after);
    snapshot_done(&before.snapshot);
    snapshot_done(&after.snapshot);
}

static void a_list_that_was_cut_takes_nothing_away(void **state)
{
    struct scene before;
    struct scene after;
    struct fact_difference *rows = NULL;
    (void)state;
    server(&before);
    server(&after);
    after.snapshot.endpoint_count = 0;
    snapshot_set_section(&after.snapshot, SECTION_UDP, OUTCOME_PARTIAL, "cim", 0, NULL);
    list(&before, FACTS_OF_ONE);
    list(&after, FACTS_OF_ONE);
    /* The TCP listeners were read to their end. */
    assert_int_equal(differences(&before, &after, &rows), 1);
    assert_string_equal(rows[0].item, "tcp/54321");
    assert_int_equal(differences(&after, &before, &rows), 1);
    snapshot_done(&before.snapshot);
    snapshot_done(&after.snapshot);
}

static const struct peer_row *row_of(const struct peer_row *rows, size_t count, enum fact_kind kind)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].kind == kind) {
            return &rows[i];
        }
    }
    fail_msg("no row of %s", fact_kind_name(kind));
    return NULL;
}

/* Four siblings: three delayed, one automatic like the server; two have TCP 54321, of one the
 * listeners are cut; the builds are 7.41 twice and 7.33 twice. */
static void siblings_are_counted(void **state)
{
    struct scene own;
    struct peers peers = {.count = 0};
    struct peer_row *rows = NULL;
    size_t count = 0;
    (void)state;
    server(&own);
    own.snapshot.services[0].startup = STARTUP_AUTOMATIC;
    own.snapshot.endpoint_count = 2; /* without the listener */
    list(&own, FACTS_OF_SIBLINGS);
    for (int i = 0; i < 4; i++) {
        struct scene sibling;
        server(&sibling);
        sibling.snapshot.services[0].startup =
            i == 0 ? STARTUP_AUTOMATIC : STARTUP_AUTOMATIC_DELAYED;
        sibling.snapshot.machine.pvs_build = i < 2 ? "7.41" : "7.33";
        if (i >= 2) {
            sibling.snapshot.endpoint_count = 2;
        }
        if (i == 3) {
            snapshot_set_section(&sibling.snapshot, SECTION_TCP, OUTCOME_PARTIAL, "cim", 0, NULL);
        }
        list(&sibling, FACTS_OF_SIBLINGS);
        assert_int_equal(peers_add(&peers, &own.snapshot.arena, &sibling.facts), 0);
        snapshot_done(&sibling.snapshot);
    }
    assert_int_equal(peers_compare(&peers, &own.facts, &own.snapshot.arena, &rows, &count), 0);
    const struct peer_row *startup = row_of(rows, count, FACT_STARTUP);
    assert_string_equal(startup->usual, "Automatic (Delayed Start)");
    assert_int_equal(startup->usual_count, 3);
    assert_int_equal(startup->same_count, 1);
    assert_true(startup->differs);
    /* Two of the three that tell have it: the server has not, as one of them. */
    const struct peer_row *listener = row_of(rows, count, FACT_TCP);
    assert_null(listener->value);
    assert_string_equal(listener->usual, "own address");
    assert_int_equal(listener->usual_count, 2);
    assert_int_equal(listener->same_count, 1);
    assert_int_equal(listener->told, 3);
    assert_true(listener->differs);
    /* Half have another build: that is not most of them. */
    assert_false(row_of(rows, count, FACT_PVS_BUILD)->differs);
    assert_false(row_of(rows, count, FACT_UDP)->differs);
    snapshot_done(&own.snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ports_have_addresses_and_owners),
        cmocka_unit_test(what_is_not_known_is_no_fact),
        cmocka_unit_test(files_have_a_version_or_a_date),
        cmocka_unit_test(only_what_both_tell_differs),
        cmocka_unit_test(a_list_that_was_cut_takes_nothing_away),
        cmocka_unit_test(siblings_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
