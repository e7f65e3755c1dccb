/* test_store_fault: whatever write fails, a history holds whole hosts and is sound. */
#include "fault_vfs.h"
#include "history_file.h"

enum { HOSTS = 60, ROUNDS_MAX = 400 };

/* A scan of 60 hosts on a file that is there; -1 with err where a write failed. */
static int scan_hosts(const char *path, struct err *err)
{
    struct store *store = NULL;
    struct host hosts[HOSTS];
    char names[HOSTS][16];
    for (int i = 0; i < HOSTS; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "pvs%02d", i);
        hosts[i] = scene_host(names[i]);
    }
    if (store_open(path, &store, err) != 0) {
        return -1;
    }
    struct scan_begin begin = {.source = "local",
                               .time_ms = NIGHT + DAY,
                               .whole_fleet = true,
                               .hosts = hosts,
                               .host_count = HOSTS,
                               .expectations = scene_expectations()};
    struct scan_end end = {.time_ms = NIGHT + DAY + HOUR};
    int rc = store_scan_begin(store, &begin, err);
    for (int i = 0; i < HOSTS && rc == 0; i++) {
        struct scene scene = scene_server(names[i], NIGHT + DAY + i);
        struct snapshot snapshot;
        scene_snapshot(&scene, &snapshot);
        rc = store_add(store, &snapshot, &hosts[i], scene_expectations(), scene_none(), err);
        snapshot_done(&snapshot);
    }
    if (rc == 0) {
        rc = store_scan_end(store, &end, err);
    }
    store_close(store);
    return rc;
}

/* A host without its rows, or rows without their host: half a visit. */
static void is_sound(const char *path)
{
    file_text_is(path, "PRAGMA integrity_check", "ok|\n");
    file_text_is(path, "SELECT count(*) FROM pragma_foreign_key_check", "0|\n");
    file_text_is(path,
                 "SELECT count(*) FROM observation o WHERE NOT EXISTS"
                 " (SELECT 1 FROM host_state s WHERE s.host_id = o.host_id)",
                 "0|\n");
    file_text_is(path,
                 "SELECT count(*) FROM observation o WHERE was_read = 1 AND 3 <>"
                 " (SELECT count(*) FROM span s WHERE s.host_id = o.host_id)",
                 "0|\n");
    int64_t visits = file_number(path, "SELECT count(*) FROM observation");
    assert_true(visits % 50 == 0 || visits % 50 == HOSTS % 50);
}

static void every_write_may_fail(int error, enum err_code expect)
{
    const char *folder = scene_folder();
    const char *path = scene_path(folder, "history.db");
    const char *wal = scene_path(folder, "history.db-wal");
    const char *shm = scene_path(folder, "history.db-shm");
    int round = 0;
    int failures = 0;
    bool failed = true;
    for (; round < ROUNDS_MAX && failed; round++) {
        struct err err = {.code = ERR_NONE};
        store_close(scene_open(path));
        /* Each write at first, then in growing steps: there are hundreds. */
        fault_vfs_start(round < 30 ? round : 30 + (round - 30) * 17, error);
        int rc = scan_hosts(path, &err);
        failed = fault_vfs.failed;
        fault_vfs_stop();
        if (rc != 0) {
            failures++;
            if (err.code != expect) {
                fail_msg("round %d: code %d: %s", round, (int)err.code, err.text);
            }
            assert_non_null(strstr(err.text, path));
        }
        is_sound(path);
        file_exec(path, "VACUUM");
        if (failed) {
            (void)unlink(path);
            (void)unlink(wal);
            (void)unlink(shm);
        }
    }
    print_message("%d rounds, %d failures\n", round, failures);
    assert_false(failed);
    assert_true(failures > 20);
    assert_true(file_number(path, "SELECT count(*) FROM observation") == HOSTS);
    scene_folder_done(folder);
}

static void a_full_disk_is_said_and_leaves_whole_hosts(void **state)
{
    (void)state;
    every_write_may_fail(SQLITE_FULL, ERR_FULL);
}

static void a_failing_disk_is_said_and_leaves_whole_hosts(void **state)
{
    (void)state;
    every_write_may_fail(SQLITE_IOERR_WRITE, ERR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_disk_is_said_and_leaves_whole_hosts),
        cmocka_unit_test(a_failing_disk_is_said_and_leaves_whole_hosts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
