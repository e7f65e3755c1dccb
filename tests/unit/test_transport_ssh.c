/* test_transport_ssh: logging in to OpenSSH's own server, and reading what a command writes. */
#include "unit/ssh_visit.h"

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

static void changed_host_key_is_never_accepted(void **state)
{
    (void)state;
    struct visit_test test;
    visit_open(&test);
    test.host.address = "changed.example";
    know(&test, "host_ecdsa", "");
    know(&test, "stranger", "");
    test.ask.accept_new = true;
    visit_run(&test);
    expect_reason(&test, REASON_HOST_KEY, "host-key", "another key than pins:1 has");
    visit_close(&test);
}

static void revoked_host_key_is_refused(void **state)
{
    (void)state;
    struct visit_test test;
    visit_open(&test);
    know(&test, "host_ed25519", "@revoked ");
    test.ask.accept_new = true;
    visit_run(&test);
    expect_reason(&test, REASON_HOST_KEY, "host-key", "which pins:1 revokes");
    visit_close(&test);
}

static void accept_new_pins_once_and_is_known_afterwards(void **state)
{
    (void)state;
    struct visit_test test;
    char path[128], line[1024] = "";
    visit_open(&test);
    sshd_path(&shared, "state/pins/known_hosts", path);
    test.host.address = "new.example";
    test.ask.accept_new = true;
    assert_int_equal(known_hosts_set_pins(test.known, path), 0);
    visit_run(&test);
    assert_int_equal(test.reason, REASON_NONE);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof(line), file));
    assert_null(fgets(line + 512, 512, file));
    (void)fclose(file);
    assert_memory_equal(line, "[new.example]:", 14);
    test.ask.accept_new = false;
    test.answers = 0;
    visit_run(&test);
    assert_int_equal(test.reason, REASON_NONE);
    visit_close(&test);
}

static void accept_new_without_a_file_says_so(void **state)
{
    (void)state;
    struct visit_test test;
    visit_open(&test);
    test.host.address = "new.example";
    test.ask.accept_new = true;
    visit_run(&test);
    expect_reason(&test, REASON_HOST_KEY, "host-key", "no file to keep it in");
    visit_close(&test);
}

static void pinned_key_type_is_asked_for(void **state)
{
    (void)state;
    struct sshd both = {.log = -1};
    struct visit_test test;
    char more[512];
    both = shared;
    both.pid = 0;
    (void)snprintf(more, sizeof(more), "HostKey %s/host_ed25519\nHostKey %s/host_ecdsa",
                   shared.folder, shared.folder);
    assert_true(sshd_start(&both, more));
    visit_open(&test);
    use_port(&test, both.port);
    know(&test, "host_ecdsa", "");
    visit_run(&test);
    assert_int_equal(test.reason, REASON_NONE);
    sshd_stop(&both);
    visit_close(&test);
}

static void use_password(struct visit_test *test, const char *password)
{
    test->credential.auth = AUTH_PASSWORD;
    assert_int_equal(secret_set(&test->credential.password, password, strlen(password)), 0);
}

static void wrong_password_is_refused_without_being_quoted(void **state)
{
    (void)state;
    struct visit_test test;
    visit_open(&test);
    use_password(&test, "Tr0ub4dor");
    visit_run(&test);
    expect_reason(&test, REASON_AUTH, "auth", "refuses the password");
    assert_non_null(strstr(test.detail, "the server takes: publickey,password"));
    assert_null(strstr(test.detail, "Tr0ub4dor"));
    visit_close(&test);
}

static void log_in_with_password(const char *more, const char *offered)
{
    struct sshd open = shared;
    struct visit_test test;
    open.pid = 0;
    open.log = -1;
    if (!sshd_start_with_password(&open, more)) {
        sshd_stop(&open);
        print_message("an account with a password needs root and unshare -m\n");
        skip();
    }
    visit_open(&test);
    use_port(&test, open.port);
    know(&test, "host_ed25519", "");
    use_password(&test, "open sesame");
    visit_run(&test);
    if (test.reason != REASON_NONE) {
        fail_msg("%s", test.detail);
    }
    assert_string_equal(test.mechanism, "password");
    assert_string_equal(test.output, "out\n");
    test.answers = 0;
    use_password(&test, "wrong");
    visit_run(&test);
    expect_reason(&test, REASON_AUTH, "auth", offered);
    sshd_stop(&open);
    visit_close(&test);
}

