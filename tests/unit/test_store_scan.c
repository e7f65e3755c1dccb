/* test_store_scan: scans begin, end, die, and say what they were to visit. */
#include "history_file.h"

#include "core/clock.h"

#include <zlib.h>

struct file {
    const char *folder, *path;
    struct store *store;
    struct host hosts[3];
    struct scan_begin begin;
};

static void file_init(struct file *file)
{
    static const char *const names[] = {"pvs01", "pvs02", "pvs03"};
    file->folder = scene_folder();
    file->path = scene_path(file->folder, "history.db");
    file->store = scene_open(file->path);
    for (int i = 0; i < 3; i++) {
        file->hosts[i] = scene_host(names[i]);
    }
    file->begin = (struct scan_begin){.source = "local",
                                      .time_ms = NIGHT,
                                      .version = "0.1.0",
                                      .whole_fleet = true,
                                      .hosts = file->hosts,
                                      .host_count = 3,
                                      .expectations = scene_expectations(),
                                      .boot_paths = "[]"};
}

static void file_done(struct file *file)
{
    store_close(file->store);
    scene_folder_done(file->folder);
}

static void add(struct file *file, int host, int64_t time_ms)
{
    struct scene scene = scene_server(file->hosts[host].name, time_ms);
    scene_add(file->store, &scene, &file->hosts[host]);
}

static void a_scan_keeps_what_was_in_force(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    struct scan_end end = {.time_ms = NIGHT + HOUR};
    assert_ok(store_scan_begin(file.store, &file.begin, &scene_err));
    add(&file, 0, NIGHT + 1);
    struct scene dead = {.host = "pvs02", .time_ms = NIGHT + 2, .unread = true};
    scene_add(file.store, &dead, &file.hosts[1]);
    assert_ok(store_scan_end(file.store, &end, &scene_err));
    file_text_is(file.path,
                 "SELECT coverage, outcome, start_ms, end_ms, visits, visits_read, version"
                 " FROM scan",
                 "fleet|complete|1795140000000|1795143600000|2|1|0.1.0|\n");
    file_text_is(file.path, "SELECT text FROM content JOIN scan ON content.id = scope_id",
                 "[[\"pvs01\",\"windows\",\"paris\",\"emea\",\"active\"],"
                 "[\"pvs02\",\"windows\",\"paris\",\"emea\",\"active\"],"
                 "[\"pvs03\",\"windows\",\"paris\",\"emea\",\"active\"]]|\n");
    file_text_is(file.path, "SELECT text FROM content JOIN scan ON content.id = boot_paths_id",
                 "[]|\n");
    assert_true(file_number(file.path, "SELECT count(*) FROM content JOIN scan ON content.id ="
                                       " expectations_id WHERE text LIKE '%BNPXE%'") == 1);
    /* A failed visit is a row, too, with its reason. */
    file_text_is(file.path,
                 "SELECT was_read, reason, code, d.text FROM observation o JOIN content d ON"
                 " d.id = o.detail_id WHERE o.host_id = 2",
                 "0|unreachable|113|no route to host|\n");
    file_done(&file);
}

static void the_next_scan_marks_a_dead_one_aborted(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    assert_ok(store_scan_begin(file.store, &file.begin, &scene_err));
    add(&file, 0, NIGHT + 1);
    assert_ok(store_flush(file.store, &scene_err));
    add(&file, 1, NIGHT + 2);
    store_close(file.store); /* dies with one host in the air */
    assert_true(file_number(file.path, "SELECT count(*) FROM observation") == 1);
    file_text_is(file.path, "SELECT outcome FROM scan", "running|\n");
    file.store = scene_open(file.path);
    file.begin.time_ms = NIGHT + DAY;
    assert_ok(store_scan_begin(file.store, &file.begin, &scene_err));
    file_text_is(file.path, "SELECT outcome FROM scan ORDER BY id", "aborted|\nrunning|\n");
    struct scan_end end = {.interrupted = true, .time_ms = NIGHT + DAY + 1};
    assert_ok(store_scan_end(file.store, &end, &scene_err));
    file_text_is(file.path, "SELECT outcome FROM scan ORDER BY id", "aborted|\ninterrupted|\n");
    file_done(&file);
}

