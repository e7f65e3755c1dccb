/* test_verdict: what is judged before the port is looked at, and the words of a verdict. */
#include "unit/verdict_scene.h"

/* 1. Not read. */

static void a_visit_that_was_not_read_is_unknown_with_its_reason_and_code(void **state)
{
    struct scene *scene = *state;
    hold(scene, "0.0.0.0", SERVICE_PID);
    scene->snapshot.visit.read = false;
    scene->snapshot.visit.reason = REASON_HOST_KEY;
    scene->snapshot.visit.code = 7;
    scene->question.declared = DECLARED_NOT_EXPECTED;
    assert_string_equal(judge(scene), "unknown: host-key");
    assert_int_equal(scene->verdict.native_code, 7);
    assert_int_equal(scene->verdict.expected_by, EXPECTED_BY_NOBODY);
}

static void an_empty_snapshot_is_unknown(void **state)
{
    struct scene *scene = *state;
    snapshot_done(&scene->snapshot);
    assert_string_equal(judge(scene), "unknown: partial");
    scene->snapshot.visit.read = true;
    assert_string_equal(judge(scene), "unknown: partial (services)");
}

/* 3. Is the service there? */

static void a_cut_list_of_services_decides_nothing(void **state)
{
    struct scene *scene = *state;
    hold(scene, "0.0.0.0", SERVICE_PID);
    cut_section(scene, SECTION_SERVICES, OUTCOME_PARTIAL);
    assert_string_equal(judge(scene), "unknown: partial (services)");
    assert_int_equal(scene->verdict.native_code, 5);
    scene->question.declared = DECLARED_EXPECTED;
    assert_string_equal(judge(scene), "unknown: partial (services)");
}

static void a_service_neither_seen_nor_known_to_be_absent_is_denied(void **state)
{
    struct scene *scene = *state;
    scene->question.declared = DECLARED_EXPECTED;
    scene->service->visible = false;
    scene->service->canary = PRESENCE_UNREAD;
    assert_string_equal(judge(scene), "unknown: denied (services)");
    scene->snapshot.service_count = 0;
    assert_string_equal(judge(scene), "unknown: denied (services)");
}

static void make_absent(struct scene *scene)
{
    scene->service->visible = false;
    scene->service->canary = PRESENCE_ABSENT;
    scene->service->startup = STARTUP_UNKNOWN;
    scene->service->pid = -1;
}

static void an_absent_service_that_nobody_asks_for_is_not_expected(void **state)
{
    struct scene *scene = *state;
    make_absent(scene);
    assert_string_equal(judge(scene), "not-expected");
}

static void an_absent_service_that_only_the_registry_asks_for_is_not_installed(void **state)
{
    struct scene *scene = *state;
    make_absent(scene);
    ask_registry_too(scene);
    give_registry(scene, "PXEType", 1);
    assert_string_equal(judge(scene), "not-installed");
    assert_true(scene->verdict.conflict);
}

static void an_absent_service_that_the_inventory_asks_for_was_removed(void **state)
{
    struct scene *scene = *state;
    make_absent(scene);
    scene->question.declared = DECLARED_EXPECTED;
    assert_string_equal(judge(scene), "service-removed");
}

static void an_absent_service_that_was_installed_before_was_removed(void **state)
{
    struct scene *scene = *state;
    make_absent(scene);
    scene->question.history.ever_bound = true;
    scene->question.history.ever_installed = true;
    assert_string_equal(judge(scene), "service-removed");
    assert_int_equal(scene->verdict.expected_by, EXPECTED_BY_HISTORY);
}

static void a_visible_service_is_judged_whatever_the_canary_says(void **state)
{
    struct scene *scene = *state;
    hold(scene, "0.0.0.0", SERVICE_PID);
    scene->service->canary = PRESENCE_ABSENT;
    assert_string_equal(judge(scene), "bound");
    scene->service->canary = PRESENCE_UNREAD;
    assert_string_equal(judge(scene), "bound");
}

