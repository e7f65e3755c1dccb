/* test_boot: a reboot needs uptime and a witness; nothing else is one. */
#include "history_scene.h"

#include "db/track/boot.h"

/* A reading, in seconds after NIGHT: ours, the host's clock, uptime (-1 unknown), lsass's pid and
 * creation. */
struct mark {
    int64_t reading, clock, uptime;
    int64_t pid, created; /* pid 0 = no witness */
    const char *boot_id;
    bool suspect;
};

struct row {
    const char *name;
    struct mark before, now;
    enum boot_change expect;
    bool skewed;
    bool suspect_after;
};

static const struct row rows[] = {
    {"a night later, up all the time",
     {100, 100, 50, 7, 5, NULL, false},
     {86500, 86500, 86450, 7, 5, NULL, false},
     BOOT_SAME,
     false,
     false},
    {"rebooted: uptime and another creation time",
     {100, 100, 50, 7, 5, NULL, false},
     {86500, 86500, 600, 7, 85900, NULL, false},
     BOOT_NEW,
     false,
     false},
    {"rebooted: uptime and another pid, creation not known",
     {100, 100, 50, 7, 0, NULL, false},
     {86500, 86500, 600, 9, 0, NULL, false},
     BOOT_NEW,
     false,
     false},
    {"paused VM: uptime lacks an hour, the witness lives",
     {100, 100, 50, 7, 5, NULL, false},
     {86500, 86500, 82850, 7, 5, NULL, false},
     BOOT_UNKNOWN,
     false,
     false},
    {"uptime lacks an hour, and nobody is there to ask",
     {100, 100, 50, 0, 0, NULL, false},
     {86500, 86500, 82850, 0, 0, NULL, false},
     BOOT_UNKNOWN,
     false,
     true},
    {"another pid, but up all the time: no reboot",
     {100, 100, 50, 7, 5, NULL, false},
     {86500, 86500, 86450, 9, 6000, NULL, false},
     BOOT_SAME,
     false,
     false},
    {"exactly the tolerance short of the elapsed time: up",
     {100, 100, 50, 7, 5, NULL, false},
     {1100, 1100, 970, 9, 500, NULL, false},
     BOOT_SAME,
     false,
     false},
    {"rebooted at once after a reading: the witness began with this boot",
     {100, 100, 50, 7, 5, NULL, false},
     {86500, 86500, 86385, 9, 130, NULL, false},
     BOOT_NEW,
     false,
     false},
    {"up for longer than the time since the reading, whatever the witness says",
     {100, 100, 5, 7, 90, NULL, false},
     {86500, 86500, 86400, 9, 102, NULL, false},
     BOOT_SAME,
     false,
     false},
    {"a short uptime, and the witness lives",
     {100, 100, 50, 7, 120, NULL, false},
     {86500, 86500, 86385, 7, 120, NULL, false},
     BOOT_SAME,
     false,
     false},
    {"a short uptime, and the other witness began long after the boot",
     {100, 100, 50, 7, 5, NULL, false},
     {86500, 86500, 86385, 9, 236, NULL, false},
     BOOT_SAME,
     false,
     false},
    {"boot_id: another, rebooted at once after a reading",
     {100, 100, 50, 0, 0, "one", false},
     {86500, 86500, 86385, 0, 0, "two", false},
     BOOT_NEW,
     false,
     false},
    {"a second more than the tolerance short: rebooted",
     {100, 100, 50, 7, 5, NULL, false},
     {1100, 1100, 969, 9, 500, NULL, false},
     BOOT_NEW,
     false,
     false},
    {"our clock counts more than the tolerance, the host's does not: up",
     {100, 100, 50, 7, 5, NULL, false},
     {1100, 1085, 960, 9, 500, NULL, false},
     BOOT_SAME,
     false,
     false},
    {"the host's clock counts more than the tolerance, ours does not: up",
     {100, 100, 50, 7, 5, NULL, false},
     {1085, 1100, 960, 9, 500, NULL, false},
     BOOT_SAME,
     false,
     false},
    {"clock set two hours ahead, witness lives",
     {100, 100, 50, 7, 5, NULL, false},
     {86500, 93700, 86450, 7, 5, NULL, false},
     BOOT_SAME,
     true,
     false},
    {"clock set two hours back, witness lives",
     {100, 100, 50, 7, 5, NULL, false},
     {86500, 79300, 86450, 7, 5, NULL, false},
     BOOT_SAME,
     true,
     false},
    {"clock set, and rebooted",
     {100, 100, 50, 7, 5, NULL, false},
     {86500, 93700, 600, 9, 93100, NULL, false},
     BOOT_NEW,
     true,
     false},
    {"clock set, nobody to ask: not known",
     {100, 100, 50, 0, 0, NULL, false},
     {86500, 93700, 86450, 0, 0, NULL, false},
     BOOT_UNKNOWN,
     true,
     false},
    {"our clock was set an hour back between the readings",
     {100, 100, 50, 7, 5, NULL, false},
     {82900, 86500, 86450, 7, 5, NULL, false},
     BOOT_SAME,
     true,
     false},
    {"host's clock not known: ours alone",
     {100, 0, 50, 7, 5, NULL, false},
     {86500, 0, 600, 9, 85900, NULL, false},
     BOOT_NEW,
     false,
     false},
    {"uptime not known: the witness decides, another",
     {100, 100, -1, 7, 5, NULL, false},
     {86500, 86500, -1, 9, 600, NULL, false},
     BOOT_NEW,
     false,
     false},
    {"uptime not known: the witness decides, the same",
     {100, 100, -1, 7, 5, NULL, false},
     {86500, 86500, -1, 7, 5, NULL, false},
     BOOT_SAME,
     false,
     false},
    {"boot_id: another, and uptime agrees",
     {100, 100, 50, 0, 0, "one", false},
     {86500, 86500, 600, 0, 0, "two", false},
     BOOT_NEW,
     false,
     false},
    {"boot_id: the same, though uptime is short (a paused guest)",
     {100, 100, 50, 0, 0, "one", false},
     {86500, 86500, 600, 0, 0, "one", false},
     BOOT_UNKNOWN,
     false,
     false},
    {"boot_id: another, but up all the time",
     {100, 100, 50, 0, 0, "one", false},
     {86500, 86500, 86450, 0, 0, "two", false},
     BOOT_SAME,
     false,
     false},
    {"an older reading spoke of a reboot, now the witness is there: another",
     {100, 100, 50, 7, 5, NULL, true},
     {86500, 86500, 86450, 9, 40, NULL, false},
     BOOT_NEW,
     false,
     false},
    {"an older reading spoke of a reboot, now the witness is there: the same",
     {100, 100, 50, 7, 5, NULL, true},
     {86500, 86500, 86450, 7, 5, NULL, false},
     BOOT_UNKNOWN,
     false,
     false},
};

