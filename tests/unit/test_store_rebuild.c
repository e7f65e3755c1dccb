/* test_store_rebuild: derived rows are the same however the truth came in. */
#include "history_file.h"

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005U + 1442695040888963407U;
    return *seed >> 33;
}

enum { HOSTS = 6, NIGHTS = 40 };

/* A life of ups and downs: reboots, losses, restarts, unread nights, clock steps, pauses, another
 * machine, other settings; the same for the same seed. */
struct life {
    struct scene scene;
    uint64_t seed;
};

static void live(struct life *life, int night)
{
    struct scene *scene = &life->scene;
    uint64_t dice = next_random(&life->seed) % 100;
    scene->time_ms = NIGHT + night * DAY + (int64_t)(next_random(&life->seed) % HOUR);
    scene->unread = dice < 8;
    scene->reason = dice < 4 ? REASON_TIMEOUT : REASON_UNREACHABLE;
    scene->udp_partial = dice >= 8 && dice < 12;
    scene->boot_denied = dice >= 12 && dice < 16;
    scene->no_witness = dice >= 16 && dice < 19;
    scene->light = dice % 5 == 4;
    scene->drift++;
    if (dice >= 20 && dice < 45) {
        scene->boot++;
        scene->boot_ms = scene->time_ms - (int64_t)(next_random(&life->seed) % (12 * HOUR));
        scene->pxe_restart_ms = 0;
        scene->paused_ms = 0;
        scene->lost = dice < 32;
    }
    if (dice >= 50 && dice < 55 && scene->lost) {
        scene->lost = false;
        scene->pxe_restart_ms = scene->time_ms - HOUR;
    }
    if (dice >= 55 && dice < 58) {
        scene->clock_off_ms += 2 * HOUR;
    }
    if (dice >= 58 && dice < 61) {
        scene->paused_ms += HOUR;
    }
    if (dice == 61) {
        scene->machine = night % 2 == 0 ? "guid-new" : "guid-newer";
    }
    scene->pxe_stopped = dice >= 62 && dice < 66;
    scene->pxe_absent = dice >= 66 && dice < 68;
    scene->rival = dice >= 68 && dice < 72;
    if (dice >= 72 && dice < 78) {
        scene->startup = dice % 2 == 0 ? STARTUP_AUTOMATIC_DELAYED : STARTUP_AUTOMATIC;
    }
}

static void name_of(char *to, size_t size, int host)
{
    (void)snprintf(to, size, "pvs%02d", host);
}

/* The visit of a host in a night; each test plays the lives from their beginning. */
static void visit_of(int host, int night, char *name, struct scene *ret)
{
    struct life life = {.seed = (uint64_t)host * 7919 + 1};
    name_of(name, 16, host);
    life.scene = scene_server(name, NIGHT);
    for (int i = 0; i <= night; i++) {
        live(&life, i);
    }
    *ret = life.scene;
}

static void declare(int night, const char *name, struct host *host, struct declaration *said)
{
    *host = scene_host(name);
    said[0] = (struct declaration){.expectation = "PVSTSB", .declared = DECLARED_NOT_EXPECTED};
    host->declarations = said;
    host->declaration_count = night > 20 ? 1 : 0;
    host->site = night > 30 ? "lyon" : "paris";
}

static void ingest(struct store *store, int host, int night)
{
    char name[16];
    struct scene scene;
    struct host declared;
    struct declaration said[1];
    visit_of(host, night, name, &scene);
    declare(night, name, &declared, said);
    scene_add(store, &scene, &declared);
}

static void fill(const char *path)
{
    struct store *store = scene_open(path);
    for (int night = 0; night < NIGHTS; night++) {
        for (int host = 0; host < HOSTS; host++) {
            ingest(store, host, night);
        }
    }
    assert_ok(store_flush(store, &scene_err));
    store_close(store);
}

