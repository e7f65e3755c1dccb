/* test_expectation: finding an expectation by name, and its line in the history. */
#include "model/expectation.h"

#include "core/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct registry_condition dhcp_here[] = {{"DHCPType", 0}, {"PXEType", 1}};
static const struct registry_condition dhcp_away[] = {{"DHCPType", UINT64_MAX}};
static const struct registry_rule wizard_rules[] = {{dhcp_here, 2, true, 4011},
                                                    {dhcp_away, 1, false, 0}};
static const struct expectation pxe = {
    .profile = "pvs",
    .id = "BNPXE",
    .os = "windows",
    .service = "BNPXE",
    .display_name = "Citrix PVS PXE Service",
    .process = "BNPXE.exe",
    .proto = PROTO_UDP,
    .port = 67,
    .owner = OWNER_CHILD,
    .watch = WATCH_INFORM,
    .settle_running_ms = 60000,
    .registry_key = "HKLM\\SOFTWARE\\tab\there\nand a line",
    .rules = wizard_rules,
    .rule_count = 2,
    .remedy = "Restart-Service BNPXE",
};

/* The fields as docs/EXPECTATIONS.md tells them. */
static const char pxe_line[] =
    "1\tpvs\tBNPXE\twindows\tBNPXE\tCitrix PVS PXE Service\tBNPXE.exe\t\\N\tudp\t67\tchild\tinform"
    "\t60000\tHKLM\\\\SOFTWARE\\\\tab\\there\\nand a line\t2\tyes\t4011\t2\tDHCPType\t0\tPXEType\t1"
    "\tno\t0\t1\tDHCPType\t18446744073709551615\tRestart-Service BNPXE\t\\N";

static void the_line_has_the_documented_fields(void **state)
{
    (void)state;
    struct arena arena = {0};
    assert_string_equal(expectation_encode(&arena, &pxe), pxe_line);
    arena_done(&arena);
}

static void a_line_gives_back_every_field(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct expectation back;
    assert_true(expectation_decode(&arena, pxe_line, &back));
    assert_string_equal(back.profile, "pvs");
    assert_string_equal(back.id, "BNPXE");
    assert_string_equal(back.os, "windows");
    assert_string_equal(back.service, "BNPXE");
    assert_string_equal(back.display_name, "Citrix PVS PXE Service");
    assert_string_equal(back.process, "BNPXE.exe");
    assert_null(back.pid_file);
    assert_int_equal(back.proto, PROTO_UDP);
    assert_int_equal(back.port, 67);
    assert_int_equal(back.owner, OWNER_CHILD);
    assert_int_equal(back.watch, WATCH_INFORM);
    assert_int_equal(back.settle_running_ms, 60000);
    assert_string_equal(back.registry_key, pxe.registry_key);
    assert_int_equal(back.rule_count, 2);
    assert_true(back.rules[0].expected);
    assert_int_equal(back.rules[0].port, 4011);
    assert_int_equal(back.rules[0].condition_count, 2);
    assert_string_equal(back.rules[0].conditions[1].name, "PXEType");
    assert_int_equal(back.rules[0].conditions[1].number, 1);
    assert_false(back.rules[1].expected);
    assert_true(back.rules[1].conditions[0].number == UINT64_MAX);
    assert_string_equal(back.remedy, "Restart-Service BNPXE");
    assert_null(back.prevention);
    arena_done(&arena);
}

static void an_unset_text_is_not_an_empty_one(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct expectation empty = pxe;
    struct expectation back;
    empty.process = "";
    empty.prevention = "\\N";
    assert_true(expectation_decode(&arena, expectation_encode(&arena, &empty), &back));
    assert_string_equal(back.process, "");
    assert_string_equal(back.prevention, "\\N");
    arena_done(&arena);
}

