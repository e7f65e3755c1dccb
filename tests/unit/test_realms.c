/* test_realms: which krb5.conf Kerberos reads, and what stands in ours, as libkrb5 reads it. */
#include "collector/realms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/text_file.h"
#include "core/str.h"

#include <profile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEAD \
    "# Made by pvsaudit-collect for one scan; docs/SETTINGS.md tells of it.\n[libdefaults]\n"
#define NO_NAMES                                                                              \
    "    dns_lookup_realm = false\n    dns_canonicalize_hostname = false\n    rdns = false\n" \
    "[realms]\n"

static char folder[64], machine[96];

static int folder_make(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/pvsaudit-realms-XXXXXX");
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    (void)snprintf(machine, sizeof(machine), "%s/machine.conf", folder);
    return unsetenv("KRB5_CONFIG");
}

static int folder_remove(void **state)
{
    char more[96];
    (void)state;
    (void)snprintf(more, sizeof(more), "%s/more.conf", folder);
    (void)unlink(machine);
    (void)unlink(more);
    return rmdir(folder);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static struct host kerberos_host(const char *user, const char *realm)
{
    return (struct host){.name = "pvs01",
                         .transport = HOST_WINRM,
                         .auth = AUTH_KERBEROS,
                         .user = user,
                         .realm = realm};
}

static const char *const two_kdcs[] = {"dc1.example.org", "127.0.0.1:8888"};
static const struct settings_realm example = {"EXAMPLE.ORG", two_kdcs, 2};

static void choose(const struct settings_realm *realms, size_t realm_count,
                   const struct host *hosts, size_t count)
{
    struct err err = {.text = ""};
    struct settings settings = {.realms = realms, .realm_count = realm_count};
    int rc = realms_choose(&settings, hosts, count, machine, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, 0);
}

static void assert_holds(const char *path, const char *text)
{
    char *bytes = NULL;
    size_t len = 0;
    assert_int_equal(text_file_load(path, 1 << 16, &bytes, &len, NULL, NULL), 0);
    assert_string_equal(bytes, text);
    free(bytes);
}

static void assert_ours(const char *text)
{
    assert_non_null(getenv("KRB5_CONFIG"));
    assert_holds(getenv("KRB5_CONFIG"), text);
}

static void assert_not_ours(void)
{
    assert_null(getenv("KRB5_CONFIG"));
}

static void who_needs_no_ticket_needs_no_file(void **state)
{
    (void)state;
    struct host hosts[] = {kerberos_host("svc", NULL), kerberos_host("svc", "EXAMPLE.ORG"),
                           kerberos_host("svc", "EXAMPLE.ORG")};
    hosts[0].transport = HOST_SSH;
    hosts[1].auth = AUTH_NTLM;
    hosts[2].state = HOST_RETIRED;
    choose(&example, 1, hosts, 3);
    assert_not_ours();
}

static void the_variable_of_the_environment_decides(void **state)
{
    (void)state;
    struct host host = kerberos_host("svc@EXAMPLE.ORG", NULL);
    assert_int_equal(setenv("KRB5_CONFIG", "/srv/krb5.conf", 1), 0);
    choose(&example, 1, &host, 1);
    assert_string_equal(getenv("KRB5_CONFIG"), "/srv/krb5.conf");
}

static void the_file_of_the_machine_counts_where_it_has_a_default_realm(void **state)
{
    (void)state;
    char include[160];
    char more[96];
    struct host host = kerberos_host("svc@EXAMPLE.ORG", NULL);
    write_file(machine, "[libdefaults]\n default_realm = EXAMPLE.ORG\n");
    choose(NULL, 0, &host, 1);
    assert_not_ours();
    (void)snprintf(more, sizeof(more), "%s/more.conf", folder);
    write_file(more, "[libdefaults]\n default_realm = EXAMPLE.ORG\n");
    (void)snprintf(include, sizeof(include), "include %s\n[libdefaults]\n rdns = false\n", more);
    write_file(machine, include);
    choose(NULL, 0, &host, 1);
    assert_not_ours();
}

static void a_machine_without_default_realm_has_one_of_ours(void **state)
{
    (void)state;
    static const char *const files[] = {"", "[libdefaults]\n rdns = true\n",
                                        "[libdefaults]\n default_realm =\n", "no = [ such }\n",
                                        "[realms]\n default_realm = EXAMPLE.ORG\n"};
    struct host host = kerberos_host("svc@EXAMPLE.ORG", NULL);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        write_file(machine, files[i]);
        assert_int_equal(unsetenv("KRB5_CONFIG"), 0);
        choose(NULL, 0, &host, 1);
        assert_ours(HEAD "    default_realm = EXAMPLE.ORG\n    dns_lookup_kdc = true\n" NO_NAMES);
    }
    assert_int_equal(unlink(machine), 0);
    assert_int_equal(unsetenv("KRB5_CONFIG"), 0);
    choose(NULL, 0, &host, 1);
    assert_ours(HEAD "    default_realm = EXAMPLE.ORG\n    dns_lookup_kdc = true\n" NO_NAMES);
}

