/* test_visit: one visit from its name to its end, cancelled in each state, answered once. */
#include "collector/visit.h"

#include "collector/transport/known_hosts/known_hosts.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "unit/fake_dns.h"
#include "unit/fake_server.h"

static const struct fake_dns_name names[] = {
    {"here.example", "127.0.0.1", 1}, {"silent.example", "", 0}, {NULL, NULL, 0}};

struct visiting {
    uv_loop_t loop;
    struct clock clock;
    struct fake_dns dns;
    struct fake_server fake;
    struct expectation_set expectations;
    struct visit_context context;
    struct host host;
    struct credential credential;
    struct visit_job *job;
    uv_timer_t cancel;
    const char *cancel_at; /* a state of the transport's */
    unsigned answers, attempts;
    bool read;
    enum reason reason;
    int64_t time_ms, duration_ms;
    char detail[1024];
};

static struct visiting *current; /* a trace knows the host alone */

static void cancel_now(uv_timer_t *timer)
{
    struct visiting *visiting = timer->data;
    if (visiting->job != NULL) {
        visit_cancel(visiting->job, "the scan was stopped");
        visit_cancel(visiting->job, "the scan was stopped"); /* more than once is allowed */
    }
}

static void cancel_soon(void *data)
{
    struct visiting *visiting = data;
    (void)uv_timer_start(&visiting->cancel, cancel_now, 0, 0);
}

static void on_trace(const struct host *host, const char *from, const char *to)
{
    assert_ptr_equal(host, &current->host);
    (void)from;
    if (strcmp(to, "DONE") == 0) {
        current->attempts++;
    }
    if (current->cancel_at != NULL && strcmp(current->cancel_at, to) == 0) {
        cancel_soon(current);
    }
}

static void on_done(void *data, struct snapshot *snapshot, struct slice raw)
{
    struct visiting *visiting = data;
    (void)raw;
    visiting->job = NULL;
    visiting->answers++;
    visiting->read = snapshot->visit.read;
    visiting->reason = snapshot->visit.reason;
    visiting->time_ms = snapshot->visit.time_ms;
    visiting->duration_ms = snapshot->visit.duration_ms;
    assert_string_equal(snapshot->visit.host, "pvs01");
    assert_string_equal(snapshot->visit.account, "audit");
    (void)snprintf(visiting->detail, sizeof(visiting->detail), "%s", snapshot->visit.detail);
    fake_close(&visiting->fake);
}

static void visiting_open(struct visiting *visiting, const char *address, enum fake_then then)
{
    struct err err = {0};
    *visiting = (struct visiting){.clock = {.shift_ms = 1000000}};
    current = visiting;
    assert_int_equal(uv_loop_init(&visiting->loop), 0);
    (void)uv_timer_init(&visiting->loop, &visiting->cancel);
    visiting->cancel.data = visiting;
    assert_int_equal(fake_dns_open(&visiting->dns, &visiting->loop, names), 0);
    visiting->dns.data = visiting;
    visiting->fake = (struct fake_server){.text = "", .then = then};
    fake_open(&visiting->fake, &visiting->loop);
    visiting->host = (struct host){.name = "pvs01",
                                   .address = address,
                                   .port = visiting->fake.port,
                                   .os = HOST_LINUX,
                                   .user = "audit"};
    visiting->credential = (struct credential){
        .auth = AUTH_AGENT, .user = "audit", .agent_socket = "/nonexistent/agent"};
    visiting->context = (struct visit_context){
        .loop = &visiting->loop,
        .clock = &visiting->clock,
        .pins = known_hosts_new(),
        .expectations = &visiting->expectations,
        .hosts = &visiting->host,
        .host_count = 1,
        .source = "local",
        .output_max = 1 << 20,
        .resolve_ms = 60000,
        .retry_after_ms = 1,
        .deadlines = {60000, 60000, 60000, 60000, 180000},
        .trace = on_trace,
    };
    assert_int_equal(resolver_open(&visiting->loop, 59000, &visiting->context.resolver, &err), 0);
}

static void visiting_start(struct visiting *visiting)
{
    struct err err = {0};
    if (visit_start(&visiting->context, &visiting->host, &visiting->credential, on_done, visiting,
                    &visiting->job, &err) != 0) {
        fail_msg("%s", err.text);
    }
    assert_int_equal(visiting->answers, 0);
}

