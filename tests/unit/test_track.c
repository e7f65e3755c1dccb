/* test_track: what readings of one expectation amount to: spans, gaps, findings, recoveries. */
#include "history_scene.h"

#include "db/track/track.h"

/* One reading of a story: when, in which boot, and what was judged. */
struct step {
    int hour;
    int boot;
    enum verdict_code code;
    int pid;
    enum finding expect_new; /* a finding that this reading opens */
    enum finding_end expect_end; /* the end of one that it brings */
};

struct story {
    const char *name;
    struct step steps[8]; /* hour 0 ends */
};

static const struct story stories[] = {
    {"lost at a boot, restarted by hand",
     {{1, 1, VERDICT_BOUND, 10, FINDING_NONE, END_OPEN},
      {25, 2, VERDICT_NOT_BOUND, 11, FINDING_LOST_AT_BOOT, END_OPEN},
      {49, 2, VERDICT_NOT_BOUND, 11, FINDING_NONE, END_OPEN},
      {73, 2, VERDICT_BOUND, 12, FINDING_NONE, END_BY_RESTART}}},
    {"lost at a boot, back after the next one",
     {{1, 1, VERDICT_BOUND, 10, FINDING_NONE, END_OPEN},
      {25, 2, VERDICT_NOT_BOUND, 11, FINDING_LOST_AT_BOOT, END_OPEN},
      {49, 3, VERDICT_BOUND, 12, FINDING_NONE, END_BY_REBOOT}}},
    {"a boot later still not bound is one finding",
     {{1, 1, VERDICT_BOUND, 10, FINDING_NONE, END_OPEN},
      {25, 2, VERDICT_NOT_BOUND, 11, FINDING_LOST_AT_BOOT, END_OPEN},
      {49, 3, VERDICT_NOT_BOUND, 12, FINDING_NONE, END_OPEN},
      {50, 3, VERDICT_BOUND, 13, FINDING_NONE, END_BY_RESTART}}},
    {"lost while it ran",
     {{1, 1, VERDICT_BOUND, 10, FINDING_NONE, END_OPEN},
      {25, 1, VERDICT_STOPPED, 0, FINDING_LOST_MID_BOOT, END_OPEN}}},
    {"bound after the boot, lost later in it",
     {{1, 1, VERDICT_BOUND, 10, FINDING_NONE, END_OPEN},
      {25, 2, VERDICT_BOUND, 11, FINDING_NONE, END_OPEN},
      {26, 2, VERDICT_NOT_BOUND, 11, FINDING_LOST_MID_BOOT, END_OPEN}}},
    {"never bound",
     {{1, 1, VERDICT_NOT_BOUND, 10, FINDING_NEVER_BOUND, END_OPEN},
      {25, 2, VERDICT_NOT_BOUND, 11, FINDING_NONE, END_OPEN}}},
    {"pending is not decisive: the first decisive reading is the problem",
     {{1, 1, VERDICT_BOUND, 10, FINDING_NONE, END_OPEN},
      {25, 2, VERDICT_PENDING, 11, FINDING_NONE, END_OPEN},
      {26, 2, VERDICT_NOT_BOUND, 11, FINDING_LOST_AT_BOOT, END_OPEN}}},
    {"delayed start: pending, then bound",
     {{1, 1, VERDICT_BOUND, 10, FINDING_NONE, END_OPEN},
      {25, 2, VERDICT_PENDING, 0, FINDING_NONE, END_OPEN},
      {26, 2, VERDICT_BOUND, 11, FINDING_NONE, END_OPEN}}},
    {"a boot of which only pending was seen counts for nothing",
     {{1, 1, VERDICT_BOUND, 10, FINDING_NONE, END_OPEN},
      {25, 2, VERDICT_PENDING, 11, FINDING_NONE, END_OPEN},
      {49, 3, VERDICT_NOT_BOUND, 12, FINDING_LOST_AT_BOOT, END_OPEN}}},
    {"unknown closes nothing",
     {{1, 1, VERDICT_BOUND, 10, FINDING_NONE, END_OPEN},
      {25, 2, VERDICT_NOT_BOUND, 11, FINDING_LOST_AT_BOOT, END_OPEN},
      {49, 2, VERDICT_UNKNOWN, -1, FINDING_NONE, END_OPEN},
      {73, 2, VERDICT_NOT_BOUND, 11, FINDING_NONE, END_OPEN}}},
    {"pending closes nothing",
     {{1, 1, VERDICT_BOUND, 10, FINDING_NONE, END_OPEN},
      {25, 2, VERDICT_NOT_BOUND, 11, FINDING_LOST_AT_BOOT, END_OPEN},
      {26, 2, VERDICT_PENDING, 12, FINDING_NONE, END_OPEN},
      {27, 2, VERDICT_BOUND, 12, FINDING_NONE, END_BY_RESTART}}},
    {"unknown before the first decisive reading",
     {{1, 1, VERDICT_BOUND, 10, FINDING_NONE, END_OPEN},
      {25, 2, VERDICT_UNKNOWN, -1, FINDING_NONE, END_OPEN},
      {26, 2, VERDICT_NOT_BOUND, 11, FINDING_LOST_AT_BOOT, END_OPEN}}},
    {"an owner that cannot be told is bound, too",
     {{1, 1, VERDICT_BOUND_OWNER_UNKNOWN, 10, FINDING_NONE, END_OPEN},
      {25, 2, VERDICT_NOT_BOUND, 11, FINDING_LOST_AT_BOOT, END_OPEN},
      {26, 2, VERDICT_BOUND_OWNER_UNKNOWN, 12, FINDING_NONE, END_BY_RESTART}}},
    {"removed, and installed again",
     {{1, 1, VERDICT_BOUND, 10, FINDING_NONE, END_OPEN},
      {25, 1, VERDICT_SERVICE_REMOVED, -1, FINDING_SERVICE_REMOVED, END_OPEN},
      {49, 2, VERDICT_BOUND, 12, FINDING_NONE, END_BY_REBOOT}}},
    {"no longer expected ends it, and is no recovery",
     {{1, 1, VERDICT_BOUND, 10, FINDING_NONE, END_OPEN},
      {25, 2, VERDICT_NOT_BOUND, 11, FINDING_LOST_AT_BOOT, END_OPEN},
      {49, 2, VERDICT_NOT_EXPECTED, 11, FINDING_NONE, END_NOT_EXPECTED}}},
    {"not expected at the last decisive reading: not lost at the boot",
     {{1, 1, VERDICT_BOUND, 10, FINDING_NONE, END_OPEN},
      {25, 1, VERDICT_NOT_EXPECTED, 10, FINDING_NONE, END_OPEN},
      {49, 2, VERDICT_NOT_BOUND, 11, FINDING_LOST_MID_BOOT, END_OPEN}}},
    {"a crash loop after a boot",
     {{1, 1, VERDICT_BOUND, 10, FINDING_NONE, END_OPEN},
      {25, 2, VERDICT_PENDING, 11, FINDING_NONE, END_OPEN},
      {26, 2, VERDICT_RESTARTING, 12, FINDING_LOST_AT_BOOT, END_OPEN},
      {27, 2, VERDICT_BOUND, 13, FINDING_NONE, END_BY_RESTART}}},
    {"one problem after another is one finding",
     {{1, 1, VERDICT_BOUND, 10, FINDING_NONE, END_OPEN},
      {25, 1, VERDICT_PORT_IN_USE, 10, FINDING_LOST_MID_BOOT, END_OPEN},
      {26, 1, VERDICT_WRONG_ADDRESS, 10, FINDING_NONE, END_OPEN},
      {27, 1, VERDICT_DISABLED, 0, FINDING_NONE, END_OPEN}}},
};

