/* test_report: two names of one machine are one machine in a scan's counts. */
#include "collector/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void read_host(struct report *report, const struct host *host, const char *machine_id)
{
    static const struct expectation expectation = {.id = "BNPXE", .service = "BNPXE"};
    const struct verdict verdict = {.code = VERDICT_NOT_BOUND};
    struct snapshot snapshot = {.visit = {.read = true, .time_ms = 1000},
                                .machine = {.id = machine_id, .computer_name = "PVS01"}};
    struct err err = {0};
    assert_int_equal(report_reading(report, host, &snapshot, &err), 0);
    assert_int_equal(report_verdict(report, &expectation, &verdict, false, &err), 0);
}

static void two_names_of_one_machine_are_counted_once(void **state)
{
    static const struct host hosts[] = {
        {.name = "pvs01"}, {.name = "pvs02"}, {.name = "pvs03"}, {.name = "pvs04"}};
    static const char *const ids[] = {"guid-a", "guid-a", NULL, NULL};
    struct report *report = report_new();
    struct summary summary = {0};
    struct err err = {0};
    (void)state;
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        read_host(report, &hosts[i], ids[i]);
    }
    assert_int_equal(report_find_twins(report, &err), 0);
    report_summary(report, &summary);
    assert_int_equal(summary.hosts, 4);
    assert_int_equal(summary.problems, 3); /* a machine without an identity is one of its own */
    report_free(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_names_of_one_machine_are_counted_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
