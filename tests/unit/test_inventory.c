/* test_inventory: each pair of fixtures/inventory is a test, and what a pair cannot say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/expectation_file.h"
#include "config/inventory/inventory.h"
#include "config/inventory/inventory_keys.h"
#include "config/text_file.h"
#include "core/buf.h"
#include "core/str.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER TESTS_DIR "/fixtures/inventory/"
#define ITEM(id, watch)                                                \
    "  - {id: " id ", service: s, proto: udp, port: 67, watch: " watch \
    ", settle_running: 60s, remedy: r}\n"

enum { FIXTURES_MAX = 300 };

static const char windows_file[] =
    "profile: pvs\nos: windows\nexpectations:\n" ITEM("BNPXE", "always") ITEM("BNTFTP", "always")
        ITEM("PVSTSB", "declared") ITEM("login", "inform");
static const char linux_file[] =
    "profile: net\nos: linux\nexpectations:\n" ITEM("dnsmasq", "declared")
        ITEM("dnsmasq-tftp", "declared");

static struct expectation_set expectations;

static int expectations_open(void **state)
{
    struct err err;
    (void)state;
    return expectation_file_parse("w", windows_file, strlen(windows_file), &expectations, &err) |
           expectation_file_parse("l", linux_file, strlen(linux_file), &expectations, &err);
}

static int expectations_close(void **state)
{
    (void)state;
    expectation_set_done(&expectations);
    return 0;
}

/* ---- an inventory as text ---- */

static void put_value(struct buf *to, const char *name, const char *value)
{
    if (value != NULL) {
        (void)buf_printf(to, " %s=%s", name, value);
    }
}

static void put_lists(struct buf *to, const struct host *host)
{
    for (size_t i = 0; i < host->pxe_address_count; i++) {
        char text[IP_TEXT];
        ip_text(&host->pxe_addresses[i], text);
        (void)buf_printf(to, "%s%s", i == 0 ? " pxe=" : ",", text);
    }
    for (size_t i = 0; i < host->group_count; i++) {
        (void)buf_printf(to, "%s%s", i == 0 ? " groups=" : ",", host->groups[i]);
    }
    for (size_t i = 0; i < host->declaration_count; i++) {
        const struct declaration *row = &host->declarations[i];
        (void)buf_printf(to, "%s%c%s", i == 0 ? " expect=" : ",",
                         row->declared == DECLARED_EXPECTED ? '+' : '-', row->expectation);
    }
    (void)buf_putc(to, '\n');
}

static void put_winrm(struct buf *to, const struct host *host)
{
    (void)buf_printf(to, " scheme=%s", host->scheme == SCHEME_HTTPS ? "https" : "http");
    put_value(to, "unencrypted", host->allow_unencrypted ? "true" : NULL);
    put_value(to, "ca", host->ca_file);
    put_value(to, "pin", host->cert_sha256);
    put_value(to, "cert", host->cert_file);
    put_value(to, "spn", host->spn_service);
    put_value(to, "realm", host->realm);
    put_value(to, "keytab", host->keytab);
    put_value(to, "ccache", host->ccache);
}

static void put_host(struct buf *to, const struct host *host)
{
    (void)buf_printf(to, "host %s %s:%u %s %s %s %s", host->name, host->address,
                     (unsigned)host->port, host_os_name(host->os),
                     host_transport_name(host->transport), host_auth_name(host->auth),
                     host_state_name(host->state));
    put_value(to, "user", host->user);
    put_value(to, "site", host->site);
    put_value(to, "farm", host->farm);
    put_value(to, "key", host->key_file);
    put_value(to, "known_hosts", host->known_hosts);
    put_value(to, "password_file", host->password_file);
    put_value(to, "password_command", host->password_command);
    put_value(to, "password_env", host->password_env);
    put_value(to, "computer", host->computer_name);
    put_value(to, "timezone", host->timezone);
    put_value(to, "maintenance", host->maintenance);
    if (host->transport == HOST_WINRM) {
        put_winrm(to, host);
    }
    put_lists(to, host);
}