static void a_cut_line_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct expectation back = {.id = "untouched"};
    size_t last_field = strlen(pxe_line) - strlen("\\N");
    for (size_t len = 0; len < last_field; len++) {
        char cut[sizeof(pxe_line)];
        memcpy(cut, pxe_line, len);
        cut[len] = '\0';
        assert_false(expectation_decode(&arena, cut, &back));
    }
    assert_string_equal(back.id, "untouched");
    arena_done(&arena);
}

static void lines_that_are_not_ours_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
    } changes[] = {
        {"1\tpvs", "2\tpvs"},
        {"\tudp\t", "\tsctp\t"},
        {"\t67\t", "\t65536\t"},
        {"\t67\t", "\t-1\t"},
        {"\tchild\t", "\tself\tself\t"},
        {"\tinform\t", "\tsometimes\t"},
        {"\t60000\t", "\t60s\t"},
        {"\tyes\t", "\tperhaps\t"},
        {"\t2\tyes", "\t1000000\tyes"},
        {"\\there", "\\xhere"},
        {"\\nand", "\nand"},
        {"\tDHCPType\t0", "\t\\N\t0"},
        {"pvs\tBNPXE", "pvs\t\\N"},
        {"Restart-Service BNPXE\t\\N", "Restart-Service BNPXE\t\\N\tmore"},
        {"Restart-Service BNPXE\t\\N", "Restart-Service BNPXE\t\\"},
    };
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        struct arena arena = {0};
        struct expectation back;
        const char *at = strstr(pxe_line, changes[i].from);
        assert_non_null(at);
        char *line = arena_printf(&arena, "%.*s%s%s", (int)(at - pxe_line), pxe_line, changes[i].to,
                                  at + strlen(changes[i].from));
        if (expectation_decode(&arena, line, &back)) {
            fail_msg("taken: %s for %s", changes[i].to, changes[i].from);
        }
        arena_done(&arena);
    }
}

static void an_expectation_too_large_for_a_line_is_refused(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct expectation large = pxe;
    char *remedy = arena_alloc(&arena, 70000);
    memset(remedy, 'x', 69999);
    large.remedy = remedy;
    assert_null(expectation_encode(&arena, &large));
    arena_done(&arena);
}

static void found_by_id_or_by_profile_and_id_whatever_the_case(void **state)
{
    (void)state;
    struct expectation_set set = {0};
    void *items = NULL;
    struct expectation *first = arena_push(&set.arena, &items, &set.count, sizeof(*first));
    *first = (struct expectation){.profile = "kea", .id = "dhcp", .service = "kea"};
    struct expectation *second = arena_push(&set.arena, &items, &set.count, sizeof(*second));
    *second = (struct expectation){.profile = "dnsmasq", .id = "dhcp", .service = "dnsmasq"};
    struct expectation *third = arena_push(&set.arena, &items, &set.count, sizeof(*third));
    *third = pxe;
    set.items = items;
    assert_ptr_equal(expectation_find(&set, "bnpxe"), &set.items[2]);
    assert_ptr_equal(expectation_find(&set, "PVS/bnpxe"), &set.items[2]);
    assert_ptr_equal(expectation_find(&set, "dhcp"), &set.items[0]);
    assert_ptr_equal(expectation_find(&set, "dnsmasq/dhcp"), &set.items[1]);
    assert_null(expectation_find(&set, "kea/BNPXE"));
    assert_null(expectation_find(&set, "BNPXE2"));
    assert_null(expectation_find(&set, ""));
    assert_null(expectation_find(&set, NULL));
    expectation_set_done(&set);
    assert_int_equal(set.count, 0);
    assert_null(expectation_find(&set, "BNPXE"));
    expectation_set_done(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_line_has_the_documented_fields),
        cmocka_unit_test(a_line_gives_back_every_field),
        cmocka_unit_test(an_unset_text_is_not_an_empty_one),
        cmocka_unit_test(a_cut_line_is_refused_and_changes_nothing),
        cmocka_unit_test(lines_that_are_not_ours_are_refused),
        cmocka_unit_test(an_expectation_too_large_for_a_line_is_refused),
        cmocka_unit_test(found_by_id_or_by_profile_and_id_whatever_the_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
