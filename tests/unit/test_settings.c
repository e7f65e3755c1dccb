/* test_settings: the settings file, its errors, and where things lie by default. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/settings.h"
#include "config/settings_keys.h"
#include "config/text_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static int environment_clear(void **state)
{
    static const char *const names[] = {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME",
                                        "PVSAUDIT_DB"};
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (unsetenv(names[i]) != 0) {
            return -1;
        }
    }
    (void)snprintf(folder, sizeof(folder), "/tmp/pvsaudit-settings-XXXXXX");
    return mkdtemp(folder) == NULL ? -1 : setenv("HOME", folder, 1);
}

static int folder_remove(void **state)
{
    static const char *const parts[] = {"pvsaudit/settings.yaml", "pvsaudit",
                                        ".config/pvsaudit/settings.yaml", ".config/pvsaudit",
                                        ".config"};
    char path[128];
    (void)state;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", folder, parts[i]);
        (void)remove(path);
    }
    return rmdir(folder);
}

static void parse_ok(const char *text, struct settings *ret)
{
    struct err err = {.text = ""};
    int rc = settings_parse("/etc/pvsaudit/s.yaml", text, strlen(text), ret, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, 0);
}

static void an_empty_file_gives_the_defaults(void **state)
{
    struct settings s;
    (void)state;
    parse_ok("# nothing\n", &s);
    assert_string_equal(s.source, "local");
    assert_null(s.inventory);
    assert_int_equal(s.expectation_file_count, 0);
    assert_int_equal(s.concurrency, 500);
    assert_int_equal(s.stale_after_ms, 26 * 3600 * 1000);
    assert_int_equal(s.retry_after_ms, 5000);
    assert_int_equal(s.connect_ms, 5000);
    assert_int_equal(s.handshake_ms, 10000);
    assert_int_equal(s.auth_ms, 10000);
    assert_int_equal(s.exec_ms, 30000);
    assert_int_equal(s.visit_ms, 60000);
    assert_int_equal(s.password_command_ms, 60000);
    assert_int_equal(s.output_max, 16 * 1024 * 1024);
    assert_true(s.evidence_keep_ms == INT64_C(90) * 24 * 3600 * 1000);
    assert_int_equal(s.evidence_max, 256 * 1024 * 1024);
    assert_null(s.realms);
    assert_false(s.collect_watched);
    settings_done(&s);
}

static void every_key_is_read(void **state)
{
    struct settings s;
    (void)state;
    parse_ok("db: /srv/h.db\n"
             "state_dir: state\n"
             "inventory: ~/hosts.yaml\n"
             "source: dc1\n"
             "expectations: [own.yaml, /srv/wds.yaml]\n"
             "concurrency: 50\n"
             "stale_after: 2d\n"
             "retry_after: 0\n"
             "deadlines: {connect: 200ms, handshake: 1, auth: 2s, exec: 3m, visit: 1h}\n"
             "output_max: 512K\n"
             "evidence_keep: 7d\n"
             "evidence_max: 3K\n"
             "kerberos: {EXAMPLE.ORG: {kdc: [dc1.example.org, '10.0.0.1:88', '[fd00::1]:749']}, "
             "B.ORG: {}}\n"
             "collect: watched\n",
             &s);
    char inventory[128];
    (void)snprintf(inventory, sizeof(inventory), "%s/hosts.yaml", folder);
    assert_string_equal(s.db, "/srv/h.db");
    assert_string_equal(s.state_dir, "/etc/pvsaudit/state");
    assert_string_equal(s.inventory, inventory);
    assert_string_equal(s.source, "dc1");
    assert_int_equal(s.expectation_file_count, 2);
    assert_string_equal(s.expectation_files[0], "/etc/pvsaudit/own.yaml");
    assert_string_equal(s.expectation_files[1], "/srv/wds.yaml");
    assert_int_equal(s.concurrency, 50);
    assert_int_equal(s.stale_after_ms, 2 * 24 * 3600 * 1000);
    assert_int_equal(s.retry_after_ms, 0);
    assert_int_equal(s.connect_ms, 200);
    assert_int_equal(s.handshake_ms, 1000);
    assert_int_equal(s.auth_ms, 2000);
    assert_int_equal(s.exec_ms, 180000);
    assert_int_equal(s.visit_ms, 3600000);
    assert_int_equal(s.output_max, 512 * 1024);
    assert_int_equal(s.evidence_keep_ms, 7 * 24 * 3600 * 1000);
    assert_int_equal(s.evidence_max, 3072);
    assert_int_equal(s.realm_count, 2);
    assert_string_equal(s.realms[0].name, "EXAMPLE.ORG");
    assert_int_equal(s.realms[0].kdc_count, 3);
    assert_string_equal(s.realms[0].kdcs[0], "dc1.example.org");
    assert_string_equal(s.realms[0].kdcs[1], "10.0.0.1:88");
    assert_string_equal(s.realms[0].kdcs[2], "[fd00::1]:749");
    assert_string_equal(s.realms[1].name, "B.ORG");
    assert_int_equal(s.realms[1].kdc_count, 0);
    assert_true(s.collect_watched);
    settings_done(&s);
}

#define KDC(text)                                                                                \
    {                                                                                            \
        "kerberos: {A.ORG: {kdc: ['" text "']}}",                                                \
            "s:1:26: kdc of A.ORG must be hosts like dc1.example.org or 10.0.0.1:88, not `" text \
            "`"                                                                                  \
    }

static const struct {
    const char *text;
    const char *sentence;
} wrong[] = {
    {"concurency: 5",
     "s:1:1: unknown key `concurency` in the settings; did you mean `concurrency`?"},
    {"deadline: {}", "s:1:1: unknown key `deadline` in the settings; did you mean `deadlines`?"},
    {"deadlines: {conect: 1}",
     "s:1:13: unknown key `conect` in deadlines; did you mean `connect`?"},
    {"deadlines: {db: x}",
     "s:1:13: unknown key `db` in deadlines; the keys are connect, handshake, "
     "auth, exec, visit, password_command"},
    {"connect: 1", "s:1:1: unknown key `connect` in the settings; did you mean `collect`?"},
    {"concurrency: 0", "s:1:14: concurrency must be a whole number from 1 to 10000, not `0`"},
    {"concurrency: -1", "s:1:14: concurrency must be a whole number from 1 to 10000, not `-1`"},
    {"concurrency: 1e3", "s:1:14: concurrency must be a whole number from 1 to 10000, not `1e3`"},
    {"stale_after: 26 h",
     "s:1:14: stale_after must be a time like 90s, 15m, 26h or 7d, not `26 h`"},
    {"stale_after: 1s", "s:1:14: stale_after must be from 60 s to 3650 d, not `1s`"},
    {"output_max: 16MB",
     "s:1:13: output_max must be a size from 4096 to 1073741824 bytes, like 16M, not `16MB`"},
    {"output_max: 2G",
     "s:1:13: output_max must be a size from 4096 to 1073741824 bytes, like 16M, not `2G`"},
    {"output_max: 1",
     "s:1:13: output_max must be a size from 4096 to 1073741824 bytes, like 16M, not `1`"},
    {"collect: some", "s:1:10: collect must be all or watched, not `some`"},
    {"kerberos: [A.ORG]", "s:1:11: kerberos must be a mapping (`key: value`), not a list"},
    {"kerberos: {}", "s:1:11: kerberos must name 1 to 100 realms"},
    {"kerberos: {A.ORG: dc1}", "s:1:19: A.ORG must be a mapping (`key: value`), not `dc1`"},
    {"kerberos: {'A ORG': {}}", "s:1:12: a realm must be a name like EXAMPLE.ORG, not `A ORG`"},
    {"kerberos: {A.ORG: {kdcs: [a]}}",
     "s:1:20: unknown key `kdcs` in a realm; did you mean `kdc`?"},
    {"kerberos: {A.ORG: {kdc: dc1}}", "s:1:25: kdc must be a list, not `dc1`; write it in [ ]"},
    {"kerberos: {A.ORG: {kdc: []}}", "s:1:25: kdc of A.ORG must name 1 to 20 hosts"},
    KDC("dc1:0"),
    KDC("dc1:65536"),
    KDC("dc1:"),
    KDC(":88"),
    KDC("[fd00::1"),
    KDC("[dc1]:88"),
    KDC("fd00::1"),
    KDC("a }"),
    {"expectations: own.yaml",
     "s:1:15: expectations must be a list, not `own.yaml`; write it in [ ]"},
    {"db:", "s:1:4: db must be text, not nothing"},
    {"db: ''", "s:1:5: db is empty; write a value or remove the key"},
    {"- db", "s:1:1: the settings file must be a mapping (`key: value`), not a list"},
    {"db: a\ndb: b", "s:2:1: the key `db` is here a second time, first at 1:1; keep one"},
};

static void wrong_settings_are_named_with_place_and_remedy(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct settings s;
        struct err err = {.text = ""};
        assert_int_equal(settings_parse("s", wrong[i].text, strlen(wrong[i].text), &s, &err), -1);
        assert_int_equal(err.code, ERR_CONFIG);
        assert_string_equal(err.text, wrong[i].sentence);
    }
}

/* ---- where things lie ---- */

