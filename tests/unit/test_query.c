/* test_query: the questions, and what was known at a time. */
#include "history_equal.h"
#include "history_file.h"

#include "db/reading/prune.h"

struct file {
    const char *folder, *path;
    struct store *store;
    struct host host;
    struct scene scene;
    struct query *query;
    struct query_frame frame;
};

static void file_init(struct file *file)
{
    *file = (struct file){.folder = scene_folder(), .host = scene_host("pvs01")};
    file->path = scene_path(file->folder, "history.db");
    file->store = scene_open(file->path);
    file->scene = scene_server("pvs01", NIGHT);
    file->frame = (struct query_frame){.stale_after_ms = 26 * (int64_t)HOUR};
}

static void visit(struct file *file, int night)
{
    file->scene.time_ms = NIGHT + night * DAY;
    scene_scan(file->store, &file->scene, &file->host);
    file->frame.now_ms = file->scene.time_ms + HOUR;
}

static void reboot(struct file *file, int night)
{
    file->scene.boot++;
    file->scene.boot_ms = NIGHT + night * DAY - HOUR;
    file->scene.pxe_restart_ms = 0;
}

static void ask(struct file *file)
{
    if (file->query == NULL) {
        file->query = scene_query(file->path);
    }
}

static void file_done(struct file *file)
{
    query_close(file->query);
    store_close(file->store);
    scene_folder_done(file->folder);
}

static struct missing_list missing(struct file *file, int64_t since_ms)
{
    struct missing_list list;
    ask(file);
    assert_ok(query_missing(file->query, &file->frame, since_ms, &list, &scene_err));
    return list;
}

static struct status_row status_of(struct file *file, const char *expectation,
                                   struct status_list *list)
{
    ask(file);
    assert_ok(query_status(file->query, &file->frame, list, &scene_err));
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->rows[i].expectation, expectation) == 0) {
            return list->rows[i];
        }
    }
    fail_msg("no row of %s", expectation);
    return (struct status_row){.host = NULL};
}

static struct query_meta meta(struct file *file)
{
    struct query_meta ret;
    ask(file);
    assert_ok(query_meta(file->query, &file->frame, &ret, &scene_err));
    return ret;
}

static void a_healthy_fleet_misses_nothing(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    visit(&file, 0);
    visit(&file, 1);
    struct missing_list list = missing(&file, 0);
    assert_int_equal(list.count, 0);
    missing_list_done(&list);
    list = missing(&file, NIGHT);
    assert_int_equal(list.count, 0);
    missing_list_done(&list);
    struct status_list status;
    struct status_row row = status_of(&file, "BNPXE", &status);
    assert_int_equal(status.count, 3);
    assert_int_equal(row.verdict, VERDICT_BOUND);
    assert_string_equal(row.site, "paris");
    assert_true(row.as_of_ms == NIGHT + DAY);
    assert_true(row.last_good_ms == NIGHT + DAY);
    assert_true(row.boot_time_ms == NIGHT - DAY);
    assert_int_equal(row.service_state, SERVICE_RUNNING);
    assert_string_equal(row.transport, "ssh");
    assert_false(row.informational);
    assert_true(status.rows[2].informational);
    status_list_done(&status);
    file_done(&file);
}

/* bound, bound | lost at a boot, unread, still lost | restarted by hand */
static void tell_the_story(struct file *file)
{
    file_init(file);
    visit(file, 0);
    visit(file, 1);
    reboot(file, 2);
    file->scene.lost = true;
    visit(file, 2);
    file->scene.unread = true;
    visit(file, 3);
    file->scene.unread = false;
    visit(file, 4);
    file->scene.lost = false;
    file->scene.pxe_restart_ms = NIGHT + 5 * DAY - HOUR;
    visit(file, 5);
}

/* What `missing` says each morning, asked long after. */
static void each_morning_is_answered_as_it_was_known_then(void **state)
{
    (void)state;
    const struct row {
        int night;
        size_t count;
        int last_bad; /* night */
        enum reason unread;
    } rows[] = {
        {0, 0, 0, REASON_NONE},        {1, 0, 0, REASON_NONE}, {2, 1, 2, REASON_NONE},
        {3, 1, 2, REASON_UNREACHABLE}, {4, 1, 4, REASON_NONE}, {5, 0, 0, REASON_NONE},
    };
    struct file file;
    tell_the_story(&file);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        file.frame.as_of_ms = NIGHT + rows[i].night * DAY + HOUR;
        struct missing_list list = missing(&file, 0);
        if (list.count != rows[i].count) {
            fail_msg("night %d: %zu rows", rows[i].night, list.count);
        }
        for (size_t k = 0; k < list.count; k++) {
            const struct missing_row *row = &list.rows[k];
            assert_int_equal(row->finding, FINDING_LOST_AT_BOOT);
            assert_int_equal(row->verdict, VERDICT_NOT_BOUND);
            assert_true(row->last_good_ms == NIGHT + DAY);
            assert_true(row->first_bad_ms == NIGHT + 2 * DAY);
            assert_true(row->last_bad_ms == NIGHT + rows[i].last_bad * DAY);
            assert_true(row->boot_time_ms == NIGHT + 2 * DAY - HOUR);
            assert_int_equal(row->unread_reason, rows[i].unread);
            assert_false(row->recovered);
            assert_string_equal(row->remedy, "Restart-Service BNPXE");
            assert_string_equal(row->prevention, "delayed start");
        }
        missing_list_done(&list);
    }
    file_done(&file);
}

