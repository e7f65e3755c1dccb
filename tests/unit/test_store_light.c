/* test_store_light: light visits confirm, contradict, and take room only where something changed.
 */
#include "history_file.h"

/* The scene as a light visit sees it: watched services and ports, the boot by one witness's pid. */
static void see_lightly(const struct scene *scene, struct snapshot *ret)
{
    static const enum section_id not_asked[] = {SECTION_TCP, SECTION_PROCESSES, SECTION_ADDRESSES,
                                                SECTION_REGISTRY, SECTION_MACHINE};
    size_t kept = 0;
    scene_snapshot(scene, ret);
    if (scene->unread) {
        return;
    }
    for (size_t i = 0; i < ret->endpoint_count; i++) {
        uint16_t port = ret->endpoints[i].port;
        bool watched = port == 67 || port == 4011 || port == 69 || port == 123 || port == 137;
        if (watched && ret->endpoints[i].proto == PROTO_UDP) {
            ret->endpoints[kept++] = ret->endpoints[i];
        }
    }
    ret->endpoint_count = kept;
    ret->process_count = ret->address_count = ret->registry_count = 0;
    for (size_t i = 0; i < sizeof(not_asked) / sizeof(not_asked[0]); i++) {
        snapshot_set_section(ret, not_asked[i], OUTCOME_NOT_ASKED, NULL, 0, NULL);
    }
    ret->service_count = 2; /* BNPXE and BNTFTP come first */
    for (size_t i = 0; i < ret->service_count; i++) {
        ret->services[i].display_name = ret->services[i].image = ret->services[i].account = NULL;
        ret->services[i].startup = STARTUP_UNKNOWN;
    }
    ret->boot.witness_count = ret->boot.witness_count > 0 ? 1 : 0;
    for (size_t i = 0; i < ret->boot.witness_count; i++) {
        ret->boot.witnesses[i].created_ms = 0;
    }
    ret->machine.id = ret->machine.os_name = ret->machine.os_build = ret->machine.pvs_build = NULL;
    ret->auto_start_delay_ms = -1;
    ret->dynamic_first = ret->dynamic_last = 0;
}

static void add_light(struct store *store, struct scene scene, int64_t time_ms)
{
    struct snapshot snapshot;
    struct host host = scene_host(scene.host);
    scene.time_ms = time_ms;
    scene.light = true;
    see_lightly(&scene, &snapshot);
    assert_ok(store_add(store, &snapshot, &host, scene_expectations(), scene_none(), &scene_err));
    snapshot_done(&snapshot);
}

static void add_full(struct store *store, struct scene scene, int64_t time_ms)
{
    struct host host = scene_host(scene.host);
    scene.time_ms = time_ms;
    scene_add(store, &scene, &host);
}

/* The derived rows are what the truth gives once more. */
static void replay_agrees(const char *path)
{
    char *before = file_derived(path);
    struct store *store = scene_open(path);
    assert_ok(store_rebuild(store, &scene_err));
    store_close(store);
    char *after = file_derived(path);
    same_derived(before, after);
    free(before);
    free(after);
}

struct world {
    const char *folder, *path;
    struct store *store;
    struct scene scene;
};

static struct world world_open(void)
{
    struct world world = {.folder = scene_folder(), .scene = scene_server("pvs01", NIGHT)};
    world.path = scene_path(world.folder, "history.db");
    world.store = scene_open(world.path);
    return world;
}

static void world_flush(struct world *world)
{
    assert_ok(store_flush(world->store, &scene_err));
    store_close(world->store);
    world->store = NULL;
}

static void world_done(struct world *world)
{
    store_close(world->store);
    scene_folder_done(world->folder);
}

#define SPAN(column)                                                                    \
    "SELECT " column                                                                    \
    " FROM span s JOIN expectation e ON e.id = s.expectation_id WHERE e.name = 'BNPXE'" \
    " ORDER BY s.first_ms DESC LIMIT 1"

static void what_stays_the_same_takes_one_row(void **state)
{
    (void)state;
    struct world world = world_open();
    add_full(world.store, world.scene, NIGHT);
    for (int i = 1; i <= 96; i++) {
        add_light(world.store, world.scene, NIGHT + i * 15 * MINUTE);
    }
    world_flush(&world);
    assert_int_equal(file_number(world.path, "SELECT count(*) FROM observation"), 2);
    assert_int_equal(file_number(world.path, "SELECT until_ms - time_ms FROM observation"
                                             " WHERE kind = 1"),
                     95 * 15 * MINUTE);
    assert_int_equal(file_number(world.path, SPAN("last_ms")), NIGHT + 96 * 15 * MINUTE);
    assert_int_equal(file_number(world.path, SPAN("first_ms")), NIGHT);
    assert_int_equal(file_number(world.path, "SELECT count(*) FROM gap"), 0);
    assert_int_equal(file_number(world.path, "SELECT count(*) FROM volatile"), 2);
    replay_agrees(world.path);
    world_done(&world);
}

