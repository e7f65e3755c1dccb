/* test_known_hosts: which keys a known_hosts file vouches for, by name, port, pattern and hash. */
#include "collector/transport/base64.h"
#include "collector/transport/known_hosts/known_hosts.h"
#include "collector/transport/ssh_key/ssh_key_hmac.h"
#include "collector/transport/ssh_link/ssh_wire.h"

#include <openssl/hmac.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "unit/sshd.h"

/* A key is its type and any bytes: nobody here verifies anything with it. */
struct key {
    unsigned char wire[128];
    size_t len;
    char text[256]; /* "type base64" */
};

static struct key make_key(const char *type, char seed)
{
    struct key key;
    struct buf wire, text;
    char bytes[32];
    memset(bytes, seed, sizeof(bytes));
    buf_init(&wire, sizeof(key.wire));
    buf_init(&text, sizeof(key.text) - 1);
    ssh_wire_put_string(&wire, type, strlen(type));
    ssh_wire_put_string(&wire, bytes, sizeof(bytes));
    (void)buf_puts(&text, type);
    (void)buf_putc(&text, ' ');
    (void)base64_write(wire.data, wire.len, true, &text);
    memcpy(key.wire, wire.data, wire.len);
    key.len = wire.len;
    memcpy(key.text, text.data, text.len + 1);
    buf_done(&wire);
    buf_done(&text);
    return key;
}

struct bad_lines {
    unsigned count;
    unsigned lines[32];
    char why[32][128];
};

static void note_bad(void *data, const char *path, unsigned line, const char *why)
{
    struct bad_lines *bad = data;
    assert_string_equal(path, "file");
    assert_true(bad->count < 32);
    bad->lines[bad->count] = line;
    (void)snprintf(bad->why[bad->count], sizeof(bad->why[0]), "%s", why);
    bad->count++;
}

static struct known_hosts *parse(const char *text, struct bad_lines *bad)
{
    struct known_hosts *table = known_hosts_new();
    struct err err;
    assert_non_null(table);
    /* from a buffer without a NUL at its end, so that reading on is seen */
    size_t len = strlen(text);
    char *copy = malloc(len + (len == 0 ? 1 : 0));
    memcpy(copy, text, len);
    if (known_hosts_parse(table, "file", copy, len, bad == NULL ? NULL : note_bad, bad, &err) !=
        0) {
        fail_msg("%s", err.text);
    }
    free(copy);
    return table;
}

/* Lines are written with %A %B %C for three keys. */
static struct key keys[3];

static struct known_hosts *parse_keys(const char *format, struct bad_lines *bad)
{
    char text[8192];
    size_t len = 0;
    for (const char *c = format; *c != '\0'; c++) {
        if (c[0] == '%' && c[1] >= 'A' && c[1] <= 'C') {
            len += (size_t)snprintf(text + len, sizeof(text) - len, "%s", keys[c[1] - 'A'].text);
            c++;
        } else {
            text[len++] = *c;
        }
    }
    text[len] = '\0';
    return parse(text, bad);
}

static enum known_hosts_answer check(const struct known_hosts *table, const char *name,
                                     uint16_t port, char key, const char **line)
{
    struct known_hosts_found found;
    const struct key *which = &keys[key - 'A'];
    enum known_hosts_answer answer =
        known_hosts_check(table, name, port, which->wire, which->len, &found);
    if (line != NULL) {
        *line = found.where;
    }
    return answer;
}

static int keys_make(void **state)
{
    (void)state;
    keys[0] = make_key("ssh-ed25519", 'a');
    keys[1] = make_key("ssh-ed25519", 'b');
    keys[2] = make_key("ecdsa-sha2-nistp256", 'c');
    return 0;
}

struct row {
    const char *file;
    const char *name;
    uint16_t port;
    char key;
    enum known_hosts_answer answer;
    const char *line;
};

