/* test_transport_ssh: visits to OpenSSH's own server, ending with an empty loop every time. */
#include "collector/transport/known_hosts.h"
#include "collector/transport/ssh_key.h"
#include "collector/transport/transport.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "unit/sshd.h"

struct visit_test {
    struct sshd *sshd;
    uv_loop_t loop;
    struct host host;
    struct credential credential;
    struct ssh_key *key;
    struct known_hosts *known;
    struct sockaddr_storage addresses[3];
    struct transport_ask ask;
    struct transport_job *job;
    unsigned answers;
    enum reason reason;
    bool transient;
    int64_t code;
    int exit_status;
    char stage[32], detail[1024], output[4096], errors[4096], signal[32], mechanism[32];
    char principal[64], host_key[64], banner[256], address[64];
    size_t output_len, errors_len;
    char trace[1024];
};

static struct sshd shared; /* one server for all tests that need nothing special of it */

static void set_address(struct sockaddr_storage *to, uint16_t port)
{
    struct sockaddr_in *address = (struct sockaddr_in *)to;
    *address = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void keep(char *to, size_t size, const char *from)
{
    (void)snprintf(to, size, "%s", from == NULL ? "" : from);
}

static void keep_slice(char *to, size_t size, struct slice from, size_t *ret_len)
{
    size_t len = from.len < size ? from.len : size - 1;
    if (len > 0) {
        memcpy(to, from.data, len);
    }
    to[len] = '\0';
    *ret_len = from.len;
}

static void answered(void *data, const struct transport_answer *answer)
{
    struct visit_test *test = data;
    test->answers++;
    test->job = NULL;
    test->reason = answer->reason;
    test->transient = answer->transient;
    test->code = answer->code;
    test->exit_status = answer->exit_status;
    keep(test->stage, sizeof(test->stage), answer->stage);
    keep(test->detail, sizeof(test->detail), answer->detail);
    keep(test->signal, sizeof(test->signal), answer->exit_signal);
    keep(test->mechanism, sizeof(test->mechanism), answer->mechanism);
    keep(test->principal, sizeof(test->principal), answer->principal);
    keep(test->host_key, sizeof(test->host_key), answer->host_key);
    keep(test->banner, sizeof(test->banner), answer->banner);
    keep(test->address, sizeof(test->address), answer->address);
    keep_slice(test->output, sizeof(test->output), answer->output, &test->output_len);
    keep_slice(test->errors, sizeof(test->errors), answer->errors, &test->errors_len);
}

static void traced(void *data, const char *from, const char *to)
{
    struct visit_test *test = data;
    size_t len = strlen(test->trace);
    (void)snprintf(test->trace + len, sizeof(test->trace) - len, "%s>%s ", from, to);
}

static void use_key(struct visit_test *test, const char *name)
{
    char path[128];
    struct err err;
    sshd_path(&shared, name, path);
    ssh_key_free(test->key);
    test->key = NULL;
    if (ssh_key_load(path, NULL, &test->key, &err) != 0) {
        fail_msg("%s", err.text);
    }
    test->credential.key = test->key;
}

/* Know a host key of the server under the name and port that the test's host has. */
static void know(struct visit_test *test, const char *name, const char *marker)
{
    char path[128], line[1024], pub[800];
    sshd_path(&shared, name, path);
    (void)strncat(path, ".pub", sizeof(path) - strlen(path) - 1);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(pub, sizeof(pub), file));
    (void)fclose(file);
    (void)snprintf(line, sizeof(line), "%s[%s]:%u %s", marker, test->host.address,
                   (unsigned)test->host.port, pub);
    assert_int_equal(known_hosts_parse(test->known, "pins", line, strlen(line), NULL, NULL, NULL),
                     0);
}

static void use_port(struct visit_test *test, uint16_t port)
{
    test->host.port = port;
    set_address(&test->addresses[0], port);
}

static void visit_open(struct visit_test *test)
{
    *test = (struct visit_test){.sshd = &shared};
    assert_int_equal(uv_loop_init(&test->loop), 0);
    test->known = known_hosts_new();
    assert_non_null(test->known);
    test->host.name = "pvs01";
    test->host.address = "pvs01.example";
    use_port(test, shared.port);
    test->credential.auth = AUTH_KEY;
    test->credential.user = shared.user;
    use_key(test, "user_ed25519");
    know(test, "host_ed25519", "");
    test->ask = (struct transport_ask){
        .loop = &test->loop,
        .host = &test->host,
        .credential = &test->credential,
        .known_hosts = test->known,
        .addresses = test->addresses,
        .address_count = 1,
        .command = "echo out; echo err >&2; exit 3",
        .output_max = 64 * 1024,
        .deadlines = {5000, 5000, 5000, 5000, 20000},
        .trace = traced,
    };
}