static void what_has_come_back_is_shown_since_a_time(void **state)
{
    (void)state;
    struct file file;
    tell_the_story(&file);
    struct missing_list list = missing(&file, NIGHT + 5 * DAY);
    assert_int_equal(list.count, 1);
    assert_true(list.rows[0].recovered);
    assert_true(list.rows[0].recovered_at_ms == NIGHT + 5 * DAY);
    assert_int_equal(list.rows[0].recovered_by, RECOVERY_BY_RESTART);
    assert_true(list.rows[0].last_bad_ms == NIGHT + 4 * DAY);
    missing_list_done(&list);
    list = missing(&file, NIGHT + 5 * DAY + 1);
    assert_int_equal(list.count, 0);
    missing_list_done(&list);
    file_done(&file);
}

static void an_answer_as_of_a_time_is_the_answer_of_that_time(void **state)
{
    (void)state;
    struct file then;
    struct file now;
    tell_the_story(&now);
    for (int night = 0; night < 6; night++) {
        /* The same nights in a history that knows no more. */
        struct status_list a;
        struct status_list b;
        file_init(&then);
        for (int i = 0; i <= night; i++) {
            then.scene.lost = i >= 2 && i < 5;
            then.scene.unread = i == 3;
            if (i == 2) {
                reboot(&then, 2);
            }
            then.scene.pxe_restart_ms = i == 5 ? NIGHT + 5 * DAY - HOUR : 0;
            visit(&then, i);
        }
        now.frame.as_of_ms = NIGHT + night * DAY + 2 * HOUR;
        (void)status_of(&then, "BNPXE", &a);
        (void)status_of(&now, "BNPXE", &b);
        assert_int_equal(a.count, b.count);
        for (size_t i = 0; i < a.count; i++) {
            assert_string_equal(a.rows[i].expectation, b.rows[i].expectation);
            assert_int_equal(a.rows[i].verdict, b.rows[i].verdict);
            assert_int_equal(a.rows[i].reason, b.rows[i].reason);
            assert_true(a.rows[i].as_of_ms == b.rows[i].as_of_ms);
            assert_true(a.rows[i].last_good_ms == b.rows[i].last_good_ms);
            assert_true(a.rows[i].last_decisive_ms == b.rows[i].last_decisive_ms);
            assert_int_equal(a.rows[i].last_decisive, b.rows[i].last_decisive);
            assert_true(a.rows[i].boot_time_ms == b.rows[i].boot_time_ms);
            assert_int_equal(a.rows[i].pid, b.rows[i].pid);
        }
        struct query_meta x = meta(&then);
        struct query_meta y = meta(&now);
        assert_true(x.last_complete_scan_ms == y.last_complete_scan_ms);
        assert_int_equal(x.hosts_read, y.hosts_read);
        assert_int_equal(x.hosts_unread, y.hosts_unread);
        status_list_done(&a);
        status_list_done(&b);
        file_done(&then);
    }
    file_done(&now);
}

static void an_old_reading_is_stale_and_its_problem_stays(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    visit(&file, 0);
    file.scene.lost = true;
    visit(&file, 1);
    assert_false(meta(&file).stale);
    file.frame.now_ms = NIGHT + DAY + 27 * (int64_t)HOUR;
    assert_true(meta(&file).stale);
    struct status_list status;
    struct status_row row = status_of(&file, "BNPXE", &status);
    assert_int_equal(row.verdict, VERDICT_UNKNOWN);
    assert_int_equal(row.reason, REASON_STALE);
    assert_int_equal(row.last_decisive, VERDICT_NOT_BOUND);
    assert_true(row.as_of_ms == NIGHT + DAY);
    status_list_done(&status);
    struct missing_list list = missing(&file, 0);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.rows[0].unread_reason, REASON_STALE);
    missing_list_done(&list);
    file_done(&file);
}

static void a_partial_reading_says_so_and_keeps_what_was_known(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    visit(&file, 0);
    file.scene.lost = true;
    file.scene.udp_partial = true;
    visit(&file, 1);
    struct status_list status;
    struct status_row row = status_of(&file, "BNPXE", &status);
    assert_int_equal(row.verdict, VERDICT_UNKNOWN);
    assert_int_equal(row.reason, REASON_PARTIAL);
    assert_string_equal(row.detail, "udp");
    assert_true(row.last_good_ms == NIGHT);
    assert_int_equal(row.last_decisive, VERDICT_BOUND);
    status_list_done(&status);
    struct missing_list list = missing(&file, 0);
    assert_int_equal(list.count, 0);
    missing_list_done(&list);
    file_done(&file);
}

static void a_host_that_no_scan_reached_is_unknown_and_unread(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    struct host hosts[] = {scene_host("pvs01"), scene_host("pvs02"), scene_host("pvs03")};
    hosts[2].state = HOST_MAINTENANCE;
    struct scan_begin begin = {.source = "local",
                               .time_ms = NIGHT,
                               .whole_fleet = true,
                               .hosts = hosts,
                               .host_count = 3,
                               .expectations = scene_expectations()};
    assert_ok(store_scan_begin(file.store, &begin, &scene_err));
    scene_add(file.store, &file.scene, &hosts[0]);
    assert_ok(store_flush(file.store, &scene_err));
    file.frame.now_ms = NIGHT + HOUR;
    struct query_meta known = meta(&file);
    assert_int_equal(known.hosts, 2);
    assert_int_equal(known.hosts_read, 1);
    assert_int_equal(known.hosts_unread, 1);
    assert_true(known.last_complete_scan_ms == 0);
    assert_true(known.stale);
    struct status_list status;
    (void)status_of(&file, "BNPXE", &status);
    assert_int_equal(status.count, 9);
    for (size_t i = 0; i < status.count; i++) {
        bool visited = strcmp(status.rows[i].host, "pvs01") == 0;
        assert_int_equal(status.rows[i].verdict, visited ? VERDICT_BOUND : VERDICT_UNKNOWN);
        assert_true(visited || status.rows[i].reason == REASON_SKIPPED);
    }
    status_list_done(&status);
    struct scan_end end = {.time_ms = NIGHT + MINUTE};
    assert_ok(store_scan_end(file.store, &end, &scene_err));
    known = meta(&file);
    assert_true(known.last_complete_scan_ms == NIGHT);
    assert_true(known.last_complete_scan_end_ms == NIGHT + MINUTE);
    assert_false(known.stale);
    file_done(&file);
}