static const struct row rows[] = {
    /* plain names */
    {"pvs01 %A\n", "pvs01", 22, 'A', KNOWN_HOSTS_MATCH, "file:1"},
    {"pvs01 %A\n", "pvs01", 22, 'B', KNOWN_HOSTS_CHANGED, "file:1"},
    {"pvs01 %A\n", "pvs02", 22, 'A', KNOWN_HOSTS_UNKNOWN, NULL},
    {"pvs01,10.0.0.1,fe80::1%eth0 %A", "fe80::1%eth0", 22, 'A', KNOWN_HOSTS_MATCH, "file:1"},
    {"PVS01.Example %A comment with blanks\r\n", "pvs01.EXAMPLE", 22, 'A', KNOWN_HOSTS_MATCH,
     "file:1"},
    {"# comment\n\n  \t\npvs01\t%A\n", "pvs01", 22, 'A', KNOWN_HOSTS_MATCH, "file:4"},
    {"pvs01 %A\npvs01 %C\n", "pvs01", 22, 'C', KNOWN_HOSTS_MATCH, "file:2"},
    /* the line of the same type is the one to name, and the earliest of those */
    {"pvs01 %C\npvs01 %A\n", "pvs01", 22, 'B', KNOWN_HOSTS_CHANGED, "file:2"},
    {"pvs01 %C\n", "pvs01", 22, 'B', KNOWN_HOSTS_OTHER_KIND, "file:1"},
    {"pvs01 %A\npvs01 %A\n", "pvs01", 22, 'C', KNOWN_HOSTS_OTHER_KIND, "file:1"},
    {"pvs01 %A\npvs01 %A\n", "pvs01", 22, 'B', KNOWN_HOSTS_CHANGED, "file:1"},
    {"pvs01 %B\npvs01 %A\n", "pvs01", 22, 'A', KNOWN_HOSTS_MATCH, "file:2"},
    /* ports */
    {"[pvs01]:2222 %A\n", "pvs01", 2222, 'A', KNOWN_HOSTS_MATCH, "file:1"},
    {"[pvs01]:2222 %A\n", "pvs01", 22, 'A', KNOWN_HOSTS_UNKNOWN, NULL},
    {"pvs01 %A\n", "pvs01", 2222, 'A', KNOWN_HOSTS_UNKNOWN, NULL},
    /* patterns */
    {"*.example %A\n", "pvs01.example", 22, 'A', KNOWN_HOSTS_MATCH, "file:1"},
    {"*.example %A\n", "example", 22, 'A', KNOWN_HOSTS_UNKNOWN, NULL},
    {"pvs0? %A\n", "pvs07", 22, 'A', KNOWN_HOSTS_MATCH, "file:1"},
    {"pvs0? %A\n", "pvs007", 22, 'A', KNOWN_HOSTS_UNKNOWN, NULL},
    {"*.example,!bad.example %A\n", "bad.example", 22, 'A', KNOWN_HOSTS_UNKNOWN, NULL},
    {"!bad.example,*.example %A\n", "bad.example", 22, 'A', KNOWN_HOSTS_UNKNOWN, NULL},
    {"!bad.example,*.example %A\n", "good.example", 22, 'A', KNOWN_HOSTS_MATCH, "file:1"},
    {"!bad.example %A\n", "good.example", 22, 'A', KNOWN_HOSTS_UNKNOWN, NULL},
    {"[*.example]:2222 %A\n", "pvs01.example", 2222, 'A', KNOWN_HOSTS_MATCH, "file:1"},
    /* revoked */
    {"@revoked * %A\npvs01 %A\n", "pvs01", 22, 'A', KNOWN_HOSTS_REVOKED, "file:1"},
    {"pvs01 %A\n@revoked pvs01 %A\n", "pvs01", 22, 'A', KNOWN_HOSTS_REVOKED, "file:2"},
    {"@revoked pvs01 %A\n", "pvs01", 22, 'B', KNOWN_HOSTS_UNKNOWN, NULL},
    {"@revoked pvs01 %A\npvs01 %B\n", "pvs01", 22, 'B', KNOWN_HOSTS_MATCH, "file:2"},
    {"@revoked pvs02 %A\npvs01 %A\n", "pvs01", 22, 'A', KNOWN_HOSTS_MATCH, "file:2"},
    /* nothing at all */
    {"", "pvs01", 22, 'A', KNOWN_HOSTS_UNKNOWN, NULL},
    {"\n\n", "", 22, 'A', KNOWN_HOSTS_UNKNOWN, NULL},
};