static void a_scan_of_another_source_is_left_alone(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    assert_ok(store_scan_begin(file.store, &file.begin, &scene_err));
    struct store *other = scene_open(file.path);
    file.begin.source = "paris";
    assert_ok(store_scan_begin(other, &file.begin, &scene_err));
    file_text_is(file.path, "SELECT outcome FROM scan", "running|\nrunning|\n");
    store_close(other);
    file_done(&file);
}

/* Fifty, or what came within 250 ms where the machine is slow. */
static void fifty_hosts_are_committed_at_once(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    assert_ok(store_scan_begin(file.store, &file.begin, &scene_err));
    int64_t since_ms = clock_monotonic_ms();
    int batch = 0;
    int committed = 0;
    for (int i = 1; i <= 50; i++) {
        since_ms = batch == 0 ? clock_monotonic_ms() : since_ms;
        add(&file, 0, NIGHT + i);
        batch++;
        if (file_number(file.path, "SELECT count(*) FROM observation") != committed) {
            assert_true(file_number(file.path, "SELECT count(*) FROM observation") == i);
            assert_true(batch == 50 || clock_monotonic_ms() - since_ms >= 250);
            committed = i;
            batch = 0;
        }
    }
    assert_true(batch < 50);
    file_done(&file);
}

static void a_scan_before_the_newest_visit_is_refused(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    struct err err = {.code = ERR_NONE};
    struct scan_end end = {.time_ms = NIGHT + HOUR};
    assert_ok(store_scan_begin(file.store, &file.begin, &scene_err));
    add(&file, 0, NIGHT + DAY);
    assert_ok(store_scan_end(file.store, &end, &scene_err));
    file.begin.time_ms = NIGHT + HOUR;
    assert_int_equal(store_scan_begin(file.store, &file.begin, &err), -1);
    assert_int_equal(err.code, ERR_USAGE);
    assert_non_null(strstr(err.text, "--as-of"));
    assert_non_null(strstr(err.text, "2026-11-21T02:00:00Z"));
    assert_true(file_number(file.path, "SELECT count(*) FROM scan") == 1);
    file.begin.shift_ms = -HOUR;
    assert_ok(store_scan_begin(file.store, &file.begin, &scene_err));
    file_done(&file);
}

static void an_ingest_run_is_a_scan_of_what_it_brought(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    struct scan_begin begin = {
        .source = "local", .time_ms = NIGHT + 9 * DAY, .expectations = scene_expectations()};
    struct scan_end end = {.time_ms = NIGHT + 9 * DAY};
    assert_ok(store_scan_begin(file.store, &begin, &scene_err));
    add(&file, 2, NIGHT);
    add(&file, 0, NIGHT + 1);
    add(&file, 2, NIGHT + DAY);
    assert_ok(store_scan_end(file.store, &end, &scene_err));
    file_text_is(file.path, "SELECT coverage, outcome, start_ms, end_ms, visits FROM scan",
                 "ingest|complete|1795140000000|1795226400000|3|\n");
    file_text_is(file.path,
                 "SELECT json_extract(text, '$[0][0]'), json_extract(text, '$[1][0]'),"
                 " json_array_length(text) FROM content JOIN scan ON content.id = scope_id",
                 "pvs01|pvs03|2|\n");
    /* Delivered again: nothing, not even a scan. */
    assert_ok(store_scan_begin(file.store, &begin, &scene_err));
    add(&file, 2, NIGHT);
    assert_ok(store_scan_end(file.store, &end, &scene_err));
    assert_true(file_number(file.path, "SELECT count(*) FROM scan") == 1);
    file_done(&file);
}