static void put_inventory(struct buf *to, const char *bytes, size_t len)
{
    struct inventory inventory;
    struct err err;
    if (inventory_parse("hosts.yaml", bytes, len, &expectations, &inventory, &err) != 0) {
        assert_int_equal(err.code, ERR_CONFIG);
        (void)buf_printf(to, "error %s\n", err.text);
        return;
    }
    for (size_t i = 0; i < inventory.count; i++) {
        put_host(to, &inventory.hosts[i]);
    }
    for (size_t i = 0; i < inventory.warning_count; i++) {
        (void)buf_printf(to, "warning %s\n", inventory.warnings[i]);
    }
    if (inventory.boot_paths != NULL) {
        (void)buf_printf(to, "boot_paths %s\n", inventory.boot_paths);
    }
    inventory_done(&inventory);
}

static void pair_reads_as_it_should(void **state)
{
    const char *name = *state;
    char path[512];
    char *bytes = NULL;
    char *wanted = NULL;
    size_t len = 0;
    size_t wanted_len = 0;
    struct buf got;
    (void)snprintf(path, sizeof(path), FOLDER "%s", name);
    assert_int_equal(text_file_load(path, 1 << 20, &bytes, &len, NULL, NULL), 0);
    (void)snprintf(path, sizeof(path), FOLDER "%.*s.expect", (int)(strrchr(name, '.') - name),
                   name);
    assert_int_equal(text_file_load(path, 1 << 20, &wanted, &wanted_len, NULL, NULL), 0);
    buf_init(&got, 1 << 20);
    put_inventory(&got, bytes, len);
    assert_string_equal(got.data, wanted);
    buf_done(&got);
    free(bytes);
    free(wanted);
}

/* ---- what pairs cannot say ---- */

static void parse_ok(const char *text, struct inventory *ret)
{
    struct err err = {.text = ""};
    int rc = inventory_parse("hosts.yaml", text, strlen(text), &expectations, ret, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, 0);
}

static const char origins_text[] = "all:\n"
                                   "  vars:\n"
                                   "    pvsaudit_site: paris\n"
                                   "    ansible_port: 2222\n"
                                   "    pvsaudit_expect: []\n"
                                   "  children:\n"
                                   "    pvs:\n"
                                   "      vars:\n"
                                   "        pvsaudit_site: lyon\n"
                                   "        pvsaudit_port: 2022\n"
                                   "      hosts:\n"
                                   "        pvs01:\n"
                                   "          pvsaudit_expect: {add: [BNPXE]}\n";

static const struct inventory_value *row_of(const struct inventory_value *rows, size_t count,
                                            const char *key)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].key, key) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

static void assert_row(const struct inventory_value *row, const char *value, const char *where,
                       unsigned line, unsigned column, const char *overrides)
{
    assert_non_null(row);
    assert_string_equal(row->value, value);
    assert_string_equal(row->origin.where, where);
    assert_int_equal(row->origin.line, line);
    assert_int_equal(row->origin.column, column);
    if (overrides == NULL) {
        assert_null(row->overrides);
    } else {
        assert_string_equal(row->overrides, overrides);
    }
}

static void origins_tell_where_each_value_comes_from(void **state)
{
    const struct inventory_value *rows = NULL;
    struct inventory inventory;
    size_t n = 0;
    (void)state;
    parse_ok(origins_text, &inventory);
    assert_int_equal(inventory_origins(&inventory, &inventory.hosts[0], &rows, &n, NULL), 0);
    assert_row(row_of(rows, n, "pvsaudit_site"), "lyon", "group pvs", 9, 9,
               "hosts.yaml:3:5 (all): paris");
    assert_row(row_of(rows, n, "pvsaudit_port"), "2022", "group pvs", 10, 9,
               "hosts.yaml:4:5 (all): ansible_port 2222");
    assert_row(row_of(rows, n, "pvsaudit_expect"), "{add: [BNPXE]}", "host", 13, 11,
               "hosts.yaml:5:5 (all): []");
    assert_row(row_of(rows, n, "pvsaudit_expect[BNPXE]"), "expected", "host", 13, 35, NULL);
    assert_row(row_of(rows, n, "pvsaudit_expect[BNTFTP]"), "not expected", "all", 5, 22, NULL);
    assert_row(row_of(rows, n, "pvsaudit_os"), "windows", "default", 0, 0, NULL);
    assert_row(row_of(rows, n, "ansible_host"), "pvs01", "default", 0, 0, NULL);
    assert_null(row_of(rows, n, "pvsaudit_farm"));
    inventory_done(&inventory);
}

