/* test_ssh_key: private keys as ssh-keygen and openssl write them, whole, damaged and mistaken. */
#include "collector/transport/base64.h"
#include "collector/transport/ssh_key/ssh_key.h"
#include "collector/transport/ssh_key/ssh_key_digest.h"
#include "collector/transport/ssh_link/ssh_methods.h"
#include "collector/transport/ssh_link/ssh_wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "unit/sshd.h"

static char folder[] = "/tmp/pvsaudit-key-XXXXXX";

static const struct {
    const char *name, *type, *bits, *format, *algorithm;
} made[] = {
    {"ed25519", "ed25519", NULL, NULL, "ssh-ed25519"},
    {"p256", "ecdsa", "256", NULL, "ecdsa-sha2-nistp256"},
    {"p384", "ecdsa", "384", NULL, "ecdsa-sha2-nistp384"},
    {"p521", "ecdsa", "521", NULL, "ecdsa-sha2-nistp521"},
    {"p256pem", "ecdsa", "256", "PEM", "ecdsa-sha2-nistp256"},
    {"p384pkcs8", "ecdsa", "384", "PKCS8", "ecdsa-sha2-nistp384"},
    {"rsa", "rsa", "2048", NULL, "ssh-rsa"},
    {"rsapem", "rsa", "2048", "PEM", "ssh-rsa"},
};
enum { MADE = sizeof(made) / sizeof(made[0]) };

struct bytes {
    char data[65536];
    size_t len;
};

static void path_of(const char *name, char to[128])
{
    (void)snprintf(to, 128, "%s/%s", folder, name);
}

static void read_bytes(const char *name, struct bytes *to)
{
    char path[128];
    path_of(name, path);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    to->len = fread(to->data, 1, sizeof(to->data), file);
    (void)fclose(file);
}

static bool is_rsa(const char *algorithm)
{
    return strcmp(algorithm, "ssh-rsa") == 0;
}

/* The bytes that libssh2 hands to be signed: a request to log in, up to and with the key. */
static void request(struct buf *to, const char *algorithm, const unsigned char *public, size_t len)
{
    buf_init(to, 8192);
    ssh_wire_put_string(to, "0123456789abcdef0123456789abcdef", 32);
    (void)buf_putc(to, 50);
    ssh_wire_put_string(to, "root", 4);
    ssh_wire_put_string(to, "ssh-connection", 14);
    ssh_wire_put_string(to, "publickey", 9);
    (void)buf_putc(to, 1);
    ssh_wire_put_string(to, algorithm, strlen(algorithm));
    ssh_wire_put_string(to, public, len);
}

static struct ssh_key *load(const char *name, const char *passphrase)
{
    char path[128];
    struct err err;
    struct ssh_key *key = NULL;
    path_of(name, path);
    if (ssh_key_load(path, passphrase, &key, &err) != 0) {
        fail_msg("%s", err.text);
    }
    return key;
}

static void expect_refused(const char *name, const char *passphrase, const char *words)
{
    char path[128];
    struct err err = {.text = ""};
    struct ssh_key *key = NULL;
    path_of(name, path);
    assert_int_equal(ssh_key_load(path, passphrase, &key, &err), -1);
    assert_null(key);
    bool lacking = strstr(err.text, "no passphrase was given") != NULL;
    assert_int_equal(err.code, lacking ? ERR_LOCKED : ERR_CONFIG);
    if (strstr(err.text, words) == NULL || strstr(err.text, path) == NULL) {
        fail_msg("%s", err.text);
    }
}

/* What ssh-keygen wrote into the .pub file, decoded by OpenSSL. */
static size_t public_file(const char *name, unsigned char to[4096])
{
    char pub[64], type[64], digits[4096];
    struct bytes text;
    (void)snprintf(pub, sizeof(pub), "%s.pub", name);
    read_bytes(pub, &text);
    text.data[text.len] = '\0';
    assert_int_equal(sscanf(text.data, "%63s %4095s", type, digits), 2);
    int len = EVP_DecodeBlock(to, (const unsigned char *)digits, (int)strlen(digits));
    size_t pads = strlen(digits) - strcspn(digits, "=");
    assert_true(len > 0);
    return (size_t)len - pads;
}

