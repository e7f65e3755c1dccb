/* test_store_boot: boots, machines and builds as the readings of a host tell them. */
#include "history_file.h"

struct file {
    const char *folder, *path;
    struct store *store;
    struct host host;
    struct scene scene;
};

static void file_init(struct file *file)
{
    file->folder = scene_folder();
    file->path = scene_path(file->folder, "history.db");
    file->store = scene_open(file->path);
    file->host = scene_host("pvs01");
    file->scene = scene_server("pvs01", NIGHT);
}

static void visit(struct file *file, int64_t later_ms)
{
    file->scene.time_ms += later_ms;
    scene_scan(file->store, &file->scene, &file->host);
}

static void reboot(struct file *file, int64_t before_now_ms)
{
    file->scene.boot++;
    file->scene.boot_ms = file->scene.time_ms - before_now_ms;
    file->scene.paused_ms = 0;
}

static void file_done(struct file *file)
{
    store_close(file->store);
    scene_folder_done(file->folder);
}

static void several_reboots_between_two_readings_are_one_boot(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    visit(&file, 0);
    visit(&file, DAY);
    reboot(&file, -2 * HOUR);
    reboot(&file, -5 * HOUR);
    reboot(&file, -20 * HOUR); /* true time: 20 h after the reading before */
    visit(&file, DAY);
    char expect[256];
    (void)snprintf(expect, sizeof(expect), "1|%lld|%lld|%lld|NULL|\n2|%lld|%lld|%lld|%lld|\n",
                   (long long)(NIGHT - DAY), (long long)NIGHT, (long long)(NIGHT + DAY),
                   (long long)(NIGHT + DAY + 20 * HOUR), (long long)(NIGHT + 2 * DAY),
                   (long long)(NIGHT + 2 * DAY), (long long)(NIGHT + DAY));
    file_text_is(file.path,
                 "SELECT boot_no, boot_time_ms, first_ms, last_ms, previous_ms FROM boot"
                 " ORDER BY boot_no",
                 expect);
    file_done(&file);
}

static void a_clock_step_invents_no_boot_and_is_noted_by_the_scan(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    visit(&file, 0);
    file.scene.clock_off_ms = 3 * HOUR;
    visit(&file, DAY);
    file.scene.clock_off_ms = -HOUR;
    visit(&file, DAY);
    assert_true(file_number(file.path, "SELECT count(*) FROM boot") == 1);
    assert_true(file_number(file.path, "SELECT boot_time_ms FROM boot") == NIGHT - DAY);
    file_text_is(file.path, "SELECT skewed FROM scan ORDER BY id", "0|\n1|\n1|\n");
    assert_true(file_number(file.path, "SELECT count(*) FROM span WHERE closed IS NOT NULL") == 0);
    file_done(&file);
}

/* Booted an hour before the first reading; five of the next 24 hours it stood still. */
static void a_paused_machine_keeps_its_boot_and_its_spans(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    file.scene.boot_ms = NIGHT - HOUR;
    visit(&file, 0);
    file.scene.paused_ms = 5 * HOUR;
    visit(&file, DAY);
    visit(&file, DAY);
    assert_true(file_number(file.path, "SELECT count(*) FROM boot") == 1);
    assert_true(file_number(file.path, "SELECT count(*) FROM span WHERE closed IS NOT NULL") == 0);
    assert_true(file_number(file.path, "SELECT count(*) FROM finding") == 0);
    file_done(&file);
}

static void what_is_lost_while_the_boot_is_not_known_was_not_lost_at_one(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    file.scene.boot_ms = NIGHT - HOUR;
    visit(&file, 0);
    file.scene.paused_ms = 5 * HOUR;
    file.scene.lost = true;
    visit(&file, DAY);
    file_text_is(file.path, "SELECT finding, boot_known FROM finding", "lost|0|\n");
    file_done(&file);
}

/* Bound, and unreachable a night later. */
static void visit_that_failed(struct file *file)
{
    visit(file, 0);
    file->scene.unread = true;
    file->scene.reason = REASON_UNREACHABLE;
    visit(file, DAY);
    file->scene.unread = false;
}

static void a_visit_that_failed_closes_nothing(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    visit_that_failed(&file);
    assert_true(file_number(file.path, "SELECT count(*) FROM span WHERE closed IS NOT NULL") == 0);
    visit(&file, DAY);
    assert_true(file_number(file.path, "SELECT count(*) FROM span WHERE closed IS NOT NULL") == 0);
    assert_true(file_number(file.path, "SELECT max(last_ms) - min(first_ms) FROM span") == 2 * DAY);
    file_done(&file);
}

static void the_last_good_reading_is_never_a_visit_that_failed(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    visit_that_failed(&file);
    reboot(&file, -HOUR);
    file.scene.lost = true;
    visit(&file, DAY);
    assert_true(file_number(file.path, "SELECT last_good_ms FROM finding") == NIGHT);
    file_done(&file);
}