static struct boot_mark mark_of(const struct mark *mark, struct boot_witness *room)
{
    *room = (struct boot_witness){.name = "lsass.exe",
                                  .pid = mark->pid,
                                  .created_ms =
                                      mark->created == 0 ? 0 : NIGHT + mark->created * SECOND};
    return (struct boot_mark){
        .reading_ms = NIGHT + mark->reading * SECOND,
        .clock_ms = mark->clock == 0 ? 0 : NIGHT + mark->clock * SECOND,
        .uptime_ms = mark->uptime < 0 ? -1 : mark->uptime * SECOND,
        .boot_id = mark->boot_id,
        .witnesses = room,
        .witness_count = mark->pid == 0 ? 0 : 1,
        .suspect = mark->suspect,
    };
}

static void every_pair_of_readings_is_decided(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct boot_witness room[2];
        struct boot_mark before = mark_of(&rows[i].before, &room[0]);
        struct boot_mark now = mark_of(&rows[i].now, &room[1]);
        bool skewed = false;
        enum boot_change change = boot_compare(&before, &now, &skewed);
        if (change != rows[i].expect || skewed != rows[i].skewed) {
            fail_msg("%s: change %d, skewed %d", rows[i].name, (int)change, (int)skewed);
        }
        struct boot_mark next = boot_advance(&before, &now, change);
        if (next.suspect != rows[i].suspect_after) {
            fail_msg("%s: suspect %d", rows[i].name, (int)next.suspect);
        }
    }
}

static void a_witness_of_half_a_second_is_the_same(void **state)
{
    (void)state;
    struct boot_witness a = {"lsass.exe", 7, NIGHT};
    struct boot_witness b = {"LSASS.EXE", 7, NIGHT + 900};
    struct boot_witness c = {"lsass.exe", 7, NIGHT + 1100};
    struct boot_mark before = {
        .reading_ms = NIGHT, .uptime_ms = -1, .witnesses = &a, .witness_count = 1};
    struct boot_mark now = before;
    bool skewed = false;
    now.witnesses = &b;
    assert_int_equal(boot_compare(&before, &now, &skewed), BOOT_SAME);
    now.witnesses = &c;
    assert_int_equal(boot_compare(&before, &now, &skewed), BOOT_NEW);
}

