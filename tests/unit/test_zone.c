/* test_zone: which names are zones, and the nearest to one that is not. */
#include "core/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void names_of_the_database_are_known_and_nothing_else(void **state)
{
    static const char *const known[] = {"Europe/Berlin", "UTC", "Etc/GMT+3",
                                        "America/Argentina/Buenos_Aires"};
    static const char *const unknown[] = {"",         "Europe",        "Europe/Berlinn",
                                          "zone.tab", "europe/berlin", "/usr/share/zoneinfo/UTC",
                                          "../x",     "CET-1CEST",     "Europe/../Europe/Berlin",
                                          "a\tb"};
    (void)state;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (!zone_known(known[i])) {
            fail_msg("%s is not known", known[i]);
        }
    }
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        if (zone_known(unknown[i])) {
            fail_msg("%s is known", unknown[i]);
        }
    }
    assert_false(zone_known(NULL));
    char long_name[2000];
    memset(long_name, 'a', sizeof(long_name) - 1);
    long_name[sizeof(long_name) - 1] = '\0';
    assert_false(zone_known(long_name));
}

static void the_nearest_name_is_found(void **state)
{
    static const struct {
        const char *word, *nearest;
    } rows[] = {
        {"Europe/Pariss", "Europe/Paris"},
        {"europe/berlin", "Europe/Berlin"},
        {"America/Sao_Paolo", "America/Sao_Paulo"},
        {"XXXXXXXXXXXXXXXX", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena arena = {.blocks = NULL};
        const char *nearest = zone_nearest(&arena, rows[i].word);
        if (rows[i].nearest == NULL) {
            assert_null(nearest);
        } else {
            assert_non_null(nearest);
            assert_string_equal(nearest, rows[i].nearest);
        }
        arena_done(&arena);
    }
}

/* A folder of our own in place of the system's: one zone, one list. */
static void tzdir_names_another_database(void **state)
{
    char folder[] = "/tmp/pvsaudit-zone-XXXXXX";
    char path[128];
    struct arena arena = {.blocks = NULL};
    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(setenv("TZDIR", folder, 1), 0);
    assert_false(zone_known("Etc/UTC"));
    assert_null(zone_nearest(&arena, "Mine"));
    (void)snprintf(path, sizeof(path), "%s/Mine", folder);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    (void)fputs("text", file);
    assert_int_equal(fflush(file), 0);
    assert_false(zone_known("Mine"));
    assert_int_equal(fseek(file, 0, SEEK_SET), 0);
    (void)fputs("TZif", file);
    (void)fclose(file);
    assert_true(zone_known("Mine"));
    (void)unlink(path);
    (void)snprintf(path, sizeof(path), "%s/zone.tab", folder);
    file = fopen(path, "wb");
    assert_non_null(file);
    (void)fputs("# Minx Minx Minx\nXX\t+0000\nXX\t+0000+0000\tMine\tof ours\n", file);
    (void)fclose(file);
    assert_string_equal(zone_nearest(&arena, "Minx"), "Mine");
    (void)unlink(path);
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(unsetenv("TZDIR"), 0);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_the_database_are_known_and_nothing_else),
        cmocka_unit_test(the_nearest_name_is_found),
        cmocka_unit_test(tzdir_names_another_database),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