struct player {
    struct track track;
    struct snapshot snapshot;
    struct track_change change;
};

static void player_init(struct player *player)
{
    struct scene scene = scene_server("pvs01", NIGHT);
    track_init(&player->track);
    scene_snapshot(&scene, &player->snapshot);
}

static void play(struct player *player, const struct step *step)
{
    struct verdict verdict = {.code = step->code,
                              .reason =
                                  step->code == VERDICT_UNKNOWN ? REASON_PARTIAL : REASON_NONE,
                              .pid = step->pid,
                              .port = 67};
    struct track_reading reading = {.time_ms = NIGHT + step->hour * (int64_t)HOUR,
                                    .boot_no = step->boot,
                                    .machine_no = 1,
                                    .boot_known = true,
                                    .snapshot = &player->snapshot,
                                    .expectation = &scene_expectations()->items[0]};
    track_apply(&player->track, &reading, &verdict, &player->snapshot.arena, &player->change);
}

static void every_story_ends_as_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
        struct player player;
        player_init(&player);
        for (const struct step *step = stories[i].steps; step->hour != 0; step++) {
            play(&player, step);
            bool opened = (player.change.effects & TRACK_FINDING_NEW) != 0;
            enum finding finding = opened ? player.change.finding.finding : FINDING_NONE;
            bool changed = (player.change.effects & TRACK_FINDING_CHANGED) != 0;
            enum finding_end end = changed ? player.change.finding.ended : END_OPEN;
            if (finding != step->expect_new || end != step->expect_end) {
                fail_msg("%s, hour %d: finding %s, end %d", stories[i].name, step->hour,
                         finding_name(finding), (int)end);
            }
        }
        snapshot_done(&player.snapshot);
    }
}