static void a_scan_of_a_part_or_one_that_was_interrupted_is_not_complete(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    visit(&file, 0);
    struct scan_begin begin = {.source = "local",
                               .time_ms = NIGHT + DAY,
                               .hosts = &file.host,
                               .host_count = 1,
                               .expectations = scene_expectations()};
    struct scan_end end = {.time_ms = NIGHT + DAY + 2};
    assert_ok(store_scan_begin(file.store, &begin, &scene_err));
    file.scene.time_ms = NIGHT + DAY + 1;
    scene_add(file.store, &file.scene, &file.host);
    assert_ok(store_scan_end(file.store, &end, &scene_err));
    begin.whole_fleet = true;
    begin.time_ms = NIGHT + 2 * DAY;
    end.time_ms = NIGHT + 2 * DAY + 2;
    end.interrupted = true;
    assert_ok(store_scan_begin(file.store, &begin, &scene_err));
    assert_ok(store_scan_end(file.store, &end, &scene_err));
    assert_true(meta(&file).last_complete_scan_ms == NIGHT - SECOND);
    file_done(&file);
}

/* A server that the inventory dropped is nobody's problem any more; one that it moved has moved. */
static void the_newest_scan_of_the_fleet_says_who_belongs_to_it(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    file.scene.lost = true;
    visit(&file, 0);
    struct scene other = scene_server("pvs02", NIGHT + DAY);
    struct host moved = scene_host("pvs02");
    scene_scan(file.store, &other, &moved);
    file.frame.now_ms = NIGHT + DAY + HOUR;
    struct missing_list list = missing(&file, 0);
    assert_int_equal(list.count, 0);
    missing_list_done(&list);
    assert_int_equal(meta(&file).hosts, 1);
    file.frame.as_of_ms = NIGHT + HOUR;
    list = missing(&file, 0);
    assert_int_equal(list.count, 1);
    missing_list_done(&list);
    file_done(&file);
}

static void an_ingested_history_is_as_fresh_as_its_newest_visit(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    struct scan_begin begin = {
        .source = "airgap", .time_ms = NIGHT + 90 * DAY, .expectations = scene_expectations()};
    struct scan_end end = {.time_ms = NIGHT + 90 * DAY};
    assert_ok(store_scan_begin(file.store, &begin, &scene_err));
    file.scene.source = "airgap";
    for (int night = 0; night < 5; night++) {
        file.scene.time_ms = NIGHT + night * DAY;
        file.scene.lost = night == 4;
        scene_add(file.store, &file.scene, NULL);
    }
    assert_ok(store_scan_end(file.store, &end, &scene_err));
    file.frame.now_ms = NIGHT + 4 * DAY + HOUR;
    struct query_meta known = meta(&file);
    assert_true(known.last_complete_scan_ms == NIGHT + 4 * DAY);
    assert_false(known.stale);
    assert_int_equal(known.hosts, 1);
    struct missing_list list = missing(&file, 0);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.rows[0].finding, FINDING_LOST_MID_BOOT);
    missing_list_done(&list);
    file.frame.as_of_ms = NIGHT + 2 * DAY + HOUR;
    known = meta(&file);
    assert_true(known.last_complete_scan_ms == NIGHT + 2 * DAY);
    assert_false(known.stale);
    file_done(&file);
}

static void ingest(struct file *file, const char *source, const struct scene *scenes, size_t count)
{
    struct scan_begin begin = {
        .source = source, .time_ms = NIGHT + 90 * DAY, .expectations = scene_expectations()};
    struct scan_end end = {.time_ms = NIGHT + 90 * DAY};
    assert_ok(store_scan_begin(file->store, &begin, &scene_err));
    for (size_t i = 0; i < count; i++) {
        struct scene scene = scenes[i];
        scene.source = source;
        scene_add(file->store, &scene, NULL);
    }
    assert_ok(store_scan_end(file->store, &end, &scene_err));
}

static void one_ingested_visit_does_not_make_a_fleet_fresh(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    struct host hosts[] = {scene_host("pvs01"), scene_host("pvs02"), scene_host("pvs03")};
    hosts[2].state = HOST_RETIRED;
    struct scan_begin begin = {.source = "local",
                               .time_ms = NIGHT,
                               .whole_fleet = true,
                               .hosts = hosts,
                               .host_count = 3,
                               .expectations = scene_expectations()};
    struct scan_end end = {.time_ms = NIGHT + MINUTE};
    assert_ok(store_scan_begin(file.store, &begin, &scene_err));
    for (int i = 0; i < 2; i++) {
        struct scene scene = scene_server(hosts[i].name, NIGHT + 1);
        scene_add(file.store, &scene, &hosts[i]);
    }
    assert_ok(store_scan_end(file.store, &end, &scene_err));
    int64_t now = NIGHT + 2 * DAY;
    file.frame.now_ms = now + HOUR;
    const struct scene one = scene_server("pvs01", now);
    ingest(&file, "local", &one, 1);
    struct query_meta known = meta(&file);
    assert_true(known.last_complete_scan_ms == NIGHT);
    assert_true(known.stale);
    /* The whole fleet is: since the oldest of what is newest of each. */
    const struct scene all[] = {scene_server("pvs01", now + 3), scene_server("pvs02", now - HOUR),
                                scene_server("pvs02", now + 2), scene_server("pvs01", now + 4)};
    ingest(&file, "local", all, 4);
    known = meta(&file);
    assert_true(known.last_complete_scan_ms == now + 2);
    assert_true(known.last_complete_scan_end_ms == now + 4);
    assert_false(known.stale);
    file.frame.as_of_ms = now + 1;
    assert_true(meta(&file).last_complete_scan_ms == NIGHT);
    file_done(&file);
}