/* The row goes on over the nights' full visits, which have one each. */
static void a_row_goes_on_over_full_visits(void **state)
{
    (void)state;
    struct world world = world_open();
    for (int night = 0; night < 5; night++) {
        world.scene.drift++;
        add_full(world.store, world.scene, NIGHT + night * DAY);
        for (int i = 1; i < 24; i++) {
            add_light(world.store, world.scene, NIGHT + night * DAY + i * HOUR);
        }
    }
    world_flush(&world);
    assert_int_equal(file_number(world.path, "SELECT count(*) FROM observation WHERE kind = 1"), 1);
    assert_int_equal(file_number(world.path, "SELECT count(*) FROM observation WHERE kind = 0"), 5);
    assert_int_equal(file_number(world.path, "SELECT count(*) FROM span WHERE closed IS NOT NULL"),
                     0);
    replay_agrees(world.path);
    world_done(&world);
}

static void a_loss_between_the_nights_is_found_and_dated(void **state)
{
    (void)state;
    struct world world = world_open();
    add_full(world.store, world.scene, NIGHT);
    add_light(world.store, world.scene, NIGHT + HOUR);
    world.scene.lost = true;
    add_light(world.store, world.scene, NIGHT + 2 * HOUR);
    add_light(world.store, world.scene, NIGHT + 3 * HOUR);
    world.scene.lost = false;
    add_light(world.store, world.scene, NIGHT + 4 * HOUR);
    world_flush(&world);
    file_text_is(world.path,
                 "SELECT finding, first_bad_ms - 1795140000000, last_bad_ms - 1795140000000,"
                 " ended_ms - 1795140000000, ended FROM finding",
                 "lost-mid-boot|7200000|10800000|14400000|recovered-by-restart|\n");
    assert_int_equal(file_number(world.path, "SELECT count(*) FROM observation WHERE kind = 1"), 3);
    replay_agrees(world.path);
    world_done(&world);
}

/* A full visit that changes something is between two light ones that say the same. */
static void a_row_ends_where_something_changed(void **state)
{
    (void)state;
    struct world world = world_open();
    add_full(world.store, world.scene, NIGHT);
    add_light(world.store, world.scene, NIGHT + HOUR);
    add_light(world.store, world.scene, NIGHT + 2 * HOUR);
    struct scene other = world.scene;
    other.startup = STARTUP_AUTOMATIC_DELAYED;
    add_full(world.store, other, NIGHT + 3 * HOUR);
    add_light(world.store, other, NIGHT + 4 * HOUR);
    world_flush(&world);
    assert_int_equal(file_number(world.path, "SELECT count(*) FROM observation WHERE kind = 1"), 2);
    file_text_is(world.path, SPAN("startup"), "Automatic (Delayed Start)|\n");
    replay_agrees(world.path);
    world_done(&world);
}

static void what_was_not_asked_for_is_not_touched(void **state)
{
    (void)state;
    struct world world = world_open();
    world.scene.startup = STARTUP_MANUAL; /* the registry alone says that it is expected */
    add_full(world.store, world.scene, NIGHT);
    add_light(world.store, world.scene, NIGHT + HOUR);
    world_flush(&world);
    file_text_is(world.path,
                 SPAN("verdict, expected_by, startup, holder_image, process_created_ms"
                      " > 0, last_ms - first_ms"),
                 "bound|registry|Manual|BNPXE.exe|1|3600000|\n");
    assert_int_equal(file_number(world.path,
                                 "SELECT s.last_ms FROM span s JOIN expectation e"
                                 " ON e.id = s.expectation_id WHERE e.name = 'soapserver'"),
                     NIGHT);
    file_text_is(world.path, "SELECT machine_id, computer_name FROM machine",
                 "guid-pvs01|pvs01|\n");
    assert_int_equal(file_number(world.path, "SELECT count(*) FROM build"), 1);
    assert_int_equal(file_number(world.path, "SELECT full_ms FROM host_state"), NIGHT);
    replay_agrees(world.path);
    world_done(&world);
}

/* Without a full visit of this host nobody knows whether PXE is expected there. */
static void a_light_visit_alone_decides_nothing_it_cannot(void **state)
{
    (void)state;
    struct world world = world_open();
    add_light(world.store, world.scene, NIGHT);
    world_flush(&world);
    assert_int_equal(file_number(world.path, "SELECT count(*) FROM span"), 0);
    assert_int_equal(file_number(world.path, "SELECT count(*) FROM gap"), 0);
    world_done(&world);
}

static void an_unread_light_visit_is_one_row_and_no_contradiction(void **state)
{
    (void)state;
    struct world world = world_open();
    add_full(world.store, world.scene, NIGHT);
    world.scene.unread = true;
    for (int i = 1; i <= 10; i++) {
        add_light(world.store, world.scene, NIGHT + i * HOUR);
    }
    world.scene.unread = false;
    add_light(world.store, world.scene, NIGHT + 11 * HOUR);
    world_flush(&world);
    assert_int_equal(file_number(world.path, "SELECT count(*) FROM observation WHERE kind = 1"), 2);
    assert_int_equal(file_number(world.path, SPAN("last_ms")), NIGHT + 11 * HOUR);
    assert_int_equal(file_number(world.path, "SELECT count(*) FROM span WHERE closed IS NOT NULL"),
                     0);
    replay_agrees(world.path);
    world_done(&world);
}

