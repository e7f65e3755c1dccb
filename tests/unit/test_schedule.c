/* test_schedule: how many hosts are visited at a time, again, or not at all, and how a run ends. */
#include "collector/schedule.h"

#include "collector/transport/known_hosts/known_hosts.h"
#include "collector/transport/ssh_key/ssh_key.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "unit/fake_server.h"
#include "unit/sshd.h"

enum { HOSTS_MAX = 12 };

struct run {
    uv_loop_t loop;
    struct clock clock;
    struct expectation_set expectations;
    struct visit_context context;
    struct host hosts[HOSTS_MAX];
    char names[HOSTS_MAX][16];
    struct credential credential;
    struct schedule_entry entries[HOSTS_MAX];
    struct schedule_limits limits;
    struct schedule_result result;
    struct fake_server fake;
    size_t began, readings, waited, interrupted, running, running_max;
    enum schedule_next next[8]; /* of the first readings; DONE afterwards */
    int raise_at; /* the signal to raise once so many visits began; 0: none */
    size_t raise_after;
    enum reason reasons[2 * HOSTS_MAX];
    char detail[1024]; /* of the last reading */
};

static void run_open(struct run *run, uint16_t port)
{
    struct err err = {0};
    *run = (struct run){.limits = {.concurrency = 3, .again_after_ms = 1}};
    assert_int_equal(uv_loop_init(&run->loop), 0);
    run->credential = (struct credential){.auth = AUTH_AGENT, .user = "audit"};
    run->credential.agent_socket = "/nonexistent/agent";
    run->context = (struct visit_context){
        .loop = &run->loop,
        .clock = &run->clock,
        .pins = known_hosts_new(),
        .expectations = &run->expectations,
        .hosts = run->hosts,
        .source = "local",
        .output_max = 1 << 20,
        .resolve_ms = 5000,
        .retry_after_ms = 1,
        .deadlines = {5000, 5000, 5000, 5000, 20000},
    };
    assert_int_equal(resolver_open(&run->loop, 1000, &run->context.resolver, &err), 0);
    for (size_t i = 0; i < HOSTS_MAX; i++) {
        (void)snprintf(run->names[i], sizeof(run->names[i]), "pvs%02zu", i);
        run->hosts[i] = (struct host){.name = run->names[i],
                                      .address = "127.0.0.1",
                                      .port = port,
                                      .os = HOST_LINUX,
                                      .user = "audit"};
        run->entries[i] = (struct schedule_entry){&run->hosts[i], &run->credential};
    }
}

static void run_close(struct run *run)
{
    fake_close(&run->fake);
    resolver_close(run->context.resolver);
    (void)uv_run(&run->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&run->loop), 0);
    known_hosts_free(run->context.pins);
    secret_done(&run->credential.password);
}

static void on_began(void *data, const struct host *host)
{
    struct run *run = data;
    assert_non_null(host);
    run->began++;
    run->running++;
    run->running_max = run->running > run->running_max ? run->running : run->running_max;
    if (run->raise_at != 0 && run->began == run->raise_after) {
        (void)raise(run->raise_at);
    }
}

static enum schedule_next on_reading(void *data, const struct host *host, struct snapshot *snapshot,
                                     struct slice raw)
{
    struct run *run = data;
    (void)raw;
    assert_string_equal(snapshot->visit.host, host->name);
    if (snapshot->visit.reason != REASON_CREDENTIAL_STOPPED) {
        run->running--;
    }
    assert_true(run->readings < sizeof(run->reasons) / sizeof(run->reasons[0]));
    run->reasons[run->readings++] = snapshot->visit.reason;
    (void)snprintf(run->detail, sizeof(run->detail), "%s", snapshot->visit.detail);
    return run->readings <= 8 ? run->next[run->readings - 1] : SCHEDULE_NEXT_DONE;
}

static void on_waiting(void *data, const struct host *host)
{
    struct run *run = data;
    assert_non_null(host);
    run->waited++;
}

static void on_tick(void *data)
{
    (void)data;
}

static void on_interrupted(void *data, size_t running)
{
    struct run *run = data;
    run->interrupted++;
    assert_int_equal(running, run->running);
}

static void run_hosts(struct run *run, size_t count)
{
    const struct schedule_events events = {on_began, on_reading,     on_waiting,
                                           on_tick,  on_interrupted, run};
    struct err err = {0};
    run->context.host_count = count;
    assert_int_equal(
        schedule_run(&run->context, run->entries, count, &run->limits, &events, &run->result, &err),
        0);
}