static void where_only_lines_came_in_a_run_without_a_known_host_is_not_complete(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    struct scene scenes[6];
    for (int i = 0; i < 6; i++) {
        scenes[i] = scene_server(i % 2 == 0 ? "pvs01" : "pvs02", NIGHT + i / 2 * DAY + i % 2);
    }
    ingest(&file, "airgap", scenes, 6);
    file.frame.now_ms = NIGHT + 2 * DAY + HOUR;
    assert_true(meta(&file).last_complete_scan_ms == NIGHT + 2 * DAY);
    assert_true(meta(&file).last_complete_scan_end_ms == NIGHT + 2 * DAY + 1);
    assert_false(meta(&file).stale);
    const struct scene late[] = {scene_server("pvs01", NIGHT + 4 * DAY),
                                 scene_server("pvs03", NIGHT + 4 * DAY)};
    ingest(&file, "airgap", late, 2);
    file.frame.now_ms = NIGHT + 4 * DAY + HOUR;
    assert_true(meta(&file).last_complete_scan_ms == NIGHT + 2 * DAY);
    assert_true(meta(&file).stale);
    file_done(&file);
}

static void collectors_that_feed_a_history_are_as_fresh_as_the_one_that_is_behind(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    const struct scene dc1 = scene_server("pvs01", NIGHT);
    struct scene dc2 = scene_server("pvs01", NIGHT + 2 * DAY);
    dc2.machine = "another";
    ingest(&file, "dc1", &dc1, 1);
    ingest(&file, "dc2", &dc2, 1);
    file.frame.now_ms = NIGHT + 2 * DAY + HOUR;
    assert_true(meta(&file).last_complete_scan_ms == NIGHT);
    assert_true(meta(&file).stale);
    const struct scene again = scene_server("pvs01", NIGHT + 2 * DAY + MINUTE);
    ingest(&file, "dc1", &again, 1);
    assert_true(meta(&file).last_complete_scan_ms == NIGHT + 2 * DAY);
    assert_false(meta(&file).stale);
    file_done(&file);
}

static void one_name_of_two_collectors_is_two_hosts(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    struct scene dc1 = scene_server("pvs01", NIGHT);
    struct scene dc2 = scene_server("pvs01", NIGHT + MINUTE);
    dc1.lost = true;
    dc2.machine = "another";
    ingest(&file, "dc1", &dc1, 1);
    ingest(&file, "dc2", &dc2, 1);
    file.frame.now_ms = NIGHT + HOUR;
    assert_int_equal(meta(&file).hosts, 2);
    struct missing_list list = missing(&file, 0);
    assert_int_equal(list.count, 1);
    assert_string_equal(list.rows[0].host, "dc1:pvs01");
    assert_string_equal(list.rows[0].source, "dc1");
    assert_null(list.rows[0].same_machine_as);
    missing_list_done(&list);
    struct status_list status;
    assert_ok(query_status(file.query, &file.frame, &status, &scene_err));
    assert_string_equal(status.rows[0].host, "dc1:pvs01");
    assert_string_equal(status.rows[status.count - 1].host, "dc2:pvs01");
    assert_int_equal(status.rows[status.count / 2].verdict, VERDICT_BOUND);
    status_list_done(&status);
    struct why why;
    struct err err = {.code = ERR_NONE};
    assert_int_equal(query_why(file.query, &file.frame, "pvs01", &why, &err), -1);
    assert_int_equal(err.code, ERR_USAGE);
    assert_non_null(strstr(err.text, "dc1:pvs01, dc2:pvs01"));
    assert_ok(query_why(file.query, &file.frame, "dc1:pvs01", &why, &scene_err));
    assert_string_equal(why.host, "dc1:pvs01");
    assert_int_equal(why.services[0].status.verdict, VERDICT_NOT_BOUND);
    why_done(&why);
    struct snapshot snapshot;
    const char *zone = NULL;
    assert_int_equal(query_snapshot(file.query, "pvs01", 0, &snapshot, &zone, &err), -1);
    assert_non_null(strstr(err.text, "dc1:pvs01, dc2:pvs01"));
    assert_ok(query_snapshot(file.query, "dc2:pvs01", 0, &snapshot, &zone, &scene_err));
    assert_string_equal(snapshot.visit.source, "dc2");
    snapshot_done(&snapshot);
    file_done(&file);
}

static void a_machine_that_two_collectors_visit_counts_once_by_its_newest_visit(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    struct scene dc1 = scene_server("pvs01", NIGHT);
    struct scene dc2 = scene_server("pvs01", NIGHT + MINUTE);
    dc2.lost = true;
    ingest(&file, "dc1", &dc1, 1);
    ingest(&file, "dc2", &dc2, 1);
    file.frame.now_ms = NIGHT + HOUR;
    assert_int_equal(meta(&file).hosts, 1);
    struct missing_list list = missing(&file, 0);
    assert_int_equal(list.count, 1);
    assert_string_equal(list.rows[0].host, "dc2:pvs01");
    assert_null(list.rows[0].same_machine_as);
    missing_list_done(&list);
    struct status_list status;
    assert_ok(query_status(file.query, &file.frame, &status, &scene_err));
    assert_string_equal(status.rows[0].host, "dc1:pvs01");
    assert_string_equal(status.rows[0].same_machine_as, "dc2:pvs01");
    status_list_done(&status);
    file_done(&file);
}

static bool only_pvs02(void *data, const char *host, const char *site, const char *farm)
{
    (void)data;
    (void)site;
    (void)farm;
    return strcmp(host, "pvs02") == 0;
}

