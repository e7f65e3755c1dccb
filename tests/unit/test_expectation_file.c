/* test_expectation_file: the shipped expectations, a user's own, and what is wrong with a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/expectation_file.h"
#include "core/str.h"

#include <stdio.h>
#include <string.h>

#define HEAD "profile: p\nos: windows\nexpectations:\n"
#define REST ", service: s, proto: udp, port: 67, watch: always, settle_running: 60s, remedy: r"

static void shipped(struct expectation_set *ret)
{
    struct err err = {.text = ""};
    int rc = expectation_file_load_shipped(ret, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, 0);
}

static void the_shipped_profiles_load(void **state)
{
    struct expectation_set set;
    (void)state;
    shipped(&set);
    const struct expectation *pxe = expectation_find(&set, "bnpxe");
    assert_non_null(pxe);
    assert_string_equal(pxe->profile, "pvs");
    assert_string_equal(pxe->os, "windows");
    assert_string_equal(pxe->display_name, "Citrix PVS PXE Service");
    assert_int_equal(pxe->proto, PROTO_UDP);
    assert_int_equal(pxe->port, 67);
    assert_int_equal(pxe->watch, WATCH_ALWAYS);
    assert_int_equal(pxe->settle_running_ms, 60000);
    assert_true(pxe->rule_count > 0);
    assert_int_equal(expectation_find(&set, "BNTFTP")->settle_running_ms, 120000);
    assert_int_equal(expectation_find(&set, "PVSTSB")->watch, WATCH_DECLARED);
    assert_non_null(expectation_find(&set, "kea/kea-dhcp4"));
    assert_non_null(expectation_find(&set, "dnsmasq"));
    expectation_set_done(&set);
}

static void a_users_file_is_read_in_full(void **state)
{
    struct expectation_set set;
    struct err err = {.text = ""};
    (void)state;
    shipped(&set);
    size_t before = set.count;
    int rc = expectation_file_load(TESTS_DIR "/fixtures/expectation/wds.yaml", &set, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, 0);
    assert_int_equal(set.count, before + 1);
    const struct expectation *wds = expectation_find(&set, "wds/wdsserver");
    assert_non_null(wds);
    assert_string_equal(wds->id, "WDSServer");
    assert_string_equal(wds->service, "WDSServer");
    assert_string_equal(wds->display_name, "Windows Deployment Services Server");
    assert_string_equal(wds->process, "svchost.exe");
    assert_null(wds->pid_file);
    assert_int_equal(wds->port, 4011);
    assert_int_equal(wds->owner, OWNER_CHILD);
    assert_int_equal(wds->watch, WATCH_DECLARED);
    assert_int_equal(wds->settle_running_ms, 120000);
    assert_string_equal(wds->registry_key,
                        "HKLM\\SYSTEM\\CurrentControlSet\\Services\\WDSServer\\Providers\\WDSPXE");
    assert_int_equal(wds->rule_count, 3);
    assert_int_equal(wds->rules[0].condition_count, 2);
    assert_string_equal(wds->rules[0].conditions[1].name, "IsReady");
    assert_int_equal(wds->rules[0].conditions[1].number, 1);
    assert_true(wds->rules[0].expected);
    assert_int_equal(wds->rules[0].port, 0);
    assert_int_equal(wds->rules[1].port, 67);
    assert_false(wds->rules[2].expected);
    assert_string_equal(wds->remedy, "Restart-Service WDSServer");
    assert_string_equal(wds->prevention, "Automatic (Delayed Start)");
    expectation_set_done(&set);
}

static int parse(const char *text, struct expectation_set *set, struct err *err)
{
    return expectation_file_parse("e.yaml", text, strlen(text), set, err);
}

static void an_id_that_is_there_already_is_replaced(void **state)
{
    struct expectation_set set;
    struct err err;
    (void)state;
    shipped(&set);
    size_t before = set.count;
    assert_int_equal(parse(HEAD "  - {id: bnpxe" REST "}\n", &set, &err), 0);
    assert_int_equal(set.count, before);
    assert_string_equal(expectation_find(&set, "BNPXE")->remedy, "r");
    assert_string_equal(expectation_find(&set, "BNPXE")->display_name, "s");
    expectation_set_done(&set);
}

static void a_wrong_file_changes_nothing(void **state)
{
    struct expectation_set set;
    struct err err;
    (void)state;
    shipped(&set);
    size_t before = set.count;
    assert_int_equal(
        parse(HEAD "  - {id: BNPXE" REST "}\n  - {id: other, porrt: 1" REST "}\n", &set, &err), -1);
    assert_int_equal(set.count, before);
    assert_string_equal(expectation_find(&set, "BNPXE")->service, "BNPXE");
    expectation_set_done(&set);
}

static const struct {
    const char *text;
    const char *sentence;
} wrong[] = {
    {"", "e.yaml:1:1: an expectation file must be a mapping (`key: value`), not nothing"},
    {"profile: p\nos: windows\n", "e.yaml:1:1: the file has no `expectations`; write one"},
    {"profile: p\nos: win\nexpectations: []\n",
     "e.yaml:2:5: os must be windows or linux, not `win`"},
    {"profile: p/q\nos: linux\nexpectations: []\n",
     "e.yaml:1:10: profile must be letters, digits, -, _ and . only, not `p/q`"},
    {"profile: p\nos: linux\nexpectations: []\n",
     "e.yaml:3:15: expectations must have from 1 to 1000 entries"},
    {"profil: p\n", "e.yaml:1:1: unknown key `profil` in an expectation file; did you mean "
                    "`profile`?"},
    {HEAD "  - {service: s}\n", "e.yaml:4:5: an expectation has no `id`; write one"},
    {HEAD "  - {id: a, prot: tcp" REST "}\n",
     "e.yaml:4:13: unknown key `prot` in an expectation; did you mean `proto`?"},
    {HEAD "  - {id: a, owner: parent" REST "}\n",
     "e.yaml:4:20: owner must be self or child, not `parent`"},
    {HEAD "  - {id: 'a b'" REST "}\n",
     "e.yaml:4:10: id must be letters, digits, -, _ and . only, not `a b`"},
    {HEAD "  - {id: a, display_name: \"x\\ty\"" REST "}\n",
     "e.yaml:4:27: display_name has a control character or a line break; remove it"},
    {HEAD "  - {id: a, pid_file: /x" REST "}\n",
     "e.yaml:4:23: pid_file is for `os: linux` only; remove it"},
    {"profile: p\nos: linux\nexpectations:\n  - {id: a, pid_file: x" REST "}\n",
     "e.yaml:4:23: pid_file must be a full path that begins with /"},
    {"profile: p\nos: linux\nexpectations:\n  - {id: a, registry: {}" REST "}\n",
     "e.yaml:4:23: registry is for `os: windows` only; remove it"},
    {HEAD "  - {id: a, registry: {key: HKLM\\x}" REST "}\n",
     "e.yaml:4:23: registry has no `rules`; write one"},
    {HEAD "  - {id: a, registry: {key: x, rules: []}" REST "}\n",
     "e.yaml:4:29: key must be a full path that begins with HKLM\\"},
    {HEAD "  - {id: a, registry: {key: HKLM\\x, rules: []}" REST "}\n",
     "e.yaml:4:44: rules must have from 1 to 64 rules"},
    {HEAD "  - {id: a, registry: {key: HKLM\\x, rules: [{when: {}, expected: yes}]}" REST "}\n",
     "e.yaml:4:52: when must have from 1 to 16 values"},
    {HEAD "  - {id: a, registry: {key: HKLM\\x, rules: [{when: {X: 0y1}, expected: yes}]}" REST
          "}\n",
     "e.yaml:4:56: a value in when must be a number, decimal or 0x and hexadecimal, not `0y1`"},
    {HEAD "  - {id: a, registry: {key: HKLM\\x, rules: [{when: {X: 1}, expected: maybe}]}" REST
          "}\n",
     "e.yaml:4:70: expected must be yes or no, not `maybe`"},
    {HEAD
     "  - {id: a, registry: {key: HKLM\\x, rules: [{when: {X: 1}, expected: no, port: 9}]}" REST
     "}\n",
     "e.yaml:4:80: a rule with `expected: no` has no port; remove one of the two"},
    {HEAD "  - {id: a" REST "}\n  - {id: A" REST "}\n",
     "e.yaml:5:10: the id `A` is here a second time, first at 4:10; rename one"},
    {HEAD "  - {id: a, service: s, proto: udp, port: 0, watch: always, settle_running: 1s, remedy: "
          "r}\n",
     "e.yaml:4:43: port must be a whole number from 1 to 65535, not `0`"},
    {HEAD "  - {id: a, service: s, proto: 17, port: 1, watch: always, settle_running: 1s, remedy: "
          "r}\n",
     "e.yaml:4:32: proto must be udp or tcp, not `17`"},
    {HEAD
     "  - {id: a, service: s, proto: udp, port: 1, watch: always, settle_running: 1 s, remedy: "
     "r}\n",
     "e.yaml:4:77: settle_running must be a time like 90s, 15m, 26h or 7d, not `1 s`"},
};

static void wrong_files_are_named_with_place_and_remedy(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct expectation_set set = {.count = 0};
        struct err err = {.text = ""};
        assert_int_equal(parse(wrong[i].text, &set, &err), -1);
        assert_int_equal(err.code, ERR_CONFIG);
        assert_string_equal(err.text, wrong[i].sentence);
        expectation_set_done(&set);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shipped_profiles_load),
        cmocka_unit_test(a_users_file_is_read_in_full),
        cmocka_unit_test(an_id_that_is_there_already_is_replaced),
        cmocka_unit_test(a_wrong_file_changes_nothing),
        cmocka_unit_test(wrong_files_are_named_with_place_and_remedy),
    };
    return cmocka_run_group_tests_name("expectation_file", tests, NULL, NULL);
}