static void what_was_rolled_back_is_not_in_the_scope(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    struct scan_begin begin = {
        .source = "local", .time_ms = NIGHT + DAY, .expectations = scene_expectations()};
    struct scan_end end = {.time_ms = NIGHT + DAY};
    assert_ok(store_scan_begin(file.store, &begin, &scene_err));
    add(&file, 1, NIGHT);
    assert_ok(store_scan_end(file.store, &end, &scene_err));
    file_exec(file.path, "CREATE TRIGGER refuse BEFORE INSERT ON observation WHEN"
                         " (SELECT name FROM host WHERE id = NEW.host_id) = 'pvs03'"
                         " BEGIN SELECT RAISE(ABORT, 'refused'); END");
    assert_ok(store_scan_begin(file.store, &begin, &scene_err));
    add(&file, 0, NIGHT);
    assert_ok(store_flush(file.store, &scene_err));
    add(&file, 1, NIGHT + DAY);
    struct scene bad = scene_server("pvs03", NIGHT);
    struct snapshot snapshot;
    struct err err = {.code = ERR_NONE};
    scene_snapshot(&bad, &snapshot);
    assert_int_equal(
        store_add(file.store, &snapshot, &file.hosts[2], scene_expectations(), scene_none(), &err),
        -1);
    snapshot_done(&snapshot);
    assert_ok(store_scan_end(file.store, &end, &scene_err));
    file_text_is(file.path,
                 "SELECT visits, json_array_length(text), json_extract(text, '$[0][0]') FROM scan"
                 " JOIN content ON content.id = scope_id ORDER BY scan.id DESC LIMIT 1",
                 "1|1|pvs01|\n");
    file_done(&file);
}

static void lines_outside_any_scan_get_one_a_source(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    struct scene scene = scene_server("pvs01", NIGHT);
    scene_add(file.store, &scene, NULL);
    scene.source = "paris";
    scene_add(file.store, &scene, NULL);
    scene.time_ms += DAY;
    scene_add(file.store, &scene, NULL);
    assert_ok(store_flush(file.store, &scene_err));
    scene.time_ms += DAY;
    scene_add(file.store, &scene, NULL);
    assert_ok(store_flush(file.store, &scene_err));
    file_text_is(file.path,
                 "SELECT s.name, coverage, outcome, visits, end_ms - start_ms FROM scan JOIN"
                 " source s ON s.id = source_id ORDER BY scan.id",
                 "local|ingest|complete|1|0|\nparis|ingest|complete|3|172800000|\n");
    assert_true(file_number(file.path, "SELECT count(*) FROM host") == 2);
    file_done(&file);
}

static void add_raw(struct file *file, const struct scene *scene, const char *raw)
{
    struct snapshot snapshot;
    scene_snapshot(scene, &snapshot);
    assert_ok(store_add(file->store, &snapshot, &file->hosts[0], scene_expectations(),
                        (struct slice){raw, strlen(raw)}, &scene_err));
    snapshot_done(&snapshot);
}

static void raw_bytes_are_kept_where_they_prove_something(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    struct scene scene = scene_server("pvs01", NIGHT);
    add_raw(&file, &scene, "all is well");
    scene.time_ms += DAY;
    scene.udp_partial = true;
    add_raw(&file, &scene, "cut");
    scene.time_ms += DAY;
    scene.udp_partial = false;
    scene.lost = true;
    add_raw(&file, &scene, "lost lost lost lost lost lost");
    scene.time_ms += DAY;
    add_raw(&file, &scene, "still lost");
    assert_ok(store_flush(file.store, &scene_err));
    file_text_is(file.path, "SELECT time_ms, raw_bytes FROM evidence ORDER BY 1",
                 "1795226400000|3|\n1795312800000|29|\n");
    char *hex = file_rows(file.path, "SELECT hex(bytes) FROM evidence ORDER BY time_ms DESC");
    unsigned char packed[128];
    char raw[64];
    size_t len = strcspn(hex, "|") / 2;
    for (size_t i = 0; i < len; i++) {
        unsigned byte = 0;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
        packed[i] = (unsigned char)byte;
    }
    uLongf raw_len = sizeof(raw);
    assert_int_equal(uncompress((unsigned char *)raw, &raw_len, packed, len), Z_OK);
    assert_int_equal(raw_len, 29);
    assert_memory_equal(raw, "lost lost lost lost lost lost", 29);
    free(hex);
    assert_ok(store_drop_evidence(file.store, NIGHT + 2 * DAY, NULL, &scene_err));
    assert_true(file_number(file.path, "SELECT count(*) FROM evidence") == 1);
    file_done(&file);
}

