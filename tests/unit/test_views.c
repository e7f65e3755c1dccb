/* test_views: the views open in a stock SQLite, have their columns, and find their rows by index.
 */
#include "history_file.h"

#include "db/query/query_sql.h"
#include "db/store/store_sql.h"

/* bound | lost at a boot, unread | back by hand; and a host that was never read */
static void tell_the_story(const char *path)
{
    struct store *store = scene_open(path);
    struct scene scene = scene_server("pvs01", NIGHT);
    struct host host = scene_host("pvs01");
    scene_scan(store, &scene, &host);
    scene.time_ms += DAY;
    scene.boot++;
    scene.boot_ms = scene.time_ms - HOUR;
    scene.lost = true;
    scene_scan(store, &scene, &host);
    scene.time_ms += DAY;
    scene.unread = true;
    scene_scan(store, &scene, &host);
    scene.time_ms += DAY;
    scene.unread = false;
    scene.udp_partial = true;
    scene_scan(store, &scene, &host);
    scene.time_ms += DAY;
    scene.udp_partial = false;
    scene.lost = false;
    scene.pxe_restart_ms = scene.time_ms - HOUR;
    scene_scan(store, &scene, &host);
    store_close(store);
}

struct view {
    const char *name;
    const char *columns;
};

static const struct view views[] = {
    {"binding_now", "host,time_ms,time,proto,local_address,local_port,image,services,source"},
    {"boot_outcome",
     "host,site,farm,expectation,boot_no,boot_time_ms,boot_time,decided_ms,decided,verdict,"
     "startup_type,service_state,restarted_after_boot,os_build,pvs_build,source"},
    {"boots",
     "host,boot_no,machine_no,boot_time_ms,boot_time,first_ms,first_read,last_ms,last_read,"
     "previous_ms,last_read_before,from_event_log,source"},
    {"lost_after_reboot",
     "host,site,farm,expectation,boot_no,boot_time_ms,boot_time,last_good_ms,last_good,"
     "first_bad_ms,first_bad,last_bad_ms,last_bad,state,ended_ms,ended,verdict,service_state,"
     "startup_type,source"},
    {"scans", "scan,source,kind,coverage,outcome,start_ms,started,end_ms,ended,shift_ms,visits,"
              "visits_read,visits_unread,hosts_with_skewed_clock,collector_clock_suspect,version,"
              "host_limit,inventory"},
    {"timeline", "host,time_ms,time,what,expectation,said,until_ms,until,source"},
    {"visits",
     "host,time_ms,time,kind,source,scan,was_read,reason,code,detail,duration_ms,os,transport,"
     "address,mechanism,principal,account,udp_complete,tcp_complete,services_complete,"
     "boot_complete,uptime_ms"},
};

static void every_view_opens_with_its_columns(void **state)
{
    (void)state;
    const char *folder = scene_folder();
    const char *path = scene_path(folder, "history.db");
    sqlite3 *handle = NULL;
    tell_the_story(path);
    file_text_is(path,
                 "SELECT group_concat(name, ',') FROM (SELECT name FROM sqlite_schema"
                 " WHERE type = 'view' ORDER BY name)",
                 "binding_now,boot_outcome,boots,lost_after_reboot,scans,timeline,visits|\n");
    assert_int_equal(sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
        sqlite3_stmt *statement = NULL;
        struct buf columns;
        char *sql = sqlite3_mprintf("SELECT * FROM %s", views[i].name);
        buf_init(&columns, 4096);
        assert_int_equal(sqlite3_prepare_v2(handle, sql, -1, &statement, NULL), SQLITE_OK);
        for (int k = 0; k < sqlite3_column_count(statement); k++) {
            (void)buf_printf(&columns, "%s%s", k == 0 ? "" : ",",
                             sqlite3_column_name(statement, k));
        }
        assert_string_equal(columns.data, views[i].columns);
        assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
        assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
        sqlite3_free(sql);
        buf_done(&columns);
    }
    assert_int_equal(sqlite3_close(handle), SQLITE_OK);
    scene_folder_done(folder);
}