static void an_equal_reading_makes_a_span_longer_and_writes_nothing_else(void **state)
{
    (void)state;
    struct player player;
    player_init(&player);
    play(&player, &(struct step){1, 1, VERDICT_BOUND, 10, FINDING_NONE, END_OPEN});
    assert_int_equal(player.change.effects & (TRACK_SPAN_NEW | TRACK_SPAN_LONGER), TRACK_SPAN_NEW);
    assert_true(player.track.span.opening);
    play(&player, &(struct step){25, 1, VERDICT_BOUND, 10, FINDING_NONE, END_OPEN});
    assert_int_equal(player.change.effects, TRACK_SPAN_LONGER);
    assert_true(player.track.span.first_ms == NIGHT + HOUR);
    assert_true(player.track.span.last_ms == NIGHT + 25 * (int64_t)HOUR);
    snapshot_done(&player.snapshot);
}

static void a_boot_and_a_change_start_a_new_span(void **state)
{
    (void)state;
    struct player player;
    player_init(&player);
    play(&player, &(struct step){1, 1, VERDICT_BOUND, 10, FINDING_NONE, END_OPEN});
    play(&player, &(struct step){25, 2, VERDICT_BOUND, 10, FINDING_NONE, END_OPEN});
    assert_true((player.change.effects & TRACK_SPAN_CLOSED) != 0);
    assert_string_equal(player.change.closed, "reboot");
    assert_true(player.change.closed_ms == NIGHT + HOUR);
    assert_true(player.track.span.opening);
    play(&player, &(struct step){26, 2, VERDICT_BOUND, 11, FINDING_NONE, END_OPEN});
    assert_string_equal(player.change.closed, "changed");
    assert_false(player.track.span.opening);
    snapshot_done(&player.snapshot);
}