static void evidence_beyond_the_limit_goes_oldest_first(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    struct scene scene = scene_server("pvs01", NIGHT);
    int64_t trimmed = 0;
    scene.udp_partial = true;
    for (int night = 0; night < 4; night++) {
        scene.time_ms = NIGHT + night * DAY;
        add_raw(&file, &scene, night % 2 == 0 ? "cut" : "cut, and cut again");
    }
    assert_ok(store_flush(file.store, &scene_err));
    int64_t newest_two = file_number(
        file.path,
        "SELECT sum(length(bytes)) FROM (SELECT bytes FROM evidence ORDER BY time_ms DESC"
        " LIMIT 2)");
    store_limit_evidence(file.store, newest_two);
    assert_ok(store_drop_evidence(file.store, 0, &trimmed, &scene_err));
    assert_int_equal(trimmed, 2);
    file_text_is(file.path, "SELECT time_ms FROM evidence ORDER BY 1",
                 "1795312800000|\n1795399200000|\n");
    store_limit_evidence(file.store, newest_two - 1);
    assert_ok(store_drop_evidence(file.store, 0, &trimmed, &scene_err));
    assert_int_equal(trimmed, 3);
    file_text_is(file.path, "SELECT time_ms FROM evidence", "1795399200000|\n");
    /* Within a scan, where more than all has come in. */
    store_limit_evidence(file.store, 17);
    scene.time_ms += DAY;
    add_raw(&file, &scene, "more than 17 bytes");
    assert_ok(store_flush(file.store, &scene_err));
    assert_true(file_number(file.path, "SELECT count(*) FROM evidence") == 0);
    file_done(&file);
}

static void a_judgement_is_told_for_each_expectation_that_applies(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    struct scene scene = scene_server("pvs01", NIGHT);
    const struct store_judgement *judgements = NULL;
    scene_add(file.store, &scene, &file.hosts[0]);
    assert_int_equal(store_judgements(file.store, &judgements), 3); /* no PVSTSB, no kea */
    for (int i = 0; i < 3; i++) {
        assert_int_equal(judgements[i].verdict.code, VERDICT_BOUND);
        assert_true(judgements[i].open.since_ms == 0);
    }
    struct declaration said = {.expectation = "PVSTSB", .declared = DECLARED_EXPECTED};
    file.hosts[0].declarations = &said;
    file.hosts[0].declaration_count = 1;
    scene.time_ms += DAY;
    scene.boot++;
    scene.boot_ms = scene.time_ms - HOUR;
    scene.lost = true;
    scene_add(file.store, &scene, &file.hosts[0]);
    assert_int_equal(store_judgements(file.store, &judgements), 4);
    assert_string_equal(judgements[0].expectation->id, "BNPXE");
    assert_int_equal(judgements[0].verdict.code, VERDICT_NOT_BOUND);
    assert_int_equal(judgements[0].open.finding, FINDING_LOST_AT_BOOT);
    assert_int_equal(judgements[0].open.verdict, VERDICT_NOT_BOUND);
    assert_true(judgements[0].open.since_ms == NIGHT + DAY);
    assert_true(judgements[1].open.since_ms == 0);
    assert_string_equal(judgements[2].expectation->id, "PVSTSB");
    scene.time_ms += DAY;
    scene.unread = true;
    scene_add(file.store, &scene, &file.hosts[0]);
    assert_int_equal(store_judgements(file.store, &judgements), 4);
    assert_int_equal(judgements[0].verdict.code, VERDICT_UNKNOWN);
    assert_int_equal(judgements[0].verdict.reason, REASON_UNREACHABLE);
    file_done(&file);
}