static void deny_service_manager(struct scene *scene)
{
    scene->service->visible = false;
    scene->service->pid = -1;
    scene->service->pid_after = -1;
    scene->service->exit_code = -1;
    cut_section(scene, SECTION_SERVICES, OUTCOME_DENIED);
}

static void without_the_service_manager_a_live_process_is_a_running_service(void **state)
{
    struct scene *scene = *state;
    deny_service_manager(scene);
    assert_string_equal(judge(scene), "not-bound");
    assert_string_equal(service_state_name(scene->verdict.service_state), "denied");
    assert_int_equal(scene->verdict.pid, SERVICE_PID);
    hold(scene, "0.0.0.0", SERVICE_PID);
    assert_string_equal(judge(scene), "bound");
}

static void without_the_service_manager_the_image_path_names_the_process(void **state)
{
    struct scene *scene = *state;
    deny_service_manager(scene);
    scene->expectation.process = NULL;
    scene->process->name = "moved.EXE";
    scene->service->image = "\"C:\\Program Files\\Citrix\\Moved.exe\"";
    assert_string_equal(judge(scene), "not-bound");
    assert_int_equal(scene->verdict.pid, SERVICE_PID);
    scene->process->name = "oved.exe";
    assert_string_equal(judge(scene), "stopped");
}

static void without_the_service_manager_no_process_is_never_started(void **state)
{
    struct scene *scene = *state;
    deny_service_manager(scene);
    scene->snapshot.process_count = 0;
    scene->snapshot.boot.uptime_ms = MINUTES(29);
    assert_string_equal(judge(scene), "pending");
    assert_string_equal(service_state_name(scene->verdict.service_state), "denied");
    assert_int_equal(scene->verdict.exit_code, 1077);
    scene->snapshot.boot.uptime_ms = MINUTES(30);
    assert_string_equal(judge(scene), "stopped");
}

static void without_services_and_processes_nothing_is_known(void **state)
{
    struct scene *scene = *state;
    deny_service_manager(scene);
    cut_section(scene, SECTION_PROCESSES, OUTCOME_DENIED);
    assert_string_equal(judge(scene), "unknown: denied (services)");
    cut_section(scene, SECTION_PROCESSES, OUTCOME_COMPLETE);
    scene->expectation.process = NULL;
    assert_string_equal(judge(scene), "unknown: denied (services)");
}

static void several_processes_of_one_name_tell_nothing_of_the_service(void **state)
{
    struct scene *scene = *state;
    deny_service_manager(scene);
    run_process(scene, 1500, 500, MINUTES(5), "BNPXE.exe");
    assert_string_equal(judge(scene), "unknown: denied (services)");
}

static void an_unknown_state_is_neither_running_nor_stopped(void **state)
{
    struct scene *scene = *state;
    scene->question.declared = DECLARED_EXPECTED;
    scene->service->state = SERVICE_STATE_UNKNOWN;
    assert_string_equal(judge(scene), "unknown: partial (services)");
    scene->service->state = SERVICE_STATE_DENIED;
    assert_string_equal(judge(scene), "unknown: partial (services)");
    scene->service->startup = STARTUP_DISABLED;
    assert_string_equal(judge(scene), "unknown: partial (services)");
}

/* 4. Disabled. */

static void disabled_and_not_running_is_disabled_at_once(void **state)
{
    struct scene *scene = *state;
    static const enum service_state not_running[] = {SERVICE_STOPPED, SERVICE_PAUSED,
                                                     SERVICE_START_PENDING, SERVICE_STOP_PENDING};
    scene->question.declared = DECLARED_EXPECTED;
    scene->service->startup = STARTUP_DISABLED;
    scene->snapshot.boot.uptime_ms = -1;
    for (size_t i = 0; i < sizeof(not_running) / sizeof(not_running[0]); i++) {
        scene->service->state = not_running[i];
        assert_string_equal(judge(scene), "disabled");
    }
}