static void public_half_is_what_ssh_keygen_wrote(void **state)
{
    (void)state;
    for (size_t i = 0; i < MADE; i++) {
        if (is_rsa(made[i].algorithm) && !ssh_methods_rsa_sha2()) {
            continue;
        }
        unsigned char expected[4096];
        size_t len = 0;
        struct ssh_key *key = load(made[i].name, NULL);
        size_t expected_len = public_file(made[i].name, expected);
        const unsigned char *public = ssh_key_public(key, &len);
        assert_string_equal(ssh_key_algorithm(key), made[i].algorithm);
        assert_int_equal(len, expected_len);
        assert_memory_equal(public, expected, len);
        ssh_key_free(key);
    }
}

static void rsa_is_refused_where_libssh2_knows_sha1_only(void **state)
{
    (void)state;
    if (ssh_methods_rsa_sha2()) {
        ssh_key_free(load("rsa", NULL));
        return;
    }
    expect_refused("rsa", NULL, "use an ed25519 key");
    expect_refused("rsapem", NULL, "use an ed25519 key");
}

static EVP_PKEY *ed25519_public(const struct ssh_key *key)
{
    size_t len = 0;
    const unsigned char *public = ssh_key_public(key, &len);
    assert_int_equal(len, 4 + 11 + 4 + 32);
    return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public + 19, 32);
}

static void signature_verifies_and_fails_for_other_data(void **state)
{
    (void)state;
    size_t len = 0, signature_len = 0;
    unsigned char *signature = NULL;
    struct buf data;
    struct ssh_key *key = load("ed25519", NULL);
    const unsigned char *public = ssh_key_public(key, &len);
    request(&data, "ssh-ed25519", public, len);
    assert_int_equal(ssh_key_sign(key, (const unsigned char *)data.data, data.len, &signature,
                                  &signature_len, NULL),
                     0);
    assert_int_equal(signature_len, 64);
    for (int turn = 0; turn < 2; turn++) {
        EVP_PKEY *pkey = ed25519_public(key);
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        assert_int_equal(EVP_DigestVerifyInit(context, NULL, NULL, NULL, pkey), 1);
        assert_int_equal(
            EVP_DigestVerify(context, signature, 64, (const unsigned char *)data.data, data.len),
            turn == 0 ? 1 : 0);
        data.data[10] ^= 1;
        EVP_MD_CTX_free(context);
        EVP_PKEY_free(pkey);
    }
    free(signature);
    buf_done(&data);
    ssh_key_free(key);
}

static void ecdsa_signature_is_two_numbers(void **state)
{
    (void)state;
    size_t len = 0, signature_len = 0;
    unsigned char *signature = NULL;
    struct buf data;
    struct ssh_key *key = load("p521", NULL);
    const unsigned char *public = ssh_key_public(key, &len);
    request(&data, "ecdsa-sha2-nistp521", public, len);
    assert_int_equal(ssh_key_sign(key, (const unsigned char *)data.data, data.len, &signature,
                                  &signature_len, NULL),
                     0);
    struct slice rest = {(const char *)signature, signature_len};
    struct slice r, s;
    assert_true(ssh_wire_mpint(&rest, &r));
    assert_true(ssh_wire_mpint(&rest, &s));
    assert_int_equal(rest.len, 0);
    free(signature);
    buf_done(&data);
    ssh_key_free(key);
}

static void another_algorithm_than_the_keys_is_not_signed(void **state)
{
    (void)state;
    size_t len = 0, signature_len = 0;
    unsigned char *signature = NULL;
    struct buf data;
    struct ssh_key *key = load("p256", NULL);
    const unsigned char *public = ssh_key_public(key, &len);
    request(&data, "rsa-sha2-256", public, len);
    assert_int_equal(ssh_key_sign(key, (const unsigned char *)data.data, data.len, &signature,
                                  &signature_len, NULL),
                     -1);
    assert_null(signature);
    assert_int_equal(ssh_key_sign(key, (const unsigned char *)"not a request", 13, &signature,
                                  &signature_len, NULL),
                     -1);
    buf_done(&data);
    ssh_key_free(key);
}