static void every_row_is_answered(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *line = "untouched";
        struct known_hosts *table = parse_keys(rows[i].file, NULL);
        enum known_hosts_answer answer =
            check(table, rows[i].name, rows[i].port, rows[i].key, &line);
        if (answer != rows[i].answer || (rows[i].line == NULL) != (line == NULL) ||
            (line != NULL && strcmp(line, rows[i].line) != 0)) {
            fail_msg("row %zu: answer %d, line %s", i, (int)answer, line == NULL ? "-" : line);
        }
        assert_int_equal(check(table, rows[i].name, rows[i].port, rows[i].key, NULL),
                         rows[i].answer);
        known_hosts_free(table);
    }
}

static void name_hashed_by_ssh_keygen_is_found(void **state)
{
    (void)state;
    char path[] = "/tmp/pvsaudit-known-XXXXXX";
    char old[64], line[256];
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    int len = snprintf(line, sizeof(line), "[pvs01.example]:2222,10.1.2.3 %s\n", keys[0].text);
    assert_int_equal(write(fd, line, (size_t)len), len);
    (void)close(fd);
    const char *const argv[] = {"ssh-keygen", "-H", "-f", path, NULL};
    assert_int_equal(sshd_run(argv), 0);
    struct known_hosts *table = known_hosts_new();
    assert_int_equal(known_hosts_load(table, path, NULL, NULL, NULL), 0);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(check(table, "pvs01.example", 2222, 'A', NULL), KNOWN_HOSTS_MATCH);
        assert_int_equal(check(table, "PVS01.example", 2222, 'B', NULL), KNOWN_HOSTS_CHANGED);
        assert_int_equal(check(table, "10.1.2.3", 22, 'A', NULL), KNOWN_HOSTS_MATCH);
        assert_int_equal(check(table, "pvs01.example", 22, 'A', NULL), KNOWN_HOSTS_UNKNOWN);
    }
    known_hosts_free(table);
    (void)snprintf(old, sizeof(old), "%s.old", path);
    (void)unlink(path);
    (void)unlink(old);
}

/* RFC 2202, 3, test cases 1 and 3; then names of every length against OpenSSL's own HMAC. */
static void hmac_is_that_of_rfc_2202(void **state)
{
    (void)state;
    static const unsigned char first[] = "\xb6\x17\x31\x86\x55\x05\x72\x64\xe2\x8b"
                                         "\xc0\xb6\xfb\x37\x8c\x8e\xf1\x46\xbe\x00";
    static const unsigned char third[] = "\x12\x5d\x73\x42\xb9\xac\x11\xcd\x91\xa3"
                                         "\x9a\xf4\x8a\xa1\x7b\x4f\x63\xf1\x75\xd3";
    static char text[SSH_KEY_HMAC_NAME_MAX + 64];
    unsigned char key[SSH_KEY_SHA1], hash[SSH_KEY_SHA1], other[EVP_MAX_MD_SIZE];
    struct ssh_key_hmac_salt salt;
    struct ssh_key_hmac_name name;
    memset(key, 0x0b, sizeof(key));
    ssh_key_hmac_salt(&salt, key);
    assert_true(ssh_key_hmac_name(&name, "Hi There", 8));
    ssh_key_hmac(&salt, &name, hash);
    assert_memory_equal(hash, first, sizeof(hash));
    memset(key, 0xaa, sizeof(key));
    memset(text, 0xdd, sizeof(text));
    ssh_key_hmac_salt(&salt, key);
    assert_true(ssh_key_hmac_name(&name, text, 50));
    ssh_key_hmac(&salt, &name, hash);
    assert_memory_equal(hash, third, sizeof(hash));
    for (size_t len = 0; len < SSH_KEY_HMAC_NAME_MAX; len++) {
        assert_true(ssh_key_hmac_name(&name, text, len));
        ssh_key_hmac(&salt, &name, hash);
        assert_non_null(
            HMAC(EVP_sha1(), key, sizeof(key), (const unsigned char *)text, len, other, NULL));
        assert_memory_equal(hash, other, sizeof(hash));
    }
    assert_false(ssh_key_hmac_name(&name, text, sizeof(text)));
}