static void disabled_and_running_is_judged_as_running(void **state)
{
    struct scene *scene = *state;
    scene->question.declared = DECLARED_EXPECTED;
    scene->service->startup = STARTUP_DISABLED;
    assert_string_equal(judge(scene), "not-bound");
    hold(scene, "0.0.0.0", SERVICE_PID);
    assert_string_equal(judge(scene), "bound");
}

/* 5. Pending and restarting. */

static void every_pending_state_is_pending(void **state)
{
    struct scene *scene = *state;
    static const enum service_state pending[] = {SERVICE_START_PENDING, SERVICE_STOP_PENDING,
                                                 SERVICE_CONTINUE_PENDING, SERVICE_PAUSE_PENDING};
    hold(scene, "0.0.0.0", SERVICE_PID);
    for (size_t i = 0; i < sizeof(pending) / sizeof(pending[0]); i++) {
        scene->service->state = pending[i];
        assert_string_equal(judge(scene), "pending");
    }
}

static void another_pid_after_the_endpoints_is_pending(void **state)
{
    struct scene *scene = *state;
    hold(scene, "0.0.0.0", SERVICE_PID);
    scene->service->pid_after = SERVICE_PID + 1;
    assert_string_equal(judge(scene), "pending");
    scene->service->pid_after = 0;
    assert_string_equal(judge(scene), "pending");
}

static void a_pid_that_was_not_asked_for_again_is_the_same(void **state)
{
    struct scene *scene = *state;
    hold(scene, "0.0.0.0", SERVICE_PID);
    scene->service->pid_after = -1;
    assert_string_equal(judge(scene), "bound");
}

static void a_stopped_service_that_has_a_pid_by_now_is_pending(void **state)
{
    struct scene *scene = *state;
    scene->service->state = SERVICE_STOPPED;
    scene->service->pid = 0;
    scene->service->pid_after = SERVICE_PID;
    assert_string_equal(judge(scene), "pending");
    scene->service->pid_after = 0;
    assert_string_equal(judge(scene), "stopped");
}

static void pending_for_settle_and_ten_minutes_is_restarting(void **state)
{
    struct scene *scene = *state;
    scene->service->state = SERVICE_START_PENDING;
    scene->question.history.pending_since_ms = NOW_MS - MINUTES(11) + 1;
    assert_string_equal(judge(scene), "pending");
    scene->question.history.pending_since_ms = NOW_MS - MINUTES(11);
    assert_string_equal(judge(scene), "restarting");
}

static void a_process_that_is_young_at_every_reading_is_restarting(void **state)
{
    struct scene *scene = *state;
    scene->process->created_ms = NOW_MS - SECONDS(10);
    scene->question.history.pending_since_ms = NOW_MS - MINUTES(20);
    assert_string_equal(judge(scene), "restarting");
    hold(scene, "0.0.0.0", 0);
    assert_string_equal(judge(scene), "restarting");
    hold(scene, "0.0.0.0", SERVICE_PID);
    assert_string_equal(judge(scene), "bound");
}

/* 6. Stopped. */

static void stop(struct scene *scene, int64_t exit_code)
{
    scene->service->state = SERVICE_STOPPED;
    scene->service->pid = 0;
    scene->service->pid_after = 0;
    scene->service->exit_code = exit_code;
    scene->snapshot.process_count = 0;
}

static void a_stopped_manual_service_is_stopped_at_once(void **state)
{
    struct scene *scene = *state;
    stop(scene, 0);
    scene->question.declared = DECLARED_EXPECTED;
    scene->service->startup = STARTUP_MANUAL;
    scene->snapshot.boot.uptime_ms = SECONDS(10);
    assert_string_equal(judge(scene), "stopped");
    scene->snapshot.boot.uptime_ms = -1;
    assert_string_equal(judge(scene), "stopped");
}

static void delayed_start_is_pending_at_200_s_and_stopped_after_300(void **state)
{
    struct scene *scene = *state;
    stop(scene, 0);
    scene->service->startup = STARTUP_AUTOMATIC_DELAYED;
    scene->snapshot.boot.uptime_ms = SECONDS(200);
    assert_string_equal(judge(scene), "pending");
    scene->snapshot.boot.uptime_ms = SECONDS(300) - 1;
    assert_string_equal(judge(scene), "pending");
    scene->snapshot.boot.uptime_ms = SECONDS(300);
    assert_string_equal(judge(scene), "stopped");
}