static void load_ok(const char *file, const char *db, struct settings *ret)
{
    struct err err = {.text = ""};
    int rc = settings_load(file, db, ret, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, 0);
}

static void xdg_folders_hold_history_and_pins(void **state)
{
    struct settings s;
    (void)state;
    assert_int_equal(setenv("XDG_DATA_HOME", "/data", 1), 0);
    assert_int_equal(setenv("XDG_STATE_HOME", "/state", 1), 0);
    load_ok(NULL, NULL, &s);
    assert_string_equal(s.db, "/data/pvsaudit/history.db");
    assert_string_equal(s.state_dir, "/state/pvsaudit");
    settings_done(&s);
}

static void without_xdg_root_uses_var_lib_and_others_their_home(void **state)
{
    char db[128];
    char state_dir[128];
    struct settings s;
    bool is_root = geteuid() == 0;
    (void)state;
    assert_int_equal(setenv("XDG_DATA_HOME", "relative/is/ignored", 1), 0);
    (void)snprintf(db, sizeof(db), "%s/.local/share/pvsaudit/history.db", folder);
    (void)snprintf(state_dir, sizeof(state_dir), "%s/.local/state/pvsaudit", folder);
    load_ok(NULL, NULL, &s);
    assert_string_equal(s.db, is_root ? "/var/lib/pvsaudit/history.db" : db);
    assert_string_equal(s.state_dir, is_root ? "/var/lib/pvsaudit" : state_dir);
    settings_done(&s);
}