static void a_limit_limits_rows_and_counts(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    file.scene.lost = true;
    scene_add(file.store, &file.scene, &file.host);
    file.scene.host = "pvs02";
    scene_add(file.store, &file.scene, NULL);
    assert_ok(store_flush(file.store, &scene_err));
    file.frame.now_ms = NIGHT + HOUR;
    struct missing_list list = missing(&file, 0);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.rows[0].host, "pvs01");
    missing_list_done(&list);
    file.frame.wants = only_pvs02;
    list = missing(&file, 0);
    assert_int_equal(list.count, 1);
    assert_string_equal(list.rows[0].host, "pvs02");
    missing_list_done(&list);
    assert_int_equal(meta(&file).hosts, 1);
    file_done(&file);
}

static void what_was_lost_at_a_boot_comes_first(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    struct scene never = scene_server("a-never", NIGHT);
    never.lost = true;
    scene_add(file.store, &never, NULL);
    file.scene.host = "z-lost";
    scene_add(file.store, &file.scene, NULL);
    file.scene.time_ms += DAY;
    reboot(&file, 1);
    file.scene.lost = true;
    file.scene.rival = true;
    scene_add(file.store, &file.scene, NULL);
    assert_ok(store_flush(file.store, &scene_err));
    file.frame.now_ms = NIGHT + DAY;
    struct missing_list list = missing(&file, 0);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.rows[0].host, "z-lost");
    assert_int_equal(list.rows[0].verdict, VERDICT_PORT_IN_USE);
    assert_string_equal(list.rows[0].rival_image, "tftpd64.exe");
    assert_int_equal(list.rows[0].rival_pid, scene_pid(&file.scene, 99));
    assert_int_equal(list.rows[1].finding, FINDING_NEVER_BOUND);
    assert_true(list.rows[1].last_good_ms == 0);
    missing_list_done(&list);
    file_done(&file);
}

static void why_shows_the_rows_behind_a_verdict(void **state)
{
    (void)state;
    struct file file;
    struct why why;
    tell_the_story(&file);
    file.frame.as_of_ms = NIGHT + 3 * DAY + HOUR;
    ask(&file);
    assert_ok(query_why(file.query, &file.frame, "pvs01", &why, &scene_err));
    assert_string_equal(why.host, "pvs01");
    assert_string_equal(why.farm, "emea");
    assert_false(why.newest.read);
    assert_int_equal(why.newest.reason, REASON_UNREACHABLE);
    assert_string_equal(why.newest.detail, "no route to host");
    assert_string_equal(why.newest.mechanism, "publickey");
    assert_true(why.snapshot.visit.time_ms == NIGHT + 2 * DAY);
    assert_true(why.boot_time_ms == NIGHT + 2 * DAY - HOUR);
    assert_true(why.boot_first_seen_ms == NIGHT + 2 * DAY);
    assert_true(why.previous_boot_ms == NIGHT - DAY);
    assert_int_equal(why.boots_seen, 2);
    assert_int_equal(why.service_count, 3);
    const struct why_service *pxe = &why.services[0];
    assert_string_equal(pxe->status.expectation, "BNPXE");
    assert_int_equal(pxe->status.verdict, VERDICT_UNKNOWN);
    assert_int_equal(pxe->status.last_decisive, VERDICT_NOT_BOUND);
    assert_int_equal(pxe->expected_by, EXPECTED_BY_REGISTRY);
    assert_int_equal(pxe->finding, FINDING_LOST_AT_BOOT);
    assert_true(pxe->first_bad_ms == NIGHT + 2 * DAY);
    assert_int_equal(pxe->holder.port, 0);
    assert_true(pxe->good_ms == NIGHT + DAY);
    assert_true(pxe->good_boot_ms == NIGHT - DAY);
    assert_int_equal(pxe->good_holder.port, 67);
    assert_int_equal(pxe->good_holder.pid, pxe->good_pid);
    assert_int_equal(pxe->good_startup, STARTUP_AUTOMATIC);
    why_done(&why);
    file_done(&file);
}

static struct why_service why_pxe(struct file *file, int64_t as_of_ms)
{
    struct why why;
    file->frame.as_of_ms = as_of_ms;
    ask(file);
    assert_ok(query_why(file->query, &file->frame, "pvs01", &why, &scene_err));
    assert_string_equal(why.services[0].status.expectation, "BNPXE");
    struct why_service service = why.services[0]; /* only its numbers are looked at */
    why_done(&why);
    return service;
}

static void why_tells_the_recovery_of_the_machine_that_it_is(void **state)
{
    (void)state;
    struct file file;
    tell_the_story(&file);
    struct why_recovery recovery = why_pxe(&file, NIGHT + 4 * DAY).recovery;
    assert_true(recovery.at_ms == 0);
    recovery = why_pxe(&file, 0).recovery;
    assert_true(recovery.at_ms == NIGHT + 5 * DAY);
    assert_int_equal(recovery.by, RECOVERY_BY_RESTART);
    assert_int_equal(recovery.finding, FINDING_LOST_AT_BOOT);
    assert_int_equal(recovery.verdict, VERDICT_NOT_BOUND);
    assert_true(recovery.first_bad_ms == NIGHT + 2 * DAY);
    assert_true(recovery.last_bad_ms == NIGHT + 4 * DAY);
    reboot(&file, 6);
    file.scene.machine = "guid-of-another";
    visit(&file, 6);
    assert_true(why_pxe(&file, 0).recovery.at_ms == 0);
    file_done(&file);
}