/* The pid of lsass is the same after a reboot: a light visit sees that alone and cannot tell; the
 * next full one can, by its creation time. */
static void a_reboot_that_a_light_visit_cannot_prove_is_not_lost(void **state)
{
    (void)state;
    struct world world = world_open();
    add_full(world.store, world.scene, NIGHT);
    world.scene.boot_ms = NIGHT + HOUR;
    add_light(world.store, world.scene, NIGHT + 2 * HOUR);
    assert_ok(store_flush(world.store, &scene_err));
    assert_int_equal(file_number(world.path, "SELECT max(boot_no) FROM boot"),
                     file_number(world.path, "SELECT min(boot_no) FROM boot"));
    add_full(world.store, world.scene, NIGHT + DAY);
    world_flush(&world);
    assert_int_equal(file_number(world.path, "SELECT count(*) FROM boot"), 2);
    replay_agrees(world.path);
    world_done(&world);
}

static void a_reboot_that_it_can_prove_is_a_boot(void **state)
{
    (void)state;
    struct world world = world_open();
    add_full(world.store, world.scene, NIGHT);
    add_light(world.store, world.scene, NIGHT + HOUR);
    world.scene.boot_ms = NIGHT + 2 * HOUR;
    world.scene.boot = 2;
    world.scene.lost = true;
    add_light(world.store, world.scene, NIGHT + 3 * HOUR);
    add_light(world.store, world.scene, NIGHT + 4 * HOUR);
    world_flush(&world);
    assert_int_equal(file_number(world.path, "SELECT count(*) FROM boot"), 2);
    file_text_is(world.path, "SELECT finding FROM finding", "lost-at-boot|\n");
    replay_agrees(world.path);
    world_done(&world);
}

static void a_visit_that_comes_twice_changes_nothing(void **state)
{
    (void)state;
    struct world world = world_open();
    for (int twice = 0; twice < 2; twice++) {
        add_full(world.store, world.scene, NIGHT);
        add_light(world.store, world.scene, NIGHT + HOUR);
        add_light(world.store, world.scene, NIGHT + 2 * HOUR);
    }
    world_flush(&world);
    assert_int_equal(file_number(world.path, "SELECT count(*) FROM observation"), 2);
    world_done(&world);
}

static uint64_t roll(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005U + 1442695040888963407U;
    return *seed >> 33;
}

/* Weeks of light and full visits in which everything happens: a replay gives the same rows. */
static void a_replay_gives_the_same_rows(void **state)
{
    (void)state;
    struct world world = world_open();
    uint64_t seed = 7;
    int64_t visits = 0;
    for (int hour = 0; hour < 24 * 40; hour++) {
        int64_t time_ms = NIGHT + hour * (int64_t)HOUR;
        uint64_t dice = roll(&seed) % 200;
        if (dice < 3) {
            world.scene.boot += dice == 0 ? 0 : 1;
            world.scene.boot_ms = time_ms - 40 * MINUTE;
            world.scene.pxe_restart_ms = 0;
            world.scene.lost = dice == 1;
        } else if (dice < 6) {
            world.scene.lost = !world.scene.lost;
        } else if (dice < 8) {
            world.scene.pxe_restart_ms = time_ms - 30 * MINUTE;
            world.scene.lost = false;
        } else if (dice < 10) {
            world.scene.startup = dice == 8 ? STARTUP_AUTOMATIC_DELAYED : STARTUP_AUTOMATIC;
        } else if (dice < 12) {
            world.scene.pxe_stopped = !world.scene.pxe_stopped;
        }
        world.scene.unread = roll(&seed) % 50 == 0;
        world.scene.clock_off_ms += (int64_t)(roll(&seed) % 3);
        if (hour % 24 == 0) {
            add_full(world.store, world.scene, time_ms);
        } else {
            add_light(world.store, world.scene, time_ms);
        }
        visits++;
    }
    world_flush(&world);
    assert_true(file_number(world.path, "SELECT count(*) FROM finding") > 5);
    assert_true(file_number(world.path, "SELECT count(*) FROM boot") > 5);
    assert_true(file_number(world.path, "SELECT count(*) FROM observation") < visits / 4);
    replay_agrees(world.path);
    world_done(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_stays_the_same_takes_one_row),
        cmocka_unit_test(a_row_goes_on_over_full_visits),
        cmocka_unit_test(a_loss_between_the_nights_is_found_and_dated),
        cmocka_unit_test(a_row_ends_where_something_changed),
        cmocka_unit_test(what_was_not_asked_for_is_not_touched),
        cmocka_unit_test(a_light_visit_alone_decides_nothing_it_cannot),
        cmocka_unit_test(an_unread_light_visit_is_one_row_and_no_contradiction),
        cmocka_unit_test(a_reboot_that_a_light_visit_cannot_prove_is_not_lost),
        cmocka_unit_test(a_reboot_that_it_can_prove_is_a_boot),
        cmocka_unit_test(a_visit_that_comes_twice_changes_nothing),
        cmocka_unit_test(a_replay_gives_the_same_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