static void every_host_is_visited_once_within_the_limit(void **state)
{
    (void)state;
    struct run run;
    run_open(&run, sshd_free_port());
    run_hosts(&run, HOSTS_MAX);
    assert_int_equal(run.began, HOSTS_MAX);
    assert_int_equal(run.readings, HOSTS_MAX);
    assert_int_equal(run.result.visited, HOSTS_MAX);
    assert_int_equal(run.running_max, 3);
    assert_false(run.result.interrupted);
    for (size_t i = 0; i < HOSTS_MAX; i++) {
        assert_int_equal(run.reasons[i], REASON_REFUSED);
    }
    assert_int_equal(run.credential.in_flight, 0);
    assert_int_equal(run.credential.refusals, 0);
    run_close(&run);
}

static void no_host_is_no_work(void **state)
{
    (void)state;
    struct run run;
    run_open(&run, 1);
    run_hosts(&run, 0);
    assert_int_equal(run.result.visited, 0);
    run_close(&run);
}

static void host_is_visited_again_while_there_is_time(void **state)
{
    (void)state;
    struct run run;
    run_open(&run, sshd_free_port());
    run.limits.again_until_ms = 60000;
    run.next[1] = SCHEDULE_NEXT_AGAIN;
    run_hosts(&run, 3);
    assert_int_equal(run.began, 4);
    assert_int_equal(run.result.visited, 4);
    run_close(&run);
}

static void host_is_not_visited_again_where_the_time_is_over(void **state)
{
    (void)state;
    struct run run;
    run_open(&run, sshd_free_port());
    run.next[0] = SCHEDULE_NEXT_AGAIN;
    run_hosts(&run, 1);
    assert_int_equal(run.began, 1);
    run_close(&run);
}

/* The time is shorter than the pause: it is used to its end, and once. */
static void the_last_look_is_at_the_end_of_the_time(void **state)
{
    (void)state;
    struct run run;
    run_open(&run, sshd_free_port());
    run.limits.again_until_ms = 400;
    run.limits.again_after_ms = 60000;
    run.next[0] = SCHEDULE_NEXT_AGAIN;
    run.next[1] = SCHEDULE_NEXT_AGAIN;
    run.next[2] = SCHEDULE_NEXT_AGAIN;
    int64_t started_ms = clock_monotonic_ms();
    run_hosts(&run, 1);
    assert_int_equal(run.began, 2);
    assert_int_equal(run.waited, 1);
    assert_true(clock_monotonic_ms() - started_ms >= 400);
    run_close(&run);
}

static void reading_that_cannot_be_kept_ends_the_run(void **state)
{
    (void)state;
    struct run run;
    run_open(&run, sshd_free_port());
    run.limits.concurrency = 2;
    run.next[0] = SCHEDULE_NEXT_AGAIN; /* waits, and is dropped */
    run.next[1] = SCHEDULE_NEXT_STOP;
    run.limits.again_after_ms = 59000;
    run.limits.again_until_ms = 60000;
    run_hosts(&run, HOSTS_MAX);
    assert_int_equal(run.began, run.readings);
    assert_true(run.began <= 3);
    assert_int_equal(run.running, 0);
    assert_false(run.result.interrupted);
    run_close(&run);
}

/* A host that is silent after the connection, among others that refuse, is given up. */
static void stop_gives_up_the_hosts_that_are_being_asked(void **state)
{
    (void)state;
    struct run run;
    run_open(&run, sshd_free_port());
    run.fake = (struct fake_server){.text = "", .then = FAKE_HANG};
    fake_open(&run.fake, &run.loop);
    run.hosts[0].port = run.fake.port;
    run.next[0] = SCHEDULE_NEXT_STOP;
    run_hosts(&run, 2);
    assert_int_equal(run.readings, 2);
    assert_int_equal(run.reasons[0], REASON_REFUSED);
    assert_int_equal(run.reasons[1], REASON_SKIPPED);
    assert_string_equal(run.detail, "the run was ended");
    run_close(&run);
}

static void signal_gives_up_what_runs_and_starts_nothing_more(void **state)
{
    (void)state;
    static const int signals[] = {SIGINT, SIGTERM};
    for (size_t i = 0; i < 2; i++) {
        struct run run;
        run_open(&run, 1);
        run.fake = (struct fake_server){.text = "", .then = FAKE_HANG};
        fake_open(&run.fake, &run.loop);
        for (size_t k = 0; k < HOSTS_MAX; k++) {
            run.hosts[k].port = run.fake.port;
        }
        run.raise_at = signals[i];
        run.raise_after = 3;
        run_hosts(&run, HOSTS_MAX);
        assert_true(run.result.interrupted);
        assert_int_equal(run.interrupted, 1);
        assert_int_equal(run.began, 3);
        assert_int_equal(run.readings, 0); /* given up hosts have no reading */
        assert_int_equal(run.result.visited, 0);
        run_close(&run);
    }
}