/* Runs the visit to its end, closes everything, and checks that nothing came twice. */
static void visiting_run(struct visiting *visiting)
{
    uint64_t began = uv_hrtime();
    while (visiting->answers == 0) {
        (void)uv_run(&visiting->loop, UV_RUN_ONCE);
    }
    assert_true(uv_hrtime() - began < 5000000000U);
    uv_close((uv_handle_t *)&visiting->cancel, NULL);
    resolver_close(visiting->context.resolver);
    fake_dns_close(&visiting->dns);
    (void)uv_run(&visiting->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&visiting->loop), 0);
    assert_int_equal(visiting->answers, 1);
    assert_false(visiting->read);
    known_hosts_free(visiting->context.pins);
}

static void assert_skipped(const struct visiting *visiting)
{
    assert_int_equal(visiting->reason, REASON_SKIPPED);
    assert_string_equal(visiting->detail, "the scan was stopped");
}

static void cancel_before_the_loop_turns_is_answered_from_the_loop(void **state)
{
    (void)state;
    struct visiting visiting;
    visiting_open(&visiting, "127.0.0.1", FAKE_HANG);
    visiting_start(&visiting);
    visit_cancel(visiting.job, "the scan was stopped");
    visit_cancel(visiting.job, "once more");
    assert_int_equal(visiting.answers, 0);
    visiting_run(&visiting);
    assert_skipped(&visiting);
    assert_int_equal(visiting.attempts, 0);
}

static void cancel_while_the_name_is_looked_up_is_answered(void **state)
{
    (void)state;
    struct visiting visiting;
    visiting_open(&visiting, "silent.example", FAKE_HANG);
    visiting.dns.asked = cancel_soon;
    visiting_start(&visiting);
    visiting_run(&visiting);
    assert_skipped(&visiting);
    assert_int_equal(visiting.attempts, 0);
}

static void cancel_while_the_host_is_asked_is_answered(void **state)
{
    (void)state;
    struct visiting visiting;
    visiting_open(&visiting, "here.example", FAKE_HANG);
    visiting.cancel_at = "HANDSHAKE";
    visiting_start(&visiting);
    visiting_run(&visiting);
    assert_skipped(&visiting);
    assert_int_equal(visiting.attempts, 1);
}

static void cancel_before_the_second_try_keeps_the_first_answer(void **state)
{
    (void)state;
    struct visiting visiting;
    visiting_open(&visiting, "127.0.0.1", FAKE_CLOSE);
    visiting.context.retry_after_ms = 60000;
    visiting.cancel_at = "DONE";
    visiting_start(&visiting);
    visiting_run(&visiting);
    assert_int_equal(visiting.reason, REASON_THROTTLED);
    assert_int_equal(visiting.attempts, 1);
}

static void passing_failure_is_tried_once_more(void **state)
{
    (void)state;
    struct visiting visiting;
    visiting_open(&visiting, "127.0.0.1", FAKE_CLOSE);
    visiting_start(&visiting);
    visiting_run(&visiting);
    assert_int_equal(visiting.reason, REASON_THROTTLED);
    assert_int_equal(visiting.attempts, 2);
}

static void second_try_gets_what_is_left_of_the_visit(void **state)
{
    (void)state;
    struct visiting visiting;
    visiting_open(&visiting, "127.0.0.1", FAKE_HANG);
    visiting.context.deadlines = (struct transport_deadlines){100, 600, 100, 100, 900};
    visiting_start(&visiting);
    visiting_run(&visiting);
    assert_int_equal(visiting.reason, REASON_TIMEOUT);
    assert_int_equal(visiting.attempts, 2);
    assert_non_null(strstr(visiting.detail, "what was left of the whole visit"));
    assert_true(visiting.duration_ms < 1200); /* twice the handshake's deadline */
}

static void second_try_is_not_made_where_it_could_not_even_connect(void **state)
{
    (void)state;
    struct visiting visiting;
    visiting_open(&visiting, "127.0.0.1", FAKE_HANG);
    visiting.context.deadlines = (struct transport_deadlines){500, 400, 100, 100, 1000};
    visiting.context.retry_after_ms = 200;
    visiting_start(&visiting);
    visiting_run(&visiting);
    assert_int_equal(visiting.reason, REASON_TIMEOUT);
    assert_int_equal(visiting.attempts, 1);
}

