/* test_inventory_select: which hosts a --limit names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/inventory/inventory.h"

#include <stdio.h>
#include <string.h>

static const char text[] = "all:\n"
                           "  children:\n"
                           "    emea:\n"
                           "      children:\n"
                           "        paris: {hosts: {'pvs[01:03]': , tftp1: }}\n"
                           "        berlin: {hosts: {'ber[1:2].example.org': }}\n"
                           "    pxe: {hosts: {pvs01: , tftp1: , '10.0.0.[1:3]': }}\n"
                           "  hosts: {lone: }\n";

static struct inventory inventory;

static int inventory_open(void **state)
{
    (void)state;
    return inventory_parse("hosts.yaml", text, strlen(text), NULL, &inventory, NULL);
}

static int inventory_close(void **state)
{
    (void)state;
    inventory_done(&inventory);
    return 0;
}

struct selects {
    const char *pattern;
    const char *hosts; /* in the inventory's order, a blank between */
};

static const struct selects good[] = {
    {NULL,
     "pvs01 pvs02 pvs03 tftp1 ber1.example.org ber2.example.org 10.0.0.1 10.0.0.2 10.0.0.3 lone"},
    {"all", "pvs01 pvs02 pvs03 tftp1 ber1.example.org ber2.example.org 10.0.0.1 10.0.0.2 10.0.0.3 "
            "lone"},
    {"*",
     "pvs01 pvs02 pvs03 tftp1 ber1.example.org ber2.example.org 10.0.0.1 10.0.0.2 10.0.0.3 lone"},
    {"pvs02", "pvs02"},
    {"lone,pvs02", "pvs02 lone"},
    {"paris", "pvs01 pvs02 pvs03 tftp1"},
    {"emea", "pvs01 pvs02 pvs03 tftp1 ber1.example.org ber2.example.org"},
    {"ungrouped", "lone"},
    {"pvs0?", "pvs01 pvs02 pvs03"},
    {"*.example.org", "ber1.example.org ber2.example.org"},
    {"par*", "pvs01 pvs02 pvs03 tftp1"},
    {"pvs[02:09]", "pvs02 pvs03"},
    {"pvs[01-02]", "pvs01 pvs02"},
    {"pvs[01,03],lone", "pvs01 pvs03 lone"},
    {"ber[1-2].example.org", "ber1.example.org ber2.example.org"},
    {"10.0.0.[1-2,3]", "10.0.0.1 10.0.0.2 10.0.0.3"},
    {"emea,!berlin", "pvs01 pvs02 pvs03 tftp1"},
    {"emea,&pxe", "pvs01 tftp1"},
    {"&pxe,emea", "pvs01 tftp1"},
    {"!emea,!10.*", "lone"},
    {"!pvs01,paris", "pvs02 pvs03 tftp1"},
    {"&pxe", "pvs01 tftp1 10.0.0.1 10.0.0.2 10.0.0.3"},
    {" pvs01 , pvs02 ", "pvs01 pvs02"},
};

static void limits_select_as_ansible_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        bool selected[16] = {false};
        struct err err = {.text = ""};
        char names[512] = "";
        assert_int_equal(inventory_select(&inventory, good[i].pattern, selected, &err), 0);
        for (size_t k = 0; k < inventory.count; k++) {
            if (selected[k]) {
                size_t used = strlen(names);
                (void)snprintf(names + used, sizeof(names) - used, "%s%s", used == 0 ? "" : " ",
                               inventory.hosts[k].name);
            }
        }
        assert_string_equal(names, good[i].hosts);
    }
}

static const struct selects bad[] = {
    {"pvs04", "no host or group is called `pvs04`; did you mean `pvs01`?"},
    {"berlni", "no host or group is called `berlni`; did you mean `berlin`?"},
    {"xxxxxxxx", "no host or group is called `xxxxxxxx`; `hosts list` shows them"},
    {"all,!pvs99", "no host or group is called `pvs99`; did you mean `pvs01`?"},
    {"zz*", "no host or group is called `zz*`; `hosts list` shows them"},
    {"zzz[1:3]", "no host or group is called `zzz[1:3]`; `hosts list` shows them"},
    {"berlin,&pxe", "`berlin,&pxe` leaves no host; `hosts list` shows them"},
    {"", "`` has an empty part; write names between the commas"},
    {"pvs01,,pvs02", "`pvs01,,pvs02` has an empty part; write names between the commas"},
    {"!", "`!` has an empty part; write names between the commas"},
    {"~pvs.*", "`~pvs.*`: regular expressions are not taken; use * and ?"},
    {"pvs[3:1]", "the range in `pvs[3:1]` begins after its end; write the smaller one first"},
    {"pvs[1", "the range in `pvs[1` is not closed by ]"},
};

static void a_limit_that_names_nothing_is_an_error(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        bool selected[16] = {true};
        struct err err = {.text = ""};
        assert_int_equal(inventory_select(&inventory, bad[i].pattern, selected, &err), -1);
        assert_int_equal(err.code, ERR_USAGE);
        assert_string_equal(err.text, bad[i].hosts);
        assert_true(selected[0]);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_select_as_ansible_does),
        cmocka_unit_test(a_limit_that_names_nothing_is_an_error),
    };
    return cmocka_run_group_tests_name("inventory_select", tests, inventory_open, inventory_close);
}
