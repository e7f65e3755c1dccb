/* test_transport_ssh_failures: servers that refuse, hang, cut and flood, deadlines and cancels. */
#include "unit/ssh_visit.h"

/* libssh2 (1.10 and 1.11) does not free the host key of a session that ends between the key
 * exchange and the first encrypted packet; a cut at each byte meets that. Ours are in test_ssh_key.
 */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libcrypto.so\n";
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
    test.ask.command = "echo begun; exec cat";
    test.ask.deadlines.exec_ms = 200;
    visit_run(&test);
    expect_reason(&test, REASON_TIMEOUT, "exec", "200 ms");
    visit_close(&test);
}

static void no_common_algorithm_names_both_lists(void **state)
{
    (void)state;
    struct sshd narrow = shared;
    struct visit_test test;
    narrow.pid = 0;
    assert_true(sshd_start(&narrow, "KexAlgorithms diffie-hellman-group-exchange-sha256"));
    visit_open(&test);
    use_port(&test, narrow.port);
    visit_run(&test);
    expect_reason(&test, REASON_UNREACHABLE, "handshake", "no key exchange in common");
    assert_non_null(strstr(test.detail, "offers diffie-hellman-group-exchange-sha256"));
    assert_non_null(strstr(test.detail, "takes curve25519-sha256"));
    sshd_stop(&narrow);
    visit_close(&test);
}

static void silent_agent_meets_the_deadline(void **state)
{
    (void)state;
    struct visit_test test;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char path[128];
    sshd_path(&shared, "silent", path);
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%.100s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(fd, 4), 0);
    visit_open(&test);
    test.credential.auth = AUTH_AGENT;
    test.credential.agent_socket = address.sun_path;
    test.ask.deadlines.auth_ms = 200;
    visit_run(&test);
    expect_reason(&test, REASON_TIMEOUT, "auth", "the ssh-agent did not answer within 200 ms");
    (void)close(fd);
    visit_close(&test);
}

/* Connecting */

/* A listening socket whose queue is full: connecting to it is never answered. */
static int black_hole(uint16_t *ret_port, int fillers[8])
{
    struct sockaddr_storage address;
    socklen_t size = sizeof(struct sockaddr_in);
    set_address(&address, 0);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(fd, 0), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    for (size_t i = 0; i < 8; i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        (void)connect(fillers[i], (struct sockaddr *)&address, size);
    }
    *ret_port = ntohs(((struct sockaddr_in *)&address)->sin_port);
    return fd;
}

static void black_hole_close(int fd, const int fillers[8])
{
    for (size_t i = 0; i < 8; i++) {
        (void)close(fillers[i]);
    }
    (void)close(fd);
}

static void unanswered_connect_is_unreachable(void **state)
{
    (void)state;
    struct visit_test test;
    int fillers[8];
    visit_open(&test);
    int fd = black_hole(&test.host.port, fillers);
    use_port(&test, test.host.port);
    test.ask.deadlines.connect_ms = 200;
    visit_run(&test);
    expect_reason(&test, REASON_UNREACHABLE, "connect", "within 200 ms");
    assert_int_equal(test.code, ETIMEDOUT);
    assert_true(test.transient);
    black_hole_close(fd, fillers);
    visit_close(&test);
}

static void address_that_refused_is_named_while_another_is_silent(void **state)
{
    (void)state;
    struct visit_test test;
    int fillers[8];
    uint16_t port;
    visit_open(&test);
    int fd = black_hole(&port, fillers);
    set_address(&test.addresses[0], sshd_free_port());
    set_address(&test.addresses[1], port);
    test.ask.address_count = 2;
    test.ask.deadlines.connect_ms = 200;
    visit_run(&test);
    expect_reason(&test, REASON_REFUSED, "connect", "connecting: 127.0.0.1 refuses port");
    black_hole_close(fd, fillers);
    visit_close(&test);
}