static void the_views_tell_the_story(void **state)
{
    (void)state;
    const char *folder = scene_folder();
    const char *path = scene_path(folder, "history.db");
    tell_the_story(path);
    file_text_is(path,
                 "SELECT host, site, expectation, boot_time, last_good, first_bad, state, ended,"
                 " verdict FROM lost_after_reboot",
                 "pvs01|paris|BNPXE|2026-11-21T01:00:00Z|2026-11-20T02:00:00Z|"
                 "2026-11-21T02:00:00Z|recovered-by-restart|2026-11-24T02:00:00Z|not-bound|\n");
    file_text_is(path,
                 "SELECT boot_no, verdict, startup_type, pvs_build FROM boot_outcome"
                 " WHERE expectation = 'BNPXE' ORDER BY boot_no",
                 "1|bound|Automatic|2203.0.0.33|\n2|not-bound|Automatic|2203.0.0.33|\n");
    file_text_is(path,
                 "SELECT local_address, image, services FROM binding_now"
                 " WHERE proto = 'udp' AND local_port = 67",
                 "0.0.0.0|BNPXE.exe|BNPXE|\n");
    file_text_is(path, "SELECT DISTINCT local_address FROM binding_now WHERE local_port = 6910",
                 "10.0.0.5|\n");
    assert_true(file_number(path, "SELECT count(*) FROM binding_now") == 80);
    file_text_is(path,
                 "SELECT what, said FROM timeline WHERE expectation = 'BNPXE' ORDER BY time_ms,"
                 " what",
                 "reading|bound (Running, Automatic)|\nfinding|lost-at-boot|\n"
                 "reading|not-bound (Running, Automatic)|\ngap|unknown: partial (udp)|\n"
                 "end of finding|recovered-by-restart|\nreading|bound (Running, Automatic)|\n");
    file_text_is(path,
                 "SELECT was_read, reason, detail, transport, udp_complete FROM visits"
                 " ORDER BY time_ms",
                 "1|NULL|NULL|ssh|1|\n1|NULL|NULL|ssh|1|\n0|unreachable|no route to host|ssh|0|\n"
                 "1|NULL|NULL|ssh|0|\n1|NULL|NULL|ssh|1|\n");
    file_text_is(path, "SELECT coverage, outcome, visits, visits_unread FROM scans WHERE scan = 3",
                 "fleet|complete|1|1|\n");
    scene_folder_done(folder);
}

/* The plan of a statement as one text. */
static char *plan_of(const char *path, const char *sql)
{
    char *explain = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sql);
    char *rows = file_rows(path, explain);
    sqlite3_free(explain);
    return rows;
}

/* What each of the main questions must search by; none of them may scan. */
struct plan {
    const struct statement_text *statement;
    const char *search;
};