static void without_a_witness_a_reboot_is_not_known_until_one_is_there(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    visit(&file, 0);
    reboot(&file, -20 * HOUR);
    file.scene.no_witness = true;
    visit(&file, DAY);
    assert_true(file_number(file.path, "SELECT count(*) FROM boot") == 1);
    assert_true(file_number(file.path, "SELECT boot_suspect FROM host_state") == 1);
    file.scene.no_witness = false;
    visit(&file, DAY);
    assert_true(file_number(file.path, "SELECT count(*) FROM boot") == 2);
    assert_true(file_number(file.path, "SELECT boot_suspect FROM host_state") == 0);
    assert_true(file_number(file.path, "SELECT boot_time_ms FROM boot WHERE boot_no = 2") ==
                file.scene.boot_ms);
    file_done(&file);
}

static void a_boot_that_may_not_be_read_leaves_bound_and_not_bound(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    file.scene.boot_denied = true;
    visit(&file, 0);
    file.scene.lost = true;
    visit(&file, DAY);
    file_text_is(file.path, "SELECT boot_no, boot_time_ms FROM boot", "1|NULL|\n");
    file_text_is(file.path, "SELECT finding, boot_known FROM finding", "lost|0|\n");
    /* Told for the first time: the value of the first reading that knows. */
    file.scene.boot_denied = false;
    visit(&file, DAY);
    assert_true(file_number(file.path, "SELECT boot_time_ms FROM boot") == NIGHT - DAY);
    assert_true(file_number(file.path, "SELECT count(*) FROM boot") == 1);
    file_done(&file);
}

static void a_linux_boot_is_known_by_its_id(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    file.host.os = HOST_LINUX;
    file.scene.linux_host = true;
    file.scene.boot_id = "c0ffee";
    visit(&file, 0);
    visit(&file, DAY);
    reboot(&file, -HOUR);
    file.scene.boot_id = "decaf";
    visit(&file, DAY);
    file_text_is(file.path, "SELECT boot_no, boot_id FROM boot ORDER BY boot_no",
                 "1|c0ffee|\n2|decaf|\n");
    file_done(&file);
}

static void another_machine_of_the_name_replaces_and_loses_nothing(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    visit(&file, 0);
    visit(&file, DAY);
    file.scene.machine = "guid-of-the-new-one";
    file.scene.boot_ms = NIGHT + DAY + HOUR;
    file.scene.boot++;
    file.scene.lost = true;
    visit(&file, DAY);
    file_text_is(file.path, "SELECT machine_no, machine_id FROM machine ORDER BY machine_no",
                 "1|guid-pvs01|\n2|guid-of-the-new-one|\n");
    file_text_is(file.path, "SELECT DISTINCT closed FROM span WHERE machine_no = 1", "replaced|\n");
    file_text_is(file.path, "SELECT finding FROM finding", "never-bound|\n");
    file_text_is(file.path, "SELECT boot_no, machine_no, previous_ms FROM boot WHERE boot_no = 2",
                 "2|2|NULL|\n");
    file_done(&file);
}

static void a_new_key_of_the_same_machine_is_the_same_machine(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    visit(&file, 0);
    struct snapshot snapshot;
    file.scene.time_ms += DAY;
    scene_snapshot(&file.scene, &snapshot);
    snapshot.machine.host_key = "SHA256:another";
    snapshot.machine.computer_name = "RENAMED";
    snapshot.machine.pvs_build = "2402.0.0.1";
    assert_ok(store_add(file.store, &snapshot, &file.host, scene_expectations(), scene_none(),
                        &scene_err));
    assert_ok(store_flush(file.store, &scene_err));
    snapshot_done(&snapshot);
    file_text_is(file.path, "SELECT machine_no, computer_name, host_key FROM machine",
                 "1|RENAMED|SHA256:another|\n");
    file_text_is(file.path, "SELECT pvs_build FROM build ORDER BY first_ms",
                 "2203.0.0.33|\n2402.0.0.1|\n");
    file_done(&file);
}

static void a_repair_before_anybody_looked_is_marked(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    visit(&file, 0);
    reboot(&file, -20 * HOUR);
    file.scene.pxe_restart_ms = file.scene.boot_ms + 2 * HOUR;
    visit(&file, DAY);
    file_text_is(file.path,
                 "SELECT e.name, s.opening, s.restarted FROM span s JOIN expectation e"
                 " ON e.id = s.expectation_id WHERE s.boot_no = 2 ORDER BY 1",
                 "BNPXE|1|1|\nBNTFTP|1|0|\nsoapserver|1|0|\n");
    file_done(&file);
}