static void a_gap_leaves_the_span_open_and_grows_by_itself(void **state)
{
    (void)state;
    struct player player;
    player_init(&player);
    play(&player, &(struct step){1, 1, VERDICT_BOUND, 10, FINDING_NONE, END_OPEN});
    play(&player, &(struct step){2, 1, VERDICT_UNKNOWN, -1, FINDING_NONE, END_OPEN});
    assert_true((player.change.effects & TRACK_GAP_NEW) != 0);
    assert_int_equal(player.change.effects & (TRACK_SPAN_CLOSED | TRACK_SPAN_LONGER), 0);
    play(&player, &(struct step){3, 1, VERDICT_UNKNOWN, -1, FINDING_NONE, END_OPEN});
    assert_int_equal(player.change.effects, TRACK_GAP_LONGER);
    play(&player, &(struct step){4, 1, VERDICT_BOUND, 10, FINDING_NONE, END_OPEN});
    assert_int_equal(player.change.effects, TRACK_SPAN_LONGER);
    assert_true(player.track.span.first_ms == NIGHT + HOUR);
    play(&player, &(struct step){5, 1, VERDICT_UNKNOWN, -1, FINDING_NONE, END_OPEN});
    assert_true((player.change.effects & TRACK_GAP_NEW) != 0);
    snapshot_done(&player.snapshot);
}

static void history_is_told_as_of_the_boot_and_the_pid(void **state)
{
    (void)state;
    struct player player;
    player_init(&player);
    play(&player, &(struct step){1, 1, VERDICT_PENDING, 10, FINDING_NONE, END_OPEN});
    struct verdict_history history = track_history(&player.track, 1, 10);
    assert_false(history.ever_bound);
    assert_true(history.ever_installed);
    assert_true(history.same_pid_since_ms == NIGHT + HOUR);
    assert_true(history.pending_since_ms == NIGHT + HOUR);
    assert_true(track_history(&player.track, 1, 11).same_pid_since_ms == 0);
    assert_true(track_history(&player.track, 2, 10).same_pid_since_ms == 0);
    assert_true(track_history(&player.track, 2, 10).pending_since_ms == 0);
    play(&player, &(struct step){2, 1, VERDICT_PENDING, 10, FINDING_NONE, END_OPEN});
    assert_true(track_history(&player.track, 1, 10).pending_since_ms == NIGHT + HOUR);
    play(&player, &(struct step){3, 1, VERDICT_BOUND, 10, FINDING_NONE, END_OPEN});
    history = track_history(&player.track, 1, 10);
    assert_true(history.ever_bound);
    assert_true(history.same_pid_since_ms == NIGHT + HOUR);
    assert_true(history.pending_since_ms == 0);
    play(&player, &(struct step){4, 1, VERDICT_BOUND, 12, FINDING_NONE, END_OPEN});
    assert_true(track_history(&player.track, 1, 12).same_pid_since_ms == NIGHT + 4 * (int64_t)HOUR);
    assert_true(track_history(&player.track, 1, 10).same_pid_since_ms == 0);
    snapshot_done(&player.snapshot);
}

static void another_machine_ends_everything_and_remembers_nothing(void **state)
{
    (void)state;
    struct player player;
    player_init(&player);
    play(&player, &(struct step){1, 1, VERDICT_BOUND, 10, FINDING_NONE, END_OPEN});
    play(&player, &(struct step){2, 1, VERDICT_NOT_BOUND, 10, FINDING_NONE, END_OPEN});
    track_replace(&player.track, NIGHT + 3 * (int64_t)HOUR, &player.change);
    assert_string_equal(player.change.closed, "replaced");
    assert_int_equal(player.change.finding.ended, END_REPLACED);
    struct verdict_history history = track_history(&player.track, 1, 10);
    assert_false(history.ever_bound);
    assert_false(history.ever_installed);
    play(&player, &(struct step){4, 2, VERDICT_NOT_BOUND, 10, FINDING_NONE, END_OPEN});
    assert_int_equal(player.change.finding.finding, FINDING_NEVER_BOUND);
    snapshot_done(&player.snapshot);
}