static void one_of_several_witnesses_is_enough(void **state)
{
    (void)state;
    struct boot_witness a[] = {{"lsass.exe", 7, 0}, {"wininit.exe", 8, 0}};
    struct boot_witness b[] = {{"wininit.exe", 9, 0}, {"lsass.exe", 7, 0}};
    struct boot_mark before = {
        .reading_ms = NIGHT, .uptime_ms = DAY, .witnesses = a, .witness_count = 2};
    struct boot_mark now = {
        .reading_ms = NIGHT + DAY, .uptime_ms = HOUR, .witnesses = b, .witness_count = 2};
    bool skewed = false;
    assert_int_equal(boot_compare(&before, &now, &skewed), BOOT_NEW);
}

static void the_largest_uptime_is_no_reboot(void **state)
{
    (void)state;
    struct boot_witness a = {"lsass.exe", 7, NIGHT};
    struct boot_mark before = {
        .reading_ms = NIGHT, .uptime_ms = HOUR, .witnesses = &a, .witness_count = 1};
    struct boot_mark now = before;
    bool skewed = false;
    now.reading_ms = NIGHT + DAY;
    now.uptime_ms = INT64_MAX;
    assert_int_equal(boot_compare(&before, &now, &skewed), BOOT_SAME);
}

static void a_section_that_was_not_read_says_nothing(void **state)
{
    (void)state;
    struct scene scene = scene_server("pvs01", NIGHT);
    struct snapshot snapshot;
    struct boot_mark mark = {.suspect = true};
    scene_snapshot(&scene, &snapshot);
    assert_true(boot_mark_of(&snapshot, &mark));
    snapshot_set_section(&snapshot, SECTION_BOOT, OUTCOME_PARTIAL, "cim", 0, NULL);
    assert_false(boot_mark_of(&snapshot, &mark));
    snapshot_set_section(&snapshot, SECTION_BOOT, OUTCOME_COMPLETE, "cim", 0, NULL);
    snapshot.boot = (struct boot){.uptime_ms = -1};
    assert_false(boot_mark_of(&snapshot, &mark));
    snapshot_done(&snapshot);
}

static void a_boot_from_the_event_log_has_its_uptime_by_the_hosts_clock(void **state)
{
    (void)state;
    struct scene scene = scene_server("pvs01", NIGHT);
    struct snapshot snapshot;
    struct boot_mark mark;
    scene_snapshot(&scene, &snapshot);
    snapshot.boot.weak = true;
    snapshot.boot.uptime_ms = -1;
    assert_true(boot_mark_of(&snapshot, &mark));
    assert_true(mark.uptime_ms == DAY);
    assert_true(boot_time_of(&snapshot, &mark) == NIGHT - DAY);
    snapshot_done(&snapshot);
}

static void facts_come_back(void **state)
{
    (void)state;
    struct boot_witness a[] = {{"lsass.exe", 7, NIGHT}, {"wininit.exe", -1, 0}};
    struct boot_mark mark = {.boot_id = "id", .witnesses = a, .witness_count = 2};
    struct boot_mark back = {.suspect = false};
    struct arena arena = {.blocks = NULL};
    struct buf buf;
    buf_init(&buf, 4096);
    boot_facts_write(&mark, &buf);
    assert_true(boot_facts_read(buf.data, &arena, &back));
    assert_string_equal(back.boot_id, "id");
    assert_int_equal(back.witness_count, 2);
    assert_string_equal(back.witnesses[1].name, "wininit.exe");
    assert_int_equal(back.witnesses[1].pid, -1);
    assert_true(back.witnesses[0].created_ms == NIGHT);
    assert_false(boot_facts_read("[[\"a\"", &arena, &back));
    buf_done(&buf);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_of_readings_is_decided),
        cmocka_unit_test(a_witness_of_half_a_second_is_the_same),
        cmocka_unit_test(one_of_several_witnesses_is_enough),
        cmocka_unit_test(the_largest_uptime_is_no_reboot),
        cmocka_unit_test(a_section_that_was_not_read_says_nothing),
        cmocka_unit_test(a_boot_from_the_event_log_has_its_uptime_by_the_hosts_clock),
        cmocka_unit_test(facts_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