static void second_address_answers_while_the_first_hangs(void **state)
{
    (void)state;
    struct visit_test test;
    int fillers[8];
    uint16_t port;
    visit_open(&test);
    int fd = black_hole(&port, fillers);
    set_address(&test.addresses[0], port);
    set_address(&test.addresses[1], shared.port);
    test.ask.address_count = 2;
    visit_run(&test);
    assert_int_equal(test.reason, REASON_NONE);
    black_hole_close(fd, fillers);
    visit_close(&test);
}

static void next_address_is_tried_at_once_where_one_refuses(void **state)
{
    (void)state;
    struct visit_test test;
    visit_open(&test);
    set_address(&test.addresses[0], sshd_free_port());
    set_address(&test.addresses[1], sshd_free_port());
    set_address(&test.addresses[2], shared.port);
    test.ask.address_count = 3;
    test.ask.deadlines.connect_ms = 450; /* less than the 250 ms that each silent one is given */
    visit_run(&test);
    assert_int_equal(test.reason, REASON_NONE);
    visit_close(&test);
}

/* Servers that are none, or stop being one */

static void fake_visit_within(struct visit_test *test, const char *text, enum fake_then then,
                              int64_t handshake_ms)
{
    visit_open(test);
    test->fake = (struct fake_server){.text = text, .len = strlen(text), .then = then};
    fake_open(&test->fake, &test->loop);
    use_port(test, test->fake.port);
    test->ask.deadlines.handshake_ms = handshake_ms;
    visit_run(test);
}

static void fake_visit(struct visit_test *test, const char *text, enum fake_then then)
{
    fake_visit_within(test, text, then, then == FAKE_HANG ? 200 : 5000);
}

static void server_without_words_is_throttled(void **state)
{
    (void)state;
    for (int reset = 0; reset < 2; reset++) {
        struct visit_test test;
        fake_visit(&test, "Exceeded MaxStartups\r\n", FAKE_CLOSE);
        expect_reason(&test, REASON_THROTTLED, "handshake", "Exceeded MaxStartups");
        assert_true(test.transient);
        visit_close(&test);
        fake_visit(&test, "", reset == 0 ? FAKE_CLOSE : FAKE_RESET);
        /* A reset may come before the connecting is noticed to be over. */
        const char *stage = reset == 0 ? "handshake" : test.stage;
        expect_reason(&test, REASON_THROTTLED, stage, "before its banner; it");
        visit_close(&test);
    }
}

static void another_protocol_is_named(void **state)
{
    (void)state;
    struct visit_test test;
    fake_visit(&test, "HTTP/1.1 400 Bad Request\r\n\r\n", FAKE_CLOSE);
    expect_reason(&test, REASON_UNREACHABLE, "handshake", "is no SSH server");
    assert_non_null(strstr(test.detail, "HTTP/1.1 400 Bad Request"));
    visit_close(&test);
}

static void silent_server_meets_the_deadline_of_its_stage(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "SSH-2.0-OpenSSH_9.2p1\r\n", "SSH-2.0-half"};
    for (size_t i = 0; i < 3; i++) {
        struct visit_test test;
        fake_visit(&test, texts[i], FAKE_HANG);
        expect_reason(&test, REASON_TIMEOUT, "handshake", "200 ms");
        assert_string_equal(test.banner, i == 1 ? "SSH-2.0-OpenSSH_9.2p1" : test.banner);
        visit_close(&test);
    }
}

static void endless_banner_and_garbage_are_bounded(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "a line that is no banner, and another one\r\n", "no line end at all ",
        "SSH-2.0-x\r\n\x01\x02\x03\x04garbage garbage garbage garbage garbage garbage"};
    static char block[3][60000];
    for (size_t i = 0; i < 3; i++) {
        struct visit_test test;
        size_t len = 0;
        while (len + strlen(texts[i]) < sizeof(block[i])) {
            memcpy(block[i] + len, texts[i], strlen(texts[i]));
            len += strlen(texts[i]);
        }
        block[i][len] = '\0';
        fake_visit(&test, block[i], FAKE_REPEAT);
        assert_int_equal(test.reason, REASON_UNREACHABLE);
        assert_string_equal(test.stage, "handshake");
        assert_true(strlen(test.banner) < 256);
        visit_close(&test);
    }
}

