/* test_store: visits go into the history, cheaply and once. */
#include "history_scene.h"

#include <sqlite3.h>

static void one_number(const char *path, const char *sql, int64_t *ret)
{
    sqlite3 *handle = NULL;
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(handle, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    *ret = sqlite3_column_int64(statement, 0);
    assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
    assert_int_equal(sqlite3_close(handle), SQLITE_OK);
}

static int64_t number(const char *path, const char *sql)
{
    int64_t value = -1;
    one_number(path, sql, &value);
    return value;
}

static int64_t vacuumed_bytes(const char *path)
{
    sqlite3 *handle = NULL;
    assert_int_equal(sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(handle, "VACUUM; PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_close(handle), SQLITE_OK);
    return number(path, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size");
}

static void a_server_that_lost_its_port_at_a_reboot_is_missing(void **state)
{
    (void)state;
    const char *folder = scene_folder();
    const char *path = scene_path(folder, "history.db");
    struct store *store = scene_open(path);
    struct host host = scene_host("pvs01");
    struct scene night = scene_server("pvs01", NIGHT);
    scene_scan(store, &night, &host);
    night.time_ms += DAY;
    night.boot_ms = NIGHT + 20 * HOUR;
    night.boot = 2;
    night.lost = true;
    scene_scan(store, &night, &host);
    store_close(store);

    struct query *query = scene_query(path);
    struct query_frame frame = {.now_ms = NIGHT + DAY + HOUR, .stale_after_ms = 26 * (int64_t)HOUR};
    struct missing_list list;
    struct query_meta meta;
    struct err err = {.code = ERR_NONE};
    assert_int_equal(query_missing(query, &frame, 0, &list, &err), 0);
    assert_int_equal(list.count, 1);
    assert_string_equal(list.rows[0].host, "pvs01");
    assert_string_equal(list.rows[0].expectation, "BNPXE");
    assert_int_equal(list.rows[0].finding, FINDING_LOST_AT_BOOT);
    assert_int_equal(list.rows[0].verdict, VERDICT_NOT_BOUND);
    assert_true(list.rows[0].boot_time_ms == night.boot_ms);
    assert_true(list.rows[0].last_good_ms == NIGHT);
    assert_true(list.rows[0].first_bad_ms == NIGHT + DAY);
    missing_list_done(&list);
    assert_int_equal(query_meta(query, &frame, &meta, &err), 0);
    assert_int_equal(meta.hosts, 1);
    assert_int_equal(meta.hosts_read, 1);
    assert_false(meta.stale);
    assert_true(meta.as_of_ms == NIGHT + DAY);
    query_close(query);
    scene_folder_done(folder);
}

static void a_hundred_identical_visits_cost_less_than_300_bytes_each(void **state)
{
    (void)state;
    const char *folder = scene_folder();
    const char *path = scene_path(folder, "history.db");
    struct store *store = scene_open(path);
    struct host host = scene_host("pvs01");
    struct scene visit = scene_server("pvs01", NIGHT);
    scene_scan(store, &visit, &host);
    store_close(store);
    int64_t before = vacuumed_bytes(path);
    store = scene_open(path);
    for (int i = 0; i < 100; i++) {
        visit.time_ms += DAY;
        scene_scan(store, &visit, &host);
    }
    store_close(store);
    int64_t each = (vacuumed_bytes(path) - before) / 100;
    print_message("one identical visit: %lld bytes, with its scan\n", (long long)each);
    assert_true(number(path, "SELECT count(*) FROM observation") == 101);
    assert_true(each < 300);
    scene_folder_done(folder);
}

static void a_visit_that_comes_twice_changes_nothing(void **state)
{
    (void)state;
    const char *folder = scene_folder();
    const char *path = scene_path(folder, "history.db");
    struct store *store = scene_open(path);
    struct host host = scene_host("pvs01");
    struct scene visit = scene_server("pvs01", NIGHT);
    scene_scan(store, &visit, &host);
    struct err err = {.code = ERR_NONE};
    scene_add(store, &visit, &host);
    const struct store_judgement *judgements = NULL;
    assert_int_equal(store_judgements(store, &judgements), 0);
    assert_int_equal(store_flush(store, &err), 0);
    store_close(store);
    assert_true(number(path, "SELECT count(*) FROM observation") == 1);
    assert_true(number(path, "SELECT count(*) FROM scan") == 1);
    scene_folder_done(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_that_lost_its_port_at_a_reboot_is_missing),
        cmocka_unit_test(a_hundred_identical_visits_cost_less_than_300_bytes_each),
        cmocka_unit_test(a_visit_that_comes_twice_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