/* Nights with their startup types, and which of them went back: docs/VERDICTS.md. */
static void a_startup_type_that_went_back_is_marked(void **state)
{
    (void)state;
    enum {
        UNREAD = STARTUP_UNKNOWN,
        AUTO = STARTUP_AUTOMATIC,
        LATE = STARTUP_AUTOMATIC_DELAYED,
        HAND = STARTUP_MANUAL,
        OFF = STARTUP_DISABLED
    };
    static const struct {
        int types[6];
        size_t count;
        bool reverted; /* at the last one */
        int was;
        int until; /* night */
    } rows[] = {
        {{AUTO}, 1, false, UNREAD, 0},
        {{AUTO, LATE}, 2, false, AUTO, 0},
        {{AUTO, LATE, AUTO}, 3, true, LATE, 1},
        {{AUTO, LATE, LATE, AUTO, AUTO}, 5, true, LATE, 2},
        {{AUTO, LATE, AUTO, LATE}, 4, false, AUTO, 2},
        {{AUTO, LATE, AUTO, LATE, AUTO}, 5, true, LATE, 3},
        {{LATE, AUTO}, 2, false, LATE, 0},
        {{LATE, AUTO, LATE}, 3, false, AUTO, 1},
        {{AUTO, LATE, HAND}, 3, false, LATE, 1},
        {{AUTO, LATE, HAND, AUTO}, 4, false, HAND, 2},
        {{AUTO, OFF, AUTO}, 3, false, OFF, 1},
        {{AUTO, LATE, OFF, AUTO}, 4, true, OFF, 2},
        {{AUTO, LATE, AUTO, OFF}, 4, false, AUTO, 2},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct file file;
        char expect[64];
        char until[32];
        file_init(&file);
        for (size_t k = 0; k < rows[i].count; k++) {
            file.scene.startup = (enum startup_type)rows[i].types[k];
            visit(&file, k == 0 ? 0 : DAY);
        }
        bool changed = rows[i].was != UNREAD;
        (void)snprintf(until, sizeof(until), "%lld",
                       changed ? (long long)(NIGHT + rows[i].until * DAY) : 0LL);
        (void)snprintf(expect, sizeof(expect), "%d|%s|%s|\n", rows[i].reverted,
                       startup_type_name((enum startup_type)rows[i].was), until);
        file_text_is(file.path,
                     "SELECT s.reverted, s.startup_was, s.startup_until_ms FROM span s"
                     " JOIN expectation e ON e.id = s.expectation_id WHERE e.name = 'BNPXE'"
                     " ORDER BY s.first_ms DESC LIMIT 1",
                     expect);
        file_done(&file);
    }
}

/* What was read of the boot in between lies in the file, not in memory. */
static void a_boot_that_a_partial_reading_broke_is_still_broken_the_night_after(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    file.scene.boot_ms = NIGHT - HOUR;
    visit(&file, 0);
    file.scene.paused_ms = 5 * HOUR;
    file.scene.udp_partial = true;
    visit(&file, DAY);
    file.scene.udp_partial = false;
    file.scene.lost = true;
    visit(&file, DAY);
    file_text_is(file.path, "SELECT finding, boot_known FROM finding", "lost|1|\n");
    file_done(&file);
}

/* The Wizard's key says PXE, the startup type says no. */
static void sources_that_disagree_are_remembered(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    visit(&file, 0);
    file.scene.startup = STARTUP_MANUAL;
    visit(&file, DAY);
    file_text_is(file.path,
                 "SELECT s.startup, s.conflict FROM span s JOIN expectation e"
                 " ON e.id = s.expectation_id WHERE e.name = 'BNPXE' ORDER BY s.first_ms",
                 "Automatic|0|\nManual|1|\n");
    file_done(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_reboots_between_two_readings_are_one_boot),
        cmocka_unit_test(a_clock_step_invents_no_boot_and_is_noted_by_the_scan),
        cmocka_unit_test(a_paused_machine_keeps_its_boot_and_its_spans),
        cmocka_unit_test(what_is_lost_while_the_boot_is_not_known_was_not_lost_at_one),
        cmocka_unit_test(a_visit_that_failed_closes_nothing),
        cmocka_unit_test(the_last_good_reading_is_never_a_visit_that_failed),
        cmocka_unit_test(without_a_witness_a_reboot_is_not_known_until_one_is_there),
        cmocka_unit_test(a_boot_that_may_not_be_read_leaves_bound_and_not_bound),
        cmocka_unit_test(a_linux_boot_is_known_by_its_id),
        cmocka_unit_test(another_machine_of_the_name_replaces_and_loses_nothing),
        cmocka_unit_test(a_new_key_of_the_same_machine_is_the_same_machine),
        cmocka_unit_test(a_repair_before_anybody_looked_is_marked),
        cmocka_unit_test(a_startup_type_that_went_back_is_marked),
        cmocka_unit_test(a_boot_that_a_partial_reading_broke_is_still_broken_the_night_after),
        cmocka_unit_test(sources_that_disagree_are_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