static void password_logs_in(void **state)
{
    (void)state;
    log_in_with_password("", "the server takes: publickey,password");
}

static void password_answers_the_prompt_where_only_that_is_taken(void **state)
{
    (void)state;
    log_in_with_password("UsePAM yes\nPasswordAuthentication no\nKbdInteractiveAuthentication yes",
                         "the server takes: publickey,keyboard-interactive");
}

static void password_where_only_keys_are_taken_is_not_sent(void **state)
{
    (void)state;
    struct sshd keys = shared;
    struct visit_test test;
    keys.pid = 0;
    assert_true(sshd_start(&keys, "PasswordAuthentication no"));
    visit_open(&test);
    use_port(&test, keys.port);
    know(&test, "host_ed25519", "");
    use_password(&test, "secret");
    visit_run(&test);
    expect_reason(&test, REASON_AUTH, "auth", "the server takes: publickey");
    assert_null(strstr(test.trace, "AUTH_PASSWORD"));
    sshd_stop(&keys);
    visit_close(&test);
}

static void encrypted_key_logs_in(void **state)
{
    (void)state;
    struct visit_test test;
    char path[128];
    sshd_path(&shared, "user_ed25519", path);
    char locked[128];
    sshd_path(&shared, "locked", locked);
    sshd_copy(path, locked);
    (void)chmod(locked, 0600);
    const char *const argv[] = {"ssh-keygen", "-q",   "-p", "-P",   "",
                                "-N",         "open", "-f", locked, NULL};
    assert_int_equal(sshd_run(argv), 0);
    visit_open(&test);
    ssh_key_free(test.key);
    assert_int_equal(ssh_key_load(locked, "open", &test.key, NULL), 0);
    test.credential.key = test.key;
    visit_run(&test);
    if (test.reason != REASON_NONE) {
        fail_msg("%s", test.detail);
    }
    visit_close(&test);
}

/* ecdsa keys by our own signature; RSA where libssh2 can. */
static void every_kind_of_key_logs_in(void **state)
{
    (void)state;
    static const char *const kinds[][3] = {{"k256", "ecdsa", "256"},
                                           {"k384", "ecdsa", "384"},
                                           {"k521", "ecdsa", "521"},
                                           {"krsa", "rsa", "2048"}};
    size_t count = libssh2_version(0x010b00) != NULL ? 4 : 3;
    for (size_t i = 0; i < count; i++) {
        struct visit_test test;
        char path[128], line[2048];
        sshd_path(&shared, kinds[i][0], path);
        assert_int_equal(sshd_keygen(path, kinds[i][1], kinds[i][2], NULL, ""), 0);
        (void)snprintf(line, sizeof(line), "cat %s.pub >> %s/authorized_keys", path, shared.folder);
        const char *const argv[] = {"sh", "-c", line, NULL};
        assert_int_equal(sshd_run(argv), 0);
        visit_open(&test);
        use_key(&test, kinds[i][0]);
        visit_run(&test);
        if (test.reason != REASON_NONE) {
            fail_msg("%s: %s", kinds[i][0], test.detail);
        }
        visit_close(&test);
    }
}

/* ssh-agent */

static pid_t agent_start(const char *socket)
{
    pid_t pid = fork();
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
        (void)!freopen("/dev/null", "w", stdout);
        (void)execlp("ssh-agent", "ssh-agent", "-D", "-a", socket, (char *)NULL);
        _exit(127);
    }
    return pid;
}

static void agent_add(const char *socket, const char *name)
{
    char path[128], command[512];
    sshd_path(&shared, name, path);
    /* ssh-add fails until the agent listens */
    (void)snprintf(command, sizeof(command),
                   "export SSH_AUTH_SOCK=%s; until ssh-add -q %s; do :; done", socket, path);
    const char *const argv[] = {"timeout", "20", "sh", "-c", command, NULL};
    assert_int_equal(sshd_run(argv), 0);
}