static void hashed_line(char *to, size_t size, const char *name, const char *key)
{
    unsigned char salt[SSH_KEY_SHA1], hash[EVP_MAX_MD_SIZE];
    struct buf text;
    memset(salt, 's', sizeof(salt));
    salt[0] = (unsigned char)name[strlen(name) - 1];
    assert_non_null(HMAC(EVP_sha1(), salt, sizeof(salt), (const unsigned char *)name, strlen(name),
                         hash, NULL));
    buf_init(&text, 512);
    (void)buf_puts(&text, "|1|");
    (void)base64_write(salt, sizeof(salt), true, &text);
    (void)buf_putc(&text, '|');
    (void)base64_write(hash, SSH_KEY_SHA1, true, &text);
    (void)snprintf(to, size, "%s %s\n", text.data, key);
    buf_done(&text);
}

/* What was learnt of a name must not hide lines that are loaded later. */
static void hashed_line_added_after_a_look_up_counts(void **state)
{
    (void)state;
    char first[512], second[512];
    hashed_line(first, sizeof(first), "pvs01", keys[0].text);
    hashed_line(second, sizeof(second), "pvs01", keys[1].text);
    struct known_hosts *table = parse(first, NULL);
    assert_int_equal(check(table, "pvs01", 22, 'B', NULL), KNOWN_HOSTS_CHANGED);
    assert_int_equal(known_hosts_parse(table, "more", second, strlen(second), NULL, NULL, NULL), 0);
    assert_int_equal(check(table, "pvs01", 22, 'B', NULL), KNOWN_HOSTS_MATCH);
    assert_int_equal(check(table, "pvs01", 22, 'A', NULL), KNOWN_HOSTS_MATCH);
    known_hosts_free(table);
}

/* Each of many hidden names is found, with all its lines, whatever was looked up before. */
static void hidden_names_are_each_found(void **state)
{
    (void)state;
    enum { HOSTS = 500 };
    struct buf text;
    char line[512], name[64];
    buf_init(&text, 1024 * 1024);
    for (int i = 0; i < 2 * HOSTS; i++) {
        (void)snprintf(name, sizeof(name), "host%03d", i % HOSTS);
        hashed_line(line, sizeof(line), name, keys[i / HOSTS].text);
        (void)buf_puts(&text, line);
    }
    struct known_hosts *table = parse(text.data, NULL);
    for (int i = HOSTS - 1; i >= 0; i--) {
        const char *where = NULL;
        char expected[32];
        (void)snprintf(name, sizeof(name), "host%03d", i);
        (void)snprintf(expected, sizeof(expected), "file:%d", HOSTS + i + 1);
        assert_int_equal(check(table, name, 22, 'A', NULL), KNOWN_HOSTS_MATCH);
        assert_int_equal(check(table, name, 22, 'B', &where), KNOWN_HOSTS_MATCH);
        assert_string_equal(where, expected);
        assert_int_equal(check(table, name, 22, 'C', NULL), KNOWN_HOSTS_OTHER_KIND);
    }
    assert_int_equal(check(table, "host500", 22, 'A', NULL), KNOWN_HOSTS_UNKNOWN);
    known_hosts_free(table);
    buf_done(&text);
}

/* A match ends the look-up, but not before what is revoked was looked at. */
static void hidden_line_that_revokes_counts_behind_a_match(void **state)
{
    (void)state;
    char line[512], text[2048];
    const char *where = NULL;
    hashed_line(line, sizeof(line), "pvs01", keys[0].text);
    (void)snprintf(text, sizeof(text), "pvs01 %s\n%s@revoked %s", keys[0].text, line, line);
    struct known_hosts *table = parse(text, NULL);
    assert_int_equal(check(table, "pvs01", 22, 'A', &where), KNOWN_HOSTS_REVOKED);
    assert_string_equal(where, "file:3");
    assert_int_equal(check(table, "pvs01", 22, 'B', &where), KNOWN_HOSTS_CHANGED);
    assert_string_equal(where, "file:1");
    known_hosts_free(table);
}