/* Everything that sshd says, cut after so many bytes: never a complete answer, never a leak. */
static void connection_cut_anywhere_is_no_answer(void **state)
{
    (void)state;
    static const enum fake_then ways[] = {FAKE_CLOSE, FAKE_RESET};
    unsigned partial = 0, unreachable = 0;
    bool whole = false;
    for (size_t len = 1; !whole; len += len < 1200 ? 97 : 31) {
        struct visit_test test;
        visit_open(&test);
        test.fake = (struct fake_server){.len = len, .then = ways[len % 2], .behind = shared.port};
        fake_open(&test.fake, &test.loop);
        use_port(&test, test.fake.port);
        know(&test, "host_ed25519", "");
        test.ask.command = "echo out; exec /bin/echo more";
        visit_run(&test);
        whole = test.fake.passed < len; /* sshd had no more to say */
        partial += test.reason == REASON_PARTIAL;
        unreachable += test.reason == REASON_UNREACHABLE || test.reason == REASON_THROTTLED;
        if (!whole && test.reason == REASON_NONE) {
            assert_string_equal(test.output, "out\nmore\n"); /* only the farewell was cut */
        } else if (!whole && !test.transient) {
            fail_msg("%zu: %s: %s", len, reason_name(test.reason), test.detail);
        }
        visit_close(&test);
    }
    assert_true(unreachable > 5);
    assert_true(partial > 0);
}

static void connection_that_hangs_anywhere_meets_a_deadline(void **state)
{
    (void)state;
    static const size_t lens[] = {0, 30, 700, 1300, 1700, 2000, 2200};
    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        struct visit_test test;
        visit_open(&test);
        test.fake = (struct fake_server){.len = lens[i], .then = FAKE_HANG, .behind = shared.port};
        fake_open(&test.fake, &test.loop);
        use_port(&test, test.fake.port);
        know(&test, "host_ed25519", "");
        test.ask.deadlines = (struct transport_deadlines){200, 200, 200, 200, 1000};
        visit_run(&test);
        assert_int_equal(test.reason, REASON_TIMEOUT);
        visit_close(&test);
    }
}

static void total_deadline_ends_a_visit_in_any_stage(void **state)
{
    (void)state;
    struct visit_test test;
    visit_open(&test);
    test.ask.command = "exec cat";
    test.ask.deadlines.total_ms = 200;
    visit_run(&test);
    assert_int_equal(test.reason, REASON_TIMEOUT);
    assert_non_null(strstr(test.detail, "the whole visit"));
    visit_close(&test);
}

/* Output */

static void output_above_its_maximum_is_partial(void **state)
{
    (void)state;
    struct visit_test test;
    visit_open(&test);
    test.ask.command = "exec yes";
    test.ask.output_max = 1000;
    visit_run(&test);
    expect_reason(&test, REASON_PARTIAL, "exec", "more than 1000 bytes");
    assert_int_equal(test.output_len, 1000);
    visit_close(&test);
}

static void killed_command_is_partial_with_its_signal(void **state)
{
    (void)state;
    struct visit_test test;
    visit_open(&test);
    test.ask.command = "echo begun; kill -TERM $$";
    visit_run(&test);
    expect_reason(&test, REASON_PARTIAL, "exec", "signal TERM");
    assert_string_equal(test.signal, "TERM");
    assert_int_equal(test.exit_status, -1);
    assert_string_equal(test.output, "begun\n");
    visit_close(&test);
}

static void account_without_sessions_is_denied(void **state)
{
    (void)state;
    struct sshd closed = shared;
    struct visit_test test;
    closed.pid = 0;
    assert_true(sshd_start(&closed, "MaxSessions 0"));
    visit_open(&test);
    use_port(&test, closed.port);
    know(&test, "host_ed25519", "");
    visit_run(&test);
    expect_reason(&test, REASON_DENIED, "exec", "opens no session");
    sshd_stop(&closed);
    visit_close(&test);
}

/* Cancelling */

