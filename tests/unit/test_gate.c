/* test_gate: what the product of situations does not reach: identities, several paths and farms. */
#include "core/str.h"
#include "model/gate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { NOW = 1000 };

static struct gate_server server(const char *name, const char *id, const char *computer)
{
    struct gate_server made = {.name = name, .machine_id = id, .computer_name = computer};
    for (int i = 0; i < BOOT_STAGE_COUNT; i++) {
        made.readings[i] = (struct gate_reading){
            .judged = true, .verdict = VERDICT_BOUND, .time_ms = NOW, .boot_ms = 1};
    }
    return made;
}

static void clones_are_two_machines_and_aliases_are_one(void **state)
{
    const struct gate_server a = server("a", "id", "PVS01");
    const struct gate_server alias = server("b", "ID", "pvs01");
    const struct gate_server clone = server("c", "id", "PVS02");
    const struct gate_server elsewhere = server("d", "other", "PVS01");
    const struct gate_server half = server("e", NULL, "PVS01");
    const struct gate_server other_half = server("f", "id", "");
    const struct gate_server nothing = server("g", NULL, NULL);
    (void)state;
    assert_int_equal(gate_compare(&a, &a), GATE_SAME);
    assert_int_equal(gate_compare(&a, &alias), GATE_SAME);
    assert_int_equal(gate_compare(&a, &clone), GATE_DISTINCT);
    assert_int_equal(gate_compare(&a, &elsewhere), GATE_DISTINCT);
    assert_int_equal(gate_compare(&a, &half), GATE_UNSURE);
    assert_int_equal(gate_compare(&a, &other_half), GATE_UNSURE);
    assert_int_equal(gate_compare(&half, &clone), GATE_DISTINCT);
    assert_int_equal(gate_compare(&a, &nothing), GATE_UNSURE);
}

static enum gate_answer judge(struct gate_server *servers, size_t server_count,
                              const struct boot_path *paths, size_t path_count)
{
    const struct gate_question question = {
        .paths = paths,
        .path_count = path_count,
        .servers = servers,
        .server_count = server_count,
        .not_before_ms = NOW,
    };
    struct gate_judgement judgement;
    assert_int_equal(gate_judge(&question, &judgement), 0);
    enum gate_answer answer = judgement.answer;
    gate_judgement_done(&judgement);
    return answer;
}

static void nothing_at_all_is_cannot_tell(void **state)
{
    struct gate_server servers[] = {server("a", "1", "a")};
    (void)state;
    assert_int_equal(judge(servers, 1, NULL, 0), GATE_CANNOT_TELL);
    servers[0].down = true;
    assert_int_equal(judge(servers, 1, NULL, 0), GATE_CANNOT_TELL);
}

static void a_name_that_stands_twice_counts_once(void **state)
{
    static const char *const listed[] = {"a", "b", "b", "b"};
    struct gate_server servers[] = {server("a", "1", "a"), server("b", "2", "b")};
    struct boot_path path = {.name = "p", .min = 2};
    (void)state;
    path.stages[BOOT_STAGE_LOGIN] = (struct boot_servers){listed, 4};
    servers[0].down = true;
    assert_int_equal(judge(servers, 2, &path, 1), GATE_GO_WITH_WARNING);
}

/* Taken down together, each farm must keep its own. */
static void each_farm_of_a_path_is_judged_for_itself(void **state)
{
    static const char *const listed[] = {"a", "b", "c"};
    struct gate_server servers[] = {server("a", "1", "a"), server("b", "2", "b"),
                                    server("c", "3", "c")};
    struct boot_path path = {.name = "p", .min = 1};
    (void)state;
    path.stages[BOOT_STAGE_LOGIN] = (struct boot_servers){listed, 3};
    servers[0].farm = "emea";
    servers[1].farm = "apac";
    servers[2].farm = "emea";
    servers[0].down = true;
    assert_int_equal(judge(servers, 3, &path, 1), GATE_GO);
    servers[1].down = true;
    assert_int_equal(judge(servers, 3, &path, 1), GATE_NO_GO);
}

