/* test_verdict_expected: who says that an endpoint is expected, and on which port. */
#include "unit/verdict_scene.h"

/* 2. Expected here? */

static void the_inventory_says_no_whatever_the_host_says(void **state)
{
    struct scene *scene = *state;
    ask_registry_too(scene);
    give_registry(scene, "PXEType", 1);
    cut_section(scene, SECTION_UDP, OUTCOME_PARTIAL);
    cut_section(scene, SECTION_SERVICES, OUTCOME_PARTIAL);
    scene->question.declared = DECLARED_NOT_EXPECTED;
    scene->question.history.ever_bound = true;
    assert_string_equal(judge(scene), "not-expected");
    assert_int_equal(scene->verdict.expected_by, EXPECTED_BY_INVENTORY);
    assert_false(scene->verdict.conflict);
}

static void the_inventory_says_yes_whatever_the_host_says(void **state)
{
    struct scene *scene = *state;
    ask_registry_too(scene);
    give_registry(scene, "PXEType", 0x40000000);
    scene->service->startup = STARTUP_MANUAL;
    scene->question.declared = DECLARED_EXPECTED;
    assert_string_equal(judge(scene), "not-bound");
    assert_int_equal(scene->verdict.expected_by, EXPECTED_BY_INVENTORY);
    assert_false(scene->verdict.conflict);
}

static void what_is_only_watched_where_declared_is_not_expected_elsewhere(void **state)
{
    struct scene *scene = *state;
    scene->expectation.watch = WATCH_DECLARED;
    assert_string_equal(judge(scene), "not-expected");
    assert_int_equal(scene->verdict.expected_by, EXPECTED_BY_NONE);
    scene->question.declared = DECLARED_EXPECTED;
    assert_string_equal(judge(scene), "not-bound");
}

static void registry_then_startup_type_then_history_decide(void **state)
{
    struct scene *scene = *state;
    ask_registry_too(scene);
    scene->question.history.ever_bound = true;
    give_registry(scene, "PXEType", 1);
    assert_string_equal(judge(scene), "not-bound");
    assert_int_equal(scene->verdict.expected_by, EXPECTED_BY_REGISTRY);
    scene->snapshot.registry[0].number = 0x40000000;
    assert_string_equal(judge(scene), "not-bound");
    assert_int_equal(scene->verdict.expected_by, EXPECTED_BY_STARTUP);
    scene->service->startup = STARTUP_MANUAL;
    assert_string_equal(judge(scene), "not-bound");
    assert_int_equal(scene->verdict.expected_by, EXPECTED_BY_HISTORY);
    scene->question.history.ever_bound = false;
    assert_string_equal(judge(scene), "not-expected");
    assert_int_equal(scene->verdict.expected_by, EXPECTED_BY_NONE);
}

static void delayed_start_is_automatic(void **state)
{
    struct scene *scene = *state;
    scene->service->startup = STARTUP_AUTOMATIC_DELAYED;
    assert_string_equal(judge(scene), "not-bound");
    assert_int_equal(scene->verdict.expected_by, EXPECTED_BY_STARTUP);
}

static void a_disabled_service_that_nobody_asks_for_is_not_expected(void **state)
{
    struct scene *scene = *state;
    scene->service->startup = STARTUP_DISABLED;
    scene->service->state = SERVICE_STOPPED;
    assert_string_equal(judge(scene), "not-expected");
}

static void a_missing_wizard_key_says_not_expected(void **state)
{
    struct scene *scene = *state;
    ask_registry_too(scene);
    scene->service->startup = STARTUP_MANUAL;
    struct registry_value *key = snapshot_add_registry(&scene->snapshot);
    *key = (struct registry_value){.key = WIZARD, .name = "", .text = "absent"};
    assert_string_equal(judge(scene), "not-expected");
}

static void a_wizard_key_that_no_rule_knows_counts_as_unread(void **state)
{
    struct scene *scene = *state;
    ask_registry_too(scene);
    scene->service->startup = STARTUP_MANUAL;
    struct registry_value *key = snapshot_add_registry(&scene->snapshot);
    *key = (struct registry_value){.key = WIZARD, .name = "", .text = "present"};
    give_registry(scene, "PXEType", 77);
    assert_string_equal(judge(scene), "unknown: denied (expectation)");
    assert_int_equal(scene->verdict.expected_by, EXPECTED_BY_NOBODY);
}

static void a_registry_value_that_is_no_number_matches_no_rule(void **state)
{
    struct scene *scene = *state;
    ask_registry_too(scene);
    scene->service->startup = STARTUP_MANUAL;
    give_registry(scene, "PXEType", 0x40000000);
    scene->snapshot.registry[0].is_number = false;
    assert_string_equal(judge(scene), "unknown: denied (expectation)");
}

static void one_unread_source_and_no_yes_is_unknown(void **state)
{
    struct scene *scene = *state;
    ask_registry_too(scene);
    give_registry(scene, "PXEType", 0x40000000);
    scene->service->startup = STARTUP_UNKNOWN;
    assert_string_equal(judge(scene), "unknown: denied (expectation)");
    scene->service->startup = STARTUP_MANUAL;
    cut_section(scene, SECTION_REGISTRY, OUTCOME_DENIED);
    assert_string_equal(judge(scene), "unknown: denied (expectation)");
    scene->question.history.ever_bound = true;
    assert_string_equal(judge(scene), "not-bound");
}