static void declarations_name_the_place_that_decided(void **state)
{
    struct inventory inventory;
    const struct origin *origin = NULL;
    (void)state;
    parse_ok(origins_text, &inventory);
    const struct host *host = &inventory.hosts[0];
    assert_int_equal(host_declared(host, "bnpxe", &origin), DECLARED_EXPECTED);
    assert_string_equal(origin->file, "hosts.yaml");
    assert_string_equal(origin->where, "host");
    assert_int_equal(origin->line, 13);
    assert_int_equal(host_declared(host, "PVSTSB", &origin), DECLARED_NOT_EXPECTED);
    assert_string_equal(origin->where, "all");
    assert_int_equal(host_declared(host, "dnsmasq", NULL), DECLARED_SILENT);
    inventory_done(&inventory);
}

static void hosts_are_found_by_name_only_as_written(void **state)
{
    struct inventory inventory;
    (void)state;
    parse_ok("all: {hosts: {'pvs[01:20]': }}", &inventory);
    assert_ptr_equal(inventory_find(&inventory, "pvs20"), &inventory.hosts[19]);
    assert_null(inventory_find(&inventory, "pvs21"));
    assert_null(inventory_find(&inventory, "PVS20"));
    inventory_done(&inventory);
}

static void files_are_relative_to_the_inventory(void **state)
{
    static const char text[] = "all: {vars: {pvsaudit_key_file: keys/id}, hosts: {a: , b: "
                               "{pvsaudit_key_file: ~/id}, c: {pvsaudit_key_file: /id}}}";
    struct inventory inventory;
    (void)state;
    assert_int_equal(setenv("HOME", "/home/me", 1), 0);
    assert_int_equal(
        inventory_parse("/etc/pvsaudit/hosts.yaml", text, strlen(text), NULL, &inventory, NULL), 0);
    assert_string_equal(inventory.hosts[0].key_file, "/etc/pvsaudit/keys/id");
    assert_string_equal(inventory.hosts[1].key_file, "/home/me/id");
    assert_string_equal(inventory.hosts[2].key_file, "/id");
    inventory_done(&inventory);
}

/* A secret's value must not be in the sentence that is printed about it. */
static void no_error_repeats_a_secret(void **state)
{
    static const char *const texts[] = {
        "all: {vars: {ansible_password: hunter2}}",
        "all: {vars: {x: {my_secret: hunter2}}}",
        "all: {vars: {x: '-----BEGIN RSA PRIVATE KEY-----hunter2'}}",
        "all: {vars: {x: !vault hunter2}}",
        "all: {vars: {pvsaudit_password: [hunter2]}}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct inventory inventory;
        struct err err;
        assert_int_equal(inventory_parse("h", texts[i], strlen(texts[i]), NULL, &inventory, &err),
                         -1);
        assert_null(strstr(err.text, "hunter2"));
        assert_non_null(strstr(err.text, "pvsaudit_password_file"));
    }
}

/* Nine levels of ten aliases each would be a billion values written out. */
static void aliases_cannot_blow_up(void **state)
{
    struct buf text;
    struct inventory inventory;
    struct err err;
    (void)state;
    buf_init(&text, 1 << 16);
    (void)buf_puts(&text, "a0: &a0 [x]\n");
    for (int i = 1; i < 10; i++) {
        (void)buf_printf(&text, "a%d: &a%d [", i, i);
        for (int k = 0; k < 10; k++) {
            (void)buf_printf(&text, "%s*a%d", k == 0 ? "" : ", ", i - 1);
        }
        (void)buf_puts(&text, "]\n");
    }
    assert_int_equal(inventory_parse("h", text.data, text.len, NULL, &inventory, &err), -1);
    assert_non_null(strstr(err.text, "more than 4000000 values"));
    buf_done(&text);
}

static void nesting_is_bounded(void **state)
{
    char text[400];
    struct inventory inventory;
    struct err err;
    (void)state;
    memset(text, '[', sizeof(text));
    assert_int_equal(inventory_parse("h", text, sizeof(text), NULL, &inventory, &err), -1);
    assert_string_equal(err.text, "h:1:65: nested deeper than 64; write it flatter");
}

/* Each anchor holds the one before it: flat to read, deep to walk. */
static void nesting_by_aliases_is_bounded(void **state)
{
    struct buf text;
    struct inventory inventory;
    struct err err;
    (void)state;
    buf_init(&text, 1 << 16);
    (void)buf_puts(&text, "a0: &a0 [x]\n");
    for (int i = 1; i < 70; i++) {
        (void)buf_printf(&text, "a%d: &a%d [*a%d]\n", i, i, i - 1);
    }
    assert_int_equal(inventory_parse("h", text.data, text.len, NULL, &inventory, &err), -1);
    assert_non_null(strstr(err.text, "nested deeper than 64"));
    buf_done(&text);
}