static void bad_line_is_skipped_with_its_number(void **state)
{
    (void)state;
    static const char *const why[] = {
        "names, a key type and a key",
        "names, a key type and a key",
        "not base64",
        "cut short",
        "of another type",
        "SSH version 1",
        "hashed name",
        "hashed name",
        "hashed name",
        "@cert-authority",
        "marker",
        "another type",
    };
    static const char text[] = "pvs01\n"
                               "pvs01 ssh-ed25519\n"
                               "pvs01 ssh-ed25519 AAA*\n"
                               "pvs01 ssh-ed25519 AAAA\n"
                               "pvs01 ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAAA==\n"
                               "pvs01 1024 35 1234567890\n"
                               "|1|AAAA %A\n"
                               "|1|AAAA|BBBB %A\n"
                               "|2|x|y %A\n"
                               "@cert-authority * %A\n"
                               "@unheard-of * %A\n"
                               "pvs01 ssh-ed25518 AAAAC3NzaC1lZDI1NTE5AAAAAWE=\n"
                               "good %A\n";
    struct bad_lines bad = {0};
    struct known_hosts *table = parse_keys(text, &bad);
    assert_int_equal(bad.count, 12);
    for (unsigned i = 0; i < 12; i++) {
        assert_int_equal(bad.lines[i], i + 1);
        if (strstr(bad.why[i], why[i]) == NULL) {
            fail_msg("line %u: %s", i + 1, bad.why[i]);
        }
    }
    assert_int_equal(check(table, "good", 22, 'A', NULL), KNOWN_HOSTS_MATCH);
    assert_int_equal(check(table, "pvs01", 22, 'A', NULL), KNOWN_HOSTS_UNKNOWN);
    known_hosts_free(table);
}

static void pinned_types_are_asked_for_first(void **state)
{
    (void)state;
    char list[256];
    struct known_hosts *table =
        parse_keys("pvs01 %C\n*.both %C\n*.both %A\n@revoked pvs02 %C\n", NULL);
    known_hosts_preference(table, "pvs01", 22, list, sizeof(list));
    assert_memory_equal(list, "ecdsa-sha2-nistp256,ssh-ed25519,", 32);
    known_hosts_preference(table, "a.both", 22, list, sizeof(list));
    assert_memory_equal(list, "ssh-ed25519,ecdsa-sha2-nistp256,", 32);
    known_hosts_preference(table, "nobody", 22, list, sizeof(list));
    assert_memory_equal(list, "ssh-ed25519,ecdsa-sha2-nistp256,", 32);
    known_hosts_preference(table, "pvs02", 22, list, sizeof(list));
    assert_memory_equal(list, "ssh-ed25519,", 12);
    known_hosts_free(table);
}

static void absent_file_is_empty_and_unreadable_one_is_an_error(void **state)
{
    (void)state;
    struct err err = {.text = ""};
    struct known_hosts *table = known_hosts_new();
    assert_null(known_hosts_pins(table));
    assert_int_equal(known_hosts_load(table, "/tmp/no/such/file", NULL, NULL, &err), 0);
    assert_string_equal(known_hosts_pins(table), "/tmp/no/such/file"); /* new keys go there */
    assert_int_equal(known_hosts_load(table, "/tmp", NULL, NULL, &err), -1);
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(strstr(err.text, "/tmp"));
    known_hosts_free(table);
}

static void pin_makes_folders_and_appends_a_whole_line(void **state)
{
    (void)state;
    char folder[] = "/tmp/pvsaudit-pins-XXXXXX";
    char path[128], text[1024] = "", expected[1024];
    struct stat status;
    struct known_hosts *table = known_hosts_new();
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/a/b/known_hosts", folder);
    assert_int_equal(known_hosts_pin(table, path, "PVS01", 2222, keys[0].wire, keys[0].len, NULL),
                     0);
    assert_int_equal(check(table, "pvs01", 2222, 'A', NULL), KNOWN_HOSTS_MATCH);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    (void)fseek(file, 0, SEEK_END);
    (void)fputs("# half a line", file); /* somebody's editor left it so */
    (void)fclose(file);
    assert_int_equal(known_hosts_pin(table, path, "pvs02", 22, keys[1].wire, keys[1].len, NULL), 0);
    file = fopen(path, "r");
    assert_non_null(file);
    (void)!fread(text, 1, sizeof(text) - 1, file);
    (void)fclose(file);
    (void)snprintf(expected, sizeof(expected), "[pvs01]:2222 %s\n# half a line\npvs02 %s\n",
                   keys[0].text, keys[1].text);
    assert_string_equal(text, expected);
    known_hosts_free(table);
    const char *const argv[] = {"rm", "-rf", folder, NULL};
    assert_int_equal(sshd_run(argv), 0);
}