static void realms_of_the_settings_come_before_the_machine_and_need_no_dns(void **state)
{
    (void)state;
    struct host host = kerberos_host("svc", "EXAMPLE.ORG");
    write_file(machine, "[libdefaults]\n default_realm = ATHENA.MIT.EDU\n");
    choose(&example, 1, &host, 1);
    assert_ours(HEAD "    default_realm = EXAMPLE.ORG\n    dns_lookup_kdc = false\n" NO_NAMES
                     "    EXAMPLE.ORG = {\n"
                     "        kdc = dc1.example.org\n"
                     "        kdc = 127.0.0.1:8888\n"
                     "    }\n");
}

static void several_realms_have_no_default(void **state)
{
    (void)state;
    struct host hosts[] = {kerberos_host("svc@B.ORG", "C.ORG"), kerberos_host("svc", "C.ORG"),
                           kerberos_host("EXAMPLE\\svc", NULL), kerberos_host("svc", "B.ORG"),
                           kerberos_host("svc", "EXAMPLE.ORG")};
    hosts[1].auth = AUTH_NEGOTIATE;
    choose(&example, 1, hosts, 5);
    assert_ours(HEAD "    dns_lookup_kdc = true\n" NO_NAMES "    EXAMPLE.ORG = {\n"
                     "        kdc = dc1.example.org\n"
                     "        kdc = 127.0.0.1:8888\n"
                     "    }\n");
}

/* The account's own realm counts, not that of its host: with C.ORG there would be no default. */
static void the_account_names_its_realm(void **state)
{
    (void)state;
    struct host host = kerberos_host("svc@EXAMPLE.ORG", "C.ORG");
    choose(&example, 1, &host, 1);
    assert_non_null(getenv("KRB5_CONFIG"));
    profile_t profile = NULL;
    char **kdcs = NULL;
    char *realm = NULL;
    static const char *names[] = {"realms", "EXAMPLE.ORG", "kdc", NULL};
    assert_int_equal(profile_init_path(getenv("KRB5_CONFIG"), &profile), 0);
    assert_int_equal(
        profile_get_string(profile, "libdefaults", "default_realm", NULL, NULL, &realm), 0);
    assert_string_equal(realm, "EXAMPLE.ORG");
    assert_int_equal(profile_get_values(profile, names, &kdcs), 0);
    assert_string_equal(kdcs[0], "dc1.example.org");
    assert_string_equal(kdcs[1], "127.0.0.1:8888");
    assert_null(kdcs[2]);
    profile_free_list(kdcs);
    profile_release_string(realm);
    profile_release(profile);
}

/* What another scan of the same user is given meanwhile changes nothing for the first. */
static void each_scan_has_a_file_of_its_own(void **state)
{
    (void)state;
    struct host first = kerberos_host("svc@EXAMPLE.ORG", NULL);
    struct host second = kerberos_host("svc@C.ORG", NULL);
    choose(NULL, 0, &first, 1);
    char *path = strdup(getenv("KRB5_CONFIG"));
    assert_non_null(path);
    assert_int_equal(unsetenv("KRB5_CONFIG"), 0);
    choose(NULL, 0, &second, 1);
    assert_ours(HEAD "    default_realm = C.ORG\n    dns_lookup_kdc = true\n" NO_NAMES);
    assert_holds(path,
                 HEAD "    default_realm = EXAMPLE.ORG\n    dns_lookup_kdc = true\n" NO_NAMES);
    free(path);
}

static void assert_refused(const struct host *host, enum err_code code, const char *first,
                           const char *second)
{
    struct err err = {.text = ""};
    struct settings settings = {0};
    assert_int_equal(realms_choose(&settings, host, 1, machine, &err), -1);
    assert_int_equal(err.code, code);
    if (strstr(err.text, first) == NULL || strstr(err.text, second) == NULL) {
        fail_msg("%s", err.text);
    }
    assert_null(getenv("KRB5_CONFIG"));
}

static void a_realm_that_is_no_name_is_refused(void **state)
{
    (void)state;
    static const char *const users[] = {"svc@", "svc@A B", "svc@A\n[realms]", "svc@{"};
    for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
        struct host host = kerberos_host(users[i], NULL);
        assert_refused(&host, ERR_CONFIG, "pvs01: ", "svc@EXAMPLE.ORG");
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, folder_make, folder_remove)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(who_needs_no_ticket_needs_no_file),
        TEST(the_variable_of_the_environment_decides),
        TEST(the_file_of_the_machine_counts_where_it_has_a_default_realm),
        TEST(a_machine_without_default_realm_has_one_of_ours),
        TEST(realms_of_the_settings_come_before_the_machine_and_need_no_dns),
        TEST(several_realms_have_no_default),
        TEST(the_account_names_its_realm),
        TEST(each_scan_has_a_file_of_its_own),
        TEST(a_realm_that_is_no_name_is_refused),
    };
    return cmocka_run_group_tests_name("realms", tests, NULL, NULL);
}