/* The alias is in the path, the name that is asked about is not. */
static void a_path_that_names_the_machine_by_another_name_is_judged(void **state)
{
    static const char *const listed[] = {"alias"};
    struct gate_server servers[] = {server("a", "1", "a"), server("alias", "1", "A")};
    struct boot_path path = {.name = "p", .min = 1};
    (void)state;
    path.stages[BOOT_STAGE_PXE] = (struct boot_servers){listed, 1};
    servers[0].down = true;
    assert_int_equal(judge(servers, 2, &path, 1), GATE_NO_GO);
}

static void only_the_stage_that_is_asked_for_is_proven_by_its_own_reading(void **state)
{
    static const char *const listed[] = {"a", "b"};
    struct gate_server servers[] = {server("a", "1", "a"), server("b", "2", "b")};
    struct boot_path path = {.name = "p", .min = 1};
    (void)state;
    servers[0].down = true;
    servers[1].readings[BOOT_STAGE_TFTP].verdict = VERDICT_NOT_BOUND;
    path.stages[BOOT_STAGE_PXE] = (struct boot_servers){listed, 2};
    path.stages[BOOT_STAGE_LOGIN] = (struct boot_servers){listed, 2};
    assert_int_equal(judge(servers, 2, &path, 1), GATE_GO);
    path.stages[BOOT_STAGE_TFTP] = (struct boot_servers){listed, 2};
    assert_int_equal(judge(servers, 2, &path, 1), GATE_NO_GO);
}

/* Two servers on one path that needs one of them: b stands in for a. */
struct pair {
    struct gate_server servers[2];
    struct boot_path path;
};

static struct pair pair_of(const char *const names[2])
{
    struct pair pair = {.servers = {server("a", "1", "a"), server("b", "2", "b")},
                        .path = {.name = "p", .min = 1}};
    pair.servers[0].down = true;
    pair.path.stages[BOOT_STAGE_TFTP] = (struct boot_servers){names, 2};
    return pair;
}

static const char *const both[] = {"a", "b"};

static void a_held_server_is_nobodys_responder(void **state)
{
    struct pair pair = pair_of(both);
    (void)state;
    assert_int_equal(judge(pair.servers, 2, &pair.path, 1), GATE_GO);
    pair.servers[1].held_by = "CHG1";
    assert_int_equal(judge(pair.servers, 2, &pair.path, 1), GATE_NO_GO);
}

static void an_old_reading_proves_nothing(void **state)
{
    struct pair pair = pair_of(both);
    (void)state;
    pair.servers[1].readings[BOOT_STAGE_TFTP].time_ms = NOW - 1;
    assert_int_equal(judge(pair.servers, 2, &pair.path, 1), GATE_CANNOT_TELL);
}

static void a_server_that_cannot_be_told_apart_proves_nothing(void **state)
{
    struct pair pair = pair_of(both);
    (void)state;
    pair.servers[1].machine_id = NULL;
    pair.servers[1].computer_name = NULL;
    assert_int_equal(judge(pair.servers, 2, &pair.path, 1), GATE_CANNOT_TELL);
}

static void option_66_pins_its_server(void **state)
{
    struct pair pair = pair_of(both);
    (void)state;
    pair.path.method = BOOT_BY_DHCP_OPTIONS;
    assert_int_equal(judge(pair.servers, 2, &pair.path, 1), GATE_NO_GO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_held_server_is_nobodys_responder),
        cmocka_unit_test(an_old_reading_proves_nothing),
        cmocka_unit_test(a_server_that_cannot_be_told_apart_proves_nothing),
        cmocka_unit_test(option_66_pins_its_server),
        cmocka_unit_test(clones_are_two_machines_and_aliases_are_one),
        cmocka_unit_test(nothing_at_all_is_cannot_tell),
        cmocka_unit_test(a_name_that_stands_twice_counts_once),
        cmocka_unit_test(each_farm_of_a_path_is_judged_for_itself),
        cmocka_unit_test(a_path_that_names_the_machine_by_another_name_is_judged),
        cmocka_unit_test(only_the_stage_that_is_asked_for_is_proven_by_its_own_reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