static void settings_file_write(const char *text, char path[128])
{
    (void)snprintf(path, 128, "%s/pvsaudit", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    (void)snprintf(path, 128, "%s/pvsaudit/settings.yaml", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(setenv("XDG_CONFIG_HOME", folder, 1), 0);
}

static void the_history_is_named_by_option_then_variable_then_file(void **state)
{
    char path[128];
    struct settings s;
    (void)state;
    settings_file_write("db: /from/file.db\n", path);
    load_ok(NULL, NULL, &s);
    assert_string_equal(s.file, path);
    assert_string_equal(s.db, "/from/file.db");
    settings_done(&s);
    assert_int_equal(setenv("PVSAUDIT_DB", "/from/variable.db", 1), 0);
    load_ok(NULL, NULL, &s);
    assert_string_equal(s.db, "/from/variable.db");
    settings_done(&s);
    load_ok(path, "/from/option.db", &s);
    assert_string_equal(s.db, "/from/option.db");
    settings_done(&s);
}

static void a_file_that_was_named_must_be_there(void **state)
{
    char path[128];
    struct settings s;
    struct err err;
    (void)state;
    (void)snprintf(path, sizeof(path), "%s/none.yaml", folder);
    assert_int_equal(settings_load(path, NULL, &s, &err), -1);
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(strstr(err.text, "none.yaml: there is no such file; check the path"));
    load_ok(NULL, NULL, &s);
    assert_null(s.file);
    settings_done(&s);
}

static void a_wrong_default_file_is_not_passed_over(void **state)
{
    char path[128];
    struct settings s;
    struct err err;
    (void)state;
    settings_file_write("nothing_known: 1\n", path);
    assert_int_equal(settings_load(NULL, NULL, &s, &err), -1);
    assert_non_null(strstr(err.text, "settings.yaml:1:1: unknown key `nothing_known`"));
}

static void every_key_is_in_the_documentation(void **state)
{
    char *text = NULL;
    size_t len = 0;
    (void)state;
    assert_int_equal(
        text_file_load(TESTS_DIR "/../docs/SETTINGS.md", 1 << 20, &text, &len, NULL, NULL), 0);
    for (size_t i = 0; i < settings_key_count; i++) {
        const struct settings_key *key = &settings_key_table[i];
        char quoted[80];
        (void)snprintf(quoted, sizeof(quoted), "`%s%s%s`", key->group == NULL ? "" : key->group,
                       key->group == NULL ? "" : ".", key->name);
        if (strstr(text, quoted) == NULL) {
            fail_msg("docs/SETTINGS.md does not have %s", quoted);
        }
    }
    free(text);
}

static void the_documented_example_is_right(void **state)
{
    static const char fence[] = "```yaml\n";
    struct settings s;
    char *text = NULL;
    size_t len = 0;
    (void)state;
    assert_int_equal(
        text_file_load(TESTS_DIR "/../docs/SETTINGS.md", 1 << 20, &text, &len, NULL, NULL), 0);
    char *example = strstr(text, fence);
    assert_non_null(example);
    example += strlen(fence);
    char *end = strstr(example, "```");
    assert_non_null(end);
    *end = '\0';
    parse_ok(example, &s);
    assert_string_equal(s.source, "dc1");
    settings_done(&s);
    free(text);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, environment_clear, folder_remove)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(an_empty_file_gives_the_defaults),
        TEST(every_key_is_read),
        TEST(wrong_settings_are_named_with_place_and_remedy),
        TEST(xdg_folders_hold_history_and_pins),
        TEST(without_xdg_root_uses_var_lib_and_others_their_home),
        TEST(the_history_is_named_by_option_then_variable_then_file),
        TEST(a_file_that_was_named_must_be_there),
        TEST(a_wrong_default_file_is_not_passed_over),
        TEST(every_key_is_in_the_documentation),
        TEST(the_documented_example_is_right),
    };
    return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