static void bytes_that_are_no_text_are_named_with_their_place(void **state)
{
    static const char text[] = "all:\n  hosts:\n    \xff:\n";
    struct inventory inventory;
    struct err err;
    (void)state;
    assert_int_equal(inventory_parse("h", text, strlen(text), NULL, &inventory, &err), -1);
    assert_string_equal(err.text, "h:3:5: not text in UTF-8: invalid leading UTF-8 octet; save the "
                                  "file as UTF-8");
}

static void a_failed_parse_leaves_the_result_alone(void **state)
{
    struct inventory inventory = {.count = 77};
    (void)state;
    assert_int_equal(inventory_parse("h", "[", 1, NULL, &inventory, NULL), -1);
    assert_int_equal(inventory.count, 77);
}

static void ten_thousand_hosts_are_read(void **state)
{
    struct inventory inventory;
    (void)state;
    parse_ok("all: {children: {pvs: {vars: {pvsaudit_expect: [BNPXE]}, hosts: {'p[1:10000]': }}}}",
             &inventory);
    assert_int_equal(inventory.count, 10000);
    assert_string_equal(inventory.hosts[9999].name, "p10000");
    assert_int_equal(inventory.hosts[9999].declaration_count, 3);
    inventory_done(&inventory);
}

/* ---- files ---- */

