/* test_credential: secrets from files, commands and the environment, once for each declaration. */
#include "collector/credential.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/sshd.h"

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/pvsaudit-credential-XXXXXX");
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int remove_folder(void **state)
{
    (void)state;
    const char *const argv[] = {"rm", "-rf", folder, NULL};
    return sshd_run(argv);
}

/* A file of the test's folder, whose path it returns. */
static const char *write_file(const char *name, const char *bytes, size_t len, mode_t mode)
{
    static char path[128];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    (void)unlink(path); /* one of before that only root may write to */
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
    return path;
}

static struct host host_with_password(void)
{
    return (struct host){.name = "pvs01", .auth = AUTH_PASSWORD, .user = "audit"};
}

static void assert_password(const struct host *host, const char *password)
{
    struct credential_store *store = credential_store_new(60000);
    struct credential *credential = NULL;
    struct err err = {0};
    if (credential_store_get(store, host, &credential, &err) != 0) {
        fail_msg("%s", err.text);
    }
    assert_int_equal(credential->auth, AUTH_PASSWORD);
    assert_string_equal(credential->user, "audit");
    assert_int_equal(credential->password.len, strlen(password));
    assert_string_equal(credential->password.data, password);
    assert_false(credential->proven);
    assert_int_equal(credential->refusals, 0);
    credential_store_free(store);
}

/* The error names the host, and all of these words. */
static void assert_refused(const struct host *host, const char *word, const char *remedy)
{
    struct credential_store *store = credential_store_new(60000);
    struct credential *credential = NULL;
    struct err err = {0};
    assert_int_equal(credential_store_get(store, host, &credential, &err), -1);
    assert_null(credential);
    assert_int_equal(err.code, ERR_CONFIG);
    if (strncmp(err.text, "pvs01: ", 7) != 0 || strstr(err.text, word) == NULL ||
        strstr(err.text, remedy) == NULL) {
        fail_msg("%s", err.text);
    }
    credential_store_free(store);
}

static void password_file_is_read_without_its_line_end(void **state)
{
    (void)state;
    struct host host = host_with_password();
    host.password_file = write_file("plain", "Tr0ub4dor&3", 11, 0600);
    assert_password(&host, "Tr0ub4dor&3");
    host.password_file = write_file("lf", "with blank \n", 12, 0400);
    assert_password(&host, "with blank ");
    host.password_file = write_file("crlf", "windows\r\n", 9, 0600);
    assert_password(&host, "windows");
}

static void password_file_that_others_can_read_is_refused(void **state)
{
    (void)state;
    static const mode_t modes[] = {0640, 0604, 0620, 0602, 0610, 0601, 0644, 0666};
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        char remedy[160];
        struct host host = host_with_password();
        host.password_file = write_file("open", "password\n", 9, modes[i]);
        (void)snprintf(remedy, sizeof(remedy), "chmod 600 %s", host.password_file);
        assert_refused(&host, host.password_file, remedy);
    }
}

static void password_file_that_cannot_serve_is_named(void **state)
{
    (void)state;
    static char large[5000];
    struct host host = host_with_password();
    host.password_file = "/nonexistent/password";
    assert_refused(&host, "/nonexistent/password", "No such file");
    host.password_file = write_file("empty", "", 0, 0600);
    assert_refused(&host, host.password_file, "is empty");
    host.password_file = write_file("blank", "\r\n\n", 3, 0600);
    assert_refused(&host, host.password_file, "is empty");
    memset(large, 'a', sizeof(large));
    host.password_file = write_file("large", large, sizeof(large), 0600);
    assert_refused(&host, host.password_file, "too large");
    host.password_file = write_file("nul", "pass\0word\n", 10, 0600);
    assert_refused(&host, host.password_file, "NUL");
    (void)snprintf(large, sizeof(large), "%s", folder);
    host.password_file = large; /* a folder, mode 0700 */
    assert_refused(&host, folder, "directory");
}

static void password_command_writes_the_password(void **state)
{
    (void)state;
    struct host host = host_with_password();
    host.password_command = "echo open sesame";
    assert_password(&host, "open sesame");
}

static void password_command_that_fails_is_named(void **state)
{
    (void)state;
    static const char *const commands[] = {
        "echo password; exit 3",
        "echo password; kill -9 $$",
        "/nonexistent/command 2>/dev/null",
        "head -c 5000 /dev/zero",
    };
    struct host host = host_with_password();
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        host.password_command = commands[i];
        assert_refused(&host, commands[i], "by hand");
    }
    host.password_command = "true";
    assert_refused(&host, "true", "is empty");
}