static void a_longer_auto_start_delay_makes_the_settle_time_longer(void **state)
{
    struct scene *scene = *state;
    stop(scene, 0);
    scene->snapshot.auto_start_delay_ms = SECONDS(600);
    scene->snapshot.boot.uptime_ms = SECONDS(780) - 1;
    assert_string_equal(judge(scene), "pending");
    scene->snapshot.boot.uptime_ms = SECONDS(780);
    assert_string_equal(judge(scene), "stopped");
}

static void a_service_never_started_this_boot_has_30_minutes(void **state)
{
    struct scene *scene = *state;
    stop(scene, 1077);
    scene->snapshot.boot.uptime_ms = MINUTES(30) - 1;
    scene->question.history.pending_since_ms = NOW_MS - MINUTES(25);
    assert_string_equal(judge(scene), "pending");
    scene->snapshot.boot.uptime_ms = MINUTES(30);
    assert_string_equal(judge(scene), "stopped");
    scene->snapshot.auto_start_delay_ms = MINUTES(60);
    assert_string_equal(judge(scene), "pending");
}

static void a_stopped_service_of_unread_startup_type_has_its_settle_time(void **state)
{
    struct scene *scene = *state;
    stop(scene, 0);
    scene->question.declared = DECLARED_EXPECTED;
    scene->service->startup = STARTUP_UNKNOWN;
    scene->snapshot.boot.uptime_ms = SECONDS(299);
    assert_string_equal(judge(scene), "pending");
    scene->snapshot.boot.uptime_ms = SECONDS(300);
    assert_string_equal(judge(scene), "stopped");
}

static void a_paused_service_is_judged_like_a_stopped_one(void **state)
{
    struct scene *scene = *state;
    hold(scene, "0.0.0.0", SERVICE_PID);
    scene->service->state = SERVICE_PAUSED;
    assert_string_equal(judge(scene), "stopped");
    scene->snapshot.boot.uptime_ms = SECONDS(200);
    assert_string_equal(judge(scene), "pending");
}

static void a_stopped_automatic_service_of_unknown_uptime_is_unknown(void **state)
{
    struct scene *scene = *state;
    stop(scene, 0);
    scene->snapshot.boot.uptime_ms = -1;
    assert_string_equal(judge(scene), "unknown: partial (boot)");
    scene->snapshot.boot.uptime_ms = MINUTES(60);
    cut_section(scene, SECTION_BOOT, OUTCOME_PARTIAL);
    assert_string_equal(judge(scene), "unknown: partial (boot)");
}

static void the_boot_settle_time_is_at_least_300_s(void **state)
{
    (void)state;
    assert_int_equal(verdict_boot_settle_ms(-1), SECONDS(300));
    assert_int_equal(verdict_boot_settle_ms(0), SECONDS(300));
    assert_int_equal(verdict_boot_settle_ms(SECONDS(120)), SECONDS(300));
    assert_int_equal(verdict_boot_settle_ms(SECONDS(121)), SECONDS(301));
    assert_int_equal(verdict_boot_settle_ms(INT64_MAX), MINUTES(24 * 60 + 3));
}

/* Words. */

static void problems_and_decisive_verdicts_are_the_documented_ones(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool problem, decisive;
    } cases[] = {
        {"bound", false, true},        {"bound-owner-unknown", false, true},
        {"not-bound", true, true},     {"port-in-use", true, true},
        {"wrong-address", true, true}, {"stopped", true, true},
        {"disabled", true, true},      {"service-removed", true, true},
        {"restarting", true, false},   {"pending", false, false},
        {"not-expected", false, true}, {"not-installed", false, true},
        {"unknown", false, false},
    };
    assert_int_equal(sizeof(cases) / sizeof(cases[0]), VERDICT_COUNT);
    for (size_t i = 0; i < VERDICT_COUNT; i++) {
        enum verdict_code code = VERDICT_COUNT;
        assert_true(verdict_parse(cases[i].name, &code));
        assert_int_equal(verdict_is_problem(code), cases[i].problem);
        assert_int_equal(verdict_is_decisive(code), cases[i].decisive);
    }
}

