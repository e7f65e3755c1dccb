/* test_verdict_port: a running service and its port, addresses and owners. */
#include "unit/verdict_scene.h"

/* 7. Running. */

static void a_running_service_that_holds_its_port_is_bound_at_once(void **state)
{
    struct scene *scene = *state;
    hold(scene, "0.0.0.0", SERVICE_PID);
    scene->process->created_ms = NOW_MS - 1;
    assert_string_equal(judge(scene), "bound");
    assert_int_equal(scene->verdict.holder.pid, SERVICE_PID);
    assert_int_equal(scene->verdict.process_created_ms, NOW_MS - 1);
}

static void every_address_of_the_host_but_local_ones_counts(void **state)
{
    struct scene *scene = *state;
    static const struct {
        const char *address, *verdict;
    } cases[] = {
        {"0.0.0.0", "bound"},
        {"*", "bound"},
        {"10.0.0.5", "bound"},
        {"::ffff:10.0.0.5", "bound"},
        {"127.0.0.1", "wrong-address"},
        {"169.254.7.7", "wrong-address"},
        {"10.9.9.9", "wrong-address"},
        {"::", "wrong-address"},
        {"2001:db8::5", "wrong-address"},
        {"::1", "wrong-address"},
        {"::ffff:127.0.0.1", "wrong-address"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        scene->snapshot.endpoint_count = 0;
        hold(scene, cases[i].address, SERVICE_PID);
        if (!str_eq(judge(scene), cases[i].verdict)) {
            fail_msg("%s: %s", cases[i].address, scene->text);
        }
    }
}

static void an_ipv6_address_counts_for_what_is_no_boot_protocol(void **state)
{
    struct scene *scene = *state;
    scene->expectation.proto = PROTO_TCP;
    scene->expectation.port = 54321;
    hold(scene, "::", SERVICE_PID);
    assert_string_equal(judge(scene), "bound");
    scene->snapshot.endpoint_count = 0;
    hold(scene, "2001:db8::5", SERVICE_PID);
    assert_string_equal(judge(scene), "bound");
    scene->snapshot.endpoints[0].address = address_of("2001:db8::6");
    assert_string_equal(judge(scene), "wrong-address");
}

static void a_tcp_expectation_needs_the_tcp_section_only(void **state)
{
    struct scene *scene = *state;
    scene->expectation.proto = PROTO_TCP;
    scene->expectation.port = 54321;
    scene->snapshot.endpoint_count = 0;
    cut_section(scene, SECTION_UDP, OUTCOME_DENIED);
    assert_string_equal(judge(scene), "not-bound");
    cut_section(scene, SECTION_TCP, OUTCOME_PARTIAL);
    assert_string_equal(judge(scene), "unknown: partial (tcp)");
}

static void a_tcp_listener_on_the_port_is_no_udp_socket(void **state)
{
    struct scene *scene = *state;
    hold(scene, "0.0.0.0", SERVICE_PID);
    scene->snapshot.endpoints[1].proto = PROTO_TCP;
    assert_string_equal(judge(scene), "not-bound");
}

static void a_cut_list_of_endpoints_decides_nothing(void **state)
{
    struct scene *scene = *state;
    cut_section(scene, SECTION_UDP, OUTCOME_PARTIAL);
    assert_string_equal(judge(scene), "unknown: partial (udp)");
    hold(scene, "0.0.0.0", SERVICE_PID);
    assert_string_equal(judge(scene), "unknown: partial (udp)");
}

static void an_implausible_list_of_windows_endpoints_decides_nothing(void **state)
{
    struct scene *scene = *state;
    scene->snapshot.endpoint_count = 0;
    assert_string_equal(judge(scene), "unknown: partial (udp)");
    hold(scene, "10.0.0.5", OTHER_PID);
    assert_string_equal(judge(scene), "unknown: partial (udp)");
    scene->expectation.os = "linux";
    assert_string_equal(judge(scene), "port-in-use");
}

static void a_list_with_a_socket_of_the_service_is_plausible(void **state)
{
    struct scene *scene = *state;
    scene->snapshot.endpoint_count = 0;
    hold_port(scene, 4011, "0.0.0.0", SERVICE_PID);
    assert_string_equal(judge(scene), "not-bound");
}

static void a_specific_address_means_nothing_while_addresses_are_unread(void **state)
{
    struct scene *scene = *state;
    hold(scene, "10.0.0.5", SERVICE_PID);
    cut_section(scene, SECTION_ADDRESSES, OUTCOME_DENIED);
    assert_string_equal(judge(scene), "unknown: partial (addresses)");
    hold(scene, "0.0.0.0", SERVICE_PID);
    assert_string_equal(judge(scene), "bound");
}

static void loopback_and_the_wildcard_need_no_addresses(void **state)
{
    struct scene *scene = *state;
    cut_section(scene, SECTION_ADDRESSES, OUTCOME_DENIED);
    assert_string_equal(judge(scene), "not-bound");
    hold(scene, "127.0.0.1", SERVICE_PID);
    assert_string_equal(judge(scene), "wrong-address");
    hold(scene, "0.0.0.0", OTHER_PID);
    assert_string_equal(judge(scene), "port-in-use");
}

static void a_running_settled_service_without_its_port_is_not_bound(void **state)
{
    struct scene *scene = *state;
    assert_string_equal(judge(scene), "not-bound");
    assert_int_equal(scene->verdict.holder.port, 0);
    assert_int_equal(scene->verdict.pid, SERVICE_PID);
    assert_int_equal(scene->verdict.port, 67);
}

static void a_process_younger_than_settle_is_pending(void **state)
{
    struct scene *scene = *state;
    scene->process->created_ms = NOW_MS - SECONDS(60) + 1;
    assert_string_equal(judge(scene), "pending");
    hold(scene, "0.0.0.0", OTHER_PID);
    assert_string_equal(judge(scene), "pending");
    scene->process->created_ms = NOW_MS - SECONDS(60);
    assert_string_equal(judge(scene), "port-in-use");
}

static void the_age_of_a_process_is_taken_by_the_hosts_clock(void **state)
{
    struct scene *scene = *state;
    scene->snapshot.boot.host_clock_ms = NOW_MS - MINUTES(59) + SECONDS(10);
    assert_string_equal(judge(scene), "pending");
    scene->snapshot.boot.host_clock_ms = 0;
    assert_string_equal(judge(scene), "not-bound");
}

static void a_process_of_the_future_has_no_age(void **state)
{
    struct scene *scene = *state;
    scene->process->created_ms = NOW_MS + MINUTES(60);
    assert_string_equal(judge(scene), "pending");
    scene->question.history.same_pid_since_ms = NOW_MS - SECONDS(60);
    assert_string_equal(judge(scene), "not-bound");
}

static void a_process_of_unknown_age_needs_a_second_reading_with_its_pid(void **state)
{
    struct scene *scene = *state;
    forget_process_age(scene);
    assert_string_equal(judge(scene), "pending");
    scene->question.history.same_pid_since_ms = NOW_MS - SECONDS(60) + 1;
    assert_string_equal(judge(scene), "pending");
    scene->question.history.same_pid_since_ms = NOW_MS - SECONDS(60);
    assert_string_equal(judge(scene), "not-bound");
}

static void a_process_of_unknown_age_needs_the_host_up_for_long_enough(void **state)
{
    struct scene *scene = *state;
    forget_process_age(scene);
    scene->question.history.same_pid_since_ms = NOW_MS - SECONDS(90);
    scene->snapshot.boot.uptime_ms = SECONDS(360) - 1;
    assert_string_equal(judge(scene), "pending");
    scene->snapshot.boot.uptime_ms = SECONDS(360);
    assert_string_equal(judge(scene), "not-bound");
    scene->snapshot.boot.uptime_ms = -1;
    assert_string_equal(judge(scene), "not-bound");
}

static void a_process_list_that_was_cut_tells_no_age(void **state)
{
    struct scene *scene = *state;
    cut_section(scene, SECTION_PROCESSES, OUTCOME_PARTIAL);
    assert_string_equal(judge(scene), "pending");
}

static void a_port_of_nobody_known_is_bound_owner_unknown(void **state)
{
    struct scene *scene = *state;
    hold(scene, "10.0.0.5", 0);
    hold(scene, "0.0.0.0", OTHER_PID);
    assert_string_equal(judge(scene), "bound-owner-unknown");
    assert_int_equal(scene->verdict.holder.pid, 0);
    scene->process->created_ms = NOW_MS - SECONDS(10);
    assert_string_equal(judge(scene), "pending");
}

static void a_port_of_nobody_known_on_loopback_is_not_bound(void **state)
{
    struct scene *scene = *state;
    hold(scene, "127.0.0.1", -1);
    assert_string_equal(judge(scene), "not-bound");
}

static void a_running_service_of_unknown_pid_may_be_the_holder(void **state)
{
    struct scene *scene = *state;
    scene->service->pid = 0;
    scene->service->pid_after = -1;
    hold(scene, "0.0.0.0", OTHER_PID);
    assert_string_equal(judge(scene), "bound-owner-unknown");
    scene->service->pid = -1;
    assert_string_equal(judge(scene), "bound-owner-unknown");
}

static void a_running_service_of_unknown_pid_and_no_holder_is_unknown(void **state)
{
    struct scene *scene = *state;
    scene->service->pid = -1;
    scene->service->pid_after = -1;
    assert_string_equal(judge(scene), "unknown: partial (services)");
    hold(scene, "127.0.0.1", OTHER_PID);
    assert_string_equal(judge(scene), "unknown: partial (services)");
}

static void another_process_at_an_address_that_counts_is_port_in_use(void **state)
{
    struct scene *scene = *state;
    hold(scene, "127.0.0.1", SERVICE_PID);
    hold(scene, "10.0.0.5", OTHER_PID);
    assert_string_equal(judge(scene), "port-in-use");
    assert_int_equal(scene->verdict.holder.pid, OTHER_PID);
}

static void a_process_that_has_ended_may_still_hold_the_port(void **state)
{
    struct scene *scene = *state;
    hold(scene, "0.0.0.0", 31337);
    assert_string_equal(judge(scene), "port-in-use");
    assert_int_equal(scene->verdict.holder.pid, 31337);
}

static void a_rival_at_another_address_is_mentioned_and_changes_nothing(void **state)
{
    struct scene *scene = *state;
    hold(scene, "10.9.9.9", OTHER_PID);
    assert_string_equal(judge(scene), "not-bound");
    assert_int_equal(scene->verdict.holder.pid, OTHER_PID);
    hold(scene, "0.0.0.0", SERVICE_PID);
    assert_string_equal(judge(scene), "bound");
    assert_int_equal(scene->verdict.holder.pid, SERVICE_PID);
}

static void a_rival_at_an_address_that_counts_leaves_the_owner_bound(void **state)
{
    struct scene *scene = *state;
    hold(scene, "10.0.0.5", OTHER_PID);
    hold(scene, "0.0.0.0", SERVICE_PID);
    assert_string_equal(judge(scene), "bound");
}

/* PXE addresses that the inventory declares. */

static void every_declared_pxe_address_must_be_held(void **state)
{
    struct scene *scene = *state;
    give_address(scene, "10.0.0.6");
    declare_pxe_address(scene, "10.0.0.5");
    declare_pxe_address(scene, "10.0.0.6");
    hold(scene, "10.0.0.5", SERVICE_PID);
    assert_string_equal(judge(scene), "wrong-address");
    hold(scene, "10.0.0.6", SERVICE_PID);
    assert_string_equal(judge(scene), "bound");
}

static void the_wildcard_holds_every_declared_pxe_address(void **state)
{
    struct scene *scene = *state;
    declare_pxe_address(scene, "10.0.0.5");
    hold(scene, "0.0.0.0", SERVICE_PID);
    assert_string_equal(judge(scene), "bound");
    cut_section(scene, SECTION_ADDRESSES, OUTCOME_DENIED);
    assert_string_equal(judge(scene), "bound");
}

static void a_declared_pxe_address_that_the_host_lost_is_not_held(void **state)
{
    struct scene *scene = *state;
    declare_pxe_address(scene, "10.0.0.6");
    hold(scene, "0.0.0.0", SERVICE_PID);
    assert_string_equal(judge(scene), "wrong-address");
}

static void another_address_than_the_declared_one_is_wrong(void **state)
{
    struct scene *scene = *state;
    give_address(scene, "10.0.0.6");
    declare_pxe_address(scene, "10.0.0.6");
    hold(scene, "10.0.0.5", SERVICE_PID);
    assert_string_equal(judge(scene), "wrong-address");
}

static void a_rival_counts_at_declared_pxe_addresses_only(void **state)
{
    struct scene *scene = *state;
    give_address(scene, "10.0.0.6");
    declare_pxe_address(scene, "10.0.0.6");
    hold(scene, "10.0.0.5", OTHER_PID);
    assert_string_equal(judge(scene), "not-bound");
    hold(scene, "10.0.0.6", OTHER_PID);
    assert_string_equal(judge(scene), "port-in-use");
}

static void nobody_known_on_part_of_the_declared_addresses_is_no_answer(void **state)
{
    struct scene *scene = *state;
    give_address(scene, "10.0.0.6");
    declare_pxe_address(scene, "10.0.0.5");
    declare_pxe_address(scene, "10.0.0.6");
    hold(scene, "10.0.0.5", 0);
    assert_string_equal(judge(scene), "wrong-address");
    hold(scene, "10.0.0.6", SERVICE_PID);
    assert_string_equal(judge(scene), "bound-owner-unknown");
    assert_int_equal(scene->verdict.holder.pid, 0);
}

static void pxe_addresses_concern_boot_protocols_only(void **state)
{
    struct scene *scene = *state;
    declare_pxe_address(scene, "10.0.0.6");
    scene->expectation.port = 6969;
    hold(scene, "10.0.0.5", SERVICE_PID);
    assert_string_equal(judge(scene), "bound");
    scene->expectation.port = 69;
    hold(scene, "10.0.0.5", SERVICE_PID);
    assert_string_equal(judge(scene), "wrong-address");
}

/* Children. */

static void expect_a_child(struct scene *scene)
{
    scene->expectation.owner = OWNER_CHILD;
    run_process(scene, CHILD_PID, SERVICE_PID, MINUTES(58), "StreamProcess.exe");
    run_process(scene, GRANDCHILD_PID, CHILD_PID, MINUTES(57), "Worker.exe");
    run_process(scene, OTHER_PID, 500, MINUTES(59), "svchost.exe");
}

static void a_child_or_its_child_may_hold_the_port(void **state)
{
    struct scene *scene = *state;
    expect_a_child(scene);
    hold(scene, "0.0.0.0", CHILD_PID);
    assert_string_equal(judge(scene), "bound");
    scene->snapshot.endpoints[0].pid = GRANDCHILD_PID;
    assert_string_equal(judge(scene), "bound");
    scene->snapshot.endpoints[0].pid = SERVICE_PID;
    assert_string_equal(judge(scene), "bound");
    scene->snapshot.endpoints[0].pid = OTHER_PID;
    assert_string_equal(judge(scene), "port-in-use");
}

static void a_child_is_a_rival_where_the_service_itself_is_expected(void **state)
{
    struct scene *scene = *state;
    expect_a_child(scene);
    scene->expectation.owner = OWNER_SELF;
    hold(scene, "0.0.0.0", CHILD_PID);
    assert_string_equal(judge(scene), "port-in-use");
}

static void a_parent_younger_than_its_child_is_another_process(void **state)
{
    struct scene *scene = *state;
    expect_a_child(scene);
    hold(scene, "0.0.0.0", CHILD_PID);
    scene->process->created_ms = NOW_MS - MINUTES(50);
    assert_string_equal(judge(scene), "port-in-use");
}

static void a_ring_of_parents_comes_to_an_end(void **state)
{
    struct scene *scene = *state;
    expect_a_child(scene);
    run_process(scene, 3001, 3002, MINUTES(5), "a.exe");
    run_process(scene, 3002, 3001, MINUTES(5), "b.exe");
    hold(scene, "0.0.0.0", 3001);
    assert_string_equal(judge(scene), "port-in-use");
}

static void whose_child_holds_the_port_is_unknown_without_processes(void **state)
{
    struct scene *scene = *state;
    expect_a_child(scene);
    hold(scene, "0.0.0.0", CHILD_PID);
    cut_section(scene, SECTION_PROCESSES, OUTCOME_DENIED);
    assert_string_equal(judge(scene), "unknown: partial (processes)");
    hold(scene, "10.0.0.5", SERVICE_PID);
    assert_string_equal(judge(scene), "bound");
}

static void whose_child_holds_the_port_is_unknown_without_parents(void **state)
{
    struct scene *scene = *state;
    expect_a_child(scene);
    hold(scene, "0.0.0.0", GRANDCHILD_PID);
    for (size_t i = 0; i < scene->snapshot.process_count; i++) {
        scene->snapshot.processes[i].parent = -1;
        scene->snapshot.processes[i].created_ms = 0;
    }
    assert_string_equal(judge(scene), "unknown: partial (processes)");
}

static void a_parent_that_is_not_known_on_the_way_up_tells_nothing(void **state)
{
    struct scene *scene = *state;
    expect_a_child(scene);
    hold(scene, "0.0.0.0", GRANDCHILD_PID);
    for (size_t i = 0; i < scene->snapshot.process_count; i++) {
        struct process *process = &scene->snapshot.processes[i];
        process->parent = process->pid == CHILD_PID ? -1 : process->parent;
    }
    assert_string_equal(judge(scene), "unknown: partial (processes)");
    /* 0 is no unknown parent: it is that of the first process of all. */
    for (size_t i = 0; i < scene->snapshot.process_count; i++) {
        struct process *process = &scene->snapshot.processes[i];
        process->parent = process->pid == CHILD_PID ? 0 : process->parent;
    }
    assert_string_equal(judge(scene), "port-in-use");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(a_running_service_that_holds_its_port_is_bound_at_once),
        SCENE_TEST(every_address_of_the_host_but_local_ones_counts),
        SCENE_TEST(an_ipv6_address_counts_for_what_is_no_boot_protocol),
        SCENE_TEST(a_tcp_expectation_needs_the_tcp_section_only),
        SCENE_TEST(a_tcp_listener_on_the_port_is_no_udp_socket),
        SCENE_TEST(a_cut_list_of_endpoints_decides_nothing),
        SCENE_TEST(an_implausible_list_of_windows_endpoints_decides_nothing),
        SCENE_TEST(a_list_with_a_socket_of_the_service_is_plausible),
        SCENE_TEST(a_specific_address_means_nothing_while_addresses_are_unread),
        SCENE_TEST(loopback_and_the_wildcard_need_no_addresses),
        SCENE_TEST(a_running_settled_service_without_its_port_is_not_bound),
        SCENE_TEST(a_process_younger_than_settle_is_pending),
        SCENE_TEST(the_age_of_a_process_is_taken_by_the_hosts_clock),
        SCENE_TEST(a_process_of_the_future_has_no_age),
        SCENE_TEST(a_process_of_unknown_age_needs_a_second_reading_with_its_pid),
        SCENE_TEST(a_process_of_unknown_age_needs_the_host_up_for_long_enough),
        SCENE_TEST(a_process_list_that_was_cut_tells_no_age),
        SCENE_TEST(a_port_of_nobody_known_is_bound_owner_unknown),
        SCENE_TEST(a_port_of_nobody_known_on_loopback_is_not_bound),
        SCENE_TEST(a_running_service_of_unknown_pid_may_be_the_holder),
        SCENE_TEST(a_running_service_of_unknown_pid_and_no_holder_is_unknown),
        SCENE_TEST(another_process_at_an_address_that_counts_is_port_in_use),
        SCENE_TEST(a_process_that_has_ended_may_still_hold_the_port),
        SCENE_TEST(a_rival_at_another_address_is_mentioned_and_changes_nothing),
        SCENE_TEST(a_rival_at_an_address_that_counts_leaves_the_owner_bound),
        SCENE_TEST(every_declared_pxe_address_must_be_held),
        SCENE_TEST(the_wildcard_holds_every_declared_pxe_address),
        SCENE_TEST(a_declared_pxe_address_that_the_host_lost_is_not_held),
        SCENE_TEST(another_address_than_the_declared_one_is_wrong),
        SCENE_TEST(a_rival_counts_at_declared_pxe_addresses_only),
        SCENE_TEST(nobody_known_on_part_of_the_declared_addresses_is_no_answer),
        SCENE_TEST(pxe_addresses_concern_boot_protocols_only),
        SCENE_TEST(a_child_or_its_child_may_hold_the_port),
        SCENE_TEST(a_child_is_a_rival_where_the_service_itself_is_expected),
        SCENE_TEST(a_parent_younger_than_its_child_is_another_process),
        SCENE_TEST(a_ring_of_parents_comes_to_an_end),
        SCENE_TEST(whose_child_holds_the_port_is_unknown_without_processes),
        SCENE_TEST(whose_child_holds_the_port_is_unknown_without_parents),
        SCENE_TEST(a_parent_that_is_not_known_on_the_way_up_tells_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
