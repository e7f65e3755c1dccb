/* test_declaration: what the inventory says of a host, as a line and back. */
#include "history_scene.h"

#include "model/declaration.h"

static void same(const char *a, const char *b)
{
    assert_int_equal(a == NULL, b == NULL);
    if (a != NULL) {
        assert_string_equal(a, b);
    }
}

static void every_field_comes_back(void **state)
{
    (void)state;
    const struct ip addresses[] = {scene_ip("10.0.0.5"), scene_ip("fe80::1")};
    const struct declaration said[] = {{"BNPXE", DECLARED_EXPECTED, {NULL, 0, 0, NULL}},
                                       {"PVSTSB", DECLARED_NOT_EXPECTED, {NULL, 0, 0, NULL}},
                                       {"odd\tname", DECLARED_SILENT, {NULL, 0, 0, NULL}}};
    const struct host hosts[] = {
        {.os = HOST_WINDOWS},
        {.os = HOST_LINUX,
         .site = "a\tb\\n\n",
         .farm = "",
         .state = HOST_RETIRED,
         .timezone = "Europe/Paris",
         .maintenance = "Sat 02:00-04:00",
         .pxe_addresses = addresses,
         .pxe_address_count = 2,
         .declarations = said,
         .declaration_count = 3},
    };
    for (size_t i = 0; i < 2; i++) {
        struct arena arena = {.blocks = NULL};
        struct host back;
        const char *line = declaration_encode(&arena, &hosts[i]);
        assert_null(strchr(line, '\n'));
        assert_true(declaration_decode(&arena, line, &back));
        assert_int_equal(back.os, hosts[i].os);
        assert_int_equal(back.state, hosts[i].state);
        same(back.site, hosts[i].site);
        same(back.farm, hosts[i].farm);
        same(back.timezone, hosts[i].timezone);
        same(back.maintenance, hosts[i].maintenance);
        assert_int_equal(back.pxe_address_count, hosts[i].pxe_address_count);
        for (size_t k = 0; k < back.pxe_address_count; k++) {
            assert_true(ip_equal(&back.pxe_addresses[k], &hosts[i].pxe_addresses[k]));
        }
        assert_int_equal(back.declaration_count, hosts[i].declaration_count);
        for (size_t k = 0; k < back.declaration_count; k++) {
            same(back.declarations[k].expectation, hosts[i].declarations[k].expectation);
            assert_int_equal(back.declarations[k].declared, hosts[i].declarations[k].declared);
        }
        assert_string_equal(line, declaration_encode(&arena, &back));
        arena_done(&arena);
    }
}

static void a_name_or_an_address_makes_no_difference(void **state)
{
    (void)state;
    struct arena arena = {.blocks = NULL};
    struct host one = scene_host("pvs01");
    struct host two = scene_host("pvs02");
    assert_string_equal(declaration_encode(&arena, &one), declaration_encode(&arena, &two));
    two.site = "lyon";
    assert_string_not_equal(declaration_encode(&arena, &one), declaration_encode(&arena, &two));
    arena_done(&arena);
}

/* Every prefix, and a few that are wrong in one place. */
static void another_text_is_no_declaration(void **state)
{
    (void)state;
    struct arena arena = {.blocks = NULL};
    struct host host = scene_host("pvs01");
    struct host back = {.name = "untouched"};
    char *line = declaration_encode(&arena, &host);
    for (size_t len = strlen(line); len-- > 0;) {
        const char *prefix = arena_strndup(&arena, line, len);
        assert_false(declaration_decode(&arena, prefix, &back));
    }
    const char *const wrong[] = {
        "2\twindows\t\\N\t\\N\tactive\t\\N\t\\N\t0\t0",
        "1\tbeos\t\\N\t\\N\tactive\t\\N\t\\N\t0\t0",
        "1\twindows\t\\N\t\\N\tasleep\t\\N\t\\N\t0\t0",
        "1\twindows\t\\N\t\\N\tactive\t\\N\t\\N\t-1\t0",
        "1\twindows\t\\N\t\\N\tactive\t\\N\t\\N\t1\tnoip\t0",
        "1\twindows\t\\N\t\\N\tactive\t\\N\t\\N\t9999\t0",
        "1\twindows\t\\N\t\\N\tactive\t\\N\t\\N\t0\t1\tBNPXE\tperhaps",
        "1\twindows\t\\N\t\\N\tactive\t\\N\t\\N\t0\t0\tmore",
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(declaration_decode(&arena, wrong[i], &back));
    }
    assert_string_equal(back.name, "untouched");
    assert_true(declaration_decode(&arena, "1\twindows\t\\N\t\\N\tactive\t\\N\t\\N\t0\t0", &back));
    arena_done(&arena);
}

static void applies(const char *expectation, const char *os, enum declared declared, bool expect)
{
    struct declaration said = {.expectation = expectation, .declared = declared};
    struct host host = {.declarations = &said, .declaration_count = 1};
    const struct expectation_set *set = scene_expectations();
    for (size_t i = 0; i < set->count; i++) {
        if (strcmp(set->items[i].id, expectation) == 0) {
            assert_int_equal(declaration_applies(&set->items[i], os, &host), expect);
            if (declared == DECLARED_SILENT) {
                assert_int_equal(declaration_applies(&set->items[i], os, NULL), expect);
            }
            return;
        }
    }
    fail();
}

static void an_expectation_applies_by_os_and_watch(void **state)
{
    (void)state;
    applies("BNPXE", "windows", DECLARED_SILENT, true);
    applies("BNPXE", "windows", DECLARED_NOT_EXPECTED, true); /* judged: not-expected */
    applies("BNPXE", "linux", DECLARED_EXPECTED, false);
    applies("BNPXE", NULL, DECLARED_SILENT, true); /* os never known: windows */
    applies("kea-dhcp4-server", NULL, DECLARED_SILENT, false);
    applies("kea-dhcp4-server", "linux", DECLARED_SILENT, true);
    applies("PVSTSB", "windows", DECLARED_SILENT, false);
    applies("PVSTSB", "windows", DECLARED_EXPECTED, true);
    applies("PVSTSB", "windows", DECLARED_NOT_EXPECTED, false);
    applies("soapserver", "windows", DECLARED_SILENT, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_comes_back),
        cmocka_unit_test(a_name_or_an_address_makes_no_difference),
        cmocka_unit_test(another_text_is_no_declaration),
        cmocka_unit_test(an_expectation_applies_by_os_and_watch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