static void load_fails(const char *path, const char *sentence)
{
    struct inventory inventory;
    struct err err;
    assert_int_equal(inventory_load(path, NULL, &inventory, &err), -1);
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(strstr(err.text, path));
    assert_non_null(strstr(err.text, sentence));
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void a_file_that_cannot_be_read_is_said_so(void **state)
{
    char folder[] = "/tmp/pvsaudit-inventory-XXXXXX";
    char path[128];
    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/none.yaml", folder);
    load_fails(path, "there is no such file; check the path");
    load_fails(folder, "it is a folder; name one file in it");
    write_file(path, "#!/bin/sh\necho {}\n");
    load_fails(path, "it is a program; give what it prints");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void folders_that_only_ansible_reads_are_warned_of(void **state)
{
    char folder[] = "/tmp/pvsaudit-inventory-XXXXXX";
    char path[128];
    char vars[128];
    struct inventory inventory;
    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/hosts.yaml", folder);
    (void)snprintf(vars, sizeof(vars), "%s/group_vars", folder);
    write_file(path, "all: {hosts: {a: }}\n");
    assert_int_equal(mkdir(vars, 0700), 0);
    assert_int_equal(inventory_load(path, NULL, &inventory, NULL), 0);
    assert_int_equal(inventory.warning_count, 1);
    assert_non_null(strstr(inventory.warnings[0], "group_vars is not read"));
    inventory_done(&inventory);
    assert_int_equal(rmdir(vars), 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void every_key_is_in_the_documentation(void **state)
{
    char *text = NULL;
    size_t len = 0;
    (void)state;
    assert_int_equal(
        text_file_load(TESTS_DIR "/../docs/INVENTORY.md", 1 << 20, &text, &len, NULL, NULL), 0);
    for (size_t i = 0; i < inventory_key_count; i++) {
        char quoted[80];
        (void)snprintf(quoted, sizeof(quoted), "`%s`", inventory_key_table[i].name);
        if (strstr(text, quoted) == NULL) {
            fail_msg("docs/INVENTORY.md does not have %s", quoted);
        }
    }
    assert_non_null(strstr(text, "`pvsaudit_boot_paths`"));
    free(text);
}

static void the_documented_example_is_right(void **state)
{
    static const char fence[] = "```yaml\n";
    struct inventory inventory;
    char *text = NULL;
    size_t len = 0;
    (void)state;
    assert_int_equal(
        text_file_load(TESTS_DIR "/../docs/INVENTORY.md", 1 << 20, &text, &len, NULL, NULL), 0);
    char *example = strstr(text, fence);
    assert_non_null(example);
    example += strlen(fence);
    char *end = strstr(example, "```");
    assert_non_null(end);
    *end = '\0';
    parse_ok(example, &inventory);
    assert_int_equal(inventory.count, 6);
    assert_int_equal(host_declared(inventory_find(&inventory, "pvs-syd01"), "BNPXE", NULL),
                     DECLARED_NOT_EXPECTED);
    assert_int_equal(inventory.warning_count, 0);
    assert_non_null(inventory.boot_paths);
    inventory_done(&inventory);
    free(text);
}

/* The last cell of a row: `key: value`; false: the row has none. */
static bool example_of(const char *row, const char *key, char *ret, size_t size)
{
    const char *end = strchr(row, '\n');
    char opening[80];
    (void)snprintf(opening, sizeof(opening), "| `%s: ", key);
    const char *cell = strstr(row, opening);
    if (end == NULL || cell == NULL || cell > end) {
        return false;
    }
    cell += strlen("| `");
    const char *close = strchr(cell, '`');
    assert_non_null(close);
    (void)snprintf(ret, size, "%.*s", (int)(close - cell), cell);
    return true;
}

static void every_documented_value_is_taken(void **state)
{
    char *text = NULL;
    size_t len = 0;
    size_t examples = 0;
    (void)state;
    assert_int_equal(
        text_file_load(TESTS_DIR "/../docs/INVENTORY.md", 1 << 20, &text, &len, NULL, NULL), 0);
    for (size_t i = 0; i < inventory_key_count; i++) {
        char cell[80];
        char example[256];
        char yaml[512];
        struct inventory inventory;
        (void)snprintf(cell, sizeof(cell), "\n| `%s` |", inventory_key_table[i].name);
        const char *row = strstr(text, cell);
        if (row == NULL) {
            fail_msg("docs/INVENTORY.md has no row of %s", inventory_key_table[i].name);
        } else if (example_of(row + 1, inventory_key_table[i].name, example, sizeof(example))) {
            (void)snprintf(yaml, sizeof(yaml), "g:\n  hosts: {a: }\n  vars:\n    %s\n", example);
            parse_ok(yaml, &inventory);
            inventory_done(&inventory);
            examples++;
        } else {
            assert_int_equal(inventory_key_table[i].field, FIELD_IGNORED);
        }
    }
    assert_true(examples > 40);
    free(text);
}

static const struct CMUnitTest plain_tests[] = {
    cmocka_unit_test(origins_tell_where_each_value_comes_from),
    cmocka_unit_test(declarations_name_the_place_that_decided),
    cmocka_unit_test(hosts_are_found_by_name_only_as_written),
    cmocka_unit_test(files_are_relative_to_the_inventory),
    cmocka_unit_test(no_error_repeats_a_secret),
    cmocka_unit_test(aliases_cannot_blow_up),
    cmocka_unit_test(nesting_is_bounded),
    cmocka_unit_test(nesting_by_aliases_is_bounded),
    cmocka_unit_test(bytes_that_are_no_text_are_named_with_their_place),
    cmocka_unit_test(a_failed_parse_leaves_the_result_alone),
    cmocka_unit_test(ten_thousand_hosts_are_read),
    cmocka_unit_test(a_file_that_cannot_be_read_is_said_so),
    cmocka_unit_test(folders_that_only_ansible_reads_are_warned_of),
    cmocka_unit_test(every_key_is_in_the_documentation),
    cmocka_unit_test(every_documented_value_is_taken),
    cmocka_unit_test(the_documented_example_is_right),
};

static int is_fixture(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot != NULL && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".json") == 0);
}

int main(void)
{
    enum { PLAIN = sizeof(plain_tests) / sizeof(plain_tests[0]) };
    static struct CMUnitTest tests[PLAIN + FIXTURES_MAX];
    struct dirent **fixtures = NULL;
    int count = scandir(FOLDER, &fixtures, is_fixture, alphasort);
    if (count <= 0 || count > FIXTURES_MAX) {
        (void)fprintf(stderr, "%s: no fixtures, or too many\n", FOLDER);
        return 1;
    }
    memcpy(tests, plain_tests, sizeof(plain_tests));
    for (int i = 0; i < count; i++) {
        tests[PLAIN + i] = (struct CMUnitTest){.name = fixtures[i]->d_name,
                                               .test_func = pair_reads_as_it_should,
                                               .initial_state = fixtures[i]->d_name};
    }
    int failed = _cmocka_run_group_tests("inventory", tests, PLAIN + (size_t)count,
                                         expectations_open, expectations_close);
    for (int i = 0; i < count; i++) {
        free(fixtures[i]);
    }
    free(fixtures);
    return failed;
}