/* The problem of one host over nights; what is open is told with each. */
static void an_open_problem_is_told_until_a_reading_settles_it(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    struct scene scene = scene_server("pvs01", NIGHT);
    const struct store_judgement *judgements = NULL;
    scene.lost = true;
    scene_add(file.store, &scene, &file.hosts[0]);
    for (int night = 1; night <= 3; night++) {
        scene.time_ms += DAY;
        scene.unread = night == 1;
        scene.udp_partial = night == 2;
        scene.lost = night < 3;
        scene_add(file.store, &scene, &file.hosts[0]);
        assert_true(store_judgements(file.store, &judgements) > 0);
        assert_string_equal(judgements[0].expectation->id, "BNPXE");
        assert_int_equal(judgements[0].verdict.code, night < 3 ? VERDICT_UNKNOWN : VERDICT_BOUND);
        assert_true(judgements[0].open.since_ms == (night < 3 ? NIGHT : 0));
        if (night < 3) {
            assert_int_equal(judgements[0].open.verdict, VERDICT_NOT_BOUND);
            assert_int_equal(judgements[0].open.finding, FINDING_NEVER_BOUND);
        }
    }
    file_done(&file);
}

static void a_visit_without_a_host_or_a_time_is_refused(void **state)
{
    (void)state;
    struct file file;
    file_init(&file);
    struct snapshot snapshot;
    struct err err = {.code = ERR_NONE};
    snapshot_init(&snapshot);
    snapshot.visit.time_ms = NIGHT;
    assert_int_equal(store_add(file.store, &snapshot, NULL, NULL, scene_none(), &err), -1);
    assert_int_equal(err.code, ERR_FORMAT);
    snapshot.visit.time_ms = 0;
    snapshot.visit.host = "pvs01";
    assert_int_equal(store_add(file.store, &snapshot, NULL, NULL, scene_none(), &err), -1);
    snapshot.visit.time_ms = NIGHT;
    assert_ok(store_add(file.store, &snapshot, NULL, NULL, scene_none(), &scene_err));
    snapshot_done(&snapshot);
    file_done(&file);
}

/* One process of a megabyte's name on twenty ports. */
static void a_reading_that_is_too_large_costs_only_itself(void **state)
{
    (void)state;
    enum { NAME_BYTES = 1024 * 1024 };
    struct file file;
    struct snapshot snapshot;
    struct scene scene = scene_server("pvs02", NIGHT + 2);
    const struct store_judgement *judgements = NULL;
    file_init(&file);
    add(&file, 0, NIGHT + 1);
    scene_snapshot(&scene, &snapshot);
    char *name = arena_alloc(&snapshot.arena, NAME_BYTES + 1);
    assert_non_null(name);
    memset(name, 'x', NAME_BYTES);
    scene_process(&snapshot, 90000, 4, 5, name);
    for (unsigned i = 0; i < 20; i++) {
        scene_endpoint(&snapshot, PROTO_TCP, "0.0.0.0", 10000 + i, 90000, 0);
    }
    assert_ok(store_add(file.store, &snapshot, &file.hosts[1], scene_expectations(), scene_none(),
                        &scene_err));
    assert_int_equal(store_judgements(file.store, &judgements), 3);
    assert_int_equal(judgements[0].verdict.reason, REASON_PARTIAL);
    snapshot_done(&snapshot);
    assert_ok(store_flush(file.store, &scene_err));
    file_text_is(file.path, "SELECT host, was_read, reason, detail FROM visits ORDER BY host",
                 "pvs01|1|NULL|NULL|\n"
                 "pvs02|0|partial|the reading is larger than the history takes|\n");
    file_done(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scan_keeps_what_was_in_force),
        cmocka_unit_test(the_next_scan_marks_a_dead_one_aborted),
        cmocka_unit_test(a_scan_of_another_source_is_left_alone),
        cmocka_unit_test(fifty_hosts_are_committed_at_once),
        cmocka_unit_test(a_scan_before_the_newest_visit_is_refused),
        cmocka_unit_test(an_ingest_run_is_a_scan_of_what_it_brought),
        cmocka_unit_test(what_was_rolled_back_is_not_in_the_scope),
        cmocka_unit_test(lines_outside_any_scan_get_one_a_source),
        cmocka_unit_test(raw_bytes_are_kept_where_they_prove_something),
        cmocka_unit_test(evidence_beyond_the_limit_goes_oldest_first),
        cmocka_unit_test(a_judgement_is_told_for_each_expectation_that_applies),
        cmocka_unit_test(an_open_problem_is_told_until_a_reading_settles_it),
        cmocka_unit_test(a_visit_without_a_host_or_a_time_is_refused),
        cmocka_unit_test(a_reading_that_is_too_large_costs_only_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