static void rows_have_the_zone_that_the_inventory_gave_at_the_newest_visit(void **state)
{
    (void)state;
    struct file file;
    struct status_list status;
    struct host_list hosts;
    struct why why;
    file_init(&file);
    visit(&file, 0);
    file.host.timezone = "Asia/Kolkata";
    file.scene.lost = true;
    visit(&file, 1);
    struct missing_list list = missing(&file, 0);
    assert_string_equal(list.rows[0].timezone, "Asia/Kolkata");
    missing_list_done(&list);
    assert_string_equal(status_of(&file, "BNPXE", &status).timezone, "Asia/Kolkata");
    status_list_done(&status);
    assert_ok(query_hosts(file.query, &file.frame, &hosts, &scene_err));
    assert_string_equal(hosts.rows[0].timezone, "Asia/Kolkata");
    host_list_done(&hosts);
    file.frame.as_of_ms = NIGHT;
    assert_ok(query_why(file.query, &file.frame, "pvs01", &why, &scene_err));
    assert_null(why.timezone);
    why_done(&why);
    file.frame.as_of_ms = 0;
    assert_ok(query_why(file.query, &file.frame, "pvs01", &why, &scene_err));
    assert_string_equal(why.timezone, "Asia/Kolkata");
    why_done(&why);
    file_done(&file);
}

static void a_host_that_nobody_knows_is_a_usage_error_with_the_nearest(void **state)
{
    (void)state;
    struct file file;
    struct why why;
    struct snapshot snapshot;
    const char *zone = NULL;
    struct err err = {.code = ERR_NONE};
    file_init(&file);
    visit(&file, 0);
    ask(&file);
    assert_int_equal(query_why(file.query, &file.frame, "pvs0", &why, &err), -1);
    assert_int_equal(err.code, ERR_USAGE);
    assert_non_null(strstr(err.text, "pvs01"));
    assert_int_equal(query_snapshot(file.query, "nothing-like-it", 0, &snapshot, &zone, &err), -1);
    assert_int_equal(err.code, ERR_USAGE);
    assert_int_equal(query_snapshot(file.query, "pvs01", NIGHT - 1, &snapshot, &zone, &err), -1);
    assert_int_equal(err.code, ERR_UNREAD);
    file_done(&file);
}

static void a_reading_comes_back_as_it_was(void **state)
{
    (void)state;
    struct file file;
    struct snapshot stored;
    struct snapshot first;
    const char *zone = NULL;
    file_init(&file);
    file.host.timezone = "Europe/Paris";
    visit(&file, 0);
    scene_snapshot(&file.scene, &first);
    prune_snapshot(&first, scene_expectations());
    reboot(&file, 1);
    file.scene.drift = 3;
    file.host.timezone = NULL;
    visit(&file, 1);
    file.scene.unread = true;
    visit(&file, 2);
    ask(&file);
    assert_ok(query_snapshot(file.query, "pvs01", NIGHT + HOUR, &stored, &zone, &scene_err));
    equal_snapshots(&first, &stored);
    assert_string_equal(zone, "Europe/Paris");
    snapshot_done(&stored);
    snapshot_done(&first);
    file.scene.unread = false;
    file.scene.time_ms = NIGHT + DAY;
    scene_snapshot(&file.scene, &first);
    prune_snapshot(&first, scene_expectations());
    assert_ok(query_snapshot(file.query, "pvs01", 0, &stored, &zone, &scene_err));
    equal_snapshots(&first, &stored);
    assert_null(zone);
    snapshot_done(&stored);
    snapshot_done(&first);
    file_done(&file);
}

struct walk {
    int64_t times[8];
    size_t count;
    size_t stop_after;
    bool declared;
};

static int note(void *data, const struct snapshot *snapshot, const struct host *declared)
{
    struct walk *walk = data;
    walk->times[walk->count++] = snapshot->visit.time_ms;
    walk->declared = declared != NULL && strcmp(declared->site, "paris") == 0 &&
                     strcmp(declared->name, snapshot->visit.host) == 0;
    return walk->count == walk->stop_after ? 42 : 0;
}

static void visits_are_walked_in_order_of_time(void **state)
{
    (void)state;
    struct file file;
    struct walk walk = {.count = 0};
    file_init(&file);
    visit(&file, 0);
    visit(&file, 1);
    struct scene other = scene_server("a-host", NIGHT + DAY / 2);
    other.unread = true;
    struct host host = scene_host("a-host");
    scene_add(file.store, &other, &host);
    assert_ok(store_flush(file.store, &scene_err));
    ask(&file);
    assert_ok(query_visits(file.query, NULL, 0, 0, note, &walk, &scene_err));
    assert_int_equal(walk.count, 3);
    assert_true(walk.declared);
    assert_true(walk.times[0] == NIGHT && walk.times[1] == NIGHT + DAY / 2);
    walk = (struct walk){.stop_after = 1};
    struct err err = {.code = ERR_NONE};
    assert_int_equal(query_visits(file.query, NULL, 0, INT64_MAX, note, &walk, &err), 42);
    assert_int_equal(walk.count, 1);
    walk = (struct walk){.count = 0};
    assert_ok(query_visits(file.query, "pvs01", NIGHT + 1, 0, note, &walk, &scene_err));
    assert_int_equal(walk.count, 1);
    assert_int_equal(query_visits(file.query, "nobody", 0, 0, note, &walk, &err), -1);
    file_done(&file);
}

static int note_extra(void *data, const struct snapshot *snapshot, const struct host *declared)
{
    (void)declared;
    equal_text("unknown members", data, snapshot->extra);
    return 0;
}

static void unknown_members_are_kept_with_a_visit_that_was_not_read_too(void **state)
{
    (void)state;
    static char extra[] = "{\"later\":[1,null]}";
    struct file file;
    file_init(&file);
    for (int i = 0; i < 2; i++) {
        struct snapshot snapshot;
        file.scene.time_ms = NIGHT + i;
        file.scene.unread = i == 1;
        scene_snapshot(&file.scene, &snapshot);
        snapshot.extra = extra;
        assert_ok(
            store_add(file.store, &snapshot, NULL, scene_expectations(), scene_none(), &scene_err));
        snapshot_done(&snapshot);
    }
    assert_ok(store_flush(file.store, &scene_err));
    ask(&file);
    assert_ok(query_visits(file.query, NULL, 0, INT64_MAX, note_extra, extra, &scene_err));
    assert_true(file_number(file.path, "SELECT count(DISTINCT extra_id) FROM observation") == 1);
    file_done(&file);
}

