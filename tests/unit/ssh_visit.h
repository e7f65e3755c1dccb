/* ssh_visit: one visit over SSH in a test, to OpenSSH's own server or to a fake one. */
#ifndef PVSAUDIT_TESTS_UNIT_SSH_VISIT_H
#define PVSAUDIT_TESTS_UNIT_SSH_VISIT_H

#include "collector/transport/known_hosts/known_hosts.h"
#include "collector/transport/ssh_key/ssh_key.h"
#include "collector/transport/transport.h"

#include <errno.h>
#include <libssh2.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/un.h>

#include <cmocka.h>

#include "unit/fake_server.h"
#include "unit/sshd.h"

#define VISIT_PART __attribute__((unused)) static

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
    struct fake_server fake;
    const char *cancel_at; /* a state's name */
    uv_idle_t cancel;
    char trace[1024];
};

static struct sshd shared; /* one server for all tests that need nothing special of it */

VISIT_PART void set_address(struct sockaddr_storage *to, uint16_t port)
{
    struct sockaddr_in *address = (struct sockaddr_in *)to;
    *address = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

VISIT_PART void keep(char *to, size_t size, const char *from)
{
    (void)snprintf(to, size, "%s", from == NULL ? "" : from);
}

VISIT_PART void keep_slice(char *to, size_t size, struct slice from, size_t *ret_len)
{
    size_t len = from.len < size ? from.len : size - 1;
    if (len > 0) {
        memcpy(to, from.data, len);
    }
    to[len] = '\0';
    *ret_len = from.len;
}

VISIT_PART void answered(void *data, const struct transport_answer *answer)
{
    struct visit_test *test = data;
    test->answers++;
    test->job = NULL;
    fake_close(&test->fake);
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

VISIT_PART void cancel_now(uv_idle_t *idle)
{
    struct visit_test *test = idle->data;
    (void)uv_idle_stop(idle);
    if (test->job != NULL) {
        transport_ssh.cancel(test->job, "the scan was stopped");
        transport_ssh.cancel(test->job, "the scan was stopped");
    }
}

VISIT_PART void traced(void *data, const char *from, const char *to)
{
    struct visit_test *test = data;
    size_t len = strlen(test->trace);
    (void)snprintf(test->trace + len, sizeof(test->trace) - len, "%s>%s ", from, to);
    if (test->cancel_at != NULL && strcmp(test->cancel_at, to) == 0) {
        (void)uv_idle_start(&test->cancel, cancel_now);
    }
}

VISIT_PART void use_key(struct visit_test *test, const char *name)
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
VISIT_PART void know(struct visit_test *test, const char *name, const char *marker)
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

VISIT_PART void use_port(struct visit_test *test, uint16_t port)
{
    test->host.port = port;
    set_address(&test->addresses[0], port);
}

VISIT_PART void visit_open(struct visit_test *test)
{
    *test = (struct visit_test){.sshd = &shared};
    assert_int_equal(uv_loop_init(&test->loop), 0);
    (void)uv_idle_init(&test->loop, &test->cancel);
    test->cancel.data = test;
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

VISIT_PART void visit_start(struct visit_test *test)
{
    struct err err;
    if (transport_ssh.start(&test->ask, answered, test, &test->job, &err) != 0) {
        fail_msg("%s", err.text);
    }
    assert_int_equal(test->answers, 0);
}

VISIT_PART void visit_run(struct visit_test *test)
{
    visit_start(test);
    (void)uv_run(&test->loop, UV_RUN_DEFAULT);
    assert_int_equal(test->answers, 1);
}

VISIT_PART void visit_close(struct visit_test *test)
{
    uv_close((uv_handle_t *)&test->cancel, NULL);
    (void)uv_run(&test->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&test->loop), 0);
    ssh_key_free(test->key);
    known_hosts_free(test->known);
    secret_done(&test->credential.password);
}

VISIT_PART void expect_reason(const struct visit_test *test, enum reason reason, const char *stage,
                              const char *words)
{
    if (test->reason != reason || strcmp(test->stage, stage) != 0 ||
        strstr(test->detail, words) == NULL) {
        fail_msg("reason %s at %s: %s", reason_name(test->reason), test->stage, test->detail);
    }
}

VISIT_PART int server_start(void **state)
{
    (void)state;
    return sshd_init(&shared) && sshd_start(&shared, "") ? 0 : -1;
}

VISIT_PART int server_stop(void **state)
{
    (void)state;
    sshd_done(&shared);
    return 0;
}

#endif