static void encrypted_key_needs_its_passphrase(void **state)
{
    (void)state;
    size_t len = 0;
    struct ssh_key_locked locked;
    unsigned char expected[4096];
    expect_refused("locked", NULL, "no passphrase was given");
    expect_refused("locked", "wrong", "does not open");
    struct ssh_key *key = load("locked", "open sesame");
    size_t expected_len = public_file("locked", expected);
    const unsigned char *public = ssh_key_public(key, &len);
    assert_string_equal(ssh_key_algorithm(key), "ssh-ed25519");
    assert_int_equal(len, expected_len);
    assert_memory_equal(public, expected, len);
    assert_true(ssh_key_is_locked(key, &locked));
    assert_string_equal(locked.passphrase, "open sesame");
    ssh_key_free(key);
}

static void encrypted_pem_is_opened_once(void **state)
{
    (void)state;
    struct ssh_key_locked locked;
    expect_refused("lockedpem", NULL, "no passphrase was given");
    expect_refused("lockedpem", "wrong", "does not open");
    struct ssh_key *key = load("lockedpem", "open sesame");
    assert_false(ssh_key_is_locked(key, &locked));
    ssh_key_free(key);
}

static void public_key_by_mistake_is_named(void **state)
{
    (void)state;
    char path[128];
    for (size_t i = 0; i < 2; i++) {
        const char *name = i == 0 ? "ed25519.pub" : "p256.pub";
        path_of(name, path);
        (void)chmod(path, 0600);
        expect_refused(name, NULL, "is a public key; name the file without .pub");
    }
}

static void open_mode_is_refused_with_its_remedy(void **state)
{
    (void)state;
    char path[128];
    path_of("ed25519", path);
    (void)chmod(path, 0640);
    expect_refused("ed25519", NULL, "mode 0640");
    expect_refused("ed25519", NULL, "chmod 600");
    (void)chmod(path, 0600);
    expect_refused("no-such-file", NULL, "No such file");
    expect_refused("", NULL, "not a file");
}

static void every_prefix_is_an_error(void **state)
{
    (void)state;
    static struct bytes text;
    for (size_t i = 0; i < MADE; i++) {
        read_bytes(made[i].name, &text);
        size_t whole = text.len;
        /* without its last dashes a key is still whole to PEM readers; the END line's name counts
         */
        size_t stop = whole - strlen("PRIVATE KEY-----\n");
        for (size_t len = 0; len < stop; len++) {
            char *copy = malloc(len + 1); /* exactly as long, so that reading on is seen */
            struct ssh_key *key = NULL;
            struct err err = {.code = ERR_NONE};
            memcpy(copy, text.data, len);
            if (ssh_key_parse(made[i].name, copy, len, NULL, &key, &err) == 0) {
                fail_msg("%s is a key with %zu of %zu bytes", made[i].name, len, whole);
            }
            assert_null(key);
            assert_int_equal(err.code, ERR_CONFIG);
            free(copy);
        }
    }
}

/* Any byte of the decoded key may be damaged: the result is an error, or a whole key. */
static void every_damaged_digit_is_survived(void **state)
{
    (void)state;
    static struct bytes text;
    size_t refused = 0;
    for (size_t i = 0; i < 2; i++) {
        read_bytes(made[i].name, &text);
        for (size_t at = 36; at < text.len - 40; at++) {
            char old = text.data[at];
            struct ssh_key *key = NULL;
            text.data[at] = old == 'A' ? 'B' : 'A';
            refused += ssh_key_parse("damaged", text.data, text.len, NULL, &key, NULL) != 0;
            ssh_key_free(key);
            text.data[at] = old;
        }
    }
    assert_true(refused > 300);
}