static void two_names_of_one_machine_are_found(void **state)
{
    (void)state;
    struct file file;
    struct host_list list;
    file_init(&file);
    visit(&file, 0);
    struct scene twin = scene_server("pvs01-mgmt", NIGHT);
    twin.machine = "guid-pvs01";
    scene_add(file.store, &twin, NULL);
    struct scene other = scene_server("pvs02", NIGHT);
    scene_add(file.store, &other, NULL);
    other.time_ms += DAY;
    other.unread = true;
    scene_add(file.store, &other, NULL);
    assert_ok(store_flush(file.store, &scene_err));
    ask(&file);
    assert_ok(query_hosts(file.query, &file.frame, &list, &scene_err));
    assert_int_equal(list.count, 3);
    assert_string_equal(list.rows[0].host, "pvs01");
    assert_string_equal(list.rows[0].same_machine_as, "pvs01-mgmt");
    assert_string_equal(list.rows[1].same_machine_as, "pvs01");
    assert_null(list.rows[2].same_machine_as);
    assert_string_equal(list.rows[2].os, "windows");
    assert_true(list.rows[2].first_seen_ms == NIGHT);
    assert_true(list.rows[2].last_read_ms == NIGHT);
    assert_true(list.rows[2].last_seen_ms == NIGHT + DAY);
    host_list_done(&list);
    file_done(&file);
}

static void check_twin_rows(struct file *file)
{
    struct status_list status;
    (void)status_of(file, "BNPXE", &status);
    assert_int_equal(status.count, 9);
    for (size_t i = 0; i < status.count; i++) {
        bool twin = strcmp(status.rows[i].host, "pvs01-mgmt") == 0;
        equal_text("first name", status.rows[i].same_machine_as, twin ? "pvs01" : NULL);
    }
    status_list_done(&status);
    struct missing_list list = missing(file, 0);
    assert_int_equal(list.count, 2);
    assert_null(list.rows[0].same_machine_as);
    assert_string_equal(list.rows[1].same_machine_as, "pvs01");
    missing_list_done(&list);
}

static void two_names_of_one_machine_count_once(void **state)
{
    (void)state;
    struct file file;
    struct host twin_host = scene_host("pvs01-mgmt");
    file_init(&file);
    struct scene twin = scene_server("pvs01-mgmt", NIGHT);
    twin.machine = "guid-pvs01";
    twin.computer = "PVS01";
    twin.lost = file.scene.lost = true;
    scene_add(file.store, &file.scene, &file.host);
    scene_add(file.store, &twin, &twin_host);
    struct scene other = scene_server("pvs02", NIGHT);
    scene_add(file.store, &other, NULL);
    assert_ok(store_flush(file.store, &scene_err));
    file.frame.now_ms = NIGHT + HOUR;
    struct query_meta known = meta(&file);
    assert_int_equal(known.hosts, 2);
    assert_int_equal(known.hosts_read, 2);
    check_twin_rows(&file);
    /* A first name in maintenance does not hide the other one. */
    file.host.state = HOST_MAINTENANCE;
    file.scene.time_ms += MINUTE;
    scene_add(file.store, &file.scene, &file.host);
    assert_ok(store_flush(file.store, &scene_err));
    assert_int_equal(meta(&file).hosts, 2);
    struct missing_list list = missing(&file, 0);
    assert_null(list.rows[1].same_machine_as);
    missing_list_done(&list);
    file_done(&file);
}

static void a_cloned_server_never_stands_for_its_model(void **state)
{
    (void)state;
    struct file file;
    struct host clone_host = scene_host("pvs02");
    file_init(&file);
    struct scene clone = scene_server("pvs02", NIGHT);
    clone.machine = "guid-pvs01";
    clone.lost = true;
    scene_add(file.store, &file.scene, &file.host);
    scene_add(file.store, &clone, &clone_host);
    assert_ok(store_flush(file.store, &scene_err));
    file.frame.now_ms = NIGHT + HOUR;
    assert_int_equal(meta(&file).hosts, 2);
    struct missing_list list = missing(&file, 0);
    assert_int_equal(list.count, 1);
    assert_null(list.rows[0].same_machine_as);
    missing_list_done(&list);
    file_done(&file);
}

static void hosts_in_maintenance_are_listed_as_such(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    visit(&file, 0);
    file.scene.lost = true;
    file.host.state = HOST_MAINTENANCE;
    visit(&file, 1);
    struct missing_list list = missing(&file, 0);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.rows[0].host_state, HOST_MAINTENANCE);
    missing_list_done(&list);
    assert_int_equal(meta(&file).hosts, 0);
    file_done(&file);
}

static void a_startup_type_that_came_back_is_told(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    visit(&file, 0);
    file.scene.startup = STARTUP_AUTOMATIC_DELAYED;
    visit(&file, 1);
    reboot(&file, 2);
    file.scene.startup = STARTUP_AUTOMATIC;
    file.scene.lost = true;
    visit(&file, 2);
    struct missing_list list = missing(&file, 0);
    assert_int_equal(list.count, 1);
    assert_true(list.rows[0].changes.startup_reverted);
    assert_int_equal(list.rows[0].startup, STARTUP_AUTOMATIC);
    assert_int_equal(list.rows[0].changes.startup_was, STARTUP_AUTOMATIC_DELAYED);
    assert_true(list.rows[0].changes.startup_until_ms == NIGHT + DAY);
    missing_list_done(&list);
    file_done(&file);
}