static void what_is_open_has_the_verdict_that_showed_it_last(void **state)
{
    (void)state;
    static const struct {
        struct step step;
        enum verdict_code open; /* VERDICT_BOUND: nothing is open */
    } rows[] = {
        {{1, 1, VERDICT_BOUND, 10, FINDING_NONE, END_OPEN}, VERDICT_BOUND},
        {{2, 2, VERDICT_PENDING, 11, FINDING_NONE, END_OPEN}, VERDICT_BOUND},
        {{3, 2, VERDICT_RESTARTING, 12, FINDING_NONE, END_OPEN}, VERDICT_RESTARTING},
        {{4, 2, VERDICT_PENDING, 13, FINDING_NONE, END_OPEN}, VERDICT_RESTARTING},
        {{5, 2, VERDICT_NOT_BOUND, 13, FINDING_NONE, END_OPEN}, VERDICT_NOT_BOUND},
        {{6, 2, VERDICT_UNKNOWN, -1, FINDING_NONE, END_OPEN}, VERDICT_NOT_BOUND},
        {{7, 3, VERDICT_PENDING, 14, FINDING_NONE, END_OPEN}, VERDICT_NOT_BOUND},
        {{8, 3, VERDICT_BOUND, 14, FINDING_NONE, END_OPEN}, VERDICT_BOUND},
    };
    struct player player;
    player_init(&player);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        play(&player, &rows[i].step);
        struct open_problem open = track_open(&player.track);
        bool is_open = rows[i].open != VERDICT_BOUND;
        assert_true(open.since_ms == (is_open ? NIGHT + 3 * (int64_t)HOUR : 0));
        assert_int_equal(open.finding, is_open ? FINDING_LOST_AT_BOOT : FINDING_NONE);
        assert_int_equal(open.verdict, rows[i].open);
    }
    snapshot_done(&player.snapshot);
}

/* BNPXE's process started an hour after the boot, BNTFTP's with it. */
static void a_process_that_is_younger_than_its_siblings_was_restarted_by_hand(void **state)
{
    (void)state;
    const struct row {
        int64_t restart_after_boot_ms; /* 0 = with the boot */
        bool expect;
    } rows[] = {{0, false}, {5 * MINUTE, false}, {7 * MINUTE, true}, {HOUR, true}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scene scene = scene_server("pvs01", NIGHT);
        struct player player;
        struct track_change change;
        scene.pxe_restart_ms =
            rows[i].restart_after_boot_ms == 0 ? 0 : scene.boot_ms + rows[i].restart_after_boot_ms;
        track_init(&player.track);
        scene_snapshot(&scene, &player.snapshot);
        snapshot_normalise(&player.snapshot);
        struct verdict verdict;
        struct verdict_question question = {.expectation = &scene_expectations()->items[0],
                                            .snapshot = &player.snapshot};
        track_judge(&player.track, 1, &question, &verdict);
        assert_int_equal(verdict.code, VERDICT_BOUND);
        struct track_reading reading = {.time_ms = NIGHT,
                                        .boot_no = 1,
                                        .machine_no = 1,
                                        .snapshot = &player.snapshot,
                                        .expectation = question.expectation};
        track_apply(&player.track, &reading, &verdict, &player.snapshot.arena, &change);
        assert_int_equal(player.track.span.restarted, rows[i].expect);
        snapshot_done(&player.snapshot);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_story_ends_as_told),
        cmocka_unit_test(an_equal_reading_makes_a_span_longer_and_writes_nothing_else),
        cmocka_unit_test(a_boot_and_a_change_start_a_new_span),
        cmocka_unit_test(a_gap_leaves_the_span_open_and_grows_by_itself),
        cmocka_unit_test(history_is_told_as_of_the_boot_and_the_pid),
        cmocka_unit_test(another_machine_ends_everything_and_remembers_nothing),
        cmocka_unit_test(what_is_open_has_the_verdict_that_showed_it_last),
        cmocka_unit_test(a_process_that_is_younger_than_its_siblings_was_restarted_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