/* What it started is killed with it: nobody else holds the FIFO's end then. */
static void password_command_that_does_not_end_is_killed_with_its_group(void **state)
{
    (void)state;
    char fifo[128];
    char commands[3][256];
    char byte = 0;
    struct host host = host_with_password();
    (void)snprintf(fifo, sizeof(fifo), "%s/alive", folder);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    (void)snprintf(commands[0], sizeof(commands[0]), "exec 3>%s; sleep 1000", fifo);
    (void)snprintf(commands[1], sizeof(commands[1]), "sleep 1000 3>%s & echo password", fifo);
    (void)snprintf(commands[2], sizeof(commands[2]),
                   "exec 3>%s; echo password; exec >&-; sleep 1000", fifo);
    for (size_t i = 0; i < 3; i++) {
        int alive = open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        assert_true(alive >= 0);
        struct credential_store *store = credential_store_new(300);
        struct credential *credential = NULL;
        struct err err = {0};
        host.password_command = commands[i];
        assert_int_equal(credential_store_get(store, &host, &credential, &err), -1);
        assert_int_equal(err.code, ERR_CONFIG);
        assert_non_null(strstr(err.text, "pvs01: the password command did not end within 300 ms"));
        assert_non_null(strstr(err.text, "deadlines.password_command"));
        struct pollfd gone = {.fd = alive, .events = POLLIN};
        assert_int_equal(poll(&gone, 1, 20000), 1);
        assert_int_equal(read(alive, &byte, 1), 0);
        assert_int_equal(close(alive), 0);
        credential_store_free(store);
    }
}

static void password_variable_is_read(void **state)
{
    (void)state;
    static char large[5000];
    struct host host = host_with_password();
    host.password_env = "PVSAUDIT_TEST_PASSWORD";
    assert_int_equal(setenv(host.password_env, "open sesame", 1), 0);
    assert_password(&host, "open sesame");
    assert_string_equal(getenv(host.password_env), "open sesame");
    assert_int_equal(setenv(host.password_env, "", 1), 0);
    assert_refused(&host, host.password_env, "is empty");
    memset(large, 'a', sizeof(large) - 1);
    assert_int_equal(setenv(host.password_env, large, 1), 0);
    assert_refused(&host, host.password_env, "longer");
    assert_int_equal(unsetenv(host.password_env), 0);
    assert_refused(&host, host.password_env, "no variable");
}