static void host_that_cannot_be_asked_is_skipped_and_counted(void **state)
{
    (void)state;
    struct run run;
    run_open(&run, sshd_free_port());
    run.running = 1; /* it never begins, but is read */
    run.hosts[0].transport = HOST_WINRM;
    run_hosts(&run, 2);
    assert_int_equal(run.began, 1);
    assert_int_equal(run.readings, 2);
    assert_int_equal(run.reasons[0], REASON_SKIPPED);
    assert_int_equal(run.reasons[1], REASON_REFUSED);
    run_close(&run);
}

static struct sshd server;

static void know_server(struct run *run)
{
    char path[128], pub[800], line[1024];
    sshd_path(&server, "host_ed25519.pub", path);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(pub, sizeof(pub), file));
    (void)fclose(file);
    (void)snprintf(line, sizeof(line), "[127.0.0.1]:%u %s", (unsigned)server.port, pub);
    assert_int_equal(
        known_hosts_parse(run->context.pins, "pins", line, strlen(line), NULL, NULL, NULL), 0);
}

static void password_refused_three_times_is_tried_nowhere_else(void **state)
{
    (void)state;
    struct run run;
    run_open(&run, server.port);
    know_server(&run);
    run.credential.auth = AUTH_PASSWORD;
    run.credential.user = server.user;
    assert_int_equal(secret_set(&run.credential.password, "Tr0ub4dor", 9), 0);
    run_hosts(&run, 6);
    assert_int_equal(run.began, CREDENTIAL_REFUSALS);
    assert_int_equal(run.running_max, 1); /* one at a time, until one host takes it */
    assert_int_equal(run.readings, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(run.reasons[i], i < 3 ? REASON_AUTH : REASON_CREDENTIAL_STOPPED);
    }
    assert_non_null(strstr(run.detail, "lock the account"));
    assert_null(strstr(run.detail, "Tr0ub4dor"));
    assert_false(run.credential.proven);
    run_close(&run);
}

static void proven_password_is_tried_on_many_hosts_at_a_time(void **state)
{
    (void)state;
    struct run run;
    run_open(&run, sshd_free_port());
    run.credential.auth = AUTH_PASSWORD;
    run.credential.proven = true;
    assert_int_equal(secret_set(&run.credential.password, "open sesame", 11), 0);
    run_hosts(&run, 6);
    assert_int_equal(run.running_max, 3);
    run_close(&run);
}

static void accepted_credential_is_proven_and_its_refusals_are_forgotten(void **state)
{
    (void)state;
    char path[128];
    struct run run;
    struct ssh_key *key = NULL;
    struct err err = {0};
    run_open(&run, server.port);
    know_server(&run);
    sshd_path(&server, "user_ed25519", path);
    assert_int_equal(ssh_key_load(path, NULL, &key, &err), 0);
    run.credential = (struct credential){
        .auth = AUTH_KEY, .user = server.user, .key = key, .refusals = CREDENTIAL_REFUSALS};
    run_hosts(&run, 2); /* a key locks no account: it is tried all the same */
    assert_int_equal(run.began, 2);
    assert_int_equal(run.running_max, 2);
    assert_true(run.credential.proven);
    assert_int_equal(run.credential.refusals, 0);
    if (run.reasons[0] != REASON_NONE) {
        fail_msg("%s: %s", reason_name(run.reasons[0]), run.detail);
    }
    run_close(&run);
    ssh_key_free(key);
}

static int start_server(void **state)
{
    (void)state;
    return sshd_init(&server) && sshd_start(&server, "") ? 0 : -1;
}

static int stop_server(void **state)
{
    (void)state;
    sshd_done(&server);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_host_is_visited_once_within_the_limit),
        cmocka_unit_test(no_host_is_no_work),
        cmocka_unit_test(host_is_visited_again_while_there_is_time),
        cmocka_unit_test(host_is_not_visited_again_where_the_time_is_over),
        cmocka_unit_test(the_last_look_is_at_the_end_of_the_time),
        cmocka_unit_test(reading_that_cannot_be_kept_ends_the_run),
        cmocka_unit_test(stop_gives_up_the_hosts_that_are_being_asked),
        cmocka_unit_test(signal_gives_up_what_runs_and_starts_nothing_more),
        cmocka_unit_test(host_that_cannot_be_asked_is_skipped_and_counted),
        cmocka_unit_test(password_refused_three_times_is_tried_nowhere_else),
        cmocka_unit_test(proven_password_is_tried_on_many_hosts_at_a_time),
        cmocka_unit_test(accepted_credential_is_proven_and_its_refusals_are_forgotten),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