static void name_that_would_mean_more_is_not_pinned(void **state)
{
    (void)state;
    static const char *const names[] = {"",     "a b", "a,b",      "*",   "!a",
                                        "|1|x", "#",   "@revoked", "a\nb"};
    struct known_hosts *table = known_hosts_new();
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct err err = {.text = ""};
        assert_int_equal(known_hosts_pin(table, "/tmp/pvsaudit-never-made", names[i], 22,
                                         keys[0].wire, keys[0].len, &err),
                         -1);
        assert_int_not_equal(access("/tmp/pvsaudit-never-made", F_OK), 0);
    }
    known_hosts_free(table);
}

static void pin_that_cannot_be_written_is_not_known(void **state)
{
    (void)state;
    struct err err = {.text = ""};
    struct known_hosts *table = known_hosts_new();
    assert_int_equal(
        known_hosts_pin(table, "/dev/null/pins", "pvs01", 22, keys[0].wire, keys[0].len, &err), -1);
    assert_non_null(strstr(err.text, "/dev/null/pins"));
    assert_int_equal(check(table, "pvs01", 22, 'A', NULL), KNOWN_HOSTS_UNKNOWN);
    known_hosts_free(table);
}

/* A file of 10,000 hosts answers for each of them, and for none besides. */
static void ten_thousand_hosts_are_each_found(void **state)
{
    (void)state;
    enum { HOSTS = 10000 };
    struct buf text;
    buf_init(&text, 4 * 1024 * 1024);
    for (int i = 0; i < HOSTS; i++) {
        (void)buf_printf(&text, "host%05d.example,10.%d.%d.1 %s\n", i, i / 250, i % 250,
                         keys[i % 2].text);
    }
    assert_false(text.failed);
    struct known_hosts *table = parse(text.data, NULL);
    for (int i = 0; i < HOSTS; i++) {
        char name[64], where[32];
        const char *line = NULL;
        (void)snprintf(name, sizeof(name), "host%05d.example", i);
        (void)snprintf(where, sizeof(where), "file:%d", i + 1);
        assert_int_equal(check(table, name, 22, i % 2 == 0 ? 'A' : 'B', &line), KNOWN_HOSTS_MATCH);
        assert_string_equal(line, where);
        assert_int_equal(check(table, name, 22, i % 2 == 0 ? 'B' : 'A', &line),
                         KNOWN_HOSTS_CHANGED);
    }
    assert_int_equal(check(table, "host10000.example", 22, 'A', NULL), KNOWN_HOSTS_UNKNOWN);
    known_hosts_free(table);
    buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_answered),
        cmocka_unit_test(name_hashed_by_ssh_keygen_is_found),
        cmocka_unit_test(hashed_line_added_after_a_look_up_counts),
        cmocka_unit_test(hmac_is_that_of_rfc_2202),
        cmocka_unit_test(hidden_names_are_each_found),
        cmocka_unit_test(hidden_line_that_revokes_counts_behind_a_match),
        cmocka_unit_test(bad_line_is_skipped_with_its_number),
        cmocka_unit_test(pinned_types_are_asked_for_first),
        cmocka_unit_test(absent_file_is_empty_and_unreadable_one_is_an_error),
        cmocka_unit_test(pin_makes_folders_and_appends_a_whole_line),
        cmocka_unit_test(name_that_would_mean_more_is_not_pinned),
        cmocka_unit_test(pin_that_cannot_be_written_is_not_known),
        cmocka_unit_test(ten_thousand_hosts_are_each_found),
    };
    return cmocka_run_group_tests(tests, keys_make, NULL);
}