static void visit_start(struct visit_test *test)
{
    struct err err;
    if (transport_ssh.start(&test->ask, answered, test, &test->job, &err) != 0) {
        fail_msg("%s", err.text);
    }
    assert_int_equal(test->answers, 0);
}

static void visit_run(struct visit_test *test)
{
    visit_start(test);
    (void)uv_run(&test->loop, UV_RUN_DEFAULT);
    assert_int_equal(test->answers, 1);
}

static void visit_close(struct visit_test *test)
{
    assert_int_equal(uv_loop_close(&test->loop), 0);
    ssh_key_free(test->key);
    known_hosts_free(test->known);
    secret_done(&test->credential.password);
}

static void expect_reason(const struct visit_test *test, enum reason reason, const char *stage,
                          const char *words)
{
    if (test->reason != reason || strcmp(test->stage, stage) != 0 ||
        strstr(test->detail, words) == NULL) {
        fail_msg("reason %s at %s: %s", reason_name(test->reason), test->stage, test->detail);
    }
}

static void key_reads_output_errors_and_status(void **state)
{
    (void)state;
    struct visit_test test;
    visit_open(&test);
    visit_run(&test);
    if (test.reason != REASON_NONE) {
        fail_msg("%s: %s", reason_name(test.reason), test.detail);
    }
    assert_string_equal(test.output, "out\n");
    assert_string_equal(test.errors, "err\n");
    assert_int_equal(test.exit_status, 3);
    assert_string_equal(test.mechanism, "publickey");
    assert_string_equal(test.principal, shared.user);
    assert_string_equal(test.address, "127.0.0.1");
    assert_memory_equal(test.banner, "SSH-2.0-OpenSSH", 15);
    assert_memory_equal(test.host_key, "SHA256:", 7);
    assert_string_equal(test.trace, "CONNECTING>HANDSHAKE HANDSHAKE>HOST_KEY HOST_KEY>AUTH_LIST "
                                    "AUTH_LIST>AUTH_KEY AUTH_KEY>CHANNEL CHANNEL>EXEC EXEC>READ "
                                    "READ>CLOSE_WAIT CLOSE_WAIT>ENDING ENDING>DONE ");
    visit_close(&test);
}

static void refused_key_says_what_the_server_takes(void **state)
{
    (void)state;
    struct visit_test test;
    visit_open(&test);
    use_key(&test, "stranger");
    visit_run(&test);
    expect_reason(&test, REASON_AUTH, "auth", "the server takes: publickey,password");
    visit_close(&test);
}

static void unknown_host_key_is_refused_before_authentication(void **state)
{
    (void)state;
    struct visit_test test;
    visit_open(&test);
    test.host.address = "somebody.else";
    visit_run(&test);
    expect_reason(&test, REASON_HOST_KEY, "host-key", "--accept-new");
    assert_non_null(strstr(test.detail, test.host_key));
    assert_string_equal(test.mechanism, "");
    visit_close(&test);
}

static void refusing_port_is_refused(void **state)
{
    (void)state;
    struct visit_test test;
    visit_open(&test);
    use_port(&test, sshd_free_port());
    visit_run(&test);
    expect_reason(&test, REASON_REFUSED, "connect", "refuses port");
    assert_int_equal(test.code, ECONNREFUSED);
    visit_close(&test);
}

static void command_that_does_not_end_meets_its_deadline(void **state)
{
    (void)state;
    struct visit_test test;
    visit_open(&test);
    test.ask.command = "echo begun; exec sleep 30";
    test.ask.deadlines.exec_ms = 200;
    visit_run(&test);
    expect_reason(&test, REASON_TIMEOUT, "exec", "200 ms");
    assert_string_equal(test.output, "begun\n");
    visit_close(&test);
}

static int server_start(void **state)
{
    (void)state;
    return sshd_init(&shared) && sshd_start(&shared, "") ? 0 : -1;
}

static int server_stop(void **state)
{
    (void)state;
    sshd_done(&shared);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_reads_output_errors_and_status),
        cmocka_unit_test(refused_key_says_what_the_server_takes),
        cmocka_unit_test(unknown_host_key_is_refused_before_authentication),
        cmocka_unit_test(refusing_port_is_refused),
        cmocka_unit_test(command_that_does_not_end_meets_its_deadline),
    };
    return cmocka_run_group_tests(tests, server_start, server_stop);
}