static void a_replay_gives_the_rows_of_the_first_time(void **state)
{
    (void)state;
    const char *folder = scene_folder();
    const char *path = scene_path(folder, "history.db");
    fill(path);
    char *before = file_derived(path);
    /* The lives are lively enough to prove something. */
    assert_true(file_number(path, "SELECT count(*) FROM finding") > 10);
    assert_true(file_number(path, "SELECT count(DISTINCT finding) FROM finding") >= 3);
    assert_true(file_number(path, "SELECT count(*) FROM gap") > 10);
    assert_true(file_number(path, "SELECT max(boot_no) FROM boot") > 3);
    assert_true(file_number(path, "SELECT max(machine_no) FROM machine") > 1);
    struct store *store = scene_open(path);
    assert_ok(store_rebuild(store, &scene_err));
    store_close(store);
    char *after = file_derived(path);
    same_derived(before, after);
    free(before);
    free(after);
    scene_folder_done(folder);
}

/* Names stand for ids: the order in which hosts come in gives them other ids. */
static char *by_names(const char *path)
{
    static const char *const tables[] = {
        "SELECT h.name, s.newest_ms, s.read_ms, s.first_ms, s.site, s.boot_no, s.machine_no,"
        " s.boot_reading_ms, s.boot_facts, s.boot_suspect, s.rebuild"
        " FROM host_state s JOIN host h ON h.id = s.host_id ORDER BY 1",
        "SELECT h.name, b.boot_no, b.boot_time_ms, b.first_ms, b.last_ms, b.previous_ms"
        " FROM boot b JOIN host h ON h.id = b.host_id ORDER BY 1, 2",
        "SELECT h.name, e.name, s.* FROM span s JOIN host h ON h.id = s.host_id"
        " JOIN expectation e ON e.id = s.expectation_id ORDER BY 1, 2, s.first_ms",
        "SELECT h.name, e.name, g.* FROM gap g JOIN host h ON h.id = g.host_id"
        " JOIN expectation e ON e.id = g.expectation_id ORDER BY 1, 2, g.first_ms",
        "SELECT h.name, e.name, f.* FROM finding f JOIN host h ON h.id = f.host_id"
        " JOIN expectation e ON e.id = f.expectation_id ORDER BY 1, 2, f.first_bad_ms",
    };
    struct buf all;
    buf_init(&all, (size_t)64 * 1024 * 1024);
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        char *rows = file_rows(path, tables[i]);
        (void)buf_puts(&all, rows);
        free(rows);
    }
    return buf_take(&all);
}

static void visits_out_of_order_give_the_same_rows(void **state)
{
    (void)state;
    const char *folder = scene_folder();
    const char *straight = scene_path(folder, "straight.db");
    const char *crooked = scene_path(folder, "crooked.db");
    fill(straight);
    struct store *store = scene_open(crooked);
    for (int host = 0; host < HOSTS; host++) {
        ingest(store, host, 0);
    }
    for (int night = NIGHTS - 1; night > 0; night--) {
        for (int host = 0; host < HOSTS; host++) {
            ingest(store, host, night);
            if (night % 7 == 3) {
                ingest(store, host, night); /* again */
            }
        }
        if (night % 10 == 0) {
            assert_ok(store_flush(store, &scene_err));
        }
    }
    assert_ok(store_flush(store, &scene_err));
    store_close(store);
    assert_true(file_number(crooked, "SELECT count(*) FROM host_state WHERE rebuild <> 0") == 0);
    assert_true(file_number(crooked, "SELECT count(*) FROM observation") == HOSTS * NIGHTS);
    char *a = by_names(straight);
    char *b = by_names(crooked);
    same_derived(a, b);
    free(a);
    free(b);
    scene_folder_done(folder);
}