/* In a process that has left the terminal, where there is one. */
static void assert_asks_in_vain(const struct host *host, const char *words)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        struct credential_store *store = credential_store_new(60000);
        struct credential *credential = NULL;
        struct err err = {0};
        (void)setsid();
        int rc = credential_store_get(store, host, &credential, &err);
        _exit(rc == -1 && err.code == ERR_CONFIG && strstr(err.text, words) != NULL &&
                      strstr(err.text, "pvsaudit_password_command") != NULL
                  ? 0
                  : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void no_terminal_to_ask_on_names_the_alternatives(void **state)
{
    (void)state;
    struct host host = host_with_password();
    assert_asks_in_vain(&host, "no password for audit");
}

static void same_declaration_is_the_same_credential(void **state)
{
    (void)state;
    struct credential_store *store = credential_store_new(60000);
    struct credential *first = NULL, *again = NULL, *other = NULL;
    struct err err = {0};
    struct host host = host_with_password();
    char command[128];
    (void)snprintf(command, sizeof(command), "echo x >> %s/asked; echo password", folder);
    host.password_command = command;
    assert_int_equal(credential_store_get(store, &host, &first, &err), 0);
    host.name = "pvs02";
    assert_int_equal(credential_store_get(store, &host, &again, &err), 0);
    assert_ptr_equal(first, again);
    host.user = "somebody";
    assert_int_equal(credential_store_get(store, &host, &other, &err), 0);
    assert_ptr_not_equal(first, other);
    assert_string_equal(first->user, "audit");
    assert_string_equal(other->user, "somebody");
    char path[128];
    struct stat asked;
    (void)snprintf(path, sizeof(path), "%s/asked", folder);
    assert_int_equal(stat(path, &asked), 0);
    assert_int_equal(asked.st_size, 4); /* once for each of the two */
    credential_store_free(store);
}

static void declaration_that_failed_is_read_again(void **state)
{
    (void)state;
    struct credential_store *store = credential_store_new(60000);
    struct credential *credential = NULL;
    struct err err = {0};
    struct host host = host_with_password();
    host.password_env = "PVSAUDIT_TEST_PASSWORD";
    assert_int_equal(unsetenv(host.password_env), 0);
    assert_int_equal(credential_store_get(store, &host, &credential, &err), -1);
    assert_int_equal(setenv(host.password_env, "now", 1), 0);
    assert_int_equal(credential_store_get(store, &host, &credential, &err), 0);
    assert_string_equal(credential->password.data, "now");
    credential_store_free(store);
}

static void host_without_user_or_key_is_refused(void **state)
{
    (void)state;
    struct host host = {.name = "pvs01", .auth = AUTH_KEY};
    assert_refused(&host, "no user is named", "ansible_user");
    host.user = "audit";
    assert_refused(&host, "no key is named", "pvsaudit_key_file");
    host.key_file = "/nonexistent/key";
    assert_refused(&host, "/nonexistent/key", "");
}

static void agent_is_the_one_of_the_environment(void **state)
{
    (void)state;
    struct host host = {.name = "pvs01", .auth = AUTH_AGENT, .user = "audit"};
    struct credential_store *store = credential_store_new(60000);
    struct credential *credential = NULL;
    struct err err = {0};
    assert_int_equal(unsetenv("SSH_AUTH_SOCK"), 0);
    assert_refused(&host, "names no agent", "ssh-agent");
    assert_int_equal(setenv("SSH_AUTH_SOCK", "", 1), 0);
    assert_refused(&host, "names no agent", "ssh-agent");
    assert_int_equal(setenv("SSH_AUTH_SOCK", "/run/agent.sock", 1), 0);
    host.auth = AUTH_DEFAULT;
    assert_int_equal(credential_store_get(store, &host, &credential, &err), 0);
    assert_int_equal(credential->auth, AUTH_AGENT);
    assert_string_equal(credential->agent_socket, "/run/agent.sock");
    credential_store_free(store);
    assert_int_equal(unsetenv("SSH_AUTH_SOCK"), 0);
}

static void key_file_is_opened_with_its_passphrase(void **state)
{
    (void)state;
    struct credential_store *store = credential_store_new(60000);
    struct credential *credential = NULL;
    struct err err = {0};
    char path[128];
    struct host host = {.name = "pvs01", .user = "audit", .key_file = path};
    (void)snprintf(path, sizeof(path), "%s/key", folder);
    assert_int_equal(sshd_keygen(path, "ed25519", NULL, NULL, "open sesame"), 0);
    assert_asks_in_vain(&host, "is encrypted, no passphrase for it");
    host.password_file = write_file("wrong", "password\n", 9, 0600);
    assert_refused(&host, path, "passphrase");
    host.password_file = write_file("passphrase", "open sesame\n", 12, 0600);
    if (credential_store_get(store, &host, &credential, &err) != 0) {
        fail_msg("%s", err.text);
    }
    assert_int_equal(credential->auth, AUTH_KEY);
    assert_non_null(credential->key);
    credential_store_free(store);
    credential_store_free(NULL);
}

/* systemd keeps its credentials where nobody else gets in, and shows their mode with an ACL's. */
static void a_credential_of_systemd_is_read_from_its_folder(void **state)
{
    (void)state;
    struct host host = host_with_password();
    host.password_file = "credential:pvs";
    assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
    assert_refused(&host, "credential:pvs", "LoadCredential=pvs:PATH");
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", folder, 1), 0);
    assert_refused(&host, "credential:pvs", "No such file");
    (void)write_file("pvs", "hunter2\n", 8, 0440);
    assert_password(&host, "hunter2");
    (void)write_file("pvs", "", 0, 0400);
    assert_refused(&host, "credential:pvs", "empty");
    /* A key, too: ssh-keygen's own, at a mode that a key file may not have. */
    char path[128];
    struct credential_store *store = credential_store_new(60000);
    struct credential *credential = NULL;
    struct err err = {0};
    (void)snprintf(path, sizeof(path), "%s/sshkey", folder);
    assert_int_equal(sshd_keygen(path, "ed25519", NULL, NULL, ""), 0);
    assert_int_equal(chmod(path, 0440), 0);
    struct host keyed = {
        .name = "pvs01", .auth = AUTH_KEY, .user = "audit", .key_file = "credential:sshkey"};
    if (credential_store_get(store, &keyed, &credential, &err) != 0) {
        fail_msg("%s", err.text);
    }
    assert_non_null(credential->key);
    credential_store_free(store);
    assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
}

/* ---- WinRM ---- */

static struct host host_over_winrm(enum host_auth auth)
{
    return (struct host){.name = "pvs01", .transport = HOST_WINRM, .auth = auth, .user = "audit"};
}

static struct credential *get(struct credential_store *store, const struct host *host)
{
    struct credential *credential = NULL;
    struct err err = {0};
    if (credential_store_get(store, host, &credential, &err) != 0) {
        fail_msg("%s", err.text);
    }
    return credential;
}

/* The library has the secret, and nobody else keeps it. */
static void assert_identity(const struct host *host)
{
    struct credential_store *store = credential_store_new(60000);
    const struct credential *credential = get(store, host);
    assert_int_equal(credential->auth, host->auth);
    assert_non_null(credential->identity);
    assert_null(credential->password.data);
    credential_store_free(store);
}

static void password_becomes_an_identity_of_each_mechanism(void **state)
{
    (void)state;
    static const enum host_auth auths[] = {AUTH_KERBEROS, AUTH_NEGOTIATE, AUTH_NTLM};
    for (size_t i = 0; i < sizeof(auths) / sizeof(auths[0]); i++) {
        struct host host = host_over_winrm(auths[i]);
        host.password_file = write_file("password", "hunter2\n", 8, 0600);
        assert_identity(&host);
        host.password_file = write_file("password", "hunter2\n", 8, 0640);
        assert_refused(&host, host.password_file, "chmod 600");
        host.password_file = "/nonexistent/password";
        assert_refused(&host, "/nonexistent/password", "correct the path");
    }
}

static void basic_keeps_its_password(void **state)
{
    (void)state;
    struct credential_store *store = credential_store_new(60000);
    struct host host = host_over_winrm(AUTH_BASIC);
    host.password_file = write_file("password", "hunter2\n", 8, 0600);
    const struct credential *credential = get(store, &host);
    assert_null(credential->identity);
    assert_string_equal(credential->password.data, "hunter2");
    credential_store_free(store);
}

static void keytab_is_looked_at_before_the_scan(void **state)
{
    (void)state;
    struct host host = host_over_winrm(AUTH_KERBEROS);
    host.keytab = write_file("svc.keytab", "\005\002", 2, 0600);
    assert_identity(&host);
    host.auth = AUTH_NEGOTIATE;
    assert_identity(&host);
    host.keytab = write_file("svc.keytab", "\005\002", 2, 0640);
    assert_refused(&host, "the keytab ", "chmod 600");
    assert_refused(&host, host.keytab, "can be read by others");
    host.keytab = "/nonexistent/svc.keytab";
    assert_refused(&host, "the keytab /nonexistent/svc.keytab", "correct the path");
    assert_refused(&host, "No such file", "let this account read it");
}

static void cache_of_tickets_is_looked_for_where_it_is_a_file(void **state)
{
    (void)state;
    char cache[160];
    struct host host = host_over_winrm(AUTH_KERBEROS);
    (void)snprintf(cache, sizeof(cache), "FILE:%s", write_file("cc", "\005\004", 2, 0600));
    host.ccache = cache;
    assert_identity(&host);
    host.ccache = "KEYRING:persistent:0";
    assert_identity(&host);
    host.ccache = "FILE:/nonexistent/cc";
    assert_refused(&host, "/nonexistent/cc", "kinit -c FILE:/nonexistent/cc");
    assert_refused(&host, "No such file", "pvsaudit_keytab");
}

/* The password's command would fail: with tickets it is not run. */
static void tickets_come_before_a_password_and_are_no_business_of_ntlm(void **state)
{
    (void)state;
    struct host host = host_over_winrm(AUTH_KERBEROS);
    host.password_command = "exit 3";
    host.keytab = write_file("svc.keytab", "\005\002", 2, 0600);
    assert_identity(&host);
    host.auth = AUTH_NTLM;
    assert_refused(&host, "exit 3", "by hand");
    host.keytab = "/nonexistent/svc.keytab";
    host.password_command = "echo hunter2";
    assert_identity(&host);
}

static void certificate_and_its_key_are_looked_at(void **state)
{
    (void)state;
    char certificate[128];
    struct host host = host_over_winrm(AUTH_CERTIFICATE);
    struct credential_store *store = credential_store_new(60000);
    (void)snprintf(certificate, sizeof(certificate), "%s",
                   write_file("client.pem", "certificate\n", 12, 0644));
    host.cert_file = certificate;
    host.key_file = write_file("client.key", "key\n", 4, 0600);
    const struct credential *first = get(store, &host);
    assert_null(first->identity);
    assert_ptr_equal(get(store, &host), first);
    host.key_file = write_file("other.key", "key\n", 4, 0600);
    assert_ptr_not_equal(get(store, &host), first);
    credential_store_free(store);
    host.key_file = write_file("client.key", "key\n", 4, 0644);
    assert_refused(&host, "the certificate's key ", "chmod 600");
    host.cert_file = "/nonexistent/client.pem";
    assert_refused(&host, "/nonexistent/client.pem", "pvsaudit_cert_file");
}

static void same_declaration_is_the_same_identity(void **state)
{
    (void)state;
    struct credential_store *store = credential_store_new(60000);
    struct host host = host_over_winrm(AUTH_KERBEROS);
    host.password_command = "echo hunter2";
    host.realm = "EXAMPLE.ORG";
    const struct credential *first = get(store, &host);
    struct host other = host;
    other.name = "pvs02";
    other.address = "10.0.0.2";
    other.spn_service = "WSMAN";
    assert_ptr_equal(get(store, &other), first);
    assert_ptr_equal(get(store, &other)->identity, first->identity);
    other.realm = "OTHER.ORG";
    assert_ptr_not_equal(get(store, &other)->identity, first->identity);
    other = host;
    other.auth = AUTH_NEGOTIATE;
    assert_ptr_not_equal(get(store, &other)->identity, first->identity);
    other = host;
    other.user = "somebody";
    assert_ptr_not_equal(get(store, &other)->identity, first->identity);
    other = host;
    other.keytab = write_file("svc.keytab", "\005\002", 2, 0600);
    assert_ptr_not_equal(get(store, &other)->identity, first->identity);
    assert_ptr_equal(get(store, &host), first);
    credential_store_free(store);
}

static void no_terminal_names_what_else_kerberos_takes(void **state)
{
    (void)state;
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        struct host host = host_over_winrm(AUTH_KERBEROS);
        struct credential_store *store = credential_store_new(60000);
        struct credential *credential = NULL;
        struct err err = {0};
        (void)setsid();
        int rc = credential_store_get(store, &host, &credential, &err);
        _exit(rc == -1 && strstr(err.text, "pvsaudit_keytab, pvsaudit_ccache") != NULL ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(password_file_is_read_without_its_line_end),
        cmocka_unit_test(password_file_that_others_can_read_is_refused),
        cmocka_unit_test(password_file_that_cannot_serve_is_named),
        cmocka_unit_test(password_command_writes_the_password),
        cmocka_unit_test(password_command_that_fails_is_named),
        cmocka_unit_test(password_command_that_does_not_end_is_killed_with_its_group),
        cmocka_unit_test(password_variable_is_read),
        cmocka_unit_test(no_terminal_to_ask_on_names_the_alternatives),
        cmocka_unit_test(same_declaration_is_the_same_credential),
        cmocka_unit_test(declaration_that_failed_is_read_again),
        cmocka_unit_test(host_without_user_or_key_is_refused),
        cmocka_unit_test(agent_is_the_one_of_the_environment),
        cmocka_unit_test(key_file_is_opened_with_its_passphrase),
        cmocka_unit_test(a_credential_of_systemd_is_read_from_its_folder),
        cmocka_unit_test(password_becomes_an_identity_of_each_mechanism),
        cmocka_unit_test(basic_keeps_its_password),
        cmocka_unit_test(keytab_is_looked_at_before_the_scan),
        cmocka_unit_test(cache_of_tickets_is_looked_for_where_it_is_a_file),
        cmocka_unit_test(tickets_come_before_a_password_and_are_no_business_of_ntlm),
        cmocka_unit_test(certificate_and_its_key_are_looked_at),
        cmocka_unit_test(same_declaration_is_the_same_identity),
        cmocka_unit_test(no_terminal_names_what_else_kerberos_takes),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