static void a_linux_host_has_the_expectations_of_its_os(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    file.host.os = HOST_LINUX;
    file.scene.linux_host = true;
    visit(&file, 0);
    file.scene.unread = true;
    visit(&file, 1);
    struct status_list status;
    (void)status_of(&file, "kea-dhcp4-server", &status);
    assert_int_equal(status.count, 1);
    status_list_done(&status);
    file_done(&file);
}

static void a_new_machine_of_the_name_has_no_good_past(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    visit(&file, 0);
    reboot(&file, 1);
    file.scene.machine = "guid-of-another";
    file.scene.lost = true;
    visit(&file, 1);
    struct status_list status;
    struct status_row row = status_of(&file, "BNPXE", &status);
    assert_int_equal(row.verdict, VERDICT_NOT_BOUND);
    assert_true(row.last_good_ms == 0);
    status_list_done(&status);
    struct missing_list list = missing(&file, NIGHT);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.rows[0].finding, FINDING_NEVER_BOUND);
    missing_list_done(&list);
    file_done(&file);
}

static void a_scan_that_had_not_ended_was_not_complete_then(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    visit(&file, 0);
    visit(&file, 1);
    file.frame.as_of_ms = NIGHT + DAY; /* it ended a second later */
    assert_true(meta(&file).last_complete_scan_ms == NIGHT - SECOND);
    file.frame.as_of_ms = NIGHT + DAY + SECOND;
    assert_true(meta(&file).last_complete_scan_ms == NIGHT + DAY - SECOND);
    file_done(&file);
}

static void a_repair_before_anybody_looked_is_told(void **state)
{
    (void)state;
    struct file file;
    struct status_list status;
    file_init(&file);
    visit(&file, 0);
    assert_false(status_of(&file, "BNPXE", &status).restarted_after_boot);
    status_list_done(&status);
    file.scene.boot++;
    file.scene.boot_ms = NIGHT + DAY / 2;
    file.scene.pxe_restart_ms = NIGHT + DAY / 2 + HOUR;
    visit(&file, 1);
    assert_true(status_of(&file, "BNPXE", &status).restarted_after_boot);
    assert_false(status.rows[1].restarted_after_boot);
    status_list_done(&status);
    file_done(&file);
}

static void what_is_not_expected_any_more_is_neither_missing_nor_recovered(void **state)
{
    (void)state;
    struct file file;
    struct declaration said = {.expectation = "BNPXE", .declared = DECLARED_NOT_EXPECTED};
    file_init(&file);
    visit(&file, 0);
    file.scene.lost = true;
    visit(&file, 1);
    file.host.declarations = &said;
    file.host.declaration_count = 1;
    visit(&file, 2);
    struct missing_list list = missing(&file, NIGHT);
    assert_int_equal(list.count, 0);
    missing_list_done(&list);
    file_done(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_healthy_fleet_misses_nothing),
        cmocka_unit_test(each_morning_is_answered_as_it_was_known_then),
        cmocka_unit_test(what_has_come_back_is_shown_since_a_time),
        cmocka_unit_test(an_answer_as_of_a_time_is_the_answer_of_that_time),
        cmocka_unit_test(an_old_reading_is_stale_and_its_problem_stays),
        cmocka_unit_test(a_partial_reading_says_so_and_keeps_what_was_known),
        cmocka_unit_test(a_host_that_no_scan_reached_is_unknown_and_unread),
        cmocka_unit_test(a_scan_of_a_part_or_one_that_was_interrupted_is_not_complete),
        cmocka_unit_test(the_newest_scan_of_the_fleet_says_who_belongs_to_it),
        cmocka_unit_test(an_ingested_history_is_as_fresh_as_its_newest_visit),
        cmocka_unit_test(one_ingested_visit_does_not_make_a_fleet_fresh),
        cmocka_unit_test(where_only_lines_came_in_a_run_without_a_known_host_is_not_complete),
        cmocka_unit_test(collectors_that_feed_a_history_are_as_fresh_as_the_one_that_is_behind),
        cmocka_unit_test(one_name_of_two_collectors_is_two_hosts),
        cmocka_unit_test(a_machine_that_two_collectors_visit_counts_once_by_its_newest_visit),
        cmocka_unit_test(a_limit_limits_rows_and_counts),
        cmocka_unit_test(what_was_lost_at_a_boot_comes_first),
        cmocka_unit_test(why_shows_the_rows_behind_a_verdict),
        cmocka_unit_test(why_tells_the_recovery_of_the_machine_that_it_is),
        cmocka_unit_test(rows_have_the_zone_that_the_inventory_gave_at_the_newest_visit),
        cmocka_unit_test(a_host_that_nobody_knows_is_a_usage_error_with_the_nearest),
        cmocka_unit_test(a_reading_comes_back_as_it_was),
        cmocka_unit_test(visits_are_walked_in_order_of_time),
        cmocka_unit_test(unknown_members_are_kept_with_a_visit_that_was_not_read_too),
        cmocka_unit_test(two_names_of_one_machine_are_found),
        cmocka_unit_test(two_names_of_one_machine_count_once),
        cmocka_unit_test(a_cloned_server_never_stands_for_its_model),
        cmocka_unit_test(hosts_in_maintenance_are_listed_as_such),
        cmocka_unit_test(a_startup_type_that_came_back_is_told),
        cmocka_unit_test(a_linux_host_has_the_expectations_of_its_os),
        cmocka_unit_test(a_new_machine_of_the_name_has_no_good_past),
        cmocka_unit_test(a_scan_that_had_not_ended_was_not_complete_then),
        cmocka_unit_test(a_repair_before_anybody_looked_is_told),
        cmocka_unit_test(what_is_not_expected_any_more_is_neither_missing_nor_recovered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