static void agent_logs_in_with_its_second_key(void **state)
{
    (void)state;
    struct visit_test test;
    char socket[128];
    sshd_path(&shared, "agent", socket);
    pid_t pid = agent_start(socket);
    agent_add(socket, "stranger");
    agent_add(socket, "user_ed25519");
    visit_open(&test);
    test.credential.auth = AUTH_AGENT;
    test.credential.agent_socket = socket;
    visit_run(&test);
    (void)kill(pid, SIGTERM);
    (void)waitpid(pid, NULL, 0);
    if (test.reason != REASON_NONE) {
        fail_msg("%s", test.detail);
    }
    assert_string_equal(test.mechanism, "agent");
    assert_string_equal(test.output, "out\n");
    visit_close(&test);
}

static void agent_without_a_fitting_key_is_refused(void **state)
{
    (void)state;
    struct visit_test test;
    char socket[128];
    sshd_path(&shared, "agent2", socket);
    pid_t pid = agent_start(socket);
    agent_add(socket, "stranger");
    visit_open(&test);
    test.credential.auth = AUTH_AGENT;
    test.credential.agent_socket = socket;
    visit_run(&test);
    (void)kill(pid, SIGTERM);
    (void)waitpid(pid, NULL, 0);
    expect_reason(&test, REASON_AUTH, "auth", "the 1 of 1 keys in the ssh-agent");
    visit_close(&test);
}

static void absent_agent_is_named_with_its_remedy(void **state)
{
    (void)state;
    struct visit_test test;
    visit_open(&test);
    test.credential.auth = AUTH_AGENT;
    test.credential.agent_socket = "/tmp/no-such-agent";
    visit_run(&test);
    expect_reason(&test, REASON_AUTH, "auth", "/tmp/no-such-agent cannot be reached");
    visit_close(&test);
}

static void errors_are_kept_up_to_their_maximum(void **state)
{
    (void)state;
    struct visit_test test;
    visit_open(&test);
    test.ask.command = "head -c 200000 /dev/zero >&2; echo done";
    visit_run(&test);
    assert_int_equal(test.reason, REASON_NONE);
    assert_int_equal(test.errors_len, 64 * 1024);
    assert_string_equal(test.output, "done\n");
    visit_close(&test);
}

static void large_output_arrives_whole(void **state)
{
    (void)state;
    struct visit_test test;
    visit_open(&test);
    test.ask.command = "head -c 3000000 /dev/zero";
    test.ask.output_max = 4000000;
    visit_run(&test);
    assert_int_equal(test.reason, REASON_NONE);
    assert_int_equal(test.output_len, 3000000);
    visit_close(&test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_reads_output_errors_and_status),
        cmocka_unit_test(refused_key_says_what_the_server_takes),
        cmocka_unit_test(unknown_host_key_is_refused_before_authentication),
        cmocka_unit_test(changed_host_key_is_never_accepted),
        cmocka_unit_test(revoked_host_key_is_refused),
        cmocka_unit_test(accept_new_pins_once_and_is_known_afterwards),
        cmocka_unit_test(accept_new_without_a_file_says_so),
        cmocka_unit_test(pinned_key_type_is_asked_for),
        cmocka_unit_test(wrong_password_is_refused_without_being_quoted),
        cmocka_unit_test(password_logs_in),
        cmocka_unit_test(password_answers_the_prompt_where_only_that_is_taken),
        cmocka_unit_test(password_where_only_keys_are_taken_is_not_sent),
        cmocka_unit_test(encrypted_key_logs_in),
        cmocka_unit_test(every_kind_of_key_logs_in),
        cmocka_unit_test(agent_logs_in_with_its_second_key),
        cmocka_unit_test(agent_without_a_fitting_key_is_refused),
        cmocka_unit_test(absent_agent_is_named_with_its_remedy),
        cmocka_unit_test(errors_are_kept_up_to_their_maximum),
        cmocka_unit_test(large_output_arrives_whole),
    };
    return cmocka_run_group_tests(tests, server_start, server_stop);
}