static void the_main_questions_use_their_index(void **state)
{
    (void)state;
    const struct plan plans[] = {
        {&query_sql[ASK_NEWEST_OF_HOST], "SEARCH o USING PRIMARY KEY (host_id=? AND time_ms<?)"},
        {&query_sql[ASK_FULL_OF_HOST], "SEARCH o USING PRIMARY KEY (host_id=? AND time_ms<?)"},
        {&query_sql[ASK_READ_TIME],
         "SEARCH observation USING PRIMARY KEY (host_id=? AND time_ms<?)"},
        {&query_sql[ASK_VISITS_OF_HOST],
         "SEARCH o USING PRIMARY KEY (host_id=? AND time_ms>? AND time_ms<?)"},
        {&query_sql[ASK_SPANS_BEFORE],
         "SEARCH s USING PRIMARY KEY (host_id=? AND expectation_id=? AND first_ms<?)"},
        {&query_sql[ASK_GAP_BEFORE],
         "SEARCH g USING PRIMARY KEY (host_id=? AND expectation_id=? AND first_ms<?)"},
        {&query_sql[ASK_FINDING_BEFORE],
         "SEARCH f USING PRIMARY KEY (host_id=? AND expectation_id=? AND first_bad_ms<?)"},
        {&query_sql[ASK_BOOT_BEFORE], "SEARCH boot USING PRIMARY KEY (host_id=?)"},
        {&query_sql[ASK_FLEET_SCANS], "SEARCH c USING INDEX scan_by_start (start_ms<?)"},
        {&query_sql[ASK_BOOTS_OF_HOST], "SEARCH boot USING PRIMARY KEY (host_id=?)"},
        {&query_sql[ASK_BUILDS_OF_HOST],
         "SEARCH build USING PRIMARY KEY (host_id=? AND first_ms<?)"},
        {&query_sql[ASK_OPENINGS_OF_HOST], "SEARCH p USING PRIMARY KEY (host_id=?)"},
        {&query_sql[ASK_OPENINGS_OF_HOST], "SEARCH o USING PRIMARY KEY (host_id=? AND time_ms=?)"},
        {&query_sql[ASK_FIRST_JUDGED],
         "SEARCH span USING PRIMARY KEY (host_id=? AND expectation_id=?)"},
        {&query_sql[ASK_READ_BETWEEN],
         "SEARCH o USING PRIMARY KEY (host_id=? AND time_ms>? AND time_ms<?)"},
        {&query_sql[ASK_OUTCOMES_BETWEEN],
         "SEARCH o USING PRIMARY KEY (host_id=? AND time_ms>? AND time_ms<?)"},
        {&query_sql[ASK_VISIT_OUTCOMES], "SEARCH o USING PRIMARY KEY (host_id=? AND time_ms<?)"},
        {&query_sql[ASK_SPANS_OF_HOST], "SEARCH s USING PRIMARY KEY (host_id=?)"},
        {&query_sql[ASK_GAPS_OF_HOST], "SEARCH g USING PRIMARY KEY (host_id=?)"},
        {&query_sql[ASK_FINDINGS_OF_HOST], "SEARCH f USING PRIMARY KEY (host_id=?)"},
        {&query_sql[ASK_SCANS], "SEARCH c USING INDEX scan_by_start (start_ms>? AND start_ms<?)"},
        {&store_sql[SQL_CONTENT_BY_HASH], "SEARCH content USING INDEX content_by_hash (hash=?)"},
        {&store_sql[SQL_TRACKS_OF_HOST], "SEARCH w USING PRIMARY KEY (host_id=?)"},
        {&store_sql[SQL_VOLATILE_BEFORE], "SEARCH o USING PRIMARY KEY (host_id=? AND time_ms<?)"},
        {&store_sql[SQL_HOSTS_TO_REBUILD], "INDEX host_state_to_rebuild"},
        {&store_sql[SQL_EVIDENCE_DROP], "INDEX evidence_by_age (time_ms<?)"},
    };
    const char *folder = scene_folder();
    const char *path = scene_path(folder, "history.db");
    tell_the_story(path);
    for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++) {
        char *plan = plan_of(path, plans[i].statement->sql);
        /* The other arm has the repeated light rows alone, which are few. */
        const char *other_arm = strstr(plan, "|RIGHT|");
        const char *sort = strstr(plan, "TEMP B-TREE FOR ORDER BY");
        bool sorts = sort != NULL && (other_arm == NULL || sort < other_arm);
        if (strstr(plan, plans[i].search) == NULL || sorts) {
            fail_msg("%s:\n%s", plans[i].statement->name, plan);
        }
        free(plan);
    }
    scene_folder_done(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_view_opens_with_its_columns),
        cmocka_unit_test(the_views_tell_the_story),
        cmocka_unit_test(the_main_questions_use_their_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