static void lasting_failure_is_not_tried_again(void **state)
{
    (void)state;
    struct visiting visiting;
    visiting_open(&visiting, "127.0.0.1", FAKE_HANG);
    fake_close(&visiting.fake); /* its port refuses now */
    visiting_start(&visiting);
    visiting_run(&visiting);
    assert_int_equal(visiting.reason, REASON_REFUSED);
    assert_int_equal(visiting.attempts, 1);
    struct clock real = {0};
    assert_true(visiting.time_ms > clock_now_ms(&real) + 900000); /* the shifted clock's time */
    assert_true(visiting.duration_ms >= 0 && visiting.duration_ms < 5000);
}

static void name_that_does_not_exist_is_a_reason_of_its_own(void **state)
{
    (void)state;
    struct visiting visiting;
    visiting_open(&visiting, "nothing.invalid", FAKE_HANG);
    visiting_start(&visiting);
    visiting_run(&visiting);
    assert_int_equal(visiting.reason, REASON_DNS);
    assert_non_null(strstr(visiting.detail, "nothing.invalid"));
    assert_int_equal(visiting.attempts, 0);
}

static void silent_name_server_meets_the_deadline(void **state)
{
    (void)state;
    struct visiting visiting;
    visiting_open(&visiting, "silent.example", FAKE_HANG);
    visiting.context.resolve_ms = 50;
    visiting_start(&visiting);
    visiting_run(&visiting);
    assert_int_equal(visiting.reason, REASON_DNS);
    assert_non_null(strstr(visiting.detail, "silent.example"));
    assert_non_null(strstr(visiting.detail, "50 ms"));
    assert_int_equal(visiting.attempts, 0);
}

static void deadline_of_the_name_ends_with_its_address(void **state)
{
    (void)state;
    struct visiting visiting;
    visiting_open(&visiting, "here.example", FAKE_HANG);
    visiting.context.resolve_ms = 100;
    visiting.context.deadlines.handshake_ms = 200;
    visiting_start(&visiting);
    visiting_run(&visiting);
    assert_int_equal(visiting.reason, REASON_TIMEOUT);
}

static void host_that_cannot_be_asked_is_no_visit(void **state)
{
    (void)state;
    struct visiting visiting;
    struct err err = {0};
    visiting_open(&visiting, "127.0.0.1", FAKE_HANG);
    visiting.host.transport = HOST_WINRM;
    assert_int_equal(visit_start(&visiting.context, &visiting.host, &visiting.credential, on_done,
                                 &visiting, &visiting.job, &err),
                     -1);
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(strstr(err.text, "pvs01"));
    assert_null(visiting.job);
    visiting.host.transport = HOST_SSH;
    fake_close(&visiting.fake);
    visiting_start(&visiting);
    visiting_run(&visiting);
}

static void host_that_nobody_asked_has_its_reason(void **state)
{
    (void)state;
    struct visiting visiting;
    struct snapshot snapshot;
    visiting_open(&visiting, "127.0.0.1", FAKE_HANG);
    visit_unread(&visiting.context, &visiting.host, REASON_CREDENTIAL_STOPPED, "why", &snapshot);
    assert_false(snapshot.visit.read);
    assert_int_equal(snapshot.visit.reason, REASON_CREDENTIAL_STOPPED);
    assert_string_equal(snapshot.visit.detail, "why");
    assert_string_equal(snapshot.visit.host, "pvs01");
    assert_string_equal(snapshot.visit.os, "linux");
    assert_string_equal(snapshot.visit.transport, "ssh");
    snapshot_done(&snapshot);
    fake_close(&visiting.fake);
    visiting_start(&visiting);
    visiting_run(&visiting);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cancel_before_the_loop_turns_is_answered_from_the_loop),
        cmocka_unit_test(cancel_while_the_name_is_looked_up_is_answered),
        cmocka_unit_test(cancel_while_the_host_is_asked_is_answered),
        cmocka_unit_test(cancel_before_the_second_try_keeps_the_first_answer),
        cmocka_unit_test(passing_failure_is_tried_once_more),
        cmocka_unit_test(second_try_gets_what_is_left_of_the_visit),
        cmocka_unit_test(second_try_is_not_made_where_it_could_not_even_connect),
        cmocka_unit_test(lasting_failure_is_not_tried_again),
        cmocka_unit_test(name_that_does_not_exist_is_a_reason_of_its_own),
        cmocka_unit_test(silent_name_server_meets_the_deadline),
        cmocka_unit_test(deadline_of_the_name_ends_with_its_address),
        cmocka_unit_test(host_that_cannot_be_asked_is_no_visit),
        cmocka_unit_test(host_that_nobody_asked_has_its_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