static void the_text_of_a_verdict_names_reason_and_detail(void **state)
{
    (void)state;
    char to[64];
    char small[8];
    assert_string_equal(verdict_text(VERDICT_NOT_BOUND, REASON_NONE, NULL, to, sizeof(to)),
                        "not-bound");
    assert_string_equal(verdict_text(VERDICT_UNKNOWN, REASON_TIMEOUT, NULL, to, sizeof(to)),
                        "unknown: timeout");
    assert_string_equal(verdict_text(VERDICT_UNKNOWN, REASON_PARTIAL, "udp", to, sizeof(to)),
                        "unknown: partial (udp)");
    assert_string_equal(verdict_text(VERDICT_UNKNOWN, REASON_NONE, "udp", to, sizeof(to)),
                        "unknown");
    assert_string_equal(verdict_text(VERDICT_UNKNOWN, REASON_TLS, NULL, small, sizeof(small)),
                        "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(a_visit_that_was_not_read_is_unknown_with_its_reason_and_code),
        SCENE_TEST(an_empty_snapshot_is_unknown),
        SCENE_TEST(a_cut_list_of_services_decides_nothing),
        SCENE_TEST(a_service_neither_seen_nor_known_to_be_absent_is_denied),
        SCENE_TEST(an_absent_service_that_nobody_asks_for_is_not_expected),
        SCENE_TEST(an_absent_service_that_only_the_registry_asks_for_is_not_installed),
        SCENE_TEST(an_absent_service_that_the_inventory_asks_for_was_removed),
        SCENE_TEST(an_absent_service_that_was_installed_before_was_removed),
        SCENE_TEST(a_visible_service_is_judged_whatever_the_canary_says),
        SCENE_TEST(without_the_service_manager_a_live_process_is_a_running_service),
        SCENE_TEST(without_the_service_manager_the_image_path_names_the_process),
        SCENE_TEST(without_the_service_manager_no_process_is_never_started),
        SCENE_TEST(without_services_and_processes_nothing_is_known),
        SCENE_TEST(several_processes_of_one_name_tell_nothing_of_the_service),
        SCENE_TEST(an_unknown_state_is_neither_running_nor_stopped),
        SCENE_TEST(disabled_and_not_running_is_disabled_at_once),
        SCENE_TEST(disabled_and_running_is_judged_as_running),
        SCENE_TEST(every_pending_state_is_pending),
        SCENE_TEST(another_pid_after_the_endpoints_is_pending),
        SCENE_TEST(a_pid_that_was_not_asked_for_again_is_the_same),
        SCENE_TEST(a_stopped_service_that_has_a_pid_by_now_is_pending),
        SCENE_TEST(pending_for_settle_and_ten_minutes_is_restarting),
        SCENE_TEST(a_process_that_is_young_at_every_reading_is_restarting),
        SCENE_TEST(a_stopped_manual_service_is_stopped_at_once),
        SCENE_TEST(delayed_start_is_pending_at_200_s_and_stopped_after_300),
        SCENE_TEST(a_longer_auto_start_delay_makes_the_settle_time_longer),
        SCENE_TEST(a_service_never_started_this_boot_has_30_minutes),
        SCENE_TEST(a_stopped_service_of_unread_startup_type_has_its_settle_time),
        SCENE_TEST(a_paused_service_is_judged_like_a_stopped_one),
        SCENE_TEST(a_stopped_automatic_service_of_unknown_uptime_is_unknown),
        SCENE_TEST(the_boot_settle_time_is_at_least_300_s),
        SCENE_TEST(problems_and_decisive_verdicts_are_the_documented_ones),
        SCENE_TEST(the_text_of_a_verdict_names_reason_and_detail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