/* The two numbers before the key proper are how a wrong decryption shows. */
static void differing_check_numbers_are_named(void **state)
{
    (void)state;
    static struct bytes text;
    struct buf key, armoured;
    struct ssh_key *ret = NULL;
    struct err err = {.text = ""};
    static const char begin[] = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
    read_bytes("ed25519", &text);
    size_t len = text.len - strlen(begin) - strlen("-----END OPENSSH PRIVATE KEY-----\n");
    buf_init(&key, 4096);
    buf_init(&armoured, 8192);
    assert_int_equal(base64_parse((struct slice){text.data + strlen(begin), len}, &key), 0);
    struct slice rest = {key.data + 15, key.len - 15};
    struct slice part;
    uint32_t count;
    for (int i = 0; i < 3; i++) {
        assert_true(ssh_wire_string(&rest, &part)); /* cipher, kdf, its options */
    }
    assert_true(ssh_wire_u32(&rest, &count) && ssh_wire_string(&rest, &part));
    size_t check = (size_t)(rest.data - key.data) + 4;
    key.data[check] ^= 1;
    (void)buf_puts(&armoured, begin);
    (void)base64_write(key.data, key.len, true, &armoured);
    (void)buf_puts(&armoured, "\n-----END OPENSSH PRIVATE KEY-----\n");
    assert_int_equal(ssh_key_parse("key", armoured.data, armoured.len, NULL, &ret, &err), -1);
    assert_non_null(strstr(err.text, "check numbers differ"));
    buf_done(&key);
    buf_done(&armoured);
}

static void fingerprint_is_ssh_keygens(void **state)
{
    (void)state;
    unsigned char key[4096];
    char path[128], command[256], line[256] = "", text[SSH_KEY_FINGERPRINT];
    size_t len = public_file("p384", key);
    path_of("p384.pub", path);
    (void)snprintf(command, sizeof(command), "ssh-keygen -l -f %s", path);
    FILE *out = popen(command, "r");
    assert_non_null(out);
    assert_non_null(fgets(line, sizeof(line), out));
    (void)pclose(out);
    ssh_key_fingerprint(key, len, text);
    assert_int_equal(strlen(text), 50);
    assert_non_null(strstr(line, text));
}

static int keys_make(void **state)
{
    (void)state;
    char path[128];
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    for (size_t i = 0; i < MADE; i++) {
        path_of(made[i].name, path);
        if (sshd_keygen(path, made[i].type, made[i].bits, made[i].format, "") != 0) {
            return -1;
        }
    }
    path_of("locked", path);
    if (sshd_keygen(path, "ed25519", NULL, NULL, "open sesame") != 0) {
        return -1;
    }
    path_of("lockedpem", path);
    return sshd_keygen(path, "ecdsa", "256", "PEM", "open sesame");
}

static int keys_remove(void **state)
{
    (void)state;
    const char *const argv[] = {"rm", "-rf", folder, NULL};
    return sshd_run(argv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(public_half_is_what_ssh_keygen_wrote),
        cmocka_unit_test(rsa_is_refused_where_libssh2_knows_sha1_only),
        cmocka_unit_test(signature_verifies_and_fails_for_other_data),
        cmocka_unit_test(ecdsa_signature_is_two_numbers),
        cmocka_unit_test(another_algorithm_than_the_keys_is_not_signed),
        cmocka_unit_test(encrypted_key_needs_its_passphrase),
        cmocka_unit_test(encrypted_pem_is_opened_once),
        cmocka_unit_test(public_key_by_mistake_is_named),
        cmocka_unit_test(open_mode_is_refused_with_its_remedy),
        cmocka_unit_test(every_prefix_is_an_error),
        cmocka_unit_test(every_damaged_digit_is_survived),
        cmocka_unit_test(differing_check_numbers_are_named),
        cmocka_unit_test(fingerprint_is_ssh_keygens),
    };
    return cmocka_run_group_tests(tests, keys_make, keys_remove);
}