static void cancel_from_any_state_is_answered_once(void **state)
{
    (void)state;
    static const char *const at[] = {"HANDSHAKE", "HOST_KEY", "AUTH_LIST", "AUTH_KEY",
                                     "CHANNEL",   "EXEC",     "READ",      "CLOSE_WAIT"};
    for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
        struct visit_test test;
        bool last = i == sizeof(at) / sizeof(at[0]) - 1;
        visit_open(&test);
        test.cancel_at = at[i];
        if (!last) {
            test.ask.command = "exec cat"; /* it ends with the connection, and not before */
        }
        visit_run(&test);
        if (test.reason != REASON_NONE || !last) {
            assert_int_equal(test.reason, REASON_SKIPPED);
            assert_string_equal(test.detail, "the scan was stopped");
        }
        visit_close(&test);
    }
}

static void cancel_before_the_loop_turns_is_answered_from_the_loop(void **state)
{
    (void)state;
    struct visit_test test;
    visit_open(&test);
    visit_start(&test);
    transport_ssh.cancel(test.job, "not wanted");
    assert_int_equal(test.answers, 0);
    (void)uv_run(&test.loop, UV_RUN_DEFAULT);
    assert_int_equal(test.answers, 1);
    assert_int_equal(test.reason, REASON_SKIPPED);
    assert_string_equal(test.detail, "not wanted");
    visit_close(&test);
}

/* One loop, many visits, one of them to a server that says nothing. */
static void hanging_host_delays_nobody(void **state)
{
    (void)state;
    enum { MANY = 12 };
    static struct visit_test tests[MANY];
    uv_loop_t *loop = &tests[0].loop;
    for (size_t i = 0; i < MANY; i++) {
        visit_open(&tests[i]);
        tests[i].ask.loop = loop;
        tests[i].ask.command = "exec true";
    }
    tests[0].fake = (struct fake_server){.text = "", .len = 0, .then = FAKE_HANG};
    fake_open(&tests[0].fake, loop);
    use_port(&tests[0], tests[0].fake.port);
    for (size_t i = 0; i < MANY; i++) {
        visit_start(&tests[i]);
    }
    unsigned read = 0;
    while (tests[0].answers == 0 && read < MANY - 1) {
        (void)uv_run(loop, UV_RUN_ONCE);
        read = 0;
        for (size_t i = 1; i < MANY; i++) {
            read += tests[i].answers == 1 && tests[i].reason == REASON_NONE;
        }
    }
    assert_int_equal(read, MANY - 1);
    assert_int_equal(tests[0].answers, 0);
    transport_ssh.cancel(tests[0].job, "enough");
    (void)uv_run(loop, UV_RUN_DEFAULT);
    for (size_t i = MANY; i > 0; i--) {
        visit_close(&tests[i - 1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusing_port_is_refused),
        cmocka_unit_test(command_that_does_not_end_meets_its_deadline),
        cmocka_unit_test(no_common_algorithm_names_both_lists),
        cmocka_unit_test(silent_agent_meets_the_deadline),
        cmocka_unit_test(unanswered_connect_is_unreachable),
        cmocka_unit_test(address_that_refused_is_named_while_another_is_silent),
        cmocka_unit_test(second_address_answers_while_the_first_hangs),
        cmocka_unit_test(next_address_is_tried_at_once_where_one_refuses),
        cmocka_unit_test(server_without_words_is_throttled),
        cmocka_unit_test(another_protocol_is_named),
        cmocka_unit_test(silent_server_meets_the_deadline_of_its_stage),
        cmocka_unit_test(endless_banner_and_garbage_are_bounded),
        cmocka_unit_test(connection_cut_anywhere_is_no_answer),
        cmocka_unit_test(connection_that_hangs_anywhere_meets_a_deadline),
        cmocka_unit_test(total_deadline_ends_a_visit_in_any_stage),
        cmocka_unit_test(output_above_its_maximum_is_partial),
        cmocka_unit_test(killed_command_is_partial_with_its_signal),
        cmocka_unit_test(account_without_sessions_is_denied),
        cmocka_unit_test(cancel_from_any_state_is_answered_once),
        cmocka_unit_test(cancel_before_the_loop_turns_is_answered_from_the_loop),
        cmocka_unit_test(hanging_host_delays_nobody),
    };
    return cmocka_run_group_tests(tests, server_start, server_stop);
}