static void sources_that_disagree_are_a_conflict(void **state)
{
    struct scene *scene = *state;
    ask_registry_too(scene);
    give_registry(scene, "PXEType", 0x40000000);
    assert_string_equal(judge(scene), "not-bound");
    assert_true(scene->verdict.conflict);
    scene->snapshot.registry[0].number = 1;
    scene->service->startup = STARTUP_DISABLED;
    assert_string_equal(judge(scene), "not-bound");
    assert_true(scene->verdict.conflict);
}

static void a_server_that_was_never_bound_is_no_conflict(void **state)
{
    struct scene *scene = *state;
    ask_registry_too(scene);
    give_registry(scene, "PXEType", 1);
    assert_string_equal(judge(scene), "not-bound");
    assert_false(scene->verdict.conflict);
}

static void a_registry_that_was_not_read_is_no_conflict(void **state)
{
    struct scene *scene = *state;
    ask_registry_too(scene);
    cut_section(scene, SECTION_REGISTRY, OUTCOME_PARTIAL);
    assert_string_equal(judge(scene), "not-bound");
    assert_false(scene->verdict.conflict);
}

static void an_expectation_without_a_registry_key_is_no_conflict(void **state)
{
    struct scene *scene = *state;
    assert_string_equal(judge(scene), "not-bound");
    assert_int_equal(scene->verdict.expected_by, EXPECTED_BY_STARTUP);
    assert_false(scene->verdict.conflict);
}

static void with_dhcp_on_the_box_4011_counts_in_place_of_67(void **state)
{
    struct scene *scene = *state;
    ask_registry_too(scene);
    give_registry(scene, "DHCPType", 0);
    give_registry(scene, "PXEType", 1);
    hold(scene, "0.0.0.0", OTHER_PID);
    assert_string_equal(judge(scene), "not-bound");
    assert_int_equal(scene->verdict.port, 4011);
    assert_int_equal(scene->verdict.holder.port, 0);
    hold_port(scene, 4011, "0.0.0.0", SERVICE_PID);
    assert_string_equal(judge(scene), "bound");
    assert_int_equal(scene->verdict.holder.port, 4011);
}

static void with_dhcp_on_the_box_67_alone_is_not_enough(void **state)
{
    struct scene *scene = *state;
    ask_registry_too(scene);
    give_registry(scene, "DHCPType", 0);
    give_registry(scene, "PXEType", 1);
    hold(scene, "0.0.0.0", SERVICE_PID);
    assert_string_equal(judge(scene), "not-bound");
}

static void the_inventory_leaves_the_port_to_the_registry(void **state)
{
    struct scene *scene = *state;
    ask_registry_too(scene);
    give_registry(scene, "DHCPType", 0);
    give_registry(scene, "PXEType", 1);
    scene->question.declared = DECLARED_EXPECTED;
    hold_port(scene, 4011, "0.0.0.0", SERVICE_PID);
    assert_string_equal(judge(scene), "bound");
}

static void a_rival_on_67_proves_nothing_where_4011_may_be_the_port(void **state)
{
    struct scene *scene = *state;
    ask_registry_too(scene);
    cut_section(scene, SECTION_REGISTRY, OUTCOME_DENIED);
    hold(scene, "0.0.0.0", OTHER_PID);
    assert_string_equal(judge(scene), "port-in-use");
    hold_port(scene, 4011, "0.0.0.0", SERVICE_PID);
    assert_string_equal(judge(scene), "unknown: partial (registry)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(the_inventory_says_no_whatever_the_host_says),
        SCENE_TEST(the_inventory_says_yes_whatever_the_host_says),
        SCENE_TEST(what_is_only_watched_where_declared_is_not_expected_elsewhere),
        SCENE_TEST(registry_then_startup_type_then_history_decide),
        SCENE_TEST(delayed_start_is_automatic),
        SCENE_TEST(a_disabled_service_that_nobody_asks_for_is_not_expected),
        SCENE_TEST(a_missing_wizard_key_says_not_expected),
        SCENE_TEST(a_wizard_key_that_no_rule_knows_counts_as_unread),
        SCENE_TEST(a_registry_value_that_is_no_number_matches_no_rule),
        SCENE_TEST(one_unread_source_and_no_yes_is_unknown),
        SCENE_TEST(sources_that_disagree_are_a_conflict),
        SCENE_TEST(a_server_that_was_never_bound_is_no_conflict),
        SCENE_TEST(a_registry_that_was_not_read_is_no_conflict),
        SCENE_TEST(an_expectation_without_a_registry_key_is_no_conflict),
        SCENE_TEST(with_dhcp_on_the_box_4011_counts_in_place_of_67),
        SCENE_TEST(with_dhcp_on_the_box_67_alone_is_not_enough),
        SCENE_TEST(the_inventory_leaves_the_port_to_the_registry),
        SCENE_TEST(a_rival_on_67_proves_nothing_where_4011_may_be_the_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