static void an_older_visit_marks_the_host_until_the_flush(void **state)
{
    (void)state;
    const char *folder = scene_folder();
    const char *path = scene_path(folder, "history.db");
    struct store *store = scene_open(path);
    struct scene visit = scene_server("pvs01", NIGHT + DAY);
    struct host host = scene_host("pvs01");
    const struct store_judgement *judgements = NULL;
    scene_add(store, &visit, &host);
    assert_true(store_judgements(store, &judgements) > 0);
    visit.time_ms = NIGHT;
    scene_add(store, &visit, &host);
    size_t count = store_judgements(store, &judgements);
    assert_true(count > 0); /* a run that got nothing would call the host fine */
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(judgements[i].verdict.code, VERDICT_UNKNOWN);
        assert_int_equal(judgements[i].verdict.reason, REASON_SKIPPED);
    }
    assert_ok(store_flush(store, &scene_err));
    store_close(store);
    assert_true(file_number(path, "SELECT rebuild FROM host_state") == 0);
    assert_true(file_number(path, "SELECT min(first_ms) FROM span") == NIGHT);
    assert_true(file_number(path, "SELECT count(*) FROM span WHERE expectation_id = 1") == 1);
    scene_folder_done(folder);
}

/* Two programs write by turns, each with what it has looked up before. */
static void two_writers_leave_what_one_would_have(void **state)
{
    (void)state;
    const char *folder = scene_folder();
    const char *alone = scene_path(folder, "alone.db");
    const char *shared = scene_path(folder, "shared.db");
    fill(alone);
    struct store *writers[] = {scene_open(shared), scene_open(shared)};
    for (int night = 0; night < NIGHTS; night++) {
        for (int host = 0; host < HOSTS; host++) {
            struct store *store = writers[(night + host) % 2];
            ingest(store, host, night);
            assert_ok(store_flush(store, &scene_err));
        }
    }
    store_close(writers[0]);
    store_close(writers[1]);
    char *a = by_names(alone);
    char *b = by_names(shared);
    same_derived(a, b);
    file_text_is(shared, "PRAGMA integrity_check", "ok|\n");
    free(a);
    free(b);
    scene_folder_done(folder);
}

/* The judgement of the past goes by the expectations of its scan, not by those of today. */
static void a_replay_goes_by_the_expectations_in_force_then(void **state)
{
    (void)state;
    const char *folder = scene_folder();
    const char *path = scene_path(folder, "history.db");
    struct store *store = scene_open(path);
    struct scene visit = scene_server("pvs01", NIGHT);
    struct host host = scene_host("pvs01");
    scene_scan(store, &visit, &host);
    struct expectation_set one = {.items = scene_expectations()->items, .count = 1};
    struct scan_begin begin = {.source = "local",
                               .time_ms = NIGHT + DAY,
                               .whole_fleet = true,
                               .hosts = &host,
                               .host_count = 1,
                               .expectations = &one};
    struct scan_end end = {.time_ms = NIGHT + DAY + HOUR};
    struct snapshot snapshot;
    assert_ok(store_scan_begin(store, &begin, &scene_err));
    visit.time_ms += DAY;
    scene_snapshot(&visit, &snapshot);
    assert_ok(store_add(store, &snapshot, &host, &one, scene_none(), &scene_err));
    snapshot_done(&snapshot);
    assert_ok(store_scan_end(store, &end, &scene_err));
    char *before = file_derived(path);
    assert_ok(store_rebuild(store, &scene_err));
    store_close(store);
    char *after = file_derived(path);
    same_derived(before, after);
    assert_true(file_number(path, "SELECT last_ms FROM span s JOIN expectation e ON e.id ="
                                  " s.expectation_id WHERE e.name = 'BNTFTP'") == NIGHT);
    assert_true(file_number(path, "SELECT last_ms FROM span s JOIN expectation e ON e.id ="
                                  " s.expectation_id WHERE e.name = 'BNPXE'") == NIGHT + DAY);
    free(before);
    free(after);
    scene_folder_done(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_replay_gives_the_rows_of_the_first_time),
        cmocka_unit_test(visits_out_of_order_give_the_same_rows),
        cmocka_unit_test(an_older_visit_marks_the_host_until_the_flush),
        cmocka_unit_test(two_writers_leave_what_one_would_have),
        cmocka_unit_test(a_replay_goes_by_the_expectations_in_force_then),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
