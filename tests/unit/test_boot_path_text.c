/* test_boot_path_text: boot paths as an inventory keeps them come back whole, or not at all. */
#include "config/inventory/boot_path_text.h"
#include "config/inventory/inventory.h"
#include "core/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char yaml[] = "pvsaudit_boot_paths:\n"
                           "  - {name: paris, method: dhcp-options, tftp: [pvs01, 10.0.0.9],\n"
                           "     login_servers: ['pvs[01:02]'], min: 3}\n"
                           "  - {name: lyon, method: bdm-iso, login_servers: pvs02}\n"
                           "all:\n  hosts:\n    pvs[01:02]:\n";

static void what_the_inventory_says_comes_back(void **state)
{
    struct inventory inventory;
    struct arena arena = {NULL};
    struct boot_path *paths = NULL;
    size_t count = 0;
    struct err err = {.text = ""};
    (void)state;
    assert_int_equal(inventory_parse("i", yaml, strlen(yaml), NULL, &inventory, &err), 0);
    assert_int_equal(boot_path_text_read(inventory.boot_paths, &arena, &paths, &count, &err), 0);
    inventory_done(&inventory);
    assert_int_equal(count, 2);
    assert_string_equal(paths[0].name, "paris");
    assert_int_equal(paths[0].method, BOOT_BY_DHCP_OPTIONS);
    assert_int_equal(paths[0].min, 3);
    assert_false(paths[0].assumed);
    assert_int_equal(paths[0].stages[BOOT_STAGE_PXE].count, 0);
    assert_int_equal(paths[0].stages[BOOT_STAGE_TFTP].count, 2);
    assert_true(boot_path_names(&paths[0], BOOT_STAGE_TFTP, "10.0.0.9"));
    assert_false(boot_path_names(&paths[0], BOOT_STAGE_TFTP, "pvs02"));
    assert_true(boot_path_names(&paths[0], BOOT_STAGE_LOGIN, "pvs02"));
    assert_int_equal(paths[1].method, BOOT_BY_BDM_ISO);
    assert_int_equal(paths[1].min, BOOT_PATH_MIN);
    arena_done(&arena);
}

static void no_text_is_no_path(void **state)
{
    struct arena arena = {NULL};
    struct boot_path *paths = NULL;
    size_t count = 9;
    (void)state;
    assert_int_equal(boot_path_text_read(NULL, &arena, &paths, &count, NULL), 0);
    assert_int_equal(count, 0);
    arena_done(&arena);
}

static void another_text_is_refused_and_changes_nothing(void **state)
{
    static const char *const texts[] = {
        "",
        "{}",
        "[{}]",
        "[{\"name\":\"a\",\"method\":\"pxe\"}]",
        "[{\"name\":\"a\",\"method\":\"floppy\",\"min\":1}]",
        "[{\"name\":\"a\",\"method\":\"pxe\",\"min\":0}]",
        "[{\"name\":\"a\",\"method\":\"pxe\",\"min\":1,\"pxe\":[7]}]",
        "[{\"name\":\"a\",\"name\":\"b\",\"method\":\"pxe\",\"min\":1}]",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct arena arena = {NULL};
        struct boot_path *paths = NULL;
        size_t count = 9;
        struct err err = {.text = ""};
        assert_int_equal(boot_path_text_read(texts[i], &arena, &paths, &count, &err), -1);
        assert_int_equal(err.code, ERR_FORMAT);
        assert_int_equal(count, 9);
        arena_done(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_inventory_says_comes_back),
        cmocka_unit_test(no_text_is_no_path),
        cmocka_unit_test(another_text_is_refused_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
